import { beforeEach, describe, expect, test } from "vitest";
import type { Metric } from "../../../../src/nn/metrics/metric.ts";
import { mae } from "../../../../src/nn/metrics/mae.ts";
import { mse } from "../../../../src/nn/metrics/mse.ts";
import { r2 } from "../../../../src/nn/metrics/r2.ts";
import { rmse } from "../../../../src/nn/metrics/rmse.ts";
import { runMetric } from "../../../support/metrics.ts";
import { normal } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
beforeEach(() => bench.clear());

test.each([1, 2, 3, 5, 17])(
  "%s columns: rows, then of each the sums of |d| and d^2, the first target, and the sums of what others differ by, squared too",
  (n) => {
    const x = normal(30 * n, { seed: n });
    const target = normal(30 * n, { seed: n + 1, deviation: 3 });
    const expected = new Float64Array(1 + 5 * n);
    expected[0] = 30;
    for (let r = 0; r < 30; r++) {
      for (let j = 0; j < n; j++) {
        const t = target[r * n + j]!;
        const d = x[r * n + j]! - t;
        const s = t - target[j]!;
        for (const [k, term] of [Math.abs(d), d * d, 0, s, s * s].entries()) expected[1 + 5 * j + k]! += term;
        expected[3 + 5 * j] = target[j]!;
      }
    }
    expect(runMetric(bench, mse(), { n }, { x, target }).state).toEqual(expected); // float64 in the same order: exact
  },
);

test("the metrics by hand", () => {
  const batches = [{ x: [1, 2, 3], target: [1, 4, 2] }, { x: [6], target: [5] }]; // prettier-ignore
  const valueOf = (metric: Metric): number => runMetric(bench, metric, { n: 1 }, ...batches).result;
  expect(valueOf(mae())).toBe(1);
  expect(valueOf(mse())).toBe(1.5);
  expect(valueOf(rmse())).toBe(Math.sqrt(1.5));
  expect(valueOf(r2())).toBe(1 - 6 / 10); // the targets' mean is 3
});

test("a NaN stays in its column", () => {
  const { state } = runMetric(bench, mse(), { n: 2 }, { x: [1, NaN, 3, 4], target: [0, 1, 3, 2] });
  expect([...state]).toEqual([2, 1, 1, 0, 3, 9, NaN, NaN, 1, 1, 1]);
});

describe("r2", () => {
  const of = (x: readonly number[], target: readonly number[], ...sizes: readonly number[]): number => {
    const batches = [];
    for (let from = 0, i = 0; from < x.length; from += sizes[i++]!)
      batches.push({ x: x.slice(from, from + sizes[i]!), target: target.slice(from, from + sizes[i]!) });
    return runMetric(bench, r2(), { n: 1 }, ...batches).result;
  };

  test("of targets that never vary is 0, or 1 where all are hit, whatever they are", () => {
    for (const value of [0.1, 1 / 3, 16777216, 3e38, -1e-40, 1e30]) {
      const target = Array.from({ length: 1000 }, () => Math.fround(value));
      expect(of(target.map((t) => t / 2 + 1), target, 400, 600), `${value}`).toBe(0); // prettier-ignore
      expect(of(target, target, 1, 999), `${value}`).toBe(1);
    }
  });

  test("of targets far from 0, or with one that is far from the others, is as good as near 0", () => {
    for (const [offset, spread] of [
      [16e6, 4],
      [1e4, 0.5],
      [-3e7, 8],
      [0, 1],
    ] as const) {
      for (const first of [0, 1e9]) {
        const target = Array.from(normal(500, { seed: 3, deviation: spread }), (v) => Math.fround(offset + v));
        target[0] = Math.fround(target[0]! + first);
        const x = target.map((t, i) => Math.fround(t + spread * 0.3 * Math.sin(i)));
        // two passes over the numbers themselves, centred on whole numbers first, so that nothing is lost
        const near = target.map((t) => t - offset);
        const centre = near.reduce((a, b) => a + b, 0) / 500;
        const variation = near.reduce((sum, t) => sum + (t - centre) ** 2, 0);
        const left = x.reduce((sum, v, i) => sum + (v - target[i]!) ** 2, 0);
        expect(Math.abs(of(x, target, 100, 1, 399) - (1 - left / variation)), `${offset} ${first}`).toBeLessThan(1e-10);
      }
    }
  });
});
