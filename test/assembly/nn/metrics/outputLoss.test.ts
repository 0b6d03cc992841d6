import { loadSequence } from "../../../../build/binaries.js";
import { beforeEach, expect, test } from "vitest";
import { outputLoss } from "../../../../src/nn/metrics/outputLoss.ts";
import { meanSquaredError } from "../../../../src/nn/losses/meanSquaredError.ts";
import { contextOf } from "../../../support/metrics.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
await loadSequence(bench.core);
beforeEach(() => bench.clear());

/** The state after batches of these totals, divisors and sums so far. */
function sums(metric: ReturnType<typeof outputLoss>, ...batches: readonly number[][]): number[] {
  const state = bench.doubles(new Float64Array(2));
  for (const batch of batches) {
    const args = metric.args(contextOf({ n: 1 }, bench.core), { weights: 0 });
    bench.run("outputLossMetric", { perRow: 1, rows: 3 }, { x: bench.doubles(batch), target: 0, state, ...args });
  }
  bench.expectGuard(state, 4, "state");
  return [...bench.readDoubles(state, 2)];
}

test("the sums of totals and divisors", () => {
  const metric = outputLoss(meanSquaredError());
  expect(sums(metric, [1.5, 2, 0], [0.25, 3, 0])).toEqual([1.75, 5]);
  expect(metric.result(Float64Array.of(1.75, 5), contextOf({ n: 1 }, bench.core))).toBe(0.35);
  expect(metric.result(Float64Array.of(0, 0), contextOf({ n: 1 }, bench.core))).toBe(0);
});

test("of a sum it is the total, of a joint loss what that has summed", () => {
  const sum = outputLoss(meanSquaredError({ reduction: "sum" }));
  expect(sum.result(Float64Array.of(1.75, 1), contextOf({ n: 1 }, bench.core))).toBe(1.75);
  expect(sums(outputLoss({ ...meanSquaredError(), joint: "numbers" }), [9, 9, 4], [9, 9, 5])).toEqual([5, 1]);
});
