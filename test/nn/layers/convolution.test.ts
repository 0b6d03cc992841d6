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
        `${name}: padding must be one of valid, same, got "full"; cells at each side are [top, bottom, left, right]`,
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
      wrong(w.conv2d, 4, { kernelSize: 3, padding: 1 }),
      RangeError,
      "conv2d: padding must be one of valid, same, or [top, bottom, left, right], got 1; did you mean [1, 1, 1, 1]?",
    ],
    [
      wrong(w.depthwiseConv2d, 3, { padding: [1, 1, 0.5, 1] }),
      RangeError,
      "depthwiseConv2d: padding[2] must be a whole number of 0 or more, got 0.5",
    ],
    [
      wrong(w.separableConv2d, 3, { kernelSize: 3, padding: "causal" }),
      RangeError,
      'separableConv2d: padding "causal" is for sequences, where all of it comes before them; for an image give [top, bottom, left, right]',
    ],
    [
      on([2, 2, 1], w.conv2d(1, { kernelSize: 5, padding: [1, 0, 1, 0] })),
      RangeError,
      'conv2d (layer 1): the window must fit into the image, but it is 5x5 and the image 2x2, with padding 3x3; use padding "same" or a smaller one',
    ],
    [
      on([2, 1], w.conv1d(1, { kernelSize: 5, padding: [1, 0] })),
      RangeError,
      'conv1d (layer 1): the window must fit into the sequence, but it spans 5 steps and the sequence has 2, with padding 3; use padding "same" or a smaller one',
    ],
    [
      wrong(w.conv2dTranspose, 4, { kernelSize: 3, groups: 3 }),
      RangeError,
      "conv2dTranspose: the filters must fall into equal groups, got 4 filters and groups 3",
    ],
    [
      on([5, 3], w.conv1dTranspose(4, { kernelSize: 3, groups: 2 })),
      RangeError,
      "conv1dTranspose (layer 1): the channels must fall into equal groups, got 3 channels and groups 2",
    ],
    [
      wrong(w.conv2dTranspose, 4, { kernelSize: 3, strides: 2, outputPadding: [0, 2] }),
      RangeError,
      "conv2dTranspose: outputPadding must be less than the stride or the dilation, 2, got 2",
    ],
    [
      wrong(w.conv1dTranspose, 4, { kernelSize: 3, strides: 2, outputPadding: 1, padding: "causal" }),
      RangeError,
      'conv1dTranspose: outputPadding goes with padding "valid" or in numbers, got "causal"',
    ],
    [
      on([2, 2, 1], w.conv2dTranspose(1, { kernelSize: 2, padding: [2, 1, 0, 0] })),
      RangeError,
      "conv2dTranspose (layer 1): something must be left of the output, but padding makes it 0x3; use less of it",
    ],
    [
      on([4], w.conv1dTranspose(2, { kernelSize: 3 })),
      RangeError,
      "conv1dTranspose (layer 1): the input must be a sequence, [time, channels], got 4",
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
      w.conv2dTranspose(2, {
        kernelSize: 2,
        dilation: 2,
        groups: 2,
        strides: [2, 1],
        padding: [1, 7, 1, 1],
        outputPadding: 1,
      }),
      w.relu(),
      w.reshape([90, 2]),
      w.conv1d(3, { kernelSize: 5, strides: 2, groups: 1 }),
      w.conv1d(3, { kernelSize: 2, dilation: 2, padding: "causal" }),
      w.conv1dTranspose(2, { kernelSize: 3, padding: [1, 1] }),
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

test("causal layers see nothing of what comes later", async () => {
  const layers = [
    w.conv1d(3, { kernelSize: 3, dilation: 2, padding: "causal" }),
    w.maxPool1d(2, { strides: 1, padding: "causal" }),
    w.avgPool1d(3, { strides: 1, padding: "causal" }),
    w.conv1dTranspose(3, { kernelSize: 3, strides: 2, padding: "causal" }),
  ];
  for (const layer of [...layers, w.chain(...layers)]) {
    const model = await w.sequential({ input: [8, 3], seed: 1 }, layer);
    const perStep = model.outputShape[0]! / 8;
    expect(Number.isInteger(perStep)).toBe(true);
    const x = normal(24, { seed: 2 });
    const before = model.predict(x);
    const after = model.predict(x.map((v, i) => (i < 15 ? v : v + 1))); // from the sixth step on
    const same = 3 * 5 * perStep;
    expect(after.slice(0, same)).toEqual(before.slice(0, same));
    for (let c = same; c < same + 3; c++) expect(after[c], layer.type).not.toBe(before[c]);
  }
});

test("padding by numbers is zeroPad2d before the layer, and cropping after a transposed one", async () => {
  const x = normal(2 * 5 * 6 * 2, { seed: 3 });
  const same = async (one: readonly w.Layer[], two: readonly w.Layer[]): Promise<void> => {
    const [a, b] = await Promise.all([one, two].map((all) => w.sequential({ input: [5, 6, 2], seed: 1 }, ...all)));
    expect(b!.outputShape).toEqual(a!.outputShape);
    expect(b!.predict(x)).toEqual(a!.predict(x));
  };
  const padding = [1, 3, 0, 2] as const;
  const common = { kernelSize: 3, strides: [2, 1], name: "c" } as const;
  await same([w.conv2d(4, { ...common, padding })], [w.zeroPad2d(padding), w.conv2d(4, common)]);
  await same([w.depthwiseConv2d({ ...common, padding })], [w.zeroPad2d(padding), w.depthwiseConv2d(common)]);
  await same([w.separableConv2d(4, { ...common, padding })], [w.zeroPad2d(padding), w.separableConv2d(4, common)]);
  await same([w.conv2dTranspose(4, { ...common, padding })], [w.conv2dTranspose(4, common), w.crop2d(padding)]);
});
