// Models of ours besides those of every layer: those whose options TensorFlow.js has, and networks of several layers.
import * as w from "../../../src/index.ts";

interface Ours {
  readonly input: number | w.Shape | w.Inputs;
  readonly layers: () => readonly w.Layer[];
}

const gru = (units: number, options: Parameters<typeof w.gru>[1] = {}): w.Layer =>
  w.gru(units, { resetAfter: false, biasInitializer: w.uniform(), ...options });

export const OURS: Readonly<Record<string, Ours>> = {
  "gru, reset before": { input: [5, 3], layers: () => [gru(4, { returnSequences: true }), gru(3, { reverse: true })] },
  "gru both ways": {
    input: [5, 3],
    layers: () => [w.bidirectional(gru(4, { returnSequences: true, name: "both" })), w.bidirectional(gru(2))],
  },
  "gru backward, all states": {
    input: [5, 3],
    layers: () => [gru(4, { returnSequences: true, reverse: true }), w.dense(2)],
  },
  "both ways, units that differ": {
    input: [5, 3],
    layers: () => [
      w.bidirectional(w.lstm(4, { returnSequences: true }), w.lstm(3, { returnSequences: true })),
      w.dense(2),
    ],
  },
  "by step": {
    input: [3, 6, 5, 2],
    layers: () => [
      w.timeDistributed(
        w.conv2d(4, { kernelSize: 3 }),
        w.relu(),
        w.maxPool2d(2),
        w.flatten(),
        w.dense(4),
        w.batchNorm(),
      ),
      w.timeDistributed(w.reshape([2, 2]), w.lstm(3)),
      w.lstm(2),
    ],
  },
  "an encoder and a decoder": {
    input: w.inputs({ text: [5, 3], begun: [4, 2] }),
    layers: () => [
      w.lstm(3, { finalState: "h", finalCell: "c", name: "encoder" }),
      w.from(
        "begun",
        w.lstm(3, { initialState: "h", initialCell: "c", returnSequences: true, name: "decoder" }),
        w.dense(2),
        w.softmax(),
      ),
    ],
  },
  "a state alone": {
    input: w.inputs({ text: [5, 3], other: [4, 3] }),
    layers: () => [
      gru(3, { finalState: "h", returnSequences: true }),
      w.globalAvgPool1d({ name: "mean" }),
      w.from("other", gru(3, { initialState: "h" })),
      w.add([[], w.from("mean")]),
    ],
  },
  "shared towers": {
    input: w.inputs({ one: 6, other: 6 }),
    layers: () => {
      const tower = w.shared(w.chain(w.dense(8), w.tanh(), w.batchNorm(), w.prelu(), w.dense(4)));
      return [w.dot([w.from("one", tower), w.from("other", tower)], { normalize: true })];
    },
  },
  "shared, both ways": {
    input: w.inputs({ one: [4, 3], other: [4, 3] }),
    layers: () => {
      const tower = w.shared(w.bidirectional(w.lstm(3)));
      return [w.concat([w.from("one", tower), w.from("other", tower)]), w.dense(2)];
    },
  },
  "frozen, penalties, constraints": {
    input: 5,
    layers: () => [
      w.frozen(w.dense(4, { kernelInitializer: w.heNormal() })),
      w.dense(4, {
        kernelRegularizer: w.l2(0.01),
        biasRegularizer: w.l1(0.1),
        kernelConstraint: w.maxNorm(3),
        biasConstraint: w.nonNeg(),
      }),
      w.dense(2, {
        kernelConstraint: w.unitNorm(),
        kernelInitializer: w.orthogonal(),
        biasInitializer: w.constant(0.5),
      }),
    ],
  },
  "a residual network": {
    input: [9, 9, 3],
    layers: () => [
      w.conv2d(4, { kernelSize: 7, strides: 2, padding: [3, 3, 3, 3], useBias: false }),
      w.batchNorm(),
      w.relu(),
      w.maxPool2d(3, { strides: 2, padding: [1, 1, 1, 1] }),
      w.residual(
        w.conv2d(4, { kernelSize: 3, padding: "same" }),
        w.batchNorm(),
        w.relu(),
        w.conv2d(4, { kernelSize: 3, padding: "same" }),
      ),
      w.globalAvgPool2d(),
      w.dense(3),
    ],
  },
  "an autoencoder": {
    input: [8, 8, 1],
    layers: () => [
      w.conv2d(4, { kernelSize: 3, strides: 2, padding: [1, 1, 1, 1] }),
      w.relu(),
      w.conv2dTranspose(1, { kernelSize: 3, strides: 2, padding: [1, 1, 1, 1], outputPadding: 1 }),
      w.sigmoid(),
    ],
  },
  "weights of more than 4 MB": { input: 1100, layers: () => [w.dense(1000), w.relu(), w.dense(3)] },
  "no layer that computes": { input: [2, 3], layers: () => [w.identity()] },
};
