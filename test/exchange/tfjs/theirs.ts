// Models made by TensorFlow.js, of each kind that is imported.
import { GRAPHS } from "./graphs.ts";
import { graph, IMAGE, on, type Stack, stack, type Theirs } from "./make.ts";

const image = (layers: Stack): Theirs => ({
  make: stack(IMAGE, (tf) => [...layers(tf), tf.layers["flatten"]!(), tf.layers["dense"]!({ units: 2 })]),
});
const steps = (layers: Stack): Theirs => ({
  make: stack([5, 3], (tf) => [...layers(tf), tf.layers["dense"]!({ units: 2 })]),
});
const vector = (layers: Stack): Theirs => ({ make: stack([6], layers) });

const ACTIVATIONS =
  "elu gelu gelu_new hardSigmoid linear logSoftmax mish relu relu6 selu sigmoid softmax softplus softsign swish tanh".split(
    " ",
  );

export const THEIRS: Readonly<Record<string, Theirs>> = {
  dense: vector(({ layers: l }) => [
    l["dense"]!({ units: 4, activation: "relu" }),
    l["dense"]!({ units: 2, useBias: false }),
  ]),
  ...Object.fromEntries(
    ACTIVATIONS.map((activation) => [
      `activation ${activation}`,
      vector(({ layers: l }) => [
        l["dense"]!({ units: 4, activation }),
        l["activation"]!({ activation }),
        l["dense"]!({ units: 2 }),
      ]),
    ]),
  ),
  "penalties, constraints and initializers": vector(({ layers: l, regularizers, constraints }) => [
    l["dense"]!({
      units: 4,
      kernelInitializer: "heNormal",
      kernelRegularizer: regularizers.l2({ l2: 0.01 }),
      biasRegularizer: regularizers.l1({ l1: 0.02 }),
      kernelConstraint: constraints.maxNorm({ maxValue: 3, axis: 0 }),
      activation: "tanh",
    }),
    l["dense"]!({
      units: 2,
      biasConstraint: constraints.nonNeg(),
      biasInitializer: "ones",
      kernelInitializer: "leCunUniform",
    }),
  ]),
  "advanced activations": vector(({ layers: l }) => [
    l["dense"]!({ units: 5 }),
    l["leakyReLU"]!(),
    l["leakyReLU"]!({ alpha: 0.1 }),
    l["elu"]!(),
    l["reLU"]!({ maxValue: 0.7 }),
    l["dense"]!({ units: 5 }),
    l["thresholdedReLU"]!({ theta: 0.2 }),
    l["reLU"]!(),
    l["dense"]!({ units: 3 }),
    l["prelu"]!({ alphaInitializer: "ones" }),
    l["reLU"]!({ maxValue: 6 }),
    l["softmax"]!({ axis: -1 }),
  ]),
  "prelu of all axes": steps(({ layers: l }) => [l["prelu"]!({ alphaInitializer: "glorotUniform" })]),
  "prelu with shared axes": image(({ layers: l }) => [
    l["prelu"]!({ alphaInitializer: "randomUniform", sharedAxes: [1, 2] }),
  ]),
  "prelu with one shared axis": image(({ layers: l }) => [
    l["prelu"]!({ alphaInitializer: "randomUniform", sharedAxes: [1] }),
  ]),
  dropouts: steps(({ layers: l }) => [
    l["dropout"]!({ rate: 0.3 }),
    l["spatialDropout1d"]!({ rate: 0.2 }),
    l["gaussianNoise"]!({ stddev: 0.1 }),
    l["dropout"]!({ rate: 0.3, noiseShape: [null, 1, null] }),
  ]),
  conv1d: steps(({ layers: l }) => [
    l["conv1d"]!({ filters: 4, kernelSize: 2, activation: "relu" }),
    l["conv1d"]!({ filters: 3, kernelSize: 3, strides: 2, padding: "same", useBias: false }),
  ]),
  "conv1d, dilated": steps(({ layers: l }) => [l["conv1d"]!({ filters: 4, kernelSize: 2, dilationRate: 3 })]),
  "conv2d valid": image(({ layers: l }) => [
    l["conv2d"]!({ filters: 4, kernelSize: [3, 2], strides: [2, 1], activation: "relu" }),
  ]),
  "conv2d same with strides": image(({ layers: l }) => [
    l["conv2d"]!({ filters: 4, kernelSize: 3, strides: 2, padding: "same" }),
    l["conv2d"]!({ filters: 2, kernelSize: 2, padding: "same", activation: "sigmoid" }),
  ]),
  "conv2d dilated": image(({ layers: l }) => [l["conv2d"]!({ filters: 4, kernelSize: 2, dilationRate: [2, 3] })]),
  "conv2d, pooling and flatten, channels first": {
    make: stack([3, 7, 6], ({ layers: l }) => [
      l["conv2d"]!({ filters: 4, kernelSize: 2, dataFormat: "channelsFirst", padding: "same" }),
      l["maxPooling2d"]!({ poolSize: 2, dataFormat: "channelsFirst" }),
      l["flatten"]!({ dataFormat: "channelsFirst" }),
      l["dense"]!({ units: 2 }),
    ]),
  },
  "conv2dTranspose valid": image(({ layers: l }) => [
    l["conv2dTranspose"]!({ filters: 4, kernelSize: 3, strides: 2, activation: "relu" }),
  ]),
  "conv2dTranspose same": image(({ layers: l }) => [
    l["conv2dTranspose"]!({ filters: 4, kernelSize: [3, 4], strides: [2, 3], padding: "same" }),
  ]),
  "conv2dTranspose, a window smaller than the strides": image(({ layers: l }) => [
    l["conv2dTranspose"]!({ filters: 2, kernelSize: [1, 2], strides: [2, 3] }),
    l["conv2dTranspose"]!({ filters: 2, kernelSize: 1, strides: [2, 1], padding: "same" }),
  ]),
  depthwiseConv2d: image(({ layers: l }) => [
    l["depthwiseConv2d"]!({ kernelSize: 3, depthMultiplier: 2, padding: "same", strides: 2, activation: "tanh" }),
  ]),
  separableConv2d: image(({ layers: l }) => [
    l["separableConv2d"]!({ filters: 4, kernelSize: 2, depthMultiplier: 2, padding: "same", activation: "relu" }),
  ]),
  "pooling in images": image(({ layers: l }) => [
    l["maxPooling2d"]!({ poolSize: [3, 2], strides: 2, padding: "same" }),
    l["averagePooling2d"]!({ poolSize: 2, strides: 1, padding: "same" }),
    l["averagePooling2d"]!({ poolSize: [2, 1] }),
  ]),
  "pooling in sequences": steps(({ layers: l }) => [
    l["maxPooling1d"]!({ poolSize: 2, strides: 1, padding: "same" }),
    l["averagePooling1d"]!({ poolSize: 3, strides: 2, padding: "same" }),
    l["maxPooling1d"]!({ poolSize: 2 }),
  ]),
  "global pooling": {
    make: graph(IMAGE, (x, tf) => {
      const l = tf.layers;
      const a = on(l["globalAveragePooling2d"]!({}), x);
      const b = on(l["globalMaxPooling2d"]!({}), x);
      const rows = on(l["reshape"]!({ targetShape: [42, 3] }), x);
      const c = on(l["globalAveragePooling1d"]!({}), rows);
      const d = on(l["globalMaxPooling1d"]!({}), rows);
      return on(l["dense"]!({ units: 2 }), on(l["concatenate"]!(), a, b, c, d));
    }),
  },
  "batch normalization": image(({ layers: l }) => [
    l["conv2d"]!({ filters: 4, kernelSize: 2 }),
    l["batchNormalization"]!({ momentum: 0.9 }),
  ]),
  "batch normalization without center": image(({ layers: l }) => [l["batchNormalization"]!({ center: false })]),
  "batch normalization without scale": image(({ layers: l }) => [l["batchNormalization"]!({ scale: false })]),
  "layer normalization": image(({ layers: l }) => [
    l["layerNormalization"]!({ gammaInitializer: "randomUniform" }),
    l["layerNormalization"]!({ axis: [2, 3], epsilon: 0.1, betaInitializer: "randomUniform" }),
    l["layerNormalization"]!({ center: false, scale: false }),
  ]),
  embedding: {
    below: 9,
    make: stack([5], ({ layers: l }) => [
      l["embedding"]!({ inputDim: 9, outputDim: 4 }),
      l["globalAveragePooling1d"]!({}),
      l["dense"]!({ units: 2 }),
    ]),
  },
  "lstm with sigmoid": steps(({ layers: l }) => [
    l["lstm"]!({ units: 4, recurrentActivation: "sigmoid", returnSequences: true }),
    l["lstm"]!({ units: 3, recurrentActivation: "sigmoid", dropout: 0.1 }),
  ]),
  "lstm as it comes": steps(({ layers: l }) => [
    l["lstm"]!({ units: 4, returnSequences: true }),
    l["lstm"]!({ units: 3, activation: "relu", useBias: false }),
  ]),
  "lstm backward": steps(({ layers: l }) => [
    l["lstm"]!({ units: 4, recurrentActivation: "sigmoid", returnSequences: true, goBackwards: true }),
    l["lstm"]!({ units: 3, returnSequences: true, goBackwards: true }),
    l["lstm"]!({ units: 3, recurrentActivation: "sigmoid", goBackwards: true }),
  ]),
  "gru with sigmoid": steps(({ layers: l }) => [
    l["gru"]!({ units: 4, recurrentActivation: "sigmoid", returnSequences: true, biasInitializer: "randomUniform" }),
    l["gru"]!({ units: 3, recurrentActivation: "sigmoid" }),
  ]),
  "gru as it comes": steps(({ layers: l }) => [
    l["gru"]!({ units: 4, returnSequences: true, biasInitializer: "randomUniform" }),
    l["gru"]!({ units: 3, goBackwards: true }),
  ]),
  simpleRNN: steps(({ layers: l }) => [
    l["simpleRNN"]!({ units: 4, returnSequences: true, recurrentInitializer: "glorotNormal" }),
    l["simpleRNN"]!({ units: 3, activation: "sigmoid", returnSequences: true }),
    l["simpleRNN"]!({ units: 3, useBias: false }),
  ]),
  ...Object.fromEntries(
    (["concat", "sum", "mul", "ave"] as const).map((mergeMode) => [
      `bidirectional ${mergeMode}`,
      steps(({ layers: l }) => [
        l["bidirectional"]!({
          layer: l["gru"]!({ units: 3, recurrentActivation: "sigmoid", returnSequences: true }),
          mergeMode,
        }),
        l["bidirectional"]!({ layer: l["lstm"]!({ units: 3, returnSequences: true }), mergeMode }),
        l["bidirectional"]!({ layer: l["lstm"]!({ units: 2, recurrentActivation: "sigmoid" }), mergeMode }),
      ]),
    ]),
  ),
  "bidirectional without merging": {
    make: graph([5, 3], (x, { layers: l }) => {
      const both = l["bidirectional"]!({
        layer: l["lstm"]!({ units: 3, recurrentActivation: "sigmoid", returnSequences: true, returnState: true }),
        mergeMode: null as never,
      }).apply(x);
      return [both[0]!, both[1]!, both[2]!, both[3]!, both[4]!, both[5]!];
    }),
  },
  "encoder and decoder": {
    make(tf) {
      const { layers: l } = tf;
      const [text, begun] = [tf.input({ shape: [5, 3], name: "text" }), tf.input({ shape: [4, 2], name: "begun" })];
      const encoder = l["lstm"]!({ units: 3, recurrentActivation: "sigmoid", returnState: true }).apply(text);
      const decoder = l["lstm"]!({ units: 3, recurrentActivation: "sigmoid", returnSequences: true }).apply([
        begun,
        encoder[1]!,
        encoder[2]!,
      ]);
      return tf.model({
        inputs: [text, begun],
        outputs: on(l["dense"]!({ units: 2, activation: "softmax" }), decoder),
      });
    },
  },
  "gru with states": {
    make: graph([5, 3], (x, { layers: l }) => {
      const [y, h] = l["gru"]!({ units: 3, returnSequences: true, returnState: true }).apply(x);
      const z = l["gru"]!({ units: 3, recurrentActivation: "sigmoid", returnState: true }).apply([y!, h!]);
      return on(l["dense"]!({ units: 2 }), on(l["concatenate"]!(), z[0]!, z[1]!, h!));
    }),
  },
  timeDistributed: {
    make: stack([3, 6, 6, 2], (tf) => {
      const l = tf.layers;
      return [
        l["timeDistributed"]!({ layer: l["conv2d"]!({ filters: 3, kernelSize: 2, activation: "relu" }) }),
        l["timeDistributed"]!({ layer: l["flatten"]!() }),
        l["timeDistributed"]!({ layer: l["dropout"]!({ rate: 0.2 }) }),
        l["timeDistributed"]!({
          layer: tf.sequential({
            layers: [l["dense"]!({ units: 4, inputShape: [75], activation: "tanh" }), l["dense"]!({ units: 3 })],
          }) as never,
        }),
        l["lstm"]!({ units: 2, recurrentActivation: "sigmoid" }),
      ];
    }),
  },
  "time distributed lstm": {
    make: stack([2, 4, 3], ({ layers: l }) => [
      l["timeDistributed"]!({ layer: l["lstm"]!({ units: 2, recurrentActivation: "sigmoid" }) }),
      l["dense"]!({ units: 2 }),
    ]),
  },
  shapes: image(({ layers: l }) => [
    l["zeroPadding2d"]!({
      padding: [
        [1, 2],
        [0, 3],
      ],
    }),
    l["cropping2D"]!({
      cropping: [
        [0, 1],
        [1, 1],
      ],
    }),
    l["upSampling2d"]!({ size: [2, 3] }),
    l["permute"]!({ dims: [3, 1, 2] }),
    l["reshape"]!({ targetShape: [6, 189] }),
  ]),
  "upsampling, bilinear": image(({ layers: l }) => [l["upSampling2d"]!({ size: [3, 2], interpolation: "bilinear" })]),
  repeatVector: vector(({ layers: l }) => [
    l["dense"]!({ units: 4 }),
    l["repeatVector"]!({ n: 3 }),
    l["simpleRNN"]!({ units: 2 }),
  ]),
  rescaling: image(({ layers: l }) => [l["rescaling"]!({ scale: 1 / 127.5, offset: -1 })]),
  ...GRAPHS,
};
