// wasmgrad/matrix: products bit for bit, and element-wise operations, transposes and sums.
import { describe, expect, test, vi } from "vitest";
import { add, init, type Matrix, matmul, matrix, scale, sum, transpose } from "../src/matrix.ts";
import { expectSameBits } from "./support/bits.ts";
import { expectClose } from "./support/golden.ts";
import { expectRefusal, refuses } from "./support/refusals.ts";
import { normal } from "./support/seeded.ts";

// before any other test: it needs a module that is not initialised
test("matmul before init", async () => {
  const one = matrix(1, 1, [1]);
  await expectRefusal(() => matmul(one, one), Error, "matmul: the core is not loaded yet; `await init()` first");
  await init();
  await init();
  expect(matmul(one, one)).toEqual({ rows: 1, columns: 1, data: Float32Array.of(1) });
});

const random = (rows: number, columns: number, seed: number): Matrix =>
  matrix(rows, columns, normal(rows * columns, { seed }));

/** Sums in the order of the inner index, rounded to float32 after every product and every sum; or in float64. */
function plain(a: Matrix, b: Matrix, round: (value: number) => number): Float64Array {
  const c = new Float64Array(a.rows * b.columns);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.columns; j++) {
      let total = 0;
      for (let k = 0; k < a.columns; k++) {
        total = round(total + round(a.data[i * a.columns + k]! * b.data[k * b.columns + j]!));
      }
      c[i * b.columns + j] = total;
    }
  }
  return c;
}

describe("matmul", () => {
  for (const [m, k, n] of [
    [1, 1, 1],
    [2, 3, 4],
    [1, 40, 30],
    [5, 17, 9],
    [8, 8, 8],
    [33, 65, 18],
    [130, 7, 3],
    [4, 515, 10], // an inner size above the block of 512
  ] as const) {
    test(`${m} x ${k} by ${k} x ${n}, with and without transposes`, async () => {
      await init();
      const [a, b] = [random(m, k, 1), random(k, n, 2)];
      const exact = plain(a, b, (v) => v);
      const rounded = Float32Array.from(plain(a, b, Math.fround));
      for (const transposeA of [false, true]) {
        for (const transposeB of [false, true]) {
          const c = matmul(transposeA ? transpose(a) : a, transposeB ? transpose(b) : b, { transposeA, transposeB });
          expect([c.rows, c.columns]).toEqual([m, n]);
          // k products and sums of size 1, each rounded to within 6e-8 of the sum so far: about sqrt(k)
          expectClose("c", c.data, exact, { rtol: 0, atol: 6e-8 * k * 4 });
          expectSameBits(c.data, rounded, `transposeA ${transposeA}, transposeB ${transposeB}`);
        }
      }
    });
  }

  test("leaves its arguments alone, and gives its memory back", async () => {
    await init();
    const [a, b] = [random(20, 30, 1), random(30, 10, 2)];
    const before = [a.data.slice(), b.data.slice()];
    const first = matmul(a, b);
    const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow");
    for (let i = 0; i < 200; i++) expectSameBits(matmul(a, b).data, first.data);
    expect(grow).not.toHaveBeenCalled();
    grow.mockRestore();
    expect([a.data, b.data]).toEqual(before);
  });

  test("NaN and infinity go through", async () => {
    await init();
    const c = matmul(matrix(2, 2, [Infinity, 1, 1, NaN]), matrix(2, 1, [1, 0]));
    expect([...c.data]).toEqual([Infinity, NaN]);
  });
});

describe("the others", () => {
  const a = matrix(2, 3, [1, 2, 3, 4, 5, 6]);

  test("matrix takes any numbers", () => {
    expect(a).toEqual({ rows: 2, columns: 3, data: Float32Array.of(1, 2, 3, 4, 5, 6) });
    expect(matrix(1, 2, Float64Array.of(0.1, 2)).data).toEqual(Float32Array.of(0.1, 2));
  });

  test("add and scale, in float32", () => {
    expect(add(a, matrix(2, 3, [1, 1, 1, 0.1, 0, -6])).data).toEqual(Float32Array.of(2, 3, 4, 4.1, 5, 0));
    expect(scale(a, -0.5)).toEqual({ rows: 2, columns: 3, data: Float32Array.of(-0.5, -1, -1.5, -2, -2.5, -3) });
    expect(a.data).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
  });

  test("transpose", () => {
    expect(transpose(a)).toEqual({ rows: 3, columns: 2, data: Float32Array.of(1, 4, 2, 5, 3, 6) });
    expect(transpose(transpose(a))).toEqual(a);
  });

  test("sum of all, over the rows, over the columns", () => {
    expect(sum(a)).toBe(21);
    expect(sum(a, 0)).toEqual(Float32Array.of(5, 7, 9));
    expect(sum(a, 1)).toEqual(Float32Array.of(6, 15));
    // in float64: float32 sums would lose every 1
    const small = matrix(1, 4, [2 ** 24, 1, 1, 1]);
    expect(sum(small)).toBe(2 ** 24 + 3);
    expect(sum(small, 1)).toEqual(Float32Array.of(2 ** 24 + 3));
  });

  refuses([
    [() => matrix(0, 3, []), RangeError, "matrix: rows must be a whole number of 1 or more, got 0"],
    [() => matrix(2, 1.5, []), RangeError, "matrix: columns must be a whole number of 1 or more, got 1.5"],
    [() => matrix(2, 3, [1, 2]), RangeError, "matrix: 2 x 3 needs 6 numbers, got 2"],
    [() => add(a, transpose(a)), RangeError, "add: the sizes must be equal, got 2 x 3 and 3 x 2"],
    [() => sum(a, 2 as never), RangeError, "sum: axis must be 0 or 1, got 2"],
    [() => sum(a, "rows" as never), RangeError, 'sum: axis must be 0 or 1, got "rows"'],
    [() => matmul(a, a), RangeError, "matmul: the inner sizes must be equal, but a is 2 x 3 and b is 2 x 3"],
    [
      () => matmul(a, transpose(a), { transposeA: true }),
      RangeError,
      "matmul: the inner sizes must be equal, but a transposed is 3 x 2 and b is 3 x 2",
    ],
    [
      () => matmul(a, transpose(a), { transposeB: true }),
      RangeError,
      "matmul: the inner sizes must be equal, but a is 2 x 3 and b transposed is 2 x 3",
    ],
    [
      () => matmul(a, a, { transposeC: true } as never),
      TypeError,
      'matmul: unknown option "transposeC". Known: transposeA, transposeB',
    ],
    [
      () => matmul(a, a, { transpose_b: true } as never),
      TypeError,
      'matmul: unknown option "transpose_b"; did you mean "transposeB"? Known: transposeA, transposeB',
    ],
    [() => matmul(a, a, null as never), TypeError, "matmul: options must be an object, got null"],
    [
      () => matmul({ rows: 2, columns: 3, data: new Float32Array(5) }, transpose(a)),
      RangeError,
      "matmul: a must be a matrix whose data has rows times columns numbers, got 2 x 3 and 5",
    ],
    [
      () => matmul(a, { rows: 3, columns: 2, data: new Float32Array(7) }),
      RangeError,
      "matmul: b must be a matrix whose data has rows times columns numbers, got 3 x 2 and 7",
    ],
    [
      () => matmul({ rows: 3, columns: 2, data: new Float32Array(7) }, a, { transposeA: true, transposeB: true }),
      RangeError,
      "matmul: a must be a matrix whose data has rows times columns numbers, got 3 x 2 and 7",
    ],
    [
      () => matmul(a, { rows: 3, columns: 2 } as never),
      TypeError,
      "matmul: b must be a matrix such as matrix(2, 2, [1, 2, 3, 4]), got an object (Object)",
    ],
    [
      () => matmul(null as never, a),
      TypeError,
      "matmul: a must be a matrix such as matrix(2, 2, [1, 2, 3, 4]), got null",
    ],
    [() => matrix(1, 1, ["1"] as never), TypeError, 'matrix: data[0] must be a number, got the string "1"'],
    [
      () => matrix(1, 1, BigInt64Array.of(1n) as never),
      TypeError,
      "matrix: data must be an array of numbers, got a BigInt64Array of 1",
    ],
    [() => matrix(1, 2, "12" as never), TypeError, 'matrix: data must be an array of numbers, got the string "12"'],
    [() => matrix(1, 2, null as never), TypeError, "matrix: data must be an array of numbers, got null"],
    [() => matrix("2" as never, 2, []), TypeError, 'matrix: rows must be a whole number of 1 or more, got "2"'],
  ]);

  test("a refused product leaves no memory taken", async () => {
    await init();
    const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow");
    const large = { rows: 1000, columns: 1000, data: new Float32Array(999_999) };
    for (let i = 0; i < 20; i++) await expectRefusal(() => matmul(large, large), RangeError, /^matmul: a must be /);
    expect(grow).not.toHaveBeenCalled();
    grow.mockRestore();
  });
});
