import { beforeEach, expect, test } from "vitest";
import { mae } from "../../../../src/nn/metrics/mae.ts";
import { mse } from "../../../../src/nn/metrics/mse.ts";
import { r2 } from "../../../../src/nn/metrics/r2.ts";
import { rmse } from "../../../../src/nn/metrics/rmse.ts";
import { runMetric } from "../../../support/metrics.ts";
import { normal } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
beforeEach(() => bench.clear());

test.each([1, 2, 3, 5, 17])("%s columns: rows, then the sums of |d|, d^2, target and target^2 of each", (n) => {
  const x = normal(30 * n, { seed: n });
  const target = normal(30 * n, { seed: n + 1, deviation: 3 });
  const expected = new Float64Array(1 + 4 * n);
  expected[0] = 30;
  for (let r = 0; r < 30; r++) {
    for (let j = 0; j < n; j++) {
      const t = target[r * n + j]!;
      const d = x[r * n + j]! - t;
      for (const [k, term] of [Math.abs(d), d * d, t, t * t].entries()) expected[1 + 4 * j + k]! += term;
    }
  }
  expect(runMetric(bench, mse(), { n }, { x, target }).state).toEqual(expected); // float64 in the same order: exact
});

test("the metrics by hand", () => {
  const batches = [{ x: [1, 2, 3], target: [1, 4, 2] }, { x: [6], target: [5] }]; // prettier-ignore
  const valueOf = (metric: ReturnType<typeof mse>): number => runMetric(bench, metric, { n: 1 }, ...batches).result;
  expect(valueOf(mae())).toBe(1);
  expect(valueOf(mse())).toBe(1.5);
  expect(valueOf(rmse())).toBe(Math.sqrt(1.5));
  expect(valueOf(r2())).toBe(1 - 6 / 10); // the targets' mean is 3
});

test("a NaN stays in its column", () => {
  const { state } = runMetric(bench, mse(), { n: 2 }, { x: [1, NaN, 3, 4], target: [0, 1, 3, 2] });
  expect([...state]).toEqual([2, 1, 1, 3, 9, NaN, NaN, 3, 5]);
});
