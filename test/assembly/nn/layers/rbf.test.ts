// The Gaussian kernel against float64 loops, at widths and counts around whole vectors.
import { loadExtra } from "../../../../build/loadExtra.js";
import { beforeEach, describe, expect, test } from "vitest";
import { rbf } from "../../../../src/nn/layers/rbf.ts";
import type { KernelName } from "../../../../src/runtime/kernels.ts";
import { expectClose } from "../../../support/golden.ts";
import { normal } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
loadExtra(bench.core);

const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, v, k) => sum + (v - b[k]!) ** 2, 0);
const row = (values: Float32Array, r: number, n: number): Float32Array => values.subarray(r * n, (r + 1) * n);

describe("rbf", () => {
  beforeEach(() => bench.clear());

  /** Runs both kernels on `rows` rows of `inner` groups, with capacity for two rows more. */
  function run(x: Float32Array, centres: Float32Array, dy: Float32Array, n: number, rows: number, gamma: number) {
    const layer = rbf({
      centres: Array.from({ length: centres.length / n }, (_, j) => [...row(centres, j, n)]),
      gamma,
    });
    const inner = x.length / n / rows;
    const output = (dy.length / rows) | 0;
    const parameters = { centres: bench.floats(centres) };
    const at = { x: bench.floats(x), y: bench.room(dy.length), dx: bench.room(x.length), dy: bench.floats(dy) };
    const args = {
      ...at,
      ...layer.args!(bench.context(rows + 2, { parameters }), [inner, n], [inner, output / inner]),
    };
    for (const role of ["Forward", "Backward"]) bench.run(`rbf${role}` as KernelName, { perRow: output, rows }, args);
    bench.expectGuard(at.y, dy.length, "y");
    bench.expectGuard(at.dx, x.length, "dx");
    expect(bench.read(at.x, x.length)).toEqual(x);
    expect(bench.read(at.dy, dy.length)).toEqual(dy);
    expect(bench.read(parameters.centres, centres.length)).toEqual(centres);
    return { y: bench.read(at.y, dy.length), dx: bench.read(at.dx, x.length), args };
  }

  for (const n of [1, 2, 3, 4, 5, 7, 8, 9, 33]) {
    for (const count of [1, 2, 3, 4, 5, 8, 11]) {
      test(`${count} centres of ${n} numbers`, () => {
        for (const [rows, inner] of [
          [1, 1],
          [3, 1],
          [2, 5],
        ] as const) {
          const groups = rows * inner;
          const gamma = Math.fround(0.7 / n);
          const x = normal(groups * n, { seed: 1 });
          const centres = normal(count * n, { seed: 2 });
          const dy = normal(groups * count, { seed: 3 });
          const { y, dx } = run(x, centres, dy, n, rows, gamma);
          const expected = Float64Array.from(dy, (_, i) =>
            Math.exp(-gamma * distance(row(x, Math.floor(i / count), n), row(centres, i % count, n))),
          );
          // the exponent is up to 10 and has a few roundings of 2^-24
          expectClose("y", y, expected, { rtol: 4e-6, atol: 1e-30 });
          const gradient = Float64Array.from(x, (value, i) => {
            const g = Math.floor(i / n);
            let sum = 0;
            for (let j = 0; j < count; j++)
              sum += dy[g * count + j]! * expected[g * count + j]! * (centres[j * n + (i % n)]! - value);
            return 2 * gamma * sum;
          });
          expectClose("dx", dx, gradient, { rtol: 1e-5, atol: 2e-6 });
        }
      });
    }
  }

  test("near a centre no digit of the distance is lost, however far both are from 0", () => {
    const centres = Float32Array.of(1000, -2000, 3000);
    const x = centres.map((v) => v + 2 ** -10);
    const { y } = run(x, centres, Float32Array.of(1), 3, 1, 1000);
    // |x|^2 - 2 x c + |c|^2 would give 0, or 1 or -1: x^2 has no digits below 1
    expect(y[0]).toBeCloseTo(Math.exp(-1000 * 3 * 2 ** -20), 6);
    expect(run(centres, centres, Float32Array.of(1), 3, 1, 1000).y[0]).toBe(1);
  });

  test("far from a centre y is 0, and so is its gradient; a NaN stays one", () => {
    const far = run(Float32Array.of(1e18, -1e18), Float32Array.of(0, 0), Float32Array.of(1), 2, 1, 3);
    expect([...far.y, ...far.dx].every((value) => value === 0)).toBe(true);
    const bad = run(Float32Array.of(NaN, 1), Float32Array.of(0, 0, 1, 1), Float32Array.of(1, 1), 2, 1, 3);
    expect([...bad.y]).toEqual([NaN, NaN]);
  });

  test("dx isn't computed where it isn't requested", () => {
    const { args } = run(Float32Array.of(1, 2), Float32Array.of(0, 0), Float32Array.of(1), 2, 1, 3);
    const dx = bench.room(2);
    bench.run("rbfBackward", { perRow: 1, rows: 1 }, { ...args, dx: 0 });
    bench.expectGuard(dx, 0, "dx");
  });

  test("a row has the same bits alone and among others", () => {
    const [n, count] = [5, 7];
    const x = normal(3 * n, { seed: 4 });
    const centres = normal(count * n, { seed: 5 });
    const dy = normal(3 * count, { seed: 6 });
    const all = run(x, centres, dy, n, 3, 0.3);
    for (let r = 0; r < 3; r++) {
      const one = run(row(x, r, n).slice(), centres, row(dy, r, count).slice(), n, 1, 0.3);
      expect(one.y).toEqual(row(all.y, r, count));
      expect(one.dx).toEqual(row(all.dx, r, n));
    }
  });
});
