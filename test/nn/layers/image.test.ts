// Layers on images, and those that change shapes alone: what they refuse, their binary, and a network that has them.
import { describe, expect, test } from "vitest";
import { modelFromBytes, modelToBytes } from "../../../src/files.ts";
import * as w from "../../../src/index.ts";
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
      [
        wrong(w[name], 2, { padding: "full" }),
        RangeError,
        `${name}: padding must be one of valid, same, got "full"; cells at each side are [top, bottom, left, right]`,
      ],
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
    ...([[], [1, 2], [0, 0]] as const).map((order): Refusal => [
      wrong(w.permute, order),
      RangeError,
      `permute: order must have each axis from 0 once, such as [1, 0], got [${order.join(", ")}]`,
    ]),
    [wrong(w.permute, 1), TypeError, "permute: order must be an array of axes, got number 1"],
    [
      on([3, 2], w.pad({ before: [1, 1, 1] })),
      RangeError,
      "pad (layer 1): before must have at most a number for each axis, got 3 of them and the input 3x2",
    ],
    [
      on([3], w.pad({ after: [0, 2] })),
      RangeError,
      "pad (layer 1): after must have at most a number for each axis, got 2 of them and the input 3",
    ],
    ...[
      [-3, 1],
      [1, -3],
      [-2, -1],
    ].map(([before, after]): Refusal => [
      on([3, 2], w.pad({ before: before!, after: after! })),
      RangeError,
      `pad (layer 1): something must be left of each axis, but axis 0 has 3, before is ${before}, after ${after}`,
    ]),
    [
      on([4, 2], w.pad({ before: [0, 2], mode: "reflect" })),
      RangeError,
      'pad (layer 1): mode "reflect" has at most 1 number for each side, but axis 1 has 2, before is 2, after 0; mode "edge" takes any',
    ],
    [
      on([4, 2], w.pad({ after: 5, mode: "wrap" })),
      RangeError,
      'pad (layer 1): mode "wrap" has at most 4 numbers for each side, but axis 0 has 4, before is 0, after 5; mode "edge" takes any',
    ],
    [
      wrong(w.pad, { mode: "edge", value: 1 }),
      RangeError,
      'pad: value belongs to mode "constant", got value 1 and mode "edge"; leave it out',
    ],
    [
      wrong(w.pad, { before: "1" }),
      TypeError,
      'pad: before must be a number, or one for each axis, got the string "1"',
    ],
    [
      wrong(w.pad, { after: [0.5] }),
      RangeError,
      "pad: after[0] must be a whole number of cells, at most 1073741824, negative to cut them off, got 0.5",
    ],
    [
      wrong(w.pad, { mode: "symmetric" }),
      RangeError,
      'pad: mode must be one of constant, reflect, edge, wrap, got "symmetric"',
    ],
    [wrong(w.pad, { value: Infinity }), RangeError, "pad: value must be a finite number, got Infinity"],
    [wrong(w.upsample2d, [2, 0]), RangeError, "upsample2d: factor[1] must be a whole number of 1 or more, got 0"],
    [wrong(w.upsample2d, [2]), RangeError, "upsample2d: factor must be a number or two, got an array of 1"],
    [
      wrong(w.upsample2d, 2, { size: [3, 3] }),
      RangeError,
      "upsample2d: factor and size can't both be given; leave one out",
    ],
    [
      wrong(w.upsample2d, { interpolation: "cubic" }),
      RangeError,
      'upsample2d: interpolation must be one of nearest, bilinear, got "cubic"',
    ],
    [
      wrong(w.upsample2d, 2, { interpolation: "bilinear", coordinates: "corners" }),
      RangeError,
      'upsample2d: coordinates must be one of halfPixel, alignCorners, asymmetric, got "corners"',
    ],
    [
      wrong(w.upsample2d, 2, { coordinates: "alignCorners" }),
      RangeError,
      'upsample2d: coordinates belong to interpolation "bilinear", got interpolation "nearest"; leave one out',
    ],
    [wrong(w.upsample2d, 1.5), RangeError, "upsample2d: factor must be a whole number of 1 or more, got 1.5"],
  ]));

describe("padding and windows that can't be used", () =>
  refuses([
    [
      wrong(w.maxPool2d, 2, { padding: 1 }),
      RangeError,
      "maxPool2d: padding must be one of valid, same, or [top, bottom, left, right], got 1; did you mean [1, 1, 1, 1]?",
    ],
    [
      wrong(w.avgPool2d, 2, { padding: [1, 2] }),
      RangeError,
      "avgPool2d: padding must be one of valid, same, or [top, bottom, left, right], got an array of 2; did you mean [1, 1, 2, 2]?",
    ],
    [
      wrong(w.maxPool1d, 2, { padding: [1, 1, 0, 0] }),
      RangeError,
      "maxPool1d: padding must be one of valid, same, causal, or [before, after], got an array of 4",
    ],
    [
      wrong(w.avgPool1d, 2, { padding: 2 }),
      RangeError,
      "avgPool1d: padding must be one of valid, same, causal, or [before, after], got 2; did you mean [2, 2]?",
    ],
    [
      wrong(w.avgPool1d, 2, { padding: [0, -1] }),
      RangeError,
      "avgPool1d: padding[1] must be a whole number of 0 or more, got -1",
    ],
    [
      wrong(w.maxPool1d, 2, { padding: "full" }),
      RangeError,
      'maxPool1d: padding must be one of valid, same, causal, got "full"; cells at each side are [before, after]',
    ],
    [
      wrong(w.maxPool2d, 2, { padding: "causal" }),
      RangeError,
      'maxPool2d: padding "causal" is for sequences, where all of it comes before them; for an image give [top, bottom, left, right]',
    ],
    [wrong(w.maxPool1d, [2, 2]), TypeError, "maxPool1d: size must be a whole number of 1 or more, got an array of 2"],
    [
      wrong(w.maxPool2d, 2, { dilation: 0 }),
      RangeError,
      "maxPool2d: dilation must be a whole number of 1 or more, got 0",
    ],
    [wrong(w.maxPool2d, 2, { ceilMode: 1 }), TypeError, "maxPool2d: ceilMode must be true or false, got number 1"],
    [
      wrong(w.avgPool2d, 2, { count_include_pad: true }),
      TypeError,
      'avgPool2d: unknown option "count_include_pad"; did you mean "countPadding"? Known: size, strides, padding, dilation, ceilMode, countPadding, name',
    ],
    [
      on([4, 4, 1], w.maxPool2d(2, { padding: [2, 0, 0, 0] })),
      RangeError,
      "maxPool2d (layer 1): no window may have padding alone, but that of row 0 of the output does; use less padding",
    ],
    [
      on([4, 4, 1], w.avgPool2d(2, { padding: [0, 0, 0, 2], countPadding: true })),
      RangeError,
      "avgPool2d (layer 1): no window may have padding alone, but that of column 2 of the output does; use less padding",
    ],
    [
      on([1, 1], w.maxPool1d(2, { dilation: 2, padding: "same" })), // the gap is over the only step
      RangeError,
      "maxPool1d (layer 1): no window may have padding alone, but that of step 0 of the output does; use less padding",
    ],
    [
      on([2, 3], w.avgPool1d(2, { dilation: 4, strides: 3, padding: [4, 6] })), // the second window is around both steps
      RangeError,
      "avgPool1d (layer 1): no window may have padding alone, but that of step 1 of the output does; use less padding",
    ],
    [
      on([2, 3], w.avgPool1d(5, { padding: [1, 1] })),
      RangeError,
      'avgPool1d (layer 1): the window must fit into the sequence, but it spans 5 steps and the sequence has 2, with padding 4; use padding "same" or a smaller one',
    ],
    [
      on([2, 3, 1], w.maxPool2d(2, { dilation: 4, padding: [1, 0, 1, 1] })),
      RangeError,
      'maxPool2d (layer 1): the window must fit into the image, but it is 5x5 and the image 2x3, with padding 3x5; use padding "same" or a smaller one',
    ],
    [
      on([4], w.globalMaxPool1d()),
      RangeError,
      "globalMaxPool1d (layer 1): the input must be a sequence, [steps, channels], got 4",
    ],
    [
      on([4, 4], w.globalMaxPool2d()),
      RangeError,
      "globalMaxPool2d (layer 1): the input must be an image, [height, width, channels], got 4x4; reshape([28, 28, 1]) makes one",
    ],
  ]));

test("a file has the options that aren't the usual ones, and gives them back", async () => {
  expect(JSON.stringify(w.maxPool2d(2).options)).toBe('{"size":[2,2],"strides":[2,2],"padding":"valid"}');
  expect(
    JSON.stringify(w.avgPool1d(3, { padding: [1, 2], dilation: 2, ceilMode: true, countPadding: true }).options),
  ).toBe('{"size":3,"strides":3,"padding":[1,2],"dilation":2,"ceilMode":true,"countPadding":true}');
  const padding: [number, number] = [2, 0];
  const layer = w.avgPool1d(3, { strides: 2, padding, countPadding: true, ceilMode: true });
  padding[0] = 9;
  const model = await w.sequential(
    { input: [6, 6, 2], seed: 1 },
    w.maxPool2d(2, { strides: 1, dilation: [2, 1], padding: [1, 0, 0, 1], ceilMode: true }),
    w.reshape([30, 2]),
    layer,
    w.maxPool1d(2, { padding: "causal" }),
    w.globalMaxPool1d(),
    w.dense(2),
  );
  const copy = await modelFromBytes(modelToBytes(model));
  const x = normal(3 * 72, { seed: 2 });
  expect(copy.outputShape).toEqual([2]);
  expect(copy.predict(x)).toEqual(model.predict(x));
});

test("what PyTorch's AvgPool2d(3, 2, padding=1, ceil_mode=True) gives, its padding counted or not", async () => {
  const x = Array.from({ length: 16 }, (_, i) => i + 1);
  const means = async (countPadding: boolean) => {
    const pool = w.avgPool2d(3, { strides: 2, padding: [1, 1, 1, 1], ceilMode: true, countPadding });
    return [...(await w.sequential({ input: [4, 4, 1] }, pool)).predict(x)];
  };
  const sums = [14, 30, 12, 57, 99, 36, 27, 45, 16];
  const cells = [4, 6, 2, 6, 9, 3, 2, 3, 1];
  const places = [9, 9, 6, 9, 9, 6, 6, 6, 4]; // beyond the padding nothing counts
  for (const [counts, counted] of [
    [cells, false],
    [places, true],
  ] as const) {
    const rounded = (await means(counted)).map((mean, i) => Math.round(1e4 * mean * counts[i]!) / 1e4);
    expect(rounded, `counted: ${counted}`).toEqual(sums);
  }
});

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

describe("layers that change shapes", () => {
  const layers = (): w.Layer[] => [
    w.reshape([2, 3, 2, 2, 2]),
    w.permute([0, 2, 1, 3, 4]), // [2, 2, 3, 2, 2], a pixel shuffle
    w.reshape([4, 6, 2]),
    w.pad({ before: [1, 2], after: [2], mode: "reflect" }),
    w.pad({ before: [0, -1], after: [1], value: -0.5 }),
    w.upsample2d({ size: [5, 9], interpolation: "bilinear", coordinates: "alignCorners" }),
    w.upsample2d([2, 1], { interpolation: "bilinear" }),
    w.flatten(),
    w.dense(2),
  ];

  test("saved and loaded, they give equal bits", async () => {
    const model = await w.sequential({ input: 48, seed: 1 }, ...layers());
    const copy = await modelFromBytes(modelToBytes(model));
    const x = normal(3 * 48, { seed: 2 });
    expect(String(copy.summary())).toBe(String(model.summary()));
    expect(copy.predict(x)).toEqual(model.predict(x));
  });

  // see: PyTorch 2.5, torch.nn.Upsample, and ONNX, test_resize_upsample_scales_linear
  test.each([
    ["halfPixel", [1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4]],
    ["alignCorners", [3, 4, 5, 6, 5, 6, 7, 8, 7, 8, 9, 10, 9, 10, 11, 12].map((n) => n / 3)],
    ["asymmetric", [1, 1.5, 2, 2, 2, 2.5, 3, 3, 3, 3.5, 4, 4, 3, 3.5, 4, 4]],
  ] as const)("bilinear, %s, of [[1, 2], [3, 4]]", async (coordinates, expected) => {
    const layer = w.upsample2d(2, { interpolation: "bilinear", coordinates });
    const model = await w.sequential({ input: [2, 2, 1] }, layer);
    Array.from(model.predict([1, 2, 3, 4]), (y, i) => expect(y).toBeCloseTo(expected[i]!, 6));
  });

  test("pad's modes of [1, 2, 3]", async () => {
    const of = async (options: Parameters<typeof w.pad>[0]): Promise<number[]> =>
      Array.from((await w.sequential({ input: 3 }, w.pad({ before: 2, after: 2, ...options }))).predict([1, 2, 3]));
    expect(await of({ value: 9 })).toEqual([9, 9, 1, 2, 3, 9, 9]);
    expect(await of({ mode: "reflect" })).toEqual([3, 2, 1, 2, 3, 2, 1]);
    expect(await of({ mode: "edge" })).toEqual([1, 1, 1, 2, 3, 3, 3]);
    expect(await of({ mode: "wrap" })).toEqual([2, 3, 1, 2, 3, 1, 2]);
    expect(await of({ before: -1 })).toEqual([2, 3, 0, 0]);
  });
});
