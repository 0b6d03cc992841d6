// Every layer and activation in small models: what all of them are tested with.
import * as w from "../../src/index.ts";
import { sizeOf } from "../../src/util/shape.ts";
import { normal } from "./seeded.ts";

/** With these weights no number comes so near to a kink (relu at 0, ...) that a difference reaches over it. */
export const SEED = 14;

export type MakeLayer = (input: w.Shape) => w.Layer;

/** Biases and weights that take part, so that no state is near 0. */
const recurrent = (make: typeof w.gru): MakeLayer[] => [
  () => make(5, { biasInitializer: w.uniform() }),
  () =>
    make(3, {
      returnSequences: true,
      kernelRegularizer: w.l2(0.1),
      recurrentRegularizer: w.l2(0.1),
      biasRegularizer: w.l1(0.1),
    }),
  () => make(4, { reverse: true, returnSequences: true, biasInitializer: w.uniform() }),
];

/** By the name of the export; two or more where options change the formula. */
export const LAYERS: Readonly<Record<string, readonly MakeLayer[]>> = {
  // its penalty is no function of the output: test/nn/layers/activityPenalty.test.ts
  activityPenalty: [() => w.activityPenalty({ name: "penalized" })],
  attention: [
    () => w.attention({ memory: "memory", heads: 2 }),
    () => w.attention({ memory: "memory", heads: 1, causal: true, useBias: false }),
    () => w.attention({ memory: "memory", heads: 2, keyWidth: 2, valueWidth: 6 }),
  ],
  augment2d: [
    () => w.augment2d(),
    () => w.augment2d({ flip: "both", shift: 0.2, rotate: 30, zoom: 0.2, brightness: 0.5 }),
  ],
  avgPool1d: [
    () => w.avgPool1d(),
    () => w.avgPool1d(3, { strides: 2, padding: [2, 0], countPadding: true, ceilMode: true }),
    () => w.avgPool1d(2, { dilation: 2, padding: "causal" }),
  ],
  avgPool2d: [
    () => w.avgPool2d(),
    () => w.avgPool2d([3, 2], { strides: [1, 2], padding: "same" }),
    () => w.avgPool2d(2, { padding: [1, 0, 0, 1], dilation: [1, 2], countPadding: true }),
  ],
  batchNorm: [() => w.batchNorm(), () => w.batchNorm({ epsilon: 0.1 }), () => w.batchNorm({ trainable: false })],
  conv1d: [
    () => w.conv1d(4, { kernelSize: 3 }),
    () => w.conv1d(3, { kernelSize: 2, strides: 2, padding: "same", useBias: false }),
    () => w.conv1d(3, { kernelSize: 2, dilation: 3, padding: "causal" }),
    () => w.conv1d(3, { kernelSize: 2, padding: [0, 4] }),
  ],
  conv1dTranspose: [
    () => w.conv1dTranspose(2, { kernelSize: 3 }),
    (input) => w.conv1dTranspose(2 * input[1]!, { kernelSize: 3, strides: 2, padding: "causal", groups: input[1]! }),
    () => w.conv1dTranspose(3, { kernelSize: 4, strides: 3, padding: [1, 2], outputPadding: 2 }),
  ],
  conv2d: [
    () => w.conv2d(4, { kernelSize: 2 }),
    () => w.conv2d(3, { kernelSize: [3, 2], strides: [2, 1], padding: "same", useBias: false }),
    (input) => w.conv2d(2 * input[2]!, { kernelSize: 2, dilation: 2, padding: "same", groups: input[2]! }),
    () => w.conv2d(3, { kernelSize: 3, strides: [2, 3], padding: [1, 0, 4, 2] }),
  ],
  conv2dTranspose: [
    () => w.conv2dTranspose(2, { kernelSize: 3 }),
    () => w.conv2dTranspose(3, { kernelSize: [3, 2], strides: 2, padding: "same", useBias: false }),
    (input) =>
      w.conv2dTranspose(input[2]!, {
        kernelSize: 2,
        strides: [2, 1],
        dilation: [1, 2],
        padding: [1, 0, 0, 1],
        outputPadding: 1,
        groups: input[2]!,
      }),
  ],
  crop2d: [() => w.crop2d([1, 0, 0, 1])],
  dense: [
    () => w.dense(3),
    () => w.dense(6, { useBias: false }),
    () => w.dense(2, { biasInitializer: w.uniform(), kernelRegularizer: w.l2(0.1), biasRegularizer: w.l1(0.1) }),
  ],
  depthwiseConv2d: [
    () => w.depthwiseConv2d(2),
    () => w.depthwiseConv2d([3, 2], { strides: 2, padding: "same", depthMultiplier: 2, useBias: false }),
    () => w.depthwiseConv2d(2, { padding: [2, 0, 1, 3], dilation: 2 }),
  ],
  dropout: [() => w.dropout(0.4), () => w.dropout(0)],
  embedding: [() => w.embedding(4, 3), () => w.embedding({ vocabulary: 9, width: 2 })],
  flatten: [() => w.flatten()],
  gaussianNoise: [() => w.gaussianNoise(0.3)],
  globalAvgPool1d: [() => w.globalAvgPool1d()],
  globalAvgPool2d: [() => w.globalAvgPool2d()],
  globalMaxPool1d: [() => w.globalMaxPool1d()],
  globalMaxPool2d: [() => w.globalMaxPool2d()],
  groupNorm: [() => w.groupNorm(1), () => w.groupNorm(2, { epsilon: 0.1 })],
  instanceNorm: [() => w.instanceNorm(), () => w.instanceNorm({ epsilon: 0.1 })],
  identity: [() => w.identity()],
  layerNorm: [() => w.layerNorm(), () => w.layerNorm({ epsilon: 0.1 })],
  localResponseNorm: [
    () => w.localResponseNorm(),
    () => w.localResponseNorm({ size: 2, alpha: 3, beta: 0.5, bias: 1 }),
  ],
  gru: [
    ...recurrent(w.gru),
    () => w.gru(5, { resetAfter: false, biasInitializer: w.uniform() }),
    () => w.gru(3, { resetAfter: false, returnSequences: true, reverse: true, recurrentRegularizer: w.l2(0.1) }),
  ],
  lstm: recurrent(w.lstm),
  pad: [
    () => w.pad({ before: [1, 0], after: [0, 2], value: 0.5 }),
    () => w.pad({ before: 1, after: [1, 1], mode: "reflect" }),
    () => w.pad({ before: [-1, 2], after: [3, 0, 1], mode: "edge" }),
    () => w.pad({ after: [2, 1], mode: "wrap" }),
  ],
  max: [() => w.max({ axis: 0 })],
  mean: [() => w.mean(), () => w.mean({ axis: 0, keepAxis: true })],
  maxPool1d: [
    () => w.maxPool1d(),
    () => w.maxPool1d(3, { strides: 2, padding: "causal" }),
    () => w.maxPool1d(2, { strides: 3, dilation: 2, padding: [1, 1], ceilMode: true }),
  ],
  maxPool2d: [
    () => w.maxPool2d(),
    () => w.maxPool2d([2, 3], { strides: 2, padding: "same" }),
    () => w.maxPool2d(2, { strides: 1, padding: [1, 0, 1, 0], dilation: [2, 1] }),
  ],
  permute: [() => w.permute([1, 2, 0])],
  positionalEmbedding: [() => w.positionalEmbedding()],
  pick: [() => w.pick({ index: -1 })],
  prelu: [() => w.prelu(), () => w.prelu({ slopeInitializer: w.uniform({ low: -1, high: 1 }) })],
  rbf: [
    (input) => w.rbf({ centres: normal(3 * input.at(-1)!, { seed: 3 }), gamma: 0.1 }),
    (input) => w.rbf({ centres: normal(6 * input.at(-1)!, { seed: 4 }), gamma: 0.7 }),
  ],
  repeatVector: [() => w.repeatVector(3)],
  reshape: [(input) => w.reshape([sizeOf(input) / 2, 2])],
  rmsNorm: [() => w.rmsNorm(), () => w.rmsNorm({ epsilon: 0.1 })],
  selfAttention: [
    () => w.selfAttention({ heads: 2 }),
    () => w.selfAttention({ heads: 1, causal: true, useBias: false }),
    () => w.selfAttention({ heads: 4, biasInitializer: w.uniform(), kernelRegularizer: w.l2(0.1) }),
    () => w.selfAttention({ heads: 2, keyWidth: 6, valueWidth: 10 }),
    (input) =>
      w.chain(
        w.dense(input[0]!, { name: "scores" }),
        // a mask with zeros that no step of a difference moves
        w.dense(input[0]!, { kernelInitializer: w.zeros(), trainable: false }),
        w.positionalEmbedding({ initializer: w.uniform({ low: input[0]! > 1 ? -1 : 0, high: 1 }), trainable: false }),
        w.relu({ name: "mask" }),
        w.from("scores", w.dense(4), w.selfAttention({ heads: 2, mask: "mask", scoreBias: "scores" })),
      ),
  ],
  sinusoidalEmbedding: [() => w.sinusoidalEmbedding()],
  separableConv2d: [
    () => w.separableConv2d(4, { kernelSize: 2 }),
    () => w.separableConv2d(3, { kernelSize: 3, strides: 2, padding: "same", depthMultiplier: 2, useBias: false }),
  ],
  spatialDropout1d: [() => w.spatialDropout1d(0.4)],
  spatialDropout2d: [() => w.spatialDropout2d(0.4), () => w.spatialDropout2d(0)],
  simpleRnn: recurrent(w.simpleRnn),
  slice: [() => w.slice({ axis: -1, from: 1, to: 3 }), (input) => w.slice({ from: input[0]! > 2 ? 2 : -1 })],
  sum: [() => w.sum(), () => w.sum({ axis: 0 })],
  tiedDense: [
    () => w.chain(w.dense(3, { name: "to" }), w.tiedDense({ to: "to" })),
    () => w.chain(w.dense(5, { name: "to" }), w.tanh(), w.tiedDense({ to: "to", useBias: false })),
  ],
  upsample2d: [
    () => w.upsample2d(),
    () => w.upsample2d(3),
    () => w.upsample2d([1, 2], { interpolation: "bilinear" }),
    () => w.upsample2d({ size: [4, 7], interpolation: "bilinear", coordinates: "alignCorners" }),
    () => w.upsample2d({ size: 2, interpolation: "bilinear", coordinates: "asymmetric" }),
  ],
  zeroPad2d: [() => w.zeroPad2d(), () => w.zeroPad2d([0, 1, 2, 0])],
};

/** Operators on the values of branches. */
export const OPERATORS: Readonly<Record<string, readonly MakeLayer[]>> = {
  average: [(input) => w.average([w.dense(input.at(-1)!), [], w.dense(1)])],
  divide: [() => w.divide([w.dense(3), [w.dense(3), w.softplus()]])],
  dot: [() => w.dot([w.dense(3), w.dense(3)]), () => w.dot([w.dense(3), w.dense(3)], { normalize: true })],
  matmul: [
    () => w.matmul([w.dense(3), w.dense(3)], { transposeB: true }),
    () => w.matmul([w.dense(2), w.matmul([w.dense(2), w.dense(5)], { transposeA: true })]),
  ],
  maximum: [() => w.maximum([w.dense(3), w.dense(3), w.dense(1)])],
  multiply: [
    () => w.multiply([[], []]),
    () => w.multiply([w.dense(3), [w.dense(1), w.tanh()], [w.mean({ axis: 0, keepAxis: true }), w.dense(3)]]),
  ],
  subtract: [() => w.subtract([[], w.mean({ axis: 0 })])],
};

export const ACTIVATIONS: Readonly<Record<string, readonly MakeLayer[]>> = {
  celu: [() => w.celu(), () => w.celu({ alpha: 0.4 })],
  clip: [() => w.clip(-0.5, 0.75), () => w.clip({ low: -0.25 }), () => w.clip({ high: 0.5 })],
  elu: [() => w.elu(), () => w.elu({ alpha: 0.3 }), () => w.elu({ alpha: -0.6 }), () => w.elu({ alpha: 0 })],
  gelu: [() => w.gelu(), () => w.gelu({ approximate: "tanh" })],
  hardSigmoid: [
    () => w.hardSigmoid(),
    () => w.hardSigmoid({ slope: 0.7 }),
    () => w.hardSigmoid({ slope: 0.3, offset: 0.2 }),
  ],
  hardSwish: [() => w.hardSwish()],
  leakyRelu: [() => w.leakyRelu(), () => w.leakyRelu({ slope: 0.4 })],
  logSoftmax: [() => w.logSoftmax()],
  mish: [() => w.mish()],
  relu: [() => w.relu()],
  relu6: [() => w.relu6()],
  selu: [() => w.selu(), () => w.selu({ alpha: 2, scale: 0.7 }), () => w.selu({ alpha: 0.5, scale: -1.5 })],
  shrink: [() => w.shrink({ threshold: 0.2 }), () => w.shrink({ threshold: 0.1, bias: 0.3 })],
  sigmoid: [() => w.sigmoid()],
  silu: [() => w.silu()],
  softmax: [() => w.softmax()],
  softplus: [() => w.softplus()],
  softsign: [() => w.softsign()],
  tanh: [() => w.tanh()],
  thresholdedRelu: [() => w.thresholdedRelu({ threshold: 0.3 }), () => w.thresholdedRelu({ threshold: -0.5 })],
};

export const INPUTS: readonly w.Shape[] = [[5], [2, 5]];

const IMAGES: readonly w.Shape[] = [
  [5, 4, 3],
  [3, 3, 1],
];
const SEQUENCES: readonly w.Shape[] = [
  [1, 5],
  [6, 3],
];
/** Long enough for a window. */
const STEPS: readonly w.Shape[] = [
  [6, 5],
  [3, 1],
];
/** Layers that take inputs of one rank alone. */
export const INPUTS_OF: Readonly<Record<string, readonly w.Shape[]>> = {
  attention: SEQUENCES,
  augment2d: IMAGES,
  avgPool1d: STEPS,
  avgPool2d: IMAGES,
  conv1d: STEPS,
  conv1dTranspose: STEPS,
  conv2d: IMAGES,
  conv2dTranspose: IMAGES,
  depthwiseConv2d: IMAGES,
  separableConv2d: IMAGES,
  globalAvgPool1d: [[6, 5]],
  globalAvgPool2d: IMAGES,
  globalMaxPool1d: [[6, 5]],
  globalMaxPool2d: [
    [4, 3, 2],
    [3, 3, 1],
  ],
  instanceNorm: [[6, 5], ...IMAGES],
  gru: SEQUENCES,
  lstm: SEQUENCES,
  simpleRnn: SEQUENCES,
  matmul: SEQUENCES,
  max: [[2, 5]],
  maxPool1d: STEPS,
  maxPool2d: IMAGES,
  crop2d: IMAGES,
  pad: IMAGES,
  permute: IMAGES,
  repeatVector: [[5]],
  selfAttention: SEQUENCES,
  sinusoidalEmbedding: SEQUENCES,
  spatialDropout1d: [[6, 5]],
  spatialDropout2d: IMAGES,
  upsample2d: IMAGES,
  zeroPad2d: IMAGES,
};

export const shapeText = (shape: w.Shape): string => `[${shape.join(", ")}]`;
export const optionsText = (options: object): string => JSON.stringify(options);

/** A model with the layer between two dense ones, so that its dx reaches parameters; tables are looked up by the input. */
export async function around(layer: w.Layer, input: w.Shape): Promise<w.Model> {
  if (layer.type === "attention")
    return w.sequential({ input, seed: SEED }, w.dense(5, { name: "memory" }), w.dense(4), layer, w.dense(3));
  if (layer.type === "embedding") return w.sequential({ input, seed: SEED }, layer, w.dense(3));
  return w.sequential({ input, seed: SEED }, w.dense(4), layer, w.dense(3));
}

/** The same between layers that write over what they read, if they may. */
export async function beside(layer: w.Layer, input: w.Shape): Promise<w.Model> {
  const behind = [layer, w.tanh(), w.dense(3), w.relu()];
  if (layer.type === "embedding") return w.sequential({ input, seed: SEED }, ...behind);
  const memory = layer.type === "attention" ? [w.dense(5, { name: "memory" })] : [];
  return w.sequential({ input, seed: SEED }, ...memory, w.dense(4), w.tanh(), ...behind);
}
