import { permute } from "../../../../src/nn/layers/permute.ts";
import { imageTests } from "../../../support/images.ts";

const CASES = [
  { input: [3], order: [0] },
  { input: [2, 5], order: [1, 0] },
  { input: [2, 3, 4], order: [2, 0, 1] },
  { input: [3, 1, 5], order: [0, 2, 1] },
  { input: [2, 3, 1, 5], order: [3, 1, 0, 2] },
  { input: [2, 3, 4], order: [0, 1, 2] },
  { input: [1, 1, 1], order: [2, 0, 1] },
  // pixel shuffle, a channel shuffle, neighbours that stay together
  { input: [2, 3, 2, 2, 3], order: [0, 2, 1, 3, 4] },
  { input: [2, 2, 3, 2, 2], order: [4, 3, 2, 1, 0] },
  { input: [2, 3, 2, 1, 2, 2], order: [3, 4, 5, 0, 1, 2] },
  { input: [2, 2, 2, 3, 2, 2, 2, 2, 1, 2], order: [9, 7, 5, 3, 1, 0, 2, 4, 6, 8] },
];

imageTests(
  "permute",
  CASES.map(({ input, order }) => {
    const output = order.map((axis) => input[axis]!);
    /** The place in x of a number of y. */
    const place = (o: number): number => {
      const at = input.map(() => 0);
      let rest = o;
      for (let i = output.length - 1; i >= 0; i--) {
        at[order[i]!] = rest % output[i]!;
        rest = Math.floor(rest / output[i]!);
      }
      return at.reduce((sum, index, axis) => sum * input[axis]! + index, 0);
    };
    return {
      layer: permute(order),
      input,
      forward: (x) => x.map((_, o) => x[place(o)]!),
      backward(x, dy) {
        const dx = new Float64Array(x.length);
        dy.forEach((value, o) => (dx[place(o)] = value));
        return dx;
      },
    };
  }),
  { rtol: 0, atol: 0 },
);
