import { beforeEach, expect, test } from "vitest";
import { rocAuc } from "../../../../src/nn/metrics/rocAuc.ts";
import { contextOf, runMetric } from "../../../support/metrics.ts";
import { uniform, wholes } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
beforeEach(() => bench.clear());

const metric = rocAuc();

/** What is kept: the number of rows, the outputs and the classes. */
function kept(state: Float64Array) {
  const rows = state[0]!;
  const pairs = state.slice(1, 1 + rows);
  const scores = new Float32Array(pairs.buffer).filter((_, i) => i % 2 === 0);
  return { rows, scores: [...scores], classes: [...new Uint32Array(pairs.buffer).filter((_, i) => i % 2 === 1)] };
}

/** The share of pairs, one of each class, in which class 1 has the larger output; equal ones count 1/2. */
function area(x: ArrayLike<number>, target: ArrayLike<number>): number {
  let [wins, pairs] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < x.length; j++) {
      if (target[i] !== 1 || target[j] !== 0) continue;
      pairs++;
      wins += x[i]! > x[j]! ? 1 : x[i] === x[j] ? 0.5 : 0;
    }
  }
  return wins / pairs;
}

test("keeps each row's output and class, batch after batch", () => {
  const [x, target] = [uniform(8, { seed: 1 }), wholes(8, { seed: 2, below: 2 })];
  const batches = [0, 3, 4].map((from, i) => {
    const to = [3, 4, 8][i];
    return { x: x.slice(from, to), target: target.slice(from, to) };
  });
  const { state } = runMetric(bench, metric, { n: 1, labels: true, rows: 8 }, ...batches);
  expect(state.length).toBe(metric.stateSize(contextOf({ n: 1, rows: 8 }, bench.core)));
  expect(kept(state)).toEqual({ rows: 8, scores: [...x], classes: [...target] });
});

test("targets that are no labels: above 1/2 is class 1", () => {
  const { state } = runMetric(bench, metric, { n: 1, rows: 4 }, { x: [1, 2, 3, 4], target: [0.5, 0.6, 1, -1] });
  expect(kept(state).classes).toEqual([0, 1, 1, 0]);
});

test.each([2, 5, 17, 100])("the area under the curve of %s rows, with ties", (rows) => {
  const x = Float32Array.from(wholes(rows, { seed: rows, below: 7 }), (score) => score / 7);
  const target = wholes(rows, { seed: rows + 1, below: 2 })
    .with(0, 0)
    .with(1, 1);
  const { result } = runMetric(bench, metric, { n: 1, labels: true, rows }, { x, target });
  expect(result).toBeCloseTo(area(x, target), 14); // float64
});

test("several yes-or-no outputs: the mean of their areas, or all of them as one", () => {
  const batch = { x: [1, 9, 2, 8, 3, 7, 4, 6], target: [0, 1, 1, 0, 0, 0, 1, 1] };
  const asked = { n: 2, separate: true } as const;
  expect(runMetric(bench, rocAuc(), asked, batch).result).toBe((3 / 4 + 2 / 4) / 2);
  // pairs of all eight numbers: 1 is above 0 at
  const won = [9, 2, 4, 6].flatMap((a) => [1, 8, 3, 7].map((b) => Number(a > b)));
  expect(runMetric(bench, rocAuc({ average: "micro" }), asked, batch).result).toBe(won.filter(Boolean).length / 16);
});
