import { avgPool2d } from "../../../../src/nn/layers/avgPool2d.ts";
import { imageTests, windows, WINDOWS } from "../../../support/images.ts";

imageTests(
  "avgPool2d",
  WINDOWS.map(({ input, size, strides, padding }) => {
    const layer = avgPool2d({ size, strides, padding });
    const channels = input[2];
    const all = windows(input, layer.outputShape(input, "test"), size, strides, padding);
    return {
      layer,
      input,
      forward: (x) =>
        Float64Array.from(
          all.flatMap((cells) =>
            Array.from(
              { length: channels },
              (_, c) => cells.reduce((sum, cell) => sum + x[cell * channels + c]!, 0) / cells.length,
            ),
          ),
        ),
      backward(x, dy) {
        const dx = new Float64Array(x.length);
        all.forEach((cells, o) => {
          for (const cell of cells)
            for (let c = 0; c < channels; c++) dx[cell * channels + c]! += dy[o * channels + c]! / cells.length;
        });
        return dx;
      },
    };
  }),
  { rtol: 1e-5, atol: 1e-6 },
);
