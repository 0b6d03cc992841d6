// The same work in every engine: XOR, 200 steps on MNIST with dropout and shuffling, some dozen steps of each kind of network that
// the other binaries are for, and with a layer and a loss in TypeScript, points in the plane, and the four runs. Only the library is used.
import {
  accuracy,
  adam,
  add,
  attention,
  avgPool2d,
  batchNorm,
  bidirectional,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  concat,
  conv1d,
  conv2d,
  conv2dTranspose,
  customLayer,
  customLoss,
  dense,
  depthwiseConv2d,
  dropout,
  elu,
  flatten,
  from,
  globalAvgPool1d,
  globalAvgPool2d,
  groupNorm,
  gru,
  huber,
  inputs,
  layerNorm,
  type Loss,
  lstm,
  localResponseNorm,
  maxNorm,
  maxPool2d,
  meanSquaredError,
  mish,
  type Model,
  outputs,
  prelu,
  relu,
  reshape,
  residual,
  rmsNorm,
  rmsprop,
  separableConv2d,
  sequential,
  sgd,
  shared,
  sigmoid,
  silu,
  simpleRnn,
  softmaxCrossEntropy,
  softplus,
  spatialDropout2d,
  tanh,
  timeDistributed,
  Trainer,
  type TrainerOptions,
  type TrainingData,
  upsample2d,
} from "wasmgrad";
import * as datasets from "wasmgrad/datasets";
import { fingerprintOf, POINT_SETS } from "../support/points.ts";
import { type Fingerprints, numbers, type RunOptions, runs } from "./runs.ts";

type Optimizer = TrainerOptions["optimizer"];

const BATCH = 64;

/** @param folder where the IDX files are, for a page */
export async function job({ threads = 1, ...options }: RunOptions = {}, folder?: string): Promise<Fingerprints> {
  const { train, test } = await datasets.mnist(folder === undefined ? {} : { from: folder });
  const digits = (count: number) => ({
    x: scaled(train.x.data.slice(0, count * 784)),
    y: train.y.slice(0, count),
  });

  const model = await sequential({ input: 784, seed: 7, threads }, dense(64), relu(), dropout(0.2), dense(10));
  const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [accuracy()] });
  await trainer.fit(digits(200 * BATCH), { batchSize: BATCH });
  const figures = await trainer.evaluate({
    x: scaled(test.x.data.slice(0, 1000 * 784)),
    y: test.y.slice(0, 1000),
  });

  return {
    xor: await xor(threads),
    mnist: model.fingerprint(),
    figures: JSON.stringify(figures),
    images: await trained(await pooling(threads), softmaxCrossEntropy(), adam(), digits(100 * 32)),
    convolutions: await trained(await convolutions(threads), softmaxCrossEntropy(), adam(), digits(40 * 32)),
    recurrent: await recurrent(threads),
    branches: await branches(threads),
    custom: await custom(threads),
    points: fingerprintOf(Object.values(POINT_SETS).map((make) => make(datasets))),
    ...(await runs({ threads, ...options })),
  };
}

/** The fingerprint after one epoch. */
async function trained(model: Model, loss: Loss, optimizer: Optimizer, data: TrainingData): Promise<string> {
  await new Trainer(model, { loss, optimizer }).fit(data, { batchSize: 32 });
  return model.fingerprint();
}

async function xor(threads: number): Promise<string> {
  const gate = await sequential({ input: 2, seed: 1, threads }, dense(4), sigmoid(), dense(1), sigmoid());
  const trainer = new Trainer(gate, { loss: binaryCrossEntropy(), optimizer: sgd({ learningRate: 1 }) });
  const rows = [[0, 0], [0, 1], [1, 0], [1, 1]]; // prettier-ignore
  await trainer.fit({ x: rows, y: [0, 1, 1, 0] }, { epochs: 2000, batchSize: 4 });
  return gate.fingerprint();
}

const pooling = (threads: number): Promise<Model> =>
  sequential(
    { input: 784, seed: 9, threads },
    reshape([28, 28, 1]),
    maxPool2d(2),
    dense(8),
    rmsNorm(),
    relu(),
    avgPool2d(3, { strides: 2, padding: "same" }),
    flatten(),
    dense(32),
    layerNorm(),
    relu(),
    dense(10),
  );

const convolutions = (threads: number): Promise<Model> =>
  sequential(
    { input: 784, seed: 3, threads },
    reshape([28, 28, 1]),
    conv2d(6, { kernelSize: 5, strides: 2, padding: "same" }),
    batchNorm(),
    relu(),
    localResponseNorm(),
    depthwiseConv2d(3, { depthMultiplier: 2 }),
    spatialDropout2d(0.1),
    separableConv2d(9, { kernelSize: 3, padding: "same" }),
    prelu(),
    maxPool2d(2),
    groupNorm(3),
    upsample2d(2),
    conv2dTranspose(5, { kernelSize: 3, strides: 2 }),
    elu(),
    conv2d(8, { kernelSize: 3, dilation: 2 }),
    dropout(0.2),
    concat([globalAvgPool2d(), [maxPool2d(4), flatten()]]),
    dense(10),
  );

/** Sequences of different lengths; each value depends on its place alone. */
async function recurrent(threads: number): Promise<string> {
  const given = inputs({ x: [9, 5], lengths: 1 });
  const model = await sequential(
    { input: given, seed: 4, threads },
    conv1d(6, { kernelSize: 3, padding: "same" }),
    lstm(7, { lengths: "lengths", returnSequences: true }),
    bidirectional(simpleRnn(4, { lengths: "lengths", returnSequences: true })),
    silu(),
    gru(6, { lengths: "lengths" }),
    dense(2),
  );
  const rows = 30 * 32;
  const x = given.join({ x: numbers(rows * 45), lengths: Array.from({ length: rows }, (_, i) => 1 + (i % 9)) });
  return trained(model, meanSquaredError(), rmsprop({ learningRate: 0.003 }), { x, y: numbers(rows * 2) });
}

/** Two inputs, shared layers, branches, attention from one input to the other, and two outputs with a loss each. */
async function branches(threads: number): Promise<string> {
  const given = inputs({ question: [4, 8], text: [6, 5], mask: 6 });
  const ends = outputs({
    kind: { shape: 3, loss: softmaxCrossEntropy() },
    size: { shape: 2, loss: huber(), weight: 0.3 },
    sure: { shape: 1, loss: binaryCrossEntropyWithLogits(), weight: 0.5 },
  });
  const step = shared(dense(8, { kernelConstraint: maxNorm() }));
  const model = await sequential(
    { input: given, seed: 6, threads },
    attention({ memory: "text", keyMask: "mask", heads: 2 }),
    residual(step, tanh(), step),
    add([dense(8), [step, mish()], []]),
    concat([[globalAvgPool1d(), softplus()], from("text", timeDistributed(dense(3), tanh()), flatten())]),
    ends.layer({ kind: dense(3), size: [dense(4), relu(), dense(2)], sure: dense(1) }),
  );
  const rows = 40 * 32;
  const x = given.join({
    question: numbers(rows * 32),
    text: numbers(rows * 30),
    mask: Array.from({ length: rows * 6 }, (_, i) => (i % 7 === 0 ? 0 : 1)),
  });
  const y = ends.targets({
    kind: Array.from({ length: rows }, (_, i) => i % 3),
    size: numbers(rows * 2),
    sure: Array.from({ length: rows }, (_, i) => i % 2),
  });
  return trained(model, ends.loss, adam(), { x, y });
}

/** y = x |x|, and the square of the error: + - * / alone are the same everywhere. */
async function custom(threads: number): Promise<string> {
  const square = customLayer({
    type: "square",
    forward({ x, y }) {
      for (let i = 0; i < x.length; i++) y[i] = x[i]! * Math.abs(x[i]!);
    },
    backward({ x, dy, dx }) {
      if (dx) for (let i = 0; i < x.length; i++) dx[i] = 2 * dy[i]! * Math.abs(x[i]!);
    },
  });
  const squared = customLoss({
    type: "squared",
    compute({ output, target, losses, gradient }) {
      for (let i = 0; i < output.length; i++) {
        const d = output[i]! - target[i]!;
        losses[i] = d * d;
        gradient[i] = 2 * d;
      }
    },
  });
  const model = await sequential({ input: 2, seed: 3, threads }, dense(6), square, dropout(0.1), dense(1));
  const trainer = new Trainer(model, { loss: squared, optimizer: adam({ learningRate: 0.01 }) });
  const x = Array.from({ length: 50 }, (_, i) => [(i % 7) / 7, (i % 11) / 11]);
  await trainer.fit({ x, y: x.map(([a, b]) => a! * b!) }, { epochs: 50, batchSize: 8 });
  return model.fingerprint();
}

const scaled = (bytes: ArrayLike<number>): Float32Array => Float32Array.from(bytes, (byte) => byte / 255);
