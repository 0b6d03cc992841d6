import { describe, expect, test } from "vitest";
import { logSoftmax } from "../../../src/activations/logSoftmax.ts";
import { commonTests, runActivation, SIZES } from "../../support/activations.ts";
import { expectClose } from "../../support/golden.ts";
import { normal } from "../../support/seeded.ts";
import { rowWise } from "../../support/rows.ts";
import { Workbench } from "../../support/workbench.ts";

const bench = await Workbench.create();
const layer = logSoftmax();

/** One row in float64. */
function value(x: readonly number[]): number[] {
  const top = Math.max(...x);
  const log = Math.log(x.reduce((sum, at) => sum + Math.exp(at - top), 0));
  return x.map((at) => at - top - log);
}

function gradient(x: readonly number[], dy: readonly number[]): number[] {
  const sum = dy.reduce((a, b) => a + b, 0);
  return value(x).map((log, j) => dy[j]! - Math.exp(log) * sum);
}

// x - max and the difference are rounded, 2^-24 each of numbers up to 20; ln of the sum has about 3 ulp of up to 5
const FORWARD = { rtol: 1.8e-7, atol: 1e-6 };
// e^y has y's error, up to 2e-6; times the sum of dy, up to about 20
const BACKWARD = { rtol: 2e-6, atol: 1e-5 };

function compare(x: Float32Array, dy: Float32Array, n: number, rows: number, inner = 1): void {
  bench.clear();
  const actual = runActivation(bench, layer, { x, dy, n, rows, inner });
  expectClose("y", actual.y, rowWise(n, value, x), FORWARD);
  expectClose("dx", actual.dx, rowWise(n, gradient, x, dy), BACKWARD);
}

describe("logSoftmax", () => {
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

  test("one number a row: 0, and no gradient", () => {
    const { y, dx } = runActivation(bench, layer, {
      x: Float32Array.of(5, -1e4),
      dy: Float32Array.of(2, 3),
      n: 1,
      rows: 2,
    });
    expect([...y]).toEqual([0, 0]);
    expect([...dx]).toEqual([0, 0]);
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
