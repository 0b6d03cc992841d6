import * as w from "../../../src/index.ts";
import type { Spec } from "./spec.ts";

const on = (input: Spec["input"], says: string | undefined, ...make: (() => w.Layer)[]): Spec => ({
  ...(says === undefined ? {} : { says }),
  input,
  layers: () => make.map((each) => each()),
});

const ends = w.outputs({
  digit: { shape: 3, loss: w.softmaxCrossEntropy() },
  boxes: { shape: [2, 2], loss: w.meanSquaredError() },
});

/** A small model whose parts others have. */
const parent = (): Promise<w.Model> =>
  w.sequential(
    { input: [5, 4, 2], seed: 3 },
    w.conv2d(3, { kernelSize: 2, biasInitializer: w.uniform() }),
    w.relu({ name: "features" }),
    w.flatten(),
    w.dense(4, { name: "code", biasInitializer: w.uniform() }),
  );

/** What makes a graph of layers. */
export const COMPOSITES: Readonly<Record<string, readonly Spec[]>> = {
  add: [
    on(4, undefined, () => w.add([w.dense(3), [w.dense(3), w.tanh()], w.dense(3)])),
    on([5, 4, 2], "images", () =>
      w.add([w.conv2d(3, { kernelSize: 3, padding: "same" }), w.conv2d(3, { kernelSize: 1 })]),
    ),
  ],
  average: [on([3, 4], undefined, () => w.average([w.dense(4), [], w.dense(1)]))],
  chain: [
    on(
      4,
      undefined,
      () => w.chain(w.dense(3), w.relu()),
      () => w.chain(w.dense(2)),
    ),
  ],
  concat: [
    on(
      4,
      undefined,
      () => w.concat([w.dense(3), [w.dense(2), w.tanh()], []]),
      () => w.dense(2),
    ),
    on([5, 4, 2], "images", () =>
      w.concat([w.conv2d(3, { kernelSize: 3, padding: "same" }), w.maxPool2d(3, { strides: 1, padding: "same" }), []]),
    ),
    on([5, 4, 2], "rows of images", () => w.concat([[], w.conv2d(2, { kernelSize: [2, 1] })], { axis: 0 })),
    on([3, 4], "steps", () => w.concat([[], w.dense(4)], { axis: 0 })),
  ],
  cut: [
    {
      input: [5, 4, 2],
      layers: async () => [w.cut(await parent(), "features"), w.globalAvgPool2d(), w.dense(2)],
    },
    { says: "from", input: [4, 3, 3], layers: async () => [w.cut(await parent(), "code", { from: "features" })] },
  ],
  divide: [on(4, undefined, () => w.divide([w.dense(3), [w.dense(3), w.softplus()]]))],
  dot: [
    on(4, undefined, () => w.dot([w.dense(3), w.dense(3)])),
    on([3, 4], "normalize", () => w.dot([w.dense(3), w.dense(3)], { normalize: true })),
    on([3, 4], "one repeated", () => w.dot([w.dense(3), [w.mean({ axis: 0 }), w.dense(3)]])),
  ],
  from: [
    on(
      { image: [4, 4, 1], price: 2 },
      undefined,
      () => w.concat([[w.conv2d(2, { kernelSize: 2 }), w.flatten(), w.dense(3)], w.from("price")]),
      () => w.dense(2, { name: "end" }),
      () => w.from("price", w.dense(2)),
      () => w.add([[], w.from("end")]),
    ),
  ],
  frozen: [
    {
      input: 4,
      layers: () => [w.frozen(w.dense(3)), w.relu(), w.dense(2)],
    },
  ],
  matmul: [
    on([3, 4], undefined, () => w.matmul([w.dense(3), w.dense(3)])),
    on([3, 4], "transposed", () => w.matmul([w.dense(3), w.dense(3)], { transposeB: true })),
    on([3, 4], "the other transposed", () => w.matmul([w.dense(2), w.dense(5)], { transposeA: true })),
    on([2, 3, 4], "repeated", () => w.matmul([w.dense(3), [w.mean({ axis: 0 }), w.dense(3)]], { transposeB: true })),
  ],
  maximum: [on([2, 4], undefined, () => w.maximum([w.dense(3), w.dense(3), w.dense(1)]))],
  modelLayer: [
    {
      input: { left: [5, 4, 2], right: [5, 4, 2] },
      layers: async () => {
        const both = w.modelLayer(await parent(), { share: false });
        return [w.subtract([w.from("left", both), w.from("right", both)]), w.dense(1)];
      },
    },
  ],
  multiply: [
    on(4, undefined, () => w.multiply([[], []])),
    on([3, 4], "one repeated", () =>
      w.multiply([w.dense(3), [w.dense(1), w.tanh()], [w.mean({ axis: 0, keepAxis: true }), w.dense(3)]]),
    ),
    on([5, 4, 2], "an image and its channels", () =>
      w.chain(
        w.conv2d(3, { kernelSize: 2 }),
        w.multiply([[], [w.globalAvgPool2d(), w.dense(3), w.sigmoid(), w.reshape([1, 1, 3])]]),
        w.conv2d(2, { kernelSize: 2 }),
      ),
    ),
  ],
  outputs: [
    on(
      6,
      undefined,
      () => w.dense(5),
      () => w.relu(),
      () => ends.layer({ digit: w.dense(3), boxes: [w.dense(4), w.reshape([2, 2])] }),
    ),
    on({ image: [4, 4, 1], words: [3, 2] }, "of several inputs", () =>
      ends.layer({
        digit: [w.flatten(), w.dense(3)],
        boxes: w.from("words", w.gru(4), w.reshape([2, 2])),
      }),
    ),
  ],
  residual: [
    on(
      4,
      undefined,
      () => w.residual(w.dense(4), w.relu(), w.dense(4)),
      () => w.relu(),
      () => w.dense(2),
    ),
    on(
      [6, 5, 2],
      "images",
      () => w.conv2d(4, { kernelSize: 3, padding: "same", useBias: false }),
      () => w.batchNorm(),
      () => w.relu(),
      () => w.residual(w.conv2d(4, { kernelSize: 3, padding: "same" }), w.batchNorm(), w.relu()),
      () => w.maxPool2d(3, { strides: 2, padding: [1, 1, 1, 1] }),
      () => w.globalAvgPool2d(),
      () => w.dense(3),
    ),
    on([4, 6], "a transformer's block", () =>
      w.chain(
        w.residual(w.layerNorm(), w.selfAttention({ heads: 2, causal: true })),
        w.residual(w.layerNorm(), w.dense(8), w.gelu(), w.dense(6)),
      ),
    ),
  ],
  shared: [
    {
      input: 3,
      layers: () => {
        const step = w.shared(w.dense(3));
        return [step, w.tanh(), step, w.tanh(), w.dense(1)];
      },
    },
    {
      says: "towers",
      input: { one: [4, 4, 1], other: [4, 4, 1] },
      layers: () => {
        const tower = w.shared(w.chain(w.conv2d(2, { kernelSize: 2 }), w.relu(), w.flatten(), w.dense(3)));
        return [w.dot([w.from("one", tower), w.from("other", tower)], { normalize: true })];
      },
    },
  ],
  subtract: [on([3, 4], undefined, () => w.subtract([[], w.mean({ axis: 0 })]))],
};
