import { maxPool2d } from "../../../../src/nn/layers/maxPool2d.ts";
import { imageTests, windows, WINDOWS } from "../../../support/images.ts";

imageTests(
  "maxPool2d",
  WINDOWS.map(({ input, size, strides, padding }) => {
    const layer = maxPool2d({ size, strides, padding });
    const channels = input[2];
    const all = windows(input, layer.outputShape(input, "test"), size, strides, padding);
    /** The first of the largest, as a place in x. */
    const winner = (x: Float64Array, cells: readonly number[], c: number): number =>
      cells.map((cell) => cell * channels + c).reduce((best, at) => (x[at]! > x[best]! ? at : best));
    return {
      layer,
      input,
      forward: (x) =>
        Float64Array.from(all.flatMap((cells) => Array.from({ length: channels }, (_, c) => x[winner(x, cells, c)]!))),
      backward(x, dy) {
        const dx = new Float64Array(x.length);
        all.forEach((cells, o) => {
          for (let c = 0; c < channels; c++) dx[winner(x, cells, c)]! += dy[o * channels + c]!;
        });
        return dx;
      },
    };
  }),
  { rtol: 1e-6, atol: 1e-6 },
);
