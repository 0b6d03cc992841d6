// Curves over all thresholds, against scikit-learn's formulas written out.
import { describe, expect, test } from "vitest";
import * as w from "../../../src/index.ts";
import { refuses } from "../../support/refusals.ts";
import { normal, wholes } from "../../support/seeded.ts";

const ROWS = 40;
const labels = wholes(ROWS, { seed: 1, below: 2 });
/** With ties: one decimal place. */
const scores = normal(ROWS, { seed: 2 }).map((v) => Math.round(10 * v) / 10);

/** Of these rows, how many hold. */
const count = (holds: (row: number) => boolean): number => Array.from(labels, (_, r) => r).filter(holds).length;
const yes = count((r) => labels[r] === 1);
const thresholds = [...new Set(scores)].toSorted((a, b) => b - a);

test("rocCurve: both rates at every different score", () => {
  const { points, area } = w.rocCurve(labels, scores);
  const wanted = thresholds.map((threshold) => ({
    threshold,
    falsePositiveRate: count((r) => scores[r]! >= threshold && labels[r] === 0) / (ROWS - yes),
    truePositiveRate: count((r) => scores[r]! >= threshold && labels[r] === 1) / yes,
  }));
  expect(points).toEqual([{ threshold: Infinity, falsePositiveRate: 0, truePositiveRate: 0 }, ...wanted]);
  expect(points.at(-1)).toMatchObject({ falsePositiveRate: 1, truePositiveRate: 1 });
  // the trapezoids below the points
  const trapezoids = points.slice(1).reduce((sum, p, i) => {
    const before = points[i]!;
    const width = p.falsePositiveRate - before.falsePositiveRate;
    return sum + (width * (p.truePositiveRate + before.truePositiveRate)) / 2;
  }, 0);
  expect(area).toBeCloseTo(trapezoids, 14);
});

test("precisionRecallCurve: precision and recall at every different score", () => {
  const { points, averagePrecision } = w.precisionRecallCurve(labels, scores);
  const wanted = thresholds.map((threshold) => {
    const called = count((r) => scores[r]! >= threshold);
    const right = count((r) => scores[r]! >= threshold && labels[r] === 1);
    return { threshold, precision: right / called, recall: right / yes };
  });
  expect(points).toEqual(wanted);
  const sum = points.reduce((all, p, i) => all + (p.recall - (points[i - 1]?.recall ?? 0)) * p.precision, 0);
  expect(averagePrecision).toBeCloseTo(sum, 14);
});

test("the areas are what rocAuc and prAuc give, of a model whose output is the score", async () => {
  const model = await w.sequential({ input: 1 }, w.reshape([1]));
  const metrics = [w.rocAuc(), w.prAuc()] as const;
  const trainer = new w.Trainer(model, { loss: w.binaryCrossEntropyWithLogits(), optimizer: w.sgd(), metrics });
  const x = Float32Array.from(scores);
  const { rocAuc, prAuc } = await trainer.evaluate({ x, y: labels });
  expect(rocAuc).toBe(w.rocCurve(labels, x).area);
  expect(prAuc).toBe(w.precisionRecallCurve(labels, x).averagePrecision);
});

test("by hand: scikit-learn's own example", () => {
  const [y, s] = [[0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]]; // prettier-ignore
  expect(w.rocCurve(y!, s!).area).toBe(0.75);
  expect(w.precisionRecallCurve(y!, s!).averagePrecision).toBeCloseTo(0.8333333333333333, 15);
});

describe("refused", () => {
  refuses([
    [() => w.rocCurve([0, 1], [1]), RangeError, "rocCurve: there are 2 targets but 1 scores"],
    [() => w.rocCurve([0, 2], [1, 1]), RangeError, "rocCurve: targets must be 0 or 1, but targets[1] is 2"],
    [() => w.rocCurve([0, 1], [1, NaN]), RangeError, "rocCurve: scores must be numbers, but scores[1] is NaN"],
    [() => w.rocCurve([1, 1], [1, 2]), RangeError, "rocCurve: all targets are 1; the curve needs both classes"],
    [() => w.precisionRecallCurve([0, 0], [1, 2]), RangeError, "precisionRecallCurve: no target is 1; at least one is needed"], // prettier-ignore
    [() => w.precisionRecallCurve([], []), RangeError, "precisionRecallCurve: no target is 1; at least one is needed"],
  ]);
});
