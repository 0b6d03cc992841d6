import { repeatVector } from "../../../../src/nn/layers/repeatVector.ts";
import { imageTests } from "../../../support/images.ts";

const CASES = [[1, 1], [3, 2], [4, 3], [5, 7], [9, 2]] as const; // prettier-ignore

imageTests(
  "repeatVector",
  CASES.map(([n, times]) => ({
    layer: repeatVector(times),
    input: [n],
    forward: (x) => Float64Array.from({ length: n * times }, (_, o) => x[o % n]!),
    backward(x, dy) {
      const dx = new Float64Array(x.length);
      dy.forEach((value, o) => (dx[o % n]! += value));
      return dx;
    },
  })),
  { rtol: 1e-6, atol: 1e-6 },
);
