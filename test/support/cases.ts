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
];

/** By the name of the export; two or more where options change the formula. */
export const LAYERS: Readonly<Record<string, readonly MakeLayer[]>> = {
  attention: [
    () => w.attention({ memory: "memory", heads: 2 }),
    () => w.attention({ memory: "memory", heads: 1, causal: true, useBias: false }),
  ],
  avgPool2d: [() => w.avgPool2d(), () => w.avgPool2d([3, 2], { strides: [1, 2], padding: "same" })],
  batchNorm: [() => w.batchNorm(), () => w.batchNorm({ epsilon: 0.1 }), () => w.batchNorm({ trainable: false })],
  conv1d: [
    () => w.conv1d(4, { kernelSize: 3 }),
    () => w.conv1d(3, { kernelSize: 2, strides: 2, padding: "same", useBias: false }),
  ],
  conv2d: [
    () => w.conv2d(4, { kernelSize: 2 }),
    () => w.conv2d(3, { kernelSize: [3, 2], strides: [2, 1], padding: "same", useBias: false }),
    (input) => w.conv2d(2 * input[2]!, { kernelSize: 2, dilation: 2, padding: "same", groups: input[2]! }),
  ],
  conv2dTranspose: [
    () => w.conv2dTranspose(2, { kernelSize: 3 }),
    () => w.conv2dTranspose(3, { kernelSize: [3, 2], strides: 2, padding: "same", useBias: false }),
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
  ],
  dropout: [() => w.dropout(0.4), () => w.dropout(0)],
  embedding: [() => w.embedding(4, 3), () => w.embedding({ vocabulary: 9, width: 2 })],
  flatten: [() => w.flatten()],
  gaussianNoise: [() => w.gaussianNoise(0.3)],
  globalAvgPool1d: [() => w.globalAvgPool1d()],
  globalAvgPool2d: [() => w.globalAvgPool2d()],
  groupNorm: [() => w.groupNorm(1), () => w.groupNorm(2, { epsilon: 0.1 })],
  instanceNorm: [() => w.instanceNorm(), () => w.instanceNorm({ epsilon: 0.1 })],
  identity: [() => w.identity()],
  layerNorm: [() => w.layerNorm(), () => w.layerNorm({ epsilon: 0.1 })],
  localResponseNorm: [
    () => w.localResponseNorm(),
    () => w.localResponseNorm({ size: 2, alpha: 3, beta: 0.5, bias: 1 }),
  ],
  gru: recurrent(w.gru),
  lstm: recurrent(w.lstm),
  maxPool2d: [() => w.maxPool2d(), () => w.maxPool2d([2, 3], { strides: 2, padding: "same" })],
  permute: [() => w.permute([1, 2, 0])],
  positionalEmbedding: [() => w.positionalEmbedding()],
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
  ],
  sinusoidalEmbedding: [() => w.sinusoidalEmbedding()],
  separableConv2d: [
    () => w.separableConv2d(4, { kernelSize: 2 }),
    () => w.separableConv2d(3, { kernelSize: 3, strides: 2, padding: "same", depthMultiplier: 2, useBias: false }),
  ],
  spatialDropout1d: [() => w.spatialDropout1d(0.4)],
  spatialDropout2d: [() => w.spatialDropout2d(0.4), () => w.spatialDropout2d(0)],
  simpleRnn: recurrent(w.simpleRnn),
  tiedDense: [
    () => w.chain(w.dense(3, { name: "to" }), w.tiedDense({ to: "to" })),
    () => w.chain(w.dense(5, { name: "to" }), w.tanh(), w.tiedDense({ to: "to", useBias: false })),
  ],
  upsample2d: [() => w.upsample2d(), () => w.upsample2d(3)],
  zeroPad2d: [() => w.zeroPad2d(), () => w.zeroPad2d([0, 1, 2, 0])],
};

export const ACTIVATIONS: Readonly<Record<string, readonly MakeLayer[]>> = {
  elu: [() => w.elu(), () => w.elu({ alpha: 0.3 })],
  gelu: [() => w.gelu(), () => w.gelu({ approximate: "tanh" })],
  hardSigmoid: [() => w.hardSigmoid(), () => w.hardSigmoid({ slope: 0.7 })],
  leakyRelu: [() => w.leakyRelu(), () => w.leakyRelu({ slope: 0.4 })],
  logSoftmax: [() => w.logSoftmax()],
  mish: [() => w.mish()],
  relu: [() => w.relu()],
  relu6: [() => w.relu6()],
  selu: [() => w.selu()],
  sigmoid: [() => w.sigmoid()],
  silu: [() => w.silu()],
  softmax: [() => w.softmax()],
  softplus: [() => w.softplus()],
  softsign: [() => w.softsign()],
  tanh: [() => w.tanh()],
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
/** Layers that take inputs of one rank alone. */
export const INPUTS_OF: Readonly<Record<string, readonly w.Shape[]>> = {
  attention: SEQUENCES,
  avgPool2d: IMAGES,
  conv1d: [
    [6, 5],
    [3, 1],
  ],
  conv2d: IMAGES,
  conv2dTranspose: IMAGES,
  depthwiseConv2d: IMAGES,
  separableConv2d: IMAGES,
  globalAvgPool1d: [[6, 5]],
  globalAvgPool2d: IMAGES,
  instanceNorm: [[6, 5], ...IMAGES],
  gru: SEQUENCES,
  lstm: SEQUENCES,
  simpleRnn: SEQUENCES,
  maxPool2d: IMAGES,
  crop2d: IMAGES,
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
