import { beforeEach, expect, test } from "vitest";
import { logLoss } from "../../../../src/nn/metrics/logLoss.ts";
import { runMetric } from "../../../support/metrics.ts";
import { uniform, wholes } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
beforeEach(() => bench.clear());

const metric = logLoss();
/** float64 sums of about 20 logarithms, each within 4.5e-16. */
const DIGITS = 12;

test.each([2, 3, 5, 17])("%s classes: the sum of -ln of the label's probability", (n) => {
  const x = uniform(20 * n, { seed: n, low: 0.01, high: 1 });
  const target = wholes(20, { seed: n + 1, below: n });
  const expected = target.reduce((sum, label, r) => sum - Math.log(x[r * n + label]!), 0);
  const { state, result } = runMetric(bench, metric, { n, labels: true }, { x, target });
  expect(state[0]).toBeCloseTo(expected, DIGITS);
  expect(state[1]).toBe(20);
  expect(result).toBeCloseTo(expected / 20, DIGITS);
});

test("one output per row: its probability for yes, the rest for no", () => {
  const x = Float32Array.of(0.9, 0.2, 0.6);
  const expected = -Math.log(x[0]!) - Math.log(1 - x[1]!) - Math.log(x[2]!);
  for (const labels of [true, false])
    expect(runMetric(bench, metric, { n: 1, labels }, { x, target: [1, 0, 1] }).state[0]).toBeCloseTo(expected, DIGITS);
});

test("given probabilities, the largest of them is the class", () => {
  const batch = { x: [0.5, 0.25, 0.25], target: [0.1, 0.7, 0.2] };
  expect(runMetric(bench, metric, { n: 3 }, batch).state[0]).toBeCloseTo(Math.log(4), DIGITS);
});

test("probabilities are kept 1e-15 from 0 and 1", () => {
  const sum = (x: number, target: number): number =>
    runMetric(bench, metric, { n: 1, labels: true }, { x: [x], target: [target] }).state[0]!;
  const worst = -Math.log(1e-15);
  expect(sum(0, 1)).toBeCloseTo(worst, DIGITS);
  expect(sum(1, 0)).toBeCloseTo(worst, DIGITS);
  expect(sum(1e-30, 1)).toBeCloseTo(worst, DIGITS);
  expect(sum(1, 1)).toBeCloseTo(1e-15, 16);
  expect(sum(0, 0)).toBeCloseTo(1e-15, 16);
});

test("a NaN makes the sum NaN", () => {
  expect(
    runMetric(bench, metric, { n: 2, labels: true }, { x: [0.5, 0.5, NaN, 0.5], target: [0, 0] }).state[0],
  ).toBeNaN();
});

test("batches add up", () => {
  const batches = [{ x: [0.5, 0.5], target: [0] }, { x: [0.75, 0.25, 0.5, 0.5], target: [1, 1] }]; // prettier-ignore
  const { state } = runMetric(bench, metric, { n: 2, labels: true }, ...batches);
  expect(state[0]).toBeCloseTo(4 * Math.LN2, DIGITS);
  expect(state[1]).toBe(3);
});
