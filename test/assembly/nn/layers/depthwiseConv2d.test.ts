import { depthwiseConv2d } from "../../../../src/nn/layers/depthwiseConv2d.ts";
import { convolutionTests, underWindows } from "../../../support/convolutions.ts";

/** [input, kernel, strides, padding, dilation, filters for each channel] */
const CASES = [
  [[5, 5, 1], [3, 3], [1, 1], "valid", [1, 1], 1],
  [[6, 7, 8], [3, 3], [1, 1], "same", [1, 1], 1],
  [[4, 5, 3], [2, 3], [1, 1], "same", [1, 1], 1],
  [[9, 8, 13], [3, 3], [2, 2], "same", [1, 1], 1],
  [[7, 9, 3], [3, 3], [2, 3], "same", [2, 1], 2],
  [[8, 9, 5], [4, 2], [1, 1], "valid", [2, 3], 3],
  [[5, 4, 20], [1, 1], [3, 2], "valid", [1, 1], 1],
] as const;

convolutionTests(
  "depthwiseConv2d",
  CASES.map(([input, kernelSize, strides, padding, dilation, depthMultiplier], i) => {
    const layer = depthwiseConv2d(kernelSize, { strides, padding, dilation, depthMultiplier, useBias: i % 3 !== 2 });
    const output = layer.outputShape(input, "test");
    const [channels, filters] = [input[2], output[2]!];
    return {
      layer,
      input,
      reference: {
        channel: (o) => o % filters,
        products(product) {
          underWindows({ input, output, size: kernelSize, strides, padding, dilation }, (outCell, cell, tap) => {
            for (let f = 0; f < filters; f++)
              product(outCell * filters + f, cell * channels + Math.floor(f / depthMultiplier), tap * filters + f);
          });
        },
      },
    };
  }),
);
