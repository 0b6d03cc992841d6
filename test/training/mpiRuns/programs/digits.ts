// Trainings on a slice of MNIST that say all that must be the same for any number of ranks, wherever they are.
import {
  accuracy,
  adam,
  backend,
  batchNorm,
  conv2d,
  cosineDecay,
  dense,
  dropout,
  type FitOptions,
  flatten,
  type Layer,
  lstm,
  maxPool2d,
  relu,
  samples,
  sequential,
  sgd,
  softmaxCrossEntropy,
  Trainer,
  type TrainerOptions,
  type TrainingData,
} from "wasmgrad";
import { type DigitSet, mnist } from "wasmgrad/datasets";
import type { Group } from "wasmgrad/mpi";

export const KINDS = ["mlp", "cnn", "lstm"] as const;
export type Kind = (typeof KINDS)[number];

/** What must be the same. */
export interface Outcome {
  /** Of weights and running statistics. */
  readonly fingerprint: string;
  readonly history: Readonly<Record<string, readonly number[]>>;
  /** On rows that it wasn't trained on. */
  readonly measured: Readonly<Record<string, number>>;
  readonly updates: number;
  /** How many threads each rank has. */
  readonly threads: number;
}

/** Rows to train on, of which the last 36 are for validation: an epoch has 21 batches, the last one of 4 rows. */
const ROWS = 360;
/** Of a training that is killed. */
export const EPOCHS = 4;
const TEST_ROWS = 100;
/** The last update of an epoch has 5 batches: with several ranks some have fewer than others. */
export const FIT = { epochs: 2, batchSize: 16, accumulate: 8, validationSplit: 0.1 } as const;

interface Parts extends Omit<TrainerOptions, "loss"> {
  readonly input: number[];
  readonly layers: () => Layer[];
}

const PARTS: Readonly<Record<Kind, () => Parts>> = {
  mlp: () => ({
    input: [784],
    layers: () => [dense(32), relu(), dense(10)],
    optimizer: adam({ learningRate: 0.005, clipGlobalNorm: 0.5 }),
    schedule: cosineDecay({ period: 6 }),
  }),
  cnn: () => ({
    input: [28, 28, 1],
    layers: () => [conv2d(4, { kernelSize: 3 }), batchNorm(), relu(), maxPool2d(2), dropout(0.4), flatten(), dense(10)],
    optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }),
  }),
  lstm: () => ({ input: [28, 28], layers: () => [lstm(16), dense(10)], optimizer: adam({ learningRate: 0.01 }) }),
};

/** The first rows of a set. */
const firstOf = ({ x, y }: DigitSet, rows: number): TrainingData => ({
  x: samples(x.data.subarray(0, rows * 784), [784], { scale: x.scale }),
  y: y.subarray(0, rows),
});

export interface Options {
  readonly threads?: number;
  readonly fit?: FitOptions;
}

/** Trains one, and measures it. */
export async function train(kind: Kind, group: Group, { threads = 1, fit = {} }: Options = {}): Promise<Outcome> {
  const { input, layers, ...parts } = PARTS[kind]();
  const data = await mnist();
  const model = await sequential({ input, seed: 7, threads }, ...layers());
  const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), metrics: [accuracy()], ...parts });
  const history = await trainer.fit(firstOf(data.train, ROWS), { ...FIT, progress: false, ...fit, group });
  const measured = await trainer.evaluate(firstOf(data.test, TEST_ROWS), { batchSize: 16, group });
  return {
    fingerprint: model.fingerprint(),
    history: { ...history },
    measured: { ...measured },
    updates: trainer.updates,
    threads: backend(model).threads,
  };
}
