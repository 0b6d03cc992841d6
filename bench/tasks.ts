// What is measured: one definition for the library and for all that it is compared with.

/**
 * One pass over the first rows of MNIST in file order: pixels / 255, no shuffle, a last short batch dropped. The time includes
 * copying batches in and reading the last loss, not loading MNIST, making the model, and a warm-up.
 */
export interface Training {
  readonly name: string;
  readonly rows: number;
  readonly batch: number;
  /** Operations per row, forward and backward, without the gradient of the input. */
  readonly flops: number;
}

export const TRAINING = {
  /** 784-128-10, relu, softmax cross-entropy, SGD 0.1 with momentum 0.9. */
  W2: { name: "W2 mnist-mlp", rows: 60_000, batch: 128, flops: 0.409e6 },
  W2b16: { name: "W2 mnist-mlp batch 16", rows: 6000, batch: 16, flops: 0.409e6 },
  /** 784-1024-1024-10, the same. */
  W3: { name: "W3 mnist-mlp-big", rows: 6000, batch: 128, flops: 9.564e6 },
  /** Convolution 5x5x8, relu, max pooling 2, convolution 5x5x16, relu, max pooling 2, dense 10; "same" padding; Adam 0.001. */
  W4: { name: "W4 mnist-cnn", rows: 6000, batch: 64, flops: 4.44e6 },
  /** The rows of an image as 28 steps of an LSTM of 64 units, dense 10; the forget gates' bias begins at 1; Adam 0.001. */
  W5: { name: "W5 lstm", rows: 2000, batch: 64, flops: 3.52e6 },
} as const satisfies Readonly<Record<string, Training>>;

export type TrainingJob = keyof typeof TRAINING;

/** 2-4-1, sigmoid, binary cross-entropy, SGD 0.5 on the four rows at once. */
export const XOR = {
  name: "W1 xor",
  x: [[0, 0], [0, 1], [1, 0], [1, 1]], // prettier-ignore
  y: [0, 1, 1, 0],
  updates: 10_000,
} as const;

/** Products of [m, k] and [k, n], and how the two are stored; the slowest of the three counts for us. */
export const PRODUCTS = [[128, 128, 128], [512, 512, 512], [1024, 1024, 1024], [128, 784, 128], [128, 1024, 1024]] as const; // prettier-ignore
export type Orientation = "A*B" | "A*BT" | "AT*B";
export const productName = ([m, k, n]: readonly number[], orientation?: Orientation): string =>
  ["W6 gemm", `${m}x${k}x${n}`, orientation].filter(Boolean).join(" ");

/** Probabilities of W2's network before training: one row per call, and 256 rows. */
export const INFERENCE = { one: "W7 infer batch 1", many: "W7 infer batch 256", calls: 500, rows: 256 } as const;

/** From a cold process to the end of the first operation, over one that does nothing; bytes of a page that trains, gzipped. */
export const START = { start: "W8 start", download: "W8 download" } as const;

/** A model with a recurrent layer, made: its initial values most of all. */
export const MAKING = { lstm: "making lstm 512", gru: "making gru 512", simpleRnn: "making simpleRnn 1024" } as const;

/** Deep models: made, and from there to the end of the first step. */
export const PLANNING = {
  "plan 10,000 relu": ["plan 10,000 relu: made", "plan 10,000 relu: first step"],
  "plan 2,000 residual": ["plan 2,000 residual: made", "plan 2,000 residual: first step"],
} as const;

/** What can be asked for by its first word, and how the names of its results begin. */
export const JOBS = {
  W1: XOR.name,
  W2: TRAINING.W2.name,
  W2b16: TRAINING.W2b16.name,
  W3: TRAINING.W3.name,
  W4: TRAINING.W4.name,
  W5: TRAINING.W5.name,
  W6: "W6 gemm",
  W7: "W7 infer",
  W8: "W8",
} as const;
export type Job = keyof typeof JOBS;

/** The name of the roof's result that was measured in turns with a job's. */
export const roofBeside = (job: string): string => `${job} roof`;
