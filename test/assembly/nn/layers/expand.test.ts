import { expand } from "../../../../src/nn/layers/expand.ts";
import { imageTests } from "../../../support/images.ts";

const CASES = [
  { input: [1], output: [5], inner: 1 },
  { input: [3, 1], output: [3, 4], inner: 1 },
  { input: [1, 3], output: [7, 3], inner: 3 },
  { input: [2, 1, 5], output: [2, 3, 5], inner: 5 },
  { input: [2, 1, 1, 17], output: [2, 3, 2, 17], inner: 17 },
];

imageTests(
  "expand",
  CASES.map(({ input, output, inner }) => {
    const count = output.reduce((all, n) => all * n, 1);
    const times = count / input.reduce((all, n) => all * n, 1);
    const from = (i: number): number => Math.floor(i / (times * inner)) * inner + (i % inner);
    return {
      layer: expand(output, inner),
      input,
      forward: (x) => Float64Array.from({ length: count }, (_, i) => x[from(i)]!),
      backward(x, dy) {
        const dx = new Float64Array(x.length);
        dy.forEach((g, i) => (dx[from(i)]! += g));
        return dx;
      },
    };
  }),
  { rtol: 6e-8, atol: 1e-15 }, // one rounding of a sum
);
