import { beforeEach, expect, test } from "vitest";
import { f1 } from "../../../../src/nn/metrics/f1.ts";
import { runMetric } from "../../../support/metrics.ts";
import { uniform, wholes } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
beforeEach(() => bench.clear());

const metric = f1(); // one of the metrics that are made of the counts

test.each([2, 3, 4, 5, 8, 17])(
  "%s classes: for each its rows that were called it, those that were called it, and its rows",
  (n) => {
    const x = uniform(200 * n, { seed: n });
    const target = wholes(200, { seed: n + 1, below: n });
    const expected = new Float64Array(3 * n);
    for (let r = 0; r < 200; r++) {
      const row = [...x.subarray(r * n, (r + 1) * n)];
      const called = row.indexOf(Math.max(...row));
      if (called === target[r]) expected[3 * called]!++;
      expected[3 * called + 1]!++;
      expected[3 * target[r]! + 2]!++;
    }
    expect(runMetric(bench, metric, { n, labels: true }, { x, target }).state).toEqual(expected);
  },
);

test("one output per row: no and yes by the threshold", () => {
  const batch = { x: [0.9, 0.2, 0.6, 0.5, 0.4, 0.7], target: [1, 1, 0, 0, 0, 1] };
  expect([...runMetric(bench, metric, { n: 1, labels: true }, batch).state]).toEqual([2, 3, 3, 2, 3, 3]);
  expect([...runMetric(bench, metric, { n: 1 }, batch).state]).toEqual([2, 3, 3, 2, 3, 3]);
  expect([...runMetric(bench, metric, { n: 1, labels: true, threshold: 0.65 }, batch).state]).toEqual([
    3, 4, 3, 2, 2, 3,
  ]);
});

test("one-hot targets give what labels give; among equal outputs the first counts", () => {
  const x = [1, 1, 0, 0, 2, 2, 3, 1, 3];
  const onehot = [0, 1, 0, 0, 0, 1, 1, 0, 0];
  const byLabel = runMetric(bench, metric, { n: 3, labels: true }, { x, target: [1, 2, 0] }).state;
  expect([...byLabel]).toEqual([1, 2, 1, 0, 1, 1, 0, 0, 1]);
  expect(runMetric(bench, metric, { n: 3 }, { x, target: onehot }).state).toEqual(byLabel);
});

test("batches add up", () => {
  const batches = [{ x: [1, 0], target: [0] }, { x: [1, 0, 0, 1], target: [1, 1] }]; // prettier-ignore
  const { state, result } = runMetric(bench, metric, { n: 2, labels: true }, ...batches);
  expect([...state]).toEqual([1, 2, 1, 1, 1, 2]);
  expect(result).toBe(2 / 3); // precision 1, recall 1/2
});

test("an answer at every step: those with a label below 0 count nothing", () => {
  // two rows of three steps, two classes
  const x = [2, 1, 0, 3, 1, 0, 5, 4, 1, 2, 0, 1];
  const asked = { n: 2, output: [3, 2], loss: { type: "sequenceCrossEntropy", outputActivation: "softmax", stepLabels: true } } as const; // prettier-ignore
  const { state } = runMetric(bench, metric, asked, { x, target: [0, -1, 1, 1, 1, -1] });
  expect([...state]).toEqual([1, 3, 1, 1, 1, 3]);
});

test("several labels at once: each column is a class of its own", () => {
  const x = [1, -1, 2, -1, -2, 3, 1, 1, -1];
  const target = [1, 1, 0, 0, 0, 1, 0, 1, 0];
  const { state } = runMetric(bench, metric, { n: 3, separate: true, threshold: 0 }, { x, target });
  expect([...state]).toEqual([1, 2, 1, 1, 1, 2, 1, 2, 1]);
  // the same with as many columns at each of three steps
  const steps = { n: 3, output: [3, 1], separate: true, threshold: 0 } as const;
  expect([...runMetric(bench, metric, steps, { x, target }).state]).toEqual([3, 4, 5, 3, 5, 4]);
});
