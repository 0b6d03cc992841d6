import { globalAvgPool1d, globalAvgPool2d } from "../../../../src/nn/layers/globalAvgPool.ts";
import { imageTests } from "../../../support/images.ts";

const SHAPES = [[1, 1, 1], [5, 3, 7], [2, 2, 4], [3, 1, 9], [6, 5], [1, 8], [4, 3]]; // prettier-ignore

imageTests(
  "globalAvgPool",
  SHAPES.map((input) => {
    const channels = input.at(-1)!;
    return {
      layer: input.length === 3 ? globalAvgPool2d() : globalAvgPool1d(),
      input,
      forward(x) {
        const y = new Float64Array(channels);
        x.forEach((value, i) => (y[i % channels]! += (value * channels) / x.length));
        return y;
      },
      backward: (x, dy) => x.map((_, i) => (dy[i % channels]! * channels) / x.length),
    };
  }),
  { rtol: 1e-5, atol: 1e-6 },
);
