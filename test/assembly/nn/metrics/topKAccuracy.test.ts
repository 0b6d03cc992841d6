import { beforeEach, expect, test } from "vitest";
import { topKAccuracy } from "../../../../src/nn/metrics/topKAccuracy.ts";
import { runMetric } from "../../../support/metrics.ts";
import { uniform, wholes } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
beforeEach(() => bench.clear());

/** Places in the order from the largest output on; among equals the lower class first. */
const ranking = (row: readonly number[]): number[] =>
  row.map((_, j) => j).toSorted((a, b) => row[b]! - row[a]! || a - b);

function expectedRight(x: ArrayLike<number>, target: ArrayLike<number>, n: number, k: number): number {
  return Array.from(target).filter((label, r) => ranking(Array.from(x).slice(r * n, (r + 1) * n)).indexOf(label) < k)
    .length;
}

test.each([2, 3, 5, 17])("%s classes: rows whose label is among the k largest", (n) => {
  const x = uniform(60 * n, { seed: n });
  const target = wholes(60, { seed: n + 1, below: n });
  for (const k of [1, 2, 5]) {
    const right = expectedRight(x, target, n, k);
    expect(right).toBeGreaterThan(0);
    const { state, result } = runMetric(bench, topKAccuracy({ k }), { n, labels: true }, { x, target });
    expect([...state], `k ${k}`).toEqual([right, 60]);
    expect(result).toBe(right / 60);
  }
});

test("among equal outputs the lower class ranks first", () => {
  const x = wholes(60 * 6, { seed: 3, below: 3 }); // many ties
  const target = wholes(60, { seed: 4, below: 6 });
  for (const k of [1, 2, 3, 6]) {
    const { state } = runMetric(bench, topKAccuracy({ k }), { n: 6, labels: true }, { x, target });
    expect([...state], `k ${k}`).toEqual([expectedRight(x, target, 6, k), 60]);
  }
  const equal = { x: [7, 7, 7], target: [2] };
  expect(runMetric(bench, topKAccuracy({ k: 2 }), { n: 3, labels: true }, equal).result).toBe(0);
  expect(runMetric(bench, topKAccuracy({ k: 3 }), { n: 3, labels: true }, equal).result).toBe(1);
});

test("more places than classes: every row is right", () => {
  expect(runMetric(bench, topKAccuracy({ k: 9 }), { n: 3, labels: true }, { x: [1, 2, 3], target: [0] }).result).toBe(
    1,
  );
});

test("given probabilities, the largest of them is the class", () => {
  const batch = { x: [5, 4, 3, 2, 1, 0], target: [0.2, 0.7, 0.1, 0.2, 0.2, 0.6] };
  expect([...runMetric(bench, topKAccuracy({ k: 2 }), { n: 3 }, batch).state]).toEqual([1, 2]);
});

test("batches add up", () => {
  const batches = [{ x: [1, 2, 3], target: [0] }, { x: [1, 2, 3, 3, 2, 1], target: [1, 1] }]; // prettier-ignore
  expect([...runMetric(bench, topKAccuracy({ k: 2 }), { n: 3, labels: true }, ...batches).state]).toEqual([2, 3]);
});

test("a row with NaN at its class is wrong, and NaN elsewhere ranks before the class", () => {
  const right = (k: number, x: number[]): number =>
    runMetric(bench, topKAccuracy({ k }), { n: 3, labels: true }, { x, target: [1] }).result;
  expect(right(3, [1, NaN, 2])).toBe(0);
  expect(right(9, [1, NaN, 2])).toBe(0);
  expect(right(1, [NaN, 3, 2])).toBe(0);
  expect(right(2, [NaN, 3, 2])).toBe(1);
});
