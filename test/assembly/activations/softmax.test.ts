import { describe, expect, test } from "vitest";
import { softmax } from "../../../src/activations/softmax.ts";
import { commonTests, runActivation, SIZES } from "../../support/activations.ts";
import { expectClose } from "../../support/golden.ts";
import { normal } from "../../support/seeded.ts";
import { rowWise } from "../../support/rows.ts";
import { Workbench } from "../../support/workbench.ts";

const bench = await Workbench.create();
const layer = softmax();

/** One row in float64. */
function value(x: readonly number[]): number[] {
  const top = Math.max(...x);
  const powers = x.map((at) => Math.exp(at - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

function gradient(x: readonly number[], dy: readonly number[]): number[] {
  const y = value(x);
  const sum = y.reduce((total, share, j) => total + share * dy[j]!, 0);
  return y.map((share, j) => share * (dy[j]! - sum));
}

// x - max is rounded by 2^-24 of up to 20, which counts fully in e^x; the exponentials, the sum and the division add little
const FORWARD = { rtol: 2e-6, atol: 1e-44 };
// dy - sum cancels: an error of the sum, up to 2e-6 of numbers up to 4, stays
const BACKWARD = { rtol: 2e-6, atol: 4e-6 };

function compare(x: Float32Array, dy: Float32Array, n: number, rows: number, inner = 1): void {
  bench.clear();
  const actual = runActivation(bench, layer, { x, dy, n, rows, inner });
  expectClose("y", actual.y, rowWise(n, value, x), FORWARD);
  expectClose("dx", actual.dx, rowWise(n, gradient, x, dy), BACKWARD);
}

describe("softmax", () => {
  test.each([...SIZES, 2, 100])("rows of %s against float64", (n) => {
    for (const rows of [1, 3, 8]) {
      compare(normal(rows * n, { seed: n, deviation: 3 }), normal(rows * n, { seed: n + 1 }), n, rows);
    }
  });

  test("over the last axis of several", () => {
    for (const n of SIZES) compare(normal(6 * n, { seed: n }), normal(6 * n, { seed: n + 1 }), n, 2, 3);
  });

  test.each([
    ["large numbers", [1e4, 1e4 - 1, 1e4 - 2, 1e4 - 200, -1e4]],
    ["very large numbers", [1e38, -1e38, 0, 1e38, 1]],
    ["small numbers", [-1e4, -1e4 - 1, -1e4 + 1, -1e4, -1e30]],
    ["numbers around the range of e^x", [88, 88.7, 89, 100, -104]],
    ["equal numbers", [-3, -3, -3, -3, -3]],
    ["tiny differences", [1e-8, -1e-8, 0, 1e-30, -1e-45]],
  ])("%s", (_, row) => {
    compare(Float32Array.from(row), Float32Array.of(1, -2, 0.5, 3, -1), 5, 1);
  });

  test("each row sums to 1", () => {
    const { y } = runActivation(bench, layer, {
      x: normal(170, { seed: 5, deviation: 10 }),
      dy: new Float32Array(170),
      n: 17,
      rows: 10,
    });
    // 17 roundings of 2^-24
    for (let r = 0; r < 10; r++)
      expect(Math.abs(y.subarray(r * 17, (r + 1) * 17).reduce((a, b) => a + b, 0) - 1)).toBeLessThan(1e-6);
  });

  test("a NaN gives a row of NaNs, and leaves the other rows alone", () => {
    const x = normal(15, { seed: 3 });
    const batch = { dy: new Float32Array(15), n: 5, rows: 3 };
    const clean = runActivation(bench, layer, { ...batch, x }).y;
    for (let place = 5; place < 10; place++) {
      const { y } = runActivation(bench, layer, { ...batch, x: x.with(place, NaN) });
      expect([...y]).toEqual([...clean].fill(NaN, 5, 10));
    }
  });

  commonTests(bench, layer);
});
