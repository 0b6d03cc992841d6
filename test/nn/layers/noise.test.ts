// Layers that work while training alone: what they refuse, and a network that has them.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "../../../src/files.ts";
import * as w from "../../../src/index.ts";
import { type Refusal, refuses } from "../../support/refusals.ts";
import { normal } from "../../support/seeded.ts";

const on =
  (input: w.Shape, layer: w.Layer): (() => unknown) =>
  () =>
    w.sequential({ input }, layer);

describe("refused", () =>
  refuses([
    ...(["spatialDropout1d", "spatialDropout2d"] as const).flatMap((name) =>
      [-0.1, 1, NaN].map((rate): Refusal => [
        () => w[name](rate),
        RangeError,
        `${name}: rate must be from 0 up to but not including 1, got ${rate}`,
      ]),
    ),
    [
      on([8, 3], w.spatialDropout2d(0.5)),
      RangeError,
      "spatialDropout2d (layer 1): the input must be an image, [height, width, channels], got 8x3; reshape([28, 28, 1]) makes one",
    ],
    [
      on([8], w.spatialDropout1d(0.5)),
      RangeError,
      "spatialDropout1d (layer 1): the input must be a sequence, [steps, channels], got 8",
    ],
    ...[-1, NaN, Infinity].map((deviation): Refusal => [
      () => w.gaussianNoise(deviation),
      RangeError,
      `gaussianNoise: deviation must be 0 or more, got ${deviation}`,
    ]),
    [() => w.augment2d({ rotate: 181 }), RangeError, "augment2d: rotate must be from 0 to 180, got 181"],
    [() => w.augment2d({ shift: 1 }), RangeError, "augment2d: shift must be from 0 up to but not including 1, got 1"],
    [
      () => w.augment2d({ flip: "left" as never }),
      RangeError,
      'augment2d: flip must be one of none, horizontal, vertical, both, got "left"',
    ],
    [
      on([8, 3], w.augment2d()),
      RangeError,
      "augment2d (layer 1): the input must be an image, [height, width, channels], got 8x3; reshape([28, 28, 1]) makes one",
    ],
    [() => w.gaussianNoise("0.1" as never), TypeError, 'gaussianNoise: deviation must be 0 or more, got "0.1"'],
  ]));

test("outside training they pass their input through; a network with them learns, and survives a file", async () => {
  const model = await w.sequential(
    { input: [4, 4, 2], seed: 1 },
    w.gaussianNoise(0.2),
    w.dense(8),
    w.spatialDropout2d(0.2),
    w.relu(),
    w.reshape([16, 8]),
    w.spatialDropout1d(0.1),
    w.flatten(),
    w.dense(1),
  );
  const x = normal(64 * 32, { seed: 2 });
  expect(model.predict(x)).toEqual(model.predict(x));
  expect(model.forward(x)).not.toEqual(model.forward(x)); // another pass, other numbers
  const trainer = new w.Trainer(model, { loss: w.meanSquaredError(), optimizer: w.adam({ learningRate: 0.01 }) });
  const y = Float32Array.from({ length: 64 }, (_, i) => x[i * 32]! + x[i * 32 + 9]!);
  const before = (await trainer.evaluate({ x, y }))["loss"]!;
  await trainer.fit({ x, y }, { epochs: 30, batchSize: 16 });
  expect((await trainer.evaluate({ x, y }))["loss"]!).toBeLessThan(before / 4);
  expect((await modelFromBytes(modelToBytes(model))).predict(x)).toEqual(model.predict(x));
});
