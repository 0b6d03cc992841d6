// Matrix products against plain loops. Every element of C is promised to be init + a0 b0 + a1 b1 + ..., rounded to float32
// after each multiplication and each addition, in this order, whatever the tile, the block or the number of rows.
import { beforeEach, describe, expect, test } from "vitest";
import { WIDE_TILES } from "../../../build/abi.js";
import { uniform } from "../../support/seeded.ts";
import { Workbench } from "../../support/workbench.ts";

const bench = await Workbench.create();
const { gemm, gemmScratch } = bench.core.exports;
beforeEach(() => bench.clear());

type Sizes = readonly [m: number, n: number, k: number];

/** The products, and whether their operands are stored transposed: A as [k][m], B as [n][k]. */
const PRODUCTS = {
  "A B": { transA: false, transB: false },
  "A BT": { transA: false, transB: true },
  "AT B": { transA: true, transB: false },
  "AT BT": { transA: true, transB: true },
} as const;
type Name = keyof typeof PRODUCTS;
const NAMES = Object.keys(PRODUCTS) as Name[];

/** Where the sums start. */
type Init = "one row for all" | "zeros" | "C itself";
const INITS: readonly Init[] = ["one row for all", "zeros", "C itself"];

const SMALL = [1, 2, 3, 4, 5, 7, 8, 9, 17];
/** Columns of C that a tile may have. */
const WIDTHS = [8, 16] as const;
const ALL_SMALL = SMALL.flatMap((m) => SMALL.flatMap((n) => SMALL.map((k): Sizes => [m, n, k])));
/** Around the blocks (128 rows, 512 deep), a single row or column, and the sizes of real layers. */
const LARGE: readonly Sizes[] = [
  [31, 33, 29],
  [129, 9, 513],
  [130, 130, 8],
  [5, 40, 1030],
  [1, 784, 10],
  [1, 100, 37],
  [1, 31, 600],
  [12, 1, 700],
  [3, 8, 512],
  [4, 16, 511],
  [128, 24, 33],
  [260, 5, 3],
  // few rows: B is read in place, if its rows are short
  [32, 512, 20],
  [33, 512, 20],
  [8, 520, 20],
  [20, 48, 520],
  // B is packed in blocks of columns
  [5, 300, 515],
  [40, 272, 513],
];

interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Elements from the start of a row to the start of the next. */
  readonly stride: number;
  readonly values: Float32Array;
}

/** Seeded numbers with `gap` more per row, which are the guard in memory. */
function matrix(rows: number, columns: number, gap: number, seed: number): Matrix {
  return { rows, columns, stride: columns + gap, values: uniform(rows * columns, { seed, low: -2, high: 2 }) };
}

function place({ rows, columns, stride, values }: Matrix): number {
  const address = bench.room(rows * stride);
  const { f32 } = bench.core.arena;
  for (let r = 0; r < rows; r++) f32.set(values.subarray(r * columns, (r + 1) * columns), address / 4 + r * stride);
  return address;
}

interface Product {
  readonly name: Name;
  readonly sizes: Sizes;
  readonly a: Matrix;
  readonly b: Matrix;
  /** [m][n], or [n] for all rows. */
  readonly init: Matrix;
  readonly accumulate: boolean;
}

function product(name: Name, sizes: Sizes, init: Init, gap = 0): Product {
  const [m, n, k] = sizes;
  const { transA, transB } = PRODUCTS[name];
  const seed = m * 10_000 + n * 100 + k;
  const start = matrix(init === "C itself" ? m : 1, n, init === "C itself" ? gap : 0, seed + 2);
  return {
    name,
    sizes,
    a: transA ? matrix(k, m, gap, seed) : matrix(m, k, gap, seed),
    b: transB ? matrix(n, k, gap, seed + 1) : matrix(k, n, gap, seed + 1),
    init: init === "zeros" ? { ...start, values: start.values.fill(0) } : start,
    accumulate: init === "C itself",
  };
}

/** C, contiguous rows of n elements. Nothing but C and the documented scratch memory may have been written. */
function run({ name, sizes: [m, n, k], a, b, init, accumulate }: Product, gap = 0): Float32Array {
  const stride = n + gap;
  const initAt = place(init);
  const c = accumulate ? initAt : bench.room(m * stride);
  const scratch = gemmScratch(m, n, k) >>> 0;
  const scratchAt = bench.room(scratch / 4);
  const initRow = accumulate ? stride * 4 : 0;
  const [aAt, bAt] = [place(a), place(b)];
  const { transA, transB } = PRODUCTS[name];
  gemm(transA, transB, m, n, k, aAt, a.stride * 4, bAt, b.stride * 4, c, stride * 4, initAt, initRow, scratchAt);
  bench.expectGuard(scratchAt, scratch / 4, `${name} ${m}x${n}x${k}: scratch`);
  bench.expectGuard(c, (m - 1) * stride + n, `${name} ${m}x${n}x${k}: after C`);
  const all = bench.bits(c, m * stride);
  const guard = bench.bits(bench.room(1), 1)[0]!;
  const values = new Float32Array(m * n);
  for (let i = 0; i < m; i++) {
    values.set(bench.read(c + i * stride * 4, n), i * n);
    const between = all.subarray(i * stride + n, (i + 1) * stride);
    if (between.some((word) => word !== guard))
      expect.fail(`${name} ${m}x${n}x${k}: row ${i} was written beyond its end`);
  }
  return values;
}

/** Element (row, column) of an operand that may be stored transposed. */
function at({ values, columns }: Matrix, transposed: boolean, row: number, column: number): number {
  return transposed ? values[column * columns + row]! : values[row * columns + column]!;
}

/** The plain loops: rounded to float32 at every step, in float64, and in float64 with absolute values. */
function plain({ name, sizes: [m, n, k], a, b, init }: Product) {
  const { transA, transB } = PRODUCTS[name];
  const rounded = new Float32Array(m * n);
  const precise = new Float64Array(m * n);
  const magnitude = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      const start = init.values[(init.rows === 1 ? 0 : i * n) + j]!;
      let [sum, exact, size] = [start, start, Math.abs(start)];
      for (let h = 0; h < k; h++) {
        const term = at(a, transA, i, h) * at(b, transB, h, j);
        sum = Math.fround(sum + Math.fround(term));
        exact += term;
        size += Math.abs(term);
      }
      rounded[i * n + j] = sum;
      precise[i * n + j] = exact;
      magnitude[i * n + j] = size;
    }
  }
  return { rounded, precise, magnitude };
}

/** Bits equal to the rounded loop, and near the float64 one. */
function check(made: Product, gap = 0): void {
  const actual = run(made, gap);
  const { rounded, precise, magnitude } = plain(made);
  const [m, n, k] = made.sizes;
  const what = `${made.name} ${m}x${n}x${k}`;
  for (let e = 0; e < m * n; e++) {
    if (!Object.is(actual[e], rounded[e]))
      expect.fail(`${what}: C[${e}] is ${actual[e]}, the plain sum is ${rounded[e]}`);
    // k multiplications and k additions, each wrong by at most 2^-24 of what has been summed so far
    const bound = (k + 1) * 2 ** -24 * magnitude[e]!;
    if (!(Math.abs(actual[e]! - precise[e]!) <= bound))
      expect.fail(`${what}: C[${e}] is ${actual[e]}, in float64 ${precise[e]}, bound ${bound}`);
  }
}

const CASES = NAMES.flatMap((name) => WIDTHS.map((width) => [name, width] as const));
describe.each(CASES)("%s in tiles of %s columns", (name, width) => {
  beforeEach(() => bench.core.arena.u32.fill(Number(width === 16), WIDE_TILES / 4, WIDE_TILES / 4 + 1));

  describe.each(INITS)("sums start at %s", (init) => {
    test("all sizes around the tile: the bits of the plain float32 sum", () => {
      for (const sizes of ALL_SMALL) {
        bench.clear();
        check(product(name, sizes, init));
      }
    });

    test.each(LARGE)("%sx%sx%s: the bits of the plain float32 sum", (...sizes) => {
      check(product(name, sizes, init));
    });

    test("rows further apart than they are long: what is between is neither read as data nor written", () => {
      for (const sizes of [
        [1, 1, 1],
        [2, 3, 5],
        [5, 9, 7],
        [9, 17, 33],
        [17, 20, 40],
        [130, 12, 600],
        [7, 40, 3],
      ] as const) {
        // prettier-ignore
        for (const gap of [1, 3, 4, 9]) {
          bench.clear();
          check(product(name, sizes, init, gap), gap);
        }
      }
    });
  });

  test("the bits of a row don't depend on how many rows there are", () => {
    for (const [m, n, k] of [
      [9, 10, 4],
      [8, 8, 8],
      [13, 33, 40],
      [131, 16, 20],
      [6, 70, 530],
    ] as const) {
      // prettier-ignore
      bench.clear();
      const whole = product(name, [m, n, k], "one row for all");
      const all = run(whole);
      for (const i of [0, 1, 4, m - 1]) {
        const { a } = whole;
        const row = Float32Array.from({ length: k }, (_, h) => at(a, PRODUCTS[name].transA, i, h));
        const [rows, columns] = PRODUCTS[name].transA ? [k, 1] : [1, k];
        const alone = run({ ...whole, sizes: [1, n, k], a: { rows, columns, stride: columns, values: row } });
        expect([...alone], `row ${i} of ${m}x${n}x${k}`).toEqual([...all.subarray(i * n, (i + 1) * n)]);
      }
    }
  });

  test("infinities and NaNs stay in their rows and columns", () => {
    for (const [m, n, k] of [
      [4, 9, 5],
      [6, 17, 20],
    ] as const) {
      // prettier-ignore
      bench.clear();
      const made = product(name, [m, n, k], "zeros");
      // element (1, 2) of A, and element (3, 4) of B
      made.a.values[PRODUCTS[name].transA ? 2 * m + 1 : 1 * k + 2] = NaN;
      made.b.values[PRODUCTS[name].transB ? 4 * k + 3 : 3 * n + 4] = Infinity;
      const c = run(made);
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          const value = c[i * n + j]!;
          if (i === 1) expect(value, `row 1, column ${j}`).toBeNaN();
          else if (j === 4) expect(Math.abs(value), `row ${i}, column 4`).toBe(Infinity);
          else expect(Number.isFinite(value), `row ${i}, column ${j}`).toBe(true);
        }
      }
    }
  });
});

test("scratch memory grows with the sizes, in steps of 64 bytes", () => {
  expect(gemmScratch(1, 1, 1) % 64).toBe(0);
  for (const [m, n, k] of [
    [5, 9, 7],
    [130, 12, 600],
  ] as const) {
    // prettier-ignore
    const size = gemmScratch(m, n, k);
    for (const [fewerM, fewerN, fewerK] of [
      [1, n, k],
      [m, 1, k],
      [m, n, 1],
      [m - 1, n - 1, k - 1],
    ] as const)
      // prettier-ignore
      expect(gemmScratch(fewerM, fewerN, fewerK)).toBeLessThanOrEqual(size);
    expect(size % 64).toBe(0);
  }
});
