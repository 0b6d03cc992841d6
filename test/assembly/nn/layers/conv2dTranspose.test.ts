import { conv2dTranspose } from "../../../../src/nn/layers/conv2dTranspose.ts";
import { convolution, convolutionTests } from "../../../support/convolutions.ts";

/** [input, filters, kernel, strides, padding] */
const CASES = [
  [[1, 1, 1], 1, [1, 1], [1, 1], "valid"],
  [[3, 3, 1], 2, [3, 3], [1, 1], "valid"],
  [[4, 3, 3], 9, [3, 3], [2, 2], "same"],
  [[4, 5, 9], 3, [4, 4], [2, 2], "same"],
  [[3, 4, 2], 8, [3, 2], [2, 3], "valid"],
  [[5, 4, 5], 4, [2, 1], [3, 3], "same"],
  [[2, 6, 4], 5, [1, 2], [2, 4], "valid"],
] as const;

convolutionTests(
  "conv2dTranspose",
  CASES.map(([input, filters, kernelSize, strides, padding], i) => {
    const layer = conv2dTranspose(filters, { kernelSize, strides, padding, useBias: i % 3 !== 2 });
    const output = layer.outputShape(input, "test");
    const sums = { size: kernelSize, strides, padding, dilation: [1, 1] } as const;
    const turned = convolution({ ...sums, input: output, output: input }, 1);
    return {
      layer,
      input,
      reference: {
        channel: (o) => o % filters,
        products: (product) => turned.products((cell, o, k) => product(o, cell, k)),
      },
    };
  }),
);
