import { crop2d } from "../../../../src/nn/layers/crop2d.ts";
import { imageTests } from "../../../support/images.ts";

const CASES = [
  { input: [1, 1, 1], border: [0, 0, 0, 0] },
  { input: [4, 5, 1], border: [1, 1, 1, 1] },
  { input: [3, 4, 5], border: [0, 2, 1, 0] },
  { input: [5, 3, 4], border: [3, 0, 0, 2] },
] as const;

imageTests(
  "crop2d",
  CASES.map(({ input: [height, width, channels], border }) => {
    const [top, bottom, left, right] = border;
    const narrow = width - left - right;
    const count = (height - top - bottom) * narrow * channels;
    /** The place in x of a number of y. */
    const place = (o: number): number => {
      const [cell, c] = [Math.floor(o / channels), o % channels];
      return ((top + Math.floor(cell / narrow)) * width + left + (cell % narrow)) * channels + c;
    };
    return {
      layer: crop2d(border),
      input: [height, width, channels],
      forward: (x) => Float64Array.from({ length: count }, (_, o) => x[place(o)]!),
      backward(x, dy) {
        const dx = new Float64Array(x.length);
        dy.forEach((value, o) => (dx[place(o)] = value));
        return dx;
      },
    };
  }),
  { rtol: 0, atol: 0 },
);
