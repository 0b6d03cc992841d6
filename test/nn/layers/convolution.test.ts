// Convolutions: what they refuse, and a network that has them.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "../../../src/files.ts";
import * as w from "../../../src/index.ts";
import { type Refusal, refuses } from "../../support/refusals.ts";
import { normal } from "../../support/seeded.ts";

const wrong =
  (make: (...values: never[]) => unknown, ...values: unknown[]): (() => unknown) =>
  () =>
    (make as (...given: unknown[]) => unknown)(...values);
const on =
  (input: w.Shape, layer: w.Layer): (() => unknown) =>
  () =>
    w.sequential({ input }, layer);

const FILTERED = ["conv2d", "conv2dTranspose", "separableConv2d"] as const;

describe("what can't be used", () =>
  refuses([
    ...FILTERED.flatMap((name): Refusal[] => [
      [wrong(w[name], 0, { kernelSize: 3 }), RangeError, `${name}: filters must be a whole number of 1 or more, got 0`],
      [wrong(w[name], 8), TypeError, `${name}: kernelSize must be a whole number of 1 or more, got undefined`],
      [
        wrong(w[name], 8, { kernelSize: [3, 0] }),
        RangeError,
        `${name}: kernelSize[1] must be a whole number of 1 or more, got 0`,
      ],
      [
        wrong(w[name], 8, { kernelSize: 3, strides: [1, 2, 3] }),
        RangeError,
        `${name}: strides must be a number or two, got an array of 3`,
      ],
      [
        wrong(w[name], 8, { kernelSize: 3, padding: "full" }),
        RangeError,
        `${name}: padding must be one of valid, same, got "full"`,
      ],
      [
        wrong(w[name], 8, { kernelSize: 3, trainable: 0 }),
        TypeError,
        `${name}: trainable must be true or false, got number 0`,
      ],
      [
        wrong(w[name], 8, { kernelSize: 3, biasInitializer: w.zeros }),
        TypeError,
        `${name}: biasInitializer must be an initializer such as heNormal(), got the function zeros; call it: zeros()`,
      ],
      [
        on([28, 28], w[name](8, { kernelSize: 3 })),
        RangeError,
        `${name} (layer 1): the input must be an image, [height, width, channels], got 28x28; reshape([28, 28, 1]) makes one`,
      ],
    ]),
    [
      on([2, 5, 1], w.conv2d(8, { kernelSize: 3 })),
      RangeError,
      'conv2d (layer 1): the window must fit into the image, but it is 3x3 and the image 2x5; use padding "same" or a smaller one',
    ],
    [
      on([4, 4, 1], w.depthwiseConv2d(3, { dilation: 2 })),
      RangeError,
      'depthwiseConv2d (layer 1): the window must fit into the image, but it is 5x5 and the image 4x4; use padding "same" or a smaller one',
    ],
    [
      wrong(w.conv2d, 5, { kernelSize: 3, groups: 2 }),
      RangeError,
      "conv2d: the filters must fall into equal groups, got 5 filters and groups 2",
    ],
    [
      on([5, 5, 3], w.conv2d(4, { kernelSize: 3, groups: 2 })),
      RangeError,
      "conv2d (layer 1): the channels must fall into equal groups, got 3 channels and groups 2",
    ],
    [
      wrong(w.conv2d, 4, { kernelSize: 3, groups: 0 }),
      RangeError,
      "conv2d: groups must be a whole number of 1 or more, got 0",
    ],
    [
      wrong(w.conv2dTranspose, 4, { kernelSize: 3, dilation: 2 }),
      TypeError,
      'conv2dTranspose: unknown option "dilation". Known: filters, kernelInitializer, kernelRegularizer, kernelConstraint, kernelSize, strides, padding, useBias, biasInitializer, biasRegularizer, biasConstraint, trainable, name',
    ],
    [
      wrong(w.depthwiseConv2d, 3, { depthMultiplier: 0 }),
      RangeError,
      "depthwiseConv2d: depthMultiplier must be a whole number of 1 or more, got 0",
    ],
    [
      on([4], w.conv1d(2, { kernelSize: 3 })),
      RangeError,
      "conv1d (layer 1): the input must be a sequence, [time, channels], got 4",
    ],
    [
      on([4, 1], w.conv1d(2, { kernelSize: 3, dilation: 2 })),
      RangeError,
      'conv1d (layer 1): the window must fit into the sequence, but it spans 5 steps and the sequence has 4; use padding "same" or a smaller one',
    ],
    [
      wrong(w.conv1d, 2, { kernelSize: [3, 3] }),
      TypeError,
      "conv1d: kernelSize must be a whole number of 1 or more, got an array of 2",
    ],
  ]));

test("a network of convolutions learns, and comes back from a file", async () => {
  const make = () =>
    w.sequential(
      { input: [8, 8, 1], seed: 1 },
      w.conv2d(4, { kernelSize: 3, padding: "same", kernelRegularizer: w.l2(1e-4) }),
      w.relu(),
      w.depthwiseConv2d(3, { strides: 2, padding: "same", depthMultiplier: 2 }),
      w.separableConv2d(6, { kernelSize: 3, dilation: 2, padding: "same", useBias: false }),
      w.conv2dTranspose(2, { kernelSize: 2, strides: 2 }),
      w.relu(),
      w.reshape([64, 2]),
      w.conv1d(3, { kernelSize: 5, strides: 2, groups: 1 }),
      w.flatten(),
      w.dense(2),
    );
  const model = await make();
  expect(model.outputShape).toEqual([2]);
  const x = normal(20 * 64, { seed: 2 });
  const y = Array.from({ length: 20 }, (_, i) => (x[i * 64 + 9]! > 0 ? 1 : 0));
  const trainer = new w.Trainer(model, { loss: w.softmaxCrossEntropy(), optimizer: w.adam({ learningRate: 0.01 }) });
  const history = await trainer.fit({ x, y }, { epochs: 60, batchSize: 8, progress: false });
  expect(history.loss.at(-1)!).toBeLessThan(0.1 * history.loss[0]!);
  const copy = await modelFromBytes(modelToBytes(model));
  expect(copy.predict(x)).toEqual(model.predict(x));
  // one row at a time, in a plan of another capacity
  const together = model.predict(x);
  for (let r = 0; r < 20; r++)
    expect(model.predict(x.subarray(r * 64, r * 64 + 64))).toEqual(together.slice(2 * r, 2 * r + 2));
});

describe("strides beyond the image", () => {
  const LAYERS: Readonly<Record<string, (strides: number) => w.Layer>> = {
    conv2d: (strides) => w.conv2d(4, { kernelSize: 3, strides, padding: "same" }),
    groups: (strides) => w.conv2d(4, { kernelSize: 2, dilation: 2, groups: 2, strides }),
    depthwiseConv2d: (strides) => w.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides }),
    separableConv2d: (strides) => w.separableConv2d(4, { kernelSize: 2, strides, padding: "same" }),
    conv1d: (strides) => w.chain(w.reshape([42, 4]), w.conv1d(4, { kernelSize: 3, strides })),
  };
  for (const [name, make] of Object.entries(LAYERS)) {
    test(`${name}: one output, with the bits and the memory of a stride of the image's size`, async () => {
      const passes = async (strides: number): Promise<{ values: number[]; used: number }> => {
        const model = await w.sequential({ input: [6, 7, 4], seed: 1 }, make(strides));
        for (const p of model.parameters()) p.set(normal(p.size, { seed: 2 }));
        const y = model.forward(normal(3 * 168, { seed: 3 }));
        const dx = model.backward(normal(y.length, { seed: 4 }));
        const gradients = model.parameters().flatMap((p) => [...p.gradient()]);
        return { values: [...y, ...dx, ...gradients], used: model.core.arena.used };
      };
      const expected = await passes(60);
      for (const strides of [61, 1000, 2 ** 16 + 1, 2 ** 30]) {
        const { values, used } = await passes(strides);
        expect(values, `strides ${strides}`).toEqual(expected.values);
        expect(used).toBe(expected.used);
      }
    });
  }
});
