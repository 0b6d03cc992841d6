import { describe, expect, test } from "vitest";
import { conv1d } from "../../../../src/nn/layers/conv1d.ts";
import { conv2d } from "../../../../src/nn/layers/conv2d.ts";
import { bench, convolution, convolutionTests, place } from "../../../support/convolutions.ts";

/** [input, filters, kernel, strides, padding, dilation, groups]: around 4 pixels, 4 weights, 8 channels, and the borders. */
const CASES = [
  [[1, 1, 1], 1, [1, 1], [1, 1], "valid", [1, 1], 1],
  [[5, 5, 1], 8, [3, 3], [1, 1], "valid", [1, 1], 1],
  [[6, 7, 3], 5, [3, 3], [1, 1], "same", [1, 1], 1],
  [[7, 6, 2], 9, [5, 5], [1, 1], "same", [1, 1], 1],
  [[4, 9, 4], 16, [1, 1], [1, 1], "valid", [1, 1], 1],
  [[2, 3, 5], 7, [5, 4], [1, 1], "same", [1, 1], 1],
  [[9, 8, 3], 17, [2, 3], [2, 3], "valid", [1, 1], 1],
  [[9, 8, 3], 20, [3, 3], [2, 2], "same", [1, 1], 1],
  [[11, 12, 3], 4, [5, 4], [3, 4], "same", [1, 1], 1],
  [[8, 9, 2], 3, [1, 2], [2, 3], "valid", [1, 1], 1],
  [[9, 10, 3], 6, [3, 3], [1, 1], "same", [2, 2], 1],
  [[9, 11, 2], 6, [3, 2], [2, 3], "same", [3, 2], 1],
  [[10, 11, 2], 6, [3, 2], [2, 2], "valid", [1, 2], 1],
  [[5, 6, 6], 4, [3, 3], [1, 1], "same", [1, 1], 2],
  [[6, 5, 9], 27, [3, 2], [2, 1], "same", [1, 1], 3],
  [[5, 7, 4], 4, [2, 2], [1, 1], "valid", [2, 1], 4],
  [[1, 260, 1], 18, [1, 3], [1, 1], "same", [1, 1], 1],
  [[3, 300, 2], 18, [3, 3], [1, 1], "same", [1, 1], 1],
] as const;

convolutionTests(
  "conv2d",
  CASES.map(([input, filters, kernelSize, strides, padding, dilation, groups], i) => {
    const layer = conv2d(filters, { kernelSize, strides, padding, dilation, groups, useBias: i % 4 !== 3 });
    const output = layer.outputShape(input, "test");
    return {
      layer,
      input,
      reference: convolution({ input, output, size: kernelSize, strides, padding, dilation }, groups),
    };
  }),
);

convolutionTests(
  "conv1d",
  (
    [
      [[5, 1], 1, 3, 1, "valid", 1, 1],
      [[9, 3], 8, 4, 1, "same", 1, 1],
      [[11, 4], 3, 5, 2, "same", 1, 1],
      [[12, 2], 6, 3, 1, "valid", 2, 1],
      [[7, 6], 4, 3, 3, "same", 1, 2],
    ] as const
  ).map(([input, filters, kernelSize, stride, padding, dilation, groups]) => {
    const layer = conv1d(filters, { kernelSize, strides: stride, padding, dilation, groups });
    const sums = { size: [1, kernelSize], strides: [1, stride], padding, dilation: [1, dilation] } as const;
    const images = { input: [1, ...input], output: [1, ...layer.outputShape(input, "test")] };
    return { layer, input, reference: convolution({ ...sums, ...images }, groups) };
  }),
);

describe("conv2d", () => {
  const layer = conv2d(10, { kernelSize: 3, padding: "same" });
  const input = [6, 7, 5];

  test("an image has the same bits alone and among others, and gradients add up image by image", () => {
    const all = place(layer, input, 3);
    all.run();
    const y = bench.bits(all.at.y, 3 * all.m);
    const dx = bench.bits(all.at.dx, 3 * all.n);
    const dw = bench.bits(all.gradients["kernel"]!, 450);
    const one = place(layer, input, 1, 3);
    for (let r = 0; r < 3; r++) {
      const { at } = one;
      one.run({
        x: at.x + 4 * r * all.n,
        dy: at.dy + 4 * r * all.m,
        y: at.y + 4 * r * all.m,
        dx: at.dx + 4 * r * all.n,
      });
    }
    expect(bench.bits(one.at.y, 3 * all.m)).toEqual(y);
    expect(bench.bits(one.at.dx, 3 * all.n)).toEqual(dx);
    expect(bench.bits(one.gradients["kernel"]!, 450)).toEqual(dw);
  });

  test("gradients that aren't requested are left out", () => {
    const { run, at, gradients, before } = place(layer, input, 2);
    run({ dx: 0, dw: 0, db: 0 });
    bench.expectGuard(at.dx, 0, "dx");
    expect(bench.read(gradients["kernel"]!, 450)).toEqual(before["kernel"]);
    expect(bench.read(gradients["bias"]!, 10)).toEqual(before["bias"]);
  });
});
