// What a seed decides: an MLP, a CNN, an LSTM network and a transformer, each with dropout, shuffled rows, a last batch that isn't
// full, and more than 200 updates. Large enough that several threads have something to share.
import {
  adam,
  adamw,
  batchNorm,
  conv2d,
  cosineDecay,
  dense,
  dropout,
  embedding,
  backend,
  exponentialDecay,
  flatten,
  gaussianNoise,
  gelu,
  globalAvgPool1d,
  type Layer,
  layerNorm,
  linearWarmup,
  lstm,
  maxPool2d,
  meanSquaredError,
  type ModelOptions,
  oneCycle,
  positionalEmbedding,
  relu,
  residual,
  rmsprop,
  selfAttention,
  sequential,
  sgd,
  sinusoidalEmbedding,
  softmaxCrossEntropy,
  spatialDropout2d,
  tanh,
  Trainer,
  type TrainerOptions,
  type TrainingData,
} from "wasmgrad";
import { modelToBytes } from "wasmgrad/files";

/** Fingerprints of models that were trained, and metrics, all digits. */
export type Fingerprints = Readonly<Record<string, string>>;

export interface RunOptions {
  /** Threads of each model; default 1. */
  readonly threads?: number;
  /** Threads that it must then have; default the same. */
  readonly has?: number;
  /** Train in a worker; default false. */
  readonly worker?: boolean;
}

/** The four runs; `files` is a checksum of the saved models, byte by byte. */
export async function runs({ threads = 1, has = threads, worker = false }: RunOptions = {}): Promise<Fingerprints> {
  const fingerprints: Record<string, string> = {};
  let files = 0x811c9dc5;
  for (const [name, { options, layers, training, data, epochs, batchSize }] of Object.entries(RUNS)) {
    const model = await sequential({ ...options, threads }, ...layers());
    const { threads: found, reason } = backend(model);
    if (found !== has) throw new Error(`${name}: ${found} threads in place of ${has}: ${reason}`);
    const trainer = new Trainer(model, training);
    await trainer.fit(data(), { epochs, batchSize, worker, progress: false });
    if (backend(model).worker !== worker) throw new Error(`${name}: not in a worker: ${backend(model).reason}`);
    if (trainer.updates < 200) throw new Error(`${name}: ${trainer.updates} updates are too few to tell anything`);
    fingerprints[name] = model.fingerprint();
    for (const byte of modelToBytes(model)) files = Math.imul(files ^ byte, 0x01000193);
  }
  return { ...fingerprints, files: (files >>> 0).toString(16).padStart(8, "0") };
}

interface Run {
  readonly options: ModelOptions;
  layers(): Layer[];
  readonly training: TrainerOptions;
  data(): TrainingData;
  readonly epochs: number;
  readonly batchSize: number;
}

const RUNS: Readonly<Record<string, Run>> = {
  mlp: {
    options: { input: 256, seed: 11 },
    layers: () => [dense(128), relu(), dropout(0.3), dense(64), tanh(), dropout(0.2), dense(10)],
    training: {
      loss: softmaxCrossEntropy(),
      optimizer: sgd({ learningRate: 0.05, momentum: 0.9 }),
      schedule: cosineDecay({ period: 208 }),
    },
    data: () => ({ x: numbers(800 * 256), y: labels(800, 10) }),
    epochs: 16,
    batchSize: 64,
  },
  cnn: {
    options: { input: [16, 16, 3], seed: 12 },
    layers: () => [
      conv2d(8, { kernelSize: 3, padding: "same" }),
      batchNorm(),
      relu(),
      maxPool2d(2),
      spatialDropout2d(0.1),
      conv2d(16, { kernelSize: 3 }),
      relu(),
      flatten(),
      dropout(0.25),
      dense(10),
    ],
    training: {
      loss: softmaxCrossEntropy(),
      optimizer: adam({ learningRate: 0.002 }),
      schedule: oneCycle({ length: 209 }),
    },
    data: () => ({ x: numbers(330 * 768), y: labels(330, 10) }),
    epochs: 19,
    batchSize: 32,
  },
  lstm: {
    options: { input: [10, 16], seed: 13 },
    layers: () => [lstm(32, { returnSequences: true }), dropout(0.2), lstm(24), dropout(0.2), dense(3)],
    training: {
      loss: meanSquaredError(),
      optimizer: rmsprop({ learningRate: 0.002 }),
      schedule: exponentialDecay({ gamma: 0.99 }),
    },
    data: () => ({ x: numbers(650 * 160), y: numbers(650 * 3) }),
    epochs: 10,
    batchSize: 32,
  },
  /** Which word comes last, of words that follow from each other. */
  transformer: {
    options: { input: 12, seed: 14 },
    layers: () => [
      embedding(20, 32),
      sinusoidalEmbedding(),
      positionalEmbedding(),
      gaussianNoise(0.02),
      dropout(0.1),
      residual(layerNorm(), selfAttention({ heads: 2, causal: true }), dropout(0.1)),
      residual(layerNorm(), dense(64), gelu(), dropout(0.1), dense(32)),
      layerNorm(),
      globalAvgPool1d(),
      dense(20),
    ],
    training: {
      loss: softmaxCrossEntropy(),
      optimizer: adamw({ learningRate: 0.003, clipGlobalNorm: 1 }),
      schedule: linearWarmup({ length: 50 }),
    },
    data: () => ({
      x: Array.from({ length: 330 * 12 }, (_, i) => (Math.floor(i / 12) * 3 + (i % 12) * 7) % 20),
      y: Array.from({ length: 330 }, (_, i) => (i * 3 + 4) % 20),
    }),
    epochs: 19,
    batchSize: 32,
  },
};

/** Numbers from -1 to 1 that look like chance. */
export const numbers = (count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => ((i * 7919) % 2003) / 1001 - 1);

const labels = (rows: number, classes: number): number[] =>
  Array.from({ length: rows }, (_, i) => (i * 7 + (i >> 3)) % classes);
