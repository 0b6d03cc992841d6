import { matmul } from "../../../../src/nn/composites/matmul.ts";
import { type PairCase, pairTests } from "../../../support/pairs.ts";

/** Sizes around the tile of 4 x 8, and products of several places. */
const SHAPES: readonly (readonly [m: number, k: number, n: number, leading: readonly number[]])[] = [
  [1, 1, 1, []],
  [3, 5, 2, []],
  [4, 8, 8, []],
  [5, 7, 9, [2]],
  [13, 17, 11, []],
  [2, 3, 17, [3, 1, 2]],
  [1, 33, 3, [2]],
];

const KINDS = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

const cases = KINDS.flatMap(([transposeA, transposeB]) =>
  SHAPES.map(([m, k, n, leading]): PairCase => {
    const blocks = leading.reduce((all, size) => all * size, 1);
    /** Places of a number of each matrix. */
    const atA = (p: number, i: number, l: number): number => p * m * k + (transposeA ? l * m + i : i * k + l);
    const atB = (p: number, l: number, j: number): number => p * k * n + (transposeB ? j * k + l : l * n + j);
    const atC = (p: number, i: number, j: number): number => p * m * n + i * n + j;
    const walk = (see: (a: number, b: number, c: number) => void): void => {
      for (let p = 0; p < blocks; p++)
        for (let i = 0; i < m; i++)
          for (let j = 0; j < n; j++) for (let l = 0; l < k; l++) see(atA(p, i, l), atB(p, l, j), atC(p, i, j));
    };
    return {
      make: (branches) => matmul(branches, { transposeA, transposeB }),
      a: [...leading, ...(transposeA ? [k, m] : [m, k])],
      b: [...leading, ...(transposeB ? [n, k] : [k, n])],
      forward(a, b) {
        const c = new Float64Array(blocks * m * n);
        walk((i, j, to) => (c[to]! += a[i]! * b[j]!));
        return c;
      },
      backward(a, b, dy) {
        const [da, db] = [new Float64Array(a.length), new Float64Array(b.length)];
        walk((i, j, from) => {
          da[i]! += dy[from]! * b[j]!;
          db[j]! += dy[from]! * a[i]!;
        });
        return [da, db];
      },
    };
  }),
);

pairTests("matmul", cases, { rtol: 1e-6, atol: 1e-5 }); // sums of up to 33 products
