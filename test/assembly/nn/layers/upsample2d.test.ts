import { upsample2d } from "../../../../src/nn/layers/upsample2d.ts";
import { imageTests } from "../../../support/images.ts";

const CASES = [
  { input: [1, 1, 1], factor: 1 },
  { input: [2, 3, 1], factor: 2 },
  { input: [5, 4, 3], factor: 3 },
  { input: [2, 2, 8], factor: 2 },
  { input: [1, 3, 5], factor: 4 },
];

imageTests(
  "upsample2d",
  CASES.map(({ input, factor }) => {
    const [height, width, channels] = input as [number, number, number];
    /** Where an output shows the input. */
    const source = (o: number): number => {
      const [cell, c] = [Math.floor(o / channels), o % channels];
      const [i, j] = [Math.floor(cell / (width * factor)), cell % (width * factor)];
      return (Math.floor(i / factor) * width + Math.floor(j / factor)) * channels + c;
    };
    return {
      layer: upsample2d(factor),
      input,
      forward: (x) =>
        Float64Array.from({ length: height * width * channels * factor * factor }, (_, o) => x[source(o)]!),
      backward(x, dy) {
        const dx = new Float64Array(x.length);
        dy.forEach((value, o) => (dx[source(o)]! += value));
        return dx;
      },
    };
  }),
  { rtol: 1e-5, atol: 1e-6 },
);
