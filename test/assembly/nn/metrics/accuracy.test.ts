import { beforeEach, describe, expect, test } from "vitest";
import { accuracy } from "../../../../src/nn/metrics/accuracy.ts";
import { type Asked, type MetricBatch, runMetric } from "../../../support/metrics.ts";
import { uniform, wholes } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
beforeEach(() => bench.clear());

const metric = accuracy();
/** The state: right, all. */
const counts = (asked: Asked, ...batches: readonly MetricBatch[]): number[] => [
  ...runMetric(bench, metric, asked, ...batches).state,
];

const largest = (row: readonly number[]): number => row.indexOf(Math.max(...row));
const rowsOf = (x: ArrayLike<number>, n: number): number[][] =>
  Array.from({ length: x.length / n }, (_, r) => Array.from(x).slice(r * n, (r + 1) * n));

describe("one class of several", () => {
  test.each([2, 3, 4, 5, 8, 17])("%s classes: rows whose largest output is at the label", (n) => {
    const x = uniform(50 * n, { seed: n });
    const target = wholes(50, { seed: n + 1, below: n });
    const right = rowsOf(x, n).filter((row, r) => largest(row) === target[r]).length;
    expect(right).toBeGreaterThan(0);
    expect(counts({ n, labels: true }, { x, target })).toEqual([right, 50]);
  });

  test.each([2, 5])("%s classes: given probabilities, the largest of them is the class", (n) => {
    const x = uniform(40 * n, { seed: n });
    const target = uniform(40 * n, { seed: n + 9, low: 0, high: 1 });
    const right = rowsOf(x, n).filter((row, r) => largest(row) === largest(rowsOf(target, n)[r]!)).length;
    expect(counts({ n }, { x, target })).toEqual([right, 40]);
  });

  test("among equal outputs the first counts", () => {
    const x = [1, 1, 0, 0, 2, 2, -1, -1, -1, -0, 0, -3];
    expect(counts({ n: 3, labels: true }, { x, target: [0, 1, 0, 0] })).toEqual([4, 4]);
    expect(counts({ n: 3, labels: true }, { x, target: [1, 2, 1, 1] })).toEqual([0, 4]);
  });

  test("infinite outputs", () => {
    const x = [-Infinity, -Infinity, 0, Infinity, 1, 2, -Infinity, -Infinity, -Infinity];
    expect(counts({ n: 3, labels: true }, { x, target: [2, 0, 0] })).toEqual([3, 3]);
  });
});

describe("one output per row", () => {
  test("above the threshold is yes; at the threshold is no", () => {
    const x = [0.4, 0.5, 0.6, 0.7, 0.2];
    expect(counts({ n: 1, labels: true }, { x, target: [0, 0, 1, 0, 1] })).toEqual([3, 5]);
    expect(counts({ n: 1, labels: true, threshold: 0.65 }, { x, target: [0, 0, 0, 1, 0] })).toEqual([5, 5]);
    expect(counts({ n: 1, threshold: 0 }, { x: [-1, 0, 1e-8], target: [0, 0, 1] })).toEqual([3, 3]);
  });
});

describe("every output a yes or no of its own", () => {
  test("all elements count", () => {
    const x = [0.9, 0.1, 0.5, 0.6, 0.4, 0.51];
    const target = [1, 0, 0, 0, 1, 0.6];
    expect(counts({ n: 3, separate: true }, { x, target })).toEqual([4, 6]);
  });

  test.each([1, 3, 4, 5, 8, 17])("%s per row: those on the target's side of the threshold", (n) => {
    const x = uniform(9 * n, { seed: n });
    const target = uniform(9 * n, { seed: n + 1, low: 0, high: 1 });
    const right = x.filter((at, i) => at > 0 === target[i]! > 0.5).length;
    expect(counts({ n, separate: true, threshold: 0 }, { x, target })).toEqual([right, 9 * n]);
  });

  test("targets 1 and -1, as hinge has them", () => {
    expect(counts({ n: 1, separate: true, threshold: 0 }, { x: [2, -2, 0.1, -0.1], target: [1, -1, -1, 1] })).toEqual([
      2, 4,
    ]);
  });
});

test("batches add up", () => {
  const first = { x: [1, 0, 0, 1], target: [0, 0] };
  const second = { x: [3, 4], target: [1] };
  expect(counts({ n: 2, labels: true }, first, second)).toEqual([2, 3]);
  expect(runMetric(bench, metric, { n: 2, labels: true }, first, second).result).toBe(2 / 3);
});

describe("an answer at every step", () => {
  const loss = { type: "sequenceCrossEntropy", outputActivation: "softmax", stepLabels: true } as const;

  test.each([2, 3, 5, 17])("%s classes: labels as float32, those below 0 count nothing", (n) => {
    const x = uniform(6 * 4 * n, { seed: n });
    const target = wholes(6 * 4, { seed: n + 1, below: n + 1 }).map((label) => label - 1);
    const said = rowsOf(x, n).map(largest);
    const right = said.filter((label, s) => label === target[s]).length;
    const all = target.filter((label) => label >= 0).length;
    expect(right).toBeGreaterThan(0);
    expect(counts({ n, output: [4, n], loss }, { x, target })).toEqual([right, all]);
  });

  test("targets of the output's shape: the largest of each step is its class", () => {
    const x = [1, 2, 3, 0, 0, 1, 5, 4];
    expect(counts({ n: 2, output: [2, 2] }, { x, target: [0, 1, 0, 1, 0.2, 0.8, 1, 0] })).toEqual([3, 4]);
  });
});
