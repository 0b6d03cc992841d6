// Layers on images, and those that change shapes alone: what they refuse, their binary, and a network that has them.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "wasmgrad/files";
import * as w from "wasmgrad";
import { normal } from "../../support/seeded.ts";
import { type Refusal, refuses } from "../../support/refusals.ts";

const wrong =
  (make: (...values: never[]) => unknown, ...values: unknown[]): (() => unknown) =>
  () =>
    (make as (...given: unknown[]) => unknown)(...values);
const on =
  (input: w.Shape, layer: w.Layer): (() => unknown) =>
  () =>
    w.sequential({ input }, layer);

describe("shapes that can't fit", () =>
  refuses([
    ...(["maxPool2d", "avgPool2d"] as const).flatMap((name): Refusal[] => [
      [
        on([28, 28], w[name](2)),
        RangeError,
        `${name} (layer 1): the input must be an image, [height, width, channels], got 28x28; reshape([28, 28, 1]) makes one`,
      ],
      [
        on([2, 5, 1], w[name](3)),
        RangeError,
        `${name} (layer 1): the window must fit into the image, but it is 3x3 and the image 2x5; use padding "same" or a smaller one`,
      ],
      [wrong(w[name], 0), RangeError, `${name}: size must be a whole number of 1 or more, got 0`],
      [wrong(w[name], [2, 0.5]), RangeError, `${name}: size[1] must be a whole number of 1 or more, got 0.5`],
      [wrong(w[name], [2]), RangeError, `${name}: size must be a number or two, got an array of 1`],
      [wrong(w[name], 2, { strides: "2" }), TypeError, `${name}: strides must be a whole number of 1 or more, got "2"`],
      [wrong(w[name], 2, { padding: "full" }), RangeError, `${name}: padding must be one of valid, same, got "full"`],
    ]),
    [
      on([4, 4], w.globalAvgPool2d()),
      RangeError,
      "globalAvgPool2d (layer 1): the input must be an image, [height, width, channels], got 4x4; reshape([28, 28, 1]) makes one",
    ],
    [
      on([4], w.globalAvgPool1d()),
      RangeError,
      "globalAvgPool1d (layer 1): the input must be a sequence, [steps, channels], got 4",
    ],
    [
      on([4, 3, 1], w.crop2d([0, 0, 2, 1])),
      RangeError,
      "crop2d (layer 1): something must be left of the image, but 4x3 loses 0 rows and 3 columns",
    ],
    ...(["zeroPad2d", "crop2d"] as const).flatMap((name): Refusal[] => [
      [wrong(w[name], -1), RangeError, `${name}: border must be a whole number of 0 or more, got -1`],
      [wrong(w[name], [1, 0, 0.5, 1]), RangeError, `${name}: border[2] must be a whole number of 0 or more, got 0.5`],
      [
        wrong(w[name], [1, 2]),
        TypeError,
        `${name}: border must be a number or [top, bottom, left, right], got an array of 2`,
      ],
    ]),
    [on([2, 3], w.repeatVector(2)), RangeError, "repeatVector (layer 1): the input must be a vector, [n], got 2x3"],
    [on([2, 3], w.permute([0, 2, 1])), RangeError, "permute (layer 1): the input must have 3 axes, got 2x3"],
    ...([[], [1, 2], [0, 0], [0, 1, 2, 3, 4]] as const).map((order): Refusal => [
      wrong(w.permute, order),
      RangeError,
      `permute: order must have each axis from 0 once, at most 4 of them, got [${order.join(", ")}]`,
    ]),
    [wrong(w.permute, 1), TypeError, "permute: order must be an array of axes, got number 1"],
    [wrong(w.upsample2d, 1.5), RangeError, "upsample2d: factor must be a whole number of 1 or more, got 1.5"],
  ]));

describe("a network with layers on images", () => {
  const layers = (): w.Layer[] => [
    w.dense(3),
    w.maxPool2d(2, { padding: "same" }),
    w.relu(),
    w.upsample2d(),
    w.avgPool2d([3, 2], { strides: 1 }),
    w.globalAvgPool2d(),
    w.dense(2),
  ];
  const x = normal(4 * 5 * 5 * 2, { seed: 1 });

  test("trains, by any batch size with the same prediction for a row", async () => {
    const model = await w.sequential({ input: [5, 5, 2], seed: 1 }, ...layers());
    const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam({ learningRate: 0.05 }) });
    const history = await trainer.fit({ x, y: [1, 0, 0, 1, 1, 1, 0, 0] }, { epochs: 60, batchSize: 3 });
    expect(history.loss.at(-1)!).toBeLessThan(history.loss[0]! / 2);
    expect(model.predict(x).slice(2, 4)).toEqual(model.predict(x.slice(50, 100)));
  });

  test("saved, loaded, predicted gives equal bits; models can share a memory", async () => {
    const model = await w.sequential({ input: [5, 5, 2], seed: 1 }, ...layers());
    const copy = await modelFromBytes(modelToBytes(model), { core: model.core });
    expect(copy.predict(x)).toEqual(model.predict(x));
    const plain = await w.sequential({ input: 2 }, w.dense(1)); // without the other binary
    const later = await w.sequential({ input: [4, 4, 1], core: plain.core }, w.maxPool2d());
    expect(later.predict(Array.from({ length: 16 }, (_, i) => i))).toEqual(Float32Array.of(5, 7, 13, 15));
  });
});
