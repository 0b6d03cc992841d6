import * as w from "../../../src/index.ts";
import type { Spec } from "./spec.ts";

const on = (input: number | w.Shape, says: string | undefined, ...make: (() => w.Layer)[]): Spec => ({
  ...(says === undefined ? {} : { says }),
  input,
  layers: () => make.map((each) => each()),
});

/** Layers on rows of any shape. */
export const VALUES: Readonly<Record<string, readonly Spec[]>> = {
  activityPenalty: [
    on(
      4,
      undefined,
      () => w.activityPenalty({ l1: 0.1 }),
      () => w.dense(2),
    ),
  ],
  batchNorm: [
    on(4, undefined, () => w.batchNorm()),
    on([3, 4], "steps", () => w.batchNorm({ epsilon: 0.1 })),
    on(
      [5, 4, 2],
      "behind a convolution",
      () => w.conv2d(3, { kernelSize: 2, useBias: false }),
      () => w.batchNorm(),
      () => w.relu(),
    ),
  ],
  dense: [
    on(5, undefined, () => w.dense(3)),
    on(5, "no bias", () => w.dense(6, { useBias: false })),
    on([4, 3], "steps", () => w.dense(2)),
    on([2, 4, 3], "image", () => w.dense(2, { useBias: false })),
    on(
      4,
      "several",
      () => w.dense(5),
      () => w.relu(),
      () => w.dense(2),
      () => w.softmax(),
    ),
  ],
  dropout: [
    on(
      4,
      undefined,
      () => w.dropout(0.4),
      () => w.dense(2),
    ),
    on(4, "alone", () => w.dropout(0.4)),
  ],
  embedding: [
    { input: 5, whole: [0, 8], layers: () => [w.embedding({ vocabulary: 9, width: 2 })] },
    {
      says: "a mean",
      input: 5,
      whole: [0, 8],
      layers: () => [w.embedding({ vocabulary: 9, width: 4 }), w.globalAvgPool1d(), w.dense(2)],
    },
    {
      says: "one of several inputs, twice",
      input: { words: 4, number: 2 },
      whole: { words: [0, 6] },
      layers: () => [
        w.concat([
          [w.embedding(7, 3), w.flatten()],
          [w.from("words", w.embedding(7, 2), w.flatten())],
          w.from("number"),
          w.from("words", w.flatten()),
        ]),
        w.dense(2),
      ],
    },
  ],
  flatten: [
    on([2, 3, 2], undefined, () => w.flatten()),
    on(
      4,
      "flat already",
      () => w.flatten(),
      () => w.dense(2),
    ),
  ],
  gaussianNoise: [
    on(
      4,
      undefined,
      () => w.gaussianNoise(0.3),
      () => w.dense(2),
    ),
  ],
  groupNorm: [
    on([2, 2, 3, 4], "four axes", () => w.groupNorm(2)),
    on([3, 4], undefined, () => w.groupNorm(2)),
    on([4, 3, 6], "image", () => w.groupNorm(3, { epsilon: 0.1 })),
    on(6, "a vector", () => w.groupNorm(2)),
    on(
      [4, 3, 4],
      "one group",
      () => w.conv2d(4, { kernelSize: 2 }),
      () => w.groupNorm(1),
    ),
  ],
  identity: [
    on(3, undefined, () => w.identity()),
    on(
      [2, 3],
      "between",
      () => w.identity(),
      () => w.dense(2),
    ),
  ],
  instanceNorm: [
    on([2, 2, 3, 2], "four axes", () => w.instanceNorm()),
    on([6, 5], undefined, () => w.instanceNorm()),
    on(
      [4, 3, 2],
      "image",
      () => w.conv2d(3, { kernelSize: 2 }),
      () => w.instanceNorm({ epsilon: 0.1 }),
    ),
  ],
  layerNorm: [
    on(5, undefined, () => w.layerNorm()),
    on([3, 4], "steps", () => w.layerNorm({ epsilon: 0.1 })),
    on(
      [4, 4, 2],
      "image",
      () => w.conv2d(4, { kernelSize: 2 }),
      () => w.layerNorm(),
    ),
  ],
  max: [
    on(5, undefined, () => w.max()),
    on([3, 4], "axis", () => w.max({ axis: 0 })),
    on([3, 4, 2], "kept", () => w.max({ axis: 1, keepAxis: true })),
  ],
  mean: [
    on(5, undefined, () => w.mean()),
    on([3, 4], "axis", () => w.mean({ axis: 0 })),
    on(
      [3, 4, 2],
      "kept",
      () => w.conv2d(3, { kernelSize: 2 }),
      () => w.mean({ axis: -1, keepAxis: true }),
    ),
  ],
  pad: [
    on([4, 3, 2], undefined, () => w.pad({ before: [1, 0], after: [0, 2], value: 0.5 })),
    on([4, 3], "reflect", () => w.pad({ before: 1, after: [1, 1], mode: "reflect" })),
    on([4, 3, 2], "edge, cut", () => w.pad({ before: [-1, 2], after: [3, 0, 1], mode: "edge" })),
    on([4, 3], "wrap", () => w.pad({ before: [3, 0], after: [2, 1], mode: "wrap" })),
    on([4, 3], "wrap, cut", () => w.pad({ before: [-1, 2], after: [2, -1], mode: "wrap" })),
    on([5, 3], "reflect, cut", () => w.pad({ before: -1, after: 3, mode: "reflect" })),
    on(5, "a vector, cut", () => w.pad({ before: -2, after: -1 })),
  ],
  permute: [
    on(
      [3, 4],
      undefined,
      () => w.permute([1, 0]),
      () => w.dense(2),
    ),
    on([2, 3, 4], "image", () => w.permute([2, 0, 1])),
    on(
      [4, 5, 2],
      "behind a convolution",
      () => w.conv2d(3, { kernelSize: 2 }),
      () => w.permute([1, 0, 2]),
      () => w.conv2d(2, { kernelSize: 2 }),
    ),
  ],
  pick: [
    on([4, 3], undefined, () => w.pick({ index: -1 })),
    on([4, 3, 2], "axis", () => w.pick({ index: 1, axis: 1 })),
    on(5, "a vector", () => w.pick({ index: 2 })),
    {
      says: "lastValid",
      input: { x: [4, 3], lengths: 1 },
      whole: { lengths: [1, 4] },
      layers: () => [w.pick({ index: "lastValid", lengths: "lengths" })],
    },
    {
      says: "lastValid, axis",
      input: { x: [2, 4, 3], lengths: 1 },
      whole: { lengths: [1, 4] },
      layers: () => [w.pick({ index: "lastValid", lengths: "lengths", axis: 1 })],
    },
  ],
  prelu: [
    on(4, undefined, () => w.prelu()),
    on([3, 4], "steps", () => w.prelu()),
    on(
      [4, 4, 2],
      "image",
      () => w.conv2d(3, { kernelSize: 2 }),
      () => w.prelu(),
    ),
  ],
  rbf: [
    on(2, undefined, () =>
      w.rbf({
        centres: [
          [0, 0],
          [0, 1],
          [1, 0.5],
        ],
        gamma: 0.7,
      }),
    ),
    on([3, 2], "steps", () =>
      w.rbf({
        centres: [
          [0, 0.5],
          [-1, 1],
        ],
        gamma: 0.2,
      }),
    ),
  ],
  reshape: [
    on(
      12,
      undefined,
      () => w.reshape([2, 3, 2]),
      () => w.conv2d(2, { kernelSize: 2 }),
    ),
    on(
      [4, 3, 2],
      "behind a convolution",
      () => w.conv2d(4, { kernelSize: 2 }),
      () => w.reshape([6, 4]),
      () => w.dense(3),
    ),
  ],
  rmsNorm: [
    on(5, undefined, () => w.rmsNorm()),
    on([3, 4], "steps", () => w.rmsNorm({ epsilon: 0.1 })),
    on(
      [4, 4, 2],
      "image",
      () => w.conv2d(4, { kernelSize: 2 }),
      () => w.rmsNorm(),
    ),
  ],
  slice: [
    on([4, 6], undefined, () => w.slice({ axis: -1, from: 1, to: 3 })),
    on([4, 3, 2], "negative", () => w.slice({ from: -3, to: -1 })),
    on(
      [4, 4, 2],
      "behind a convolution",
      () => w.conv2d(4, { kernelSize: 2 }),
      () => w.slice({ axis: 2, from: 1 }),
    ),
  ],
  sum: [
    on(5, undefined, () => w.sum()),
    on([3, 4], "axis", () => w.sum({ axis: 0 })),
    on([3, 4, 2], "kept", () => w.sum({ axis: 1, keepAxis: true })),
  ],
  tiedDense: [
    on(
      4,
      undefined,
      () => w.dense(3, { name: "to" }),
      () => w.tanh(),
      () => w.tiedDense({ to: "to" }),
    ),
    {
      says: "a table, no bias",
      input: 4,
      whole: [0, 8],
      layers: () => [w.embedding(9, 3, { name: "words" }), w.dense(3), w.tiedDense({ to: "words", useBias: false })],
    },
  ],
};
