// The kernels of constraints against float64 loops.
import { loadSequence } from "../../../../build/binaries.js";
import { beforeEach, describe, expect, test } from "vitest";
import { maxNorm, nonNeg, unitNorm } from "../../../../src/nn/constraints/index.ts";
import type { Constraint } from "../../../../src/graph/parameter.ts";
import { sizeOf, type Shape } from "../../../../src/util/shape.ts";
import { expectClose } from "../../../support/golden.ts";
import { normal } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
await loadSequence(bench.core);
beforeEach(() => bench.clear());

/** The parameter after the constraint. Kernels of parameters must not depend on the number of rows. */
function apply(constraint: Constraint, values: Float32Array, shape: Shape): Float32Array {
  const padded = Math.ceil(values.length / 4) * 4;
  const p = bench.padded(values);
  const args = { p, ...constraint.args(shape, "w") };
  bench.run(`${constraint.constraint}Constraint`, { perRow: padded, rows: 3 }, args);
  bench.expectGuard(p, padded, "the parameter");
  const after = bench.read(p, padded);
  expect([...after.subarray(values.length)].every((value) => value === 0)).toBe(true);
  return after.subarray(0, values.length);
}

/** Each vector along the middle one of [outer, n, inner], through a function. */
function vectors(values: Float32Array, n: number, inner: number, map: (vector: number[]) => number[]): number[] {
  const result = Array.from(values);
  for (let first = 0; first < values.length; first++) {
    if (Math.floor(first / inner) % n !== 0) continue;
    const vector = map(Array.from({ length: n }, (_, k) => values[first + k * inner]!));
    vector.forEach((value, k) => (result[first + k * inner] = value));
  }
  return result;
}

const normOf = (vector: readonly number[]): number => Math.sqrt(vector.reduce((sum, v) => sum + v * v, 0));

const SHAPES: readonly [shape: Shape, n: number, inner: number][] = [
  [[1], 1, 1],
  [[7], 7, 1],
  [[3, 1], 3, 1],
  [[1, 5], 1, 5],
  [[6, 3], 6, 3],
  [[5, 4], 5, 4],
  [[9, 7], 9, 7],
  [[33, 18], 33, 18],
  [[3, 2, 4, 5], 24, 5],
];

describe("the norm of the weights that go into each unit", () => {
  for (const [shape, n, inner] of SHAPES) {
    const values = normal(sizeOf(shape), { seed: 1 });
    const middle = Math.sqrt(n) * 0.9; // about half of the vectors are longer

    test(`maxNorm, ${shape.join("x")}`, () => {
      const limit = Math.fround(middle);
      const expected = vectors(values, n, inner, (v) => v.map((x) => x * Math.min(1, limit / normOf(v))));
      const after = apply(maxNorm(limit), values, shape);
      expectClose("w", after, expected, { rtol: 1.2e-7, atol: 0 });
      // what is short enough keeps its bits
      vectors(values, n, inner, (v) => v).forEach((value, i) => {
        if (expected[i] === value) expect(after[i]).toBe(value);
      });
    });

    test(`unitNorm, ${shape.join("x")}`, () => {
      const expected = vectors(values, n, inner, (v) => v.map((x) => x / normOf(v)));
      const after = apply(unitNorm(), values, shape);
      expectClose("w", after, expected, { rtol: 1.2e-7, atol: 0 });
    });
  }
});

describe("along other axes", () => {
  const shape = [3, 4, 5];
  const values = normal(60, { seed: 2 });
  for (const [axis, n, inner] of [
    [0, 3, 20],
    [1, 4, 5],
    [2, 5, 1],
    [[0, 1], 12, 5],
    [[1, 2], 20, 1],
    [[0, 1, 2], 60, 1],
  ] as const) {
    test(`axis ${JSON.stringify(axis)}`, () => {
      const expected = vectors(values, n, inner, (v) => v.map((x) => x / normOf(v)));
      expectClose("w", apply(unitNorm({ axis }), values, shape), expected, { rtol: 1.2e-7, atol: 0 });
      const longest = vectors(values, n, inner, (v) => v.map((x) => x / Math.max(1, normOf(v))));
      expectClose("w", apply(maxNorm({ limit: 1, axis }), values, shape), longest, { rtol: 1.2e-7, atol: 0 });
    });
  }
});

describe("edges", () => {
  test("vectors of zeros stay so", () => {
    const values = Float32Array.of(0, 3, 0, 0, 4, -0);
    expect([...apply(unitNorm(), values, [2, 3])]).toEqual([0, Math.fround(0.6), 0, 0, Math.fround(0.8), -0]);
    expect([...apply(maxNorm(1), new Float32Array(6), [2, 3])]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("a norm beyond float32 is no infinity", () => {
    const values = Float32Array.of(3e38, 3e38, 3e38, -3e38);
    for (const value of apply(unitNorm(), values, [4, 1])) expect(Math.abs(value)).toBe(0.5);
    for (const value of apply(
      unitNorm(),
      values.map((v) => (v / 3e38) * 1e-40),
      [4, 1],
    ))
      expect(Math.abs(value)).toBeCloseTo(0.5, 5);
  });

  test("what is at the limit stays, and what was shortened is left alone by the next update", () => {
    const values = normal(40, { seed: 3 });
    const once = apply(maxNorm(1.5), values, [8, 5]);
    const twice = apply(maxNorm(1.5), once.slice(), [8, 5]);
    expectClose("w", twice, once, { rtol: 1.2e-7, atol: 0 });
    expect([...apply(maxNorm(5), Float32Array.of(3, 4), [2, 1])]).toEqual([3, 4]);
  });

  test("nonNeg: below 0 becomes 0, NaN stays to be found", () => {
    for (const count of [1, 3, 4, 7, 16, 33]) {
      const values = normal(count, { seed: count });
      expect([...apply(nonNeg(), values, [count])]).toEqual([...values].map((v) => (v < 0 ? 0 : v)));
    }
    expect([...apply(nonNeg(), Float32Array.of(NaN, -1, -Infinity, Infinity, 2), [5, 1])]).toEqual([
      NaN,
      0,
      0,
      Infinity,
      2,
    ]);
  });
});
