import { zeroPad2d } from "../../../../src/nn/layers/zeroPad2d.ts";
import { imageTests } from "../../../support/images.ts";

const CASES = [
  { input: [1, 1, 1], border: [0, 0, 0, 0] },
  { input: [2, 3, 1], border: [1, 1, 1, 1] },
  { input: [3, 2, 5], border: [0, 2, 1, 0] },
  { input: [2, 2, 4], border: [3, 0, 0, 2] },
] as const;

imageTests(
  "zeroPad2d",
  CASES.map(({ input: [height, width, channels], border }) => {
    const [top, bottom, left, right] = border;
    const wide = left + width + right;
    /** The place in y of a number of x. */
    const place = (i: number): number => {
      const [cell, c] = [Math.floor(i / channels), i % channels];
      return ((top + Math.floor(cell / width)) * wide + left + (cell % width)) * channels + c;
    };
    return {
      layer: zeroPad2d(border),
      input: [height, width, channels],
      forward(x) {
        const y = new Float64Array((top + height + bottom) * wide * channels);
        x.forEach((value, i) => (y[place(i)] = value));
        return y;
      },
      backward: (x, dy) => x.map((_, i) => dy[place(i)]!),
    };
  }),
  { rtol: 0, atol: 0 },
);
