// Evaluations of predictions against scikit-learn's, and what must hold of any.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type ClassificationPredictions, evaluateClassification } from "../../src/tables/classification.ts";
import { thinned } from "../../src/tables/curves.ts";
import { evaluateRegression } from "../../src/tables/regression.ts";
import type { Curve } from "../../src/tables/results.ts";
import { refuses } from "../support/refusals.ts";

type Numbers = readonly number[];
interface OfTwo {
  readonly [metric: string]: unknown;
  readonly roc: readonly Numbers[];
  readonly pr: readonly Numbers[];
  readonly observed: Numbers;
  readonly predicted: Numbers;
  readonly averagePrecision: number;
  readonly brier: number;
}
interface OfSeveral {
  readonly [metric: string]: unknown;
  readonly areas: Numbers;
  readonly averagePrecisions: Numbers;
  readonly precision: Numbers;
  readonly recall: Numbers;
}
/** Made once by evaluation.sklearn.py. */
const recorded = JSON.parse(readFileSync(new URL("evaluation.sklearn.json", import.meta.url), "utf8")) as {
  readonly balanced: OfTwo;
  readonly rare: OfTwo;
  readonly fine: OfTwo;
  readonly three: OfSeveral;
  readonly five: OfSeveral;
  readonly numbers: Readonly<Record<string, number>> & { readonly quantiles: Numbers };
};

let last = 1;
/** The minimal standard generator, as in evaluation.sklearn.py: exact in float64. */
function number(): number {
  last = (last * 16807) % 2147483647;
  return last / 2147483647;
}

const NAMES = ["no", "yes"];

/** Labels, of which a share is 1, and probabilities in so many steps, which are somewhat higher for those. */
function two(rows: number, share: number, steps: number): ClassificationPredictions {
  const [labels, probabilities]: number[][] = [[], []];
  for (let i = 0; i < rows; i++) {
    const label = number() < share ? 1 : 0;
    labels!.push(label);
    probabilities!.push(Math.floor(steps * (0.7 * number() + 0.3 * label * number())) / steps);
  }
  return { labels: labels!, probabilities: probabilities!, classes: NAMES };
}

function several(rows: number, k: number): ClassificationPredictions {
  const labels: number[] = [];
  const probabilities: number[] = [];
  for (let i = 0; i < rows; i++) {
    const label = Math.floor(k * number() * number());
    labels.push(label);
    const weights: number[] = [];
    for (let c = 0; c < k; c++) {
      weights.push(Math.floor(8 * number()) + 1 + (c === label && number() < 0.6 ? 6 : 0));
    }
    const sum = weights.reduce((total, weight) => total + weight, 0);
    probabilities.push(...weights.map((weight) => weight / sum));
  }
  return { labels, probabilities, classes: Array.from({ length: k }, (_, c) => `class ${c}`) };
}

// made in the order of evaluation.sklearn.py
const balanced = two(400, 0.5, 50);
const rare = two(1000, 0.04, 20);
const fine = two(60, 0.3, 100_000);
const three = several(300, 3);
const five = several(500, 5);
const actual = Array.from({ length: 333 }, () => 10 * number() + 1);
const predicted = actual.map((value) => value + 4 * (number() + number() - 1));

/** As many digits as sums in another order leave the same. */
function near(got: unknown, wanted: unknown): void {
  expect(typeof got).toBe("number");
  expect(Math.abs((got as number) - (wanted as number))).toBeLessThan(1e-12 * Math.max(1, Math.abs(wanted as number)));
}

const METRICS = ["accuracy", "rocAuc", "logLoss", "f1", "balancedAccuracy"];

/** Nothing is lost as JSON, which has no NaN, no infinities and nothing undefined. */
const isPlain = (value: unknown): void => expect(JSON.parse(JSON.stringify(value))).toStrictEqual(value);

const trapezoids = ({ points }: Curve): number =>
  points.slice(1).reduce((sum, { x, y }, i) => sum + ((x - points[i]!.x) * (y + points[i]!.y)) / 2, 0);

describe("two classes", () => {
  test.each([
    ["balanced, 50 different probabilities", balanced, recorded.balanced],
    ["4 % are of the second class, 20 different probabilities", rare, recorded.rare],
    ["60 rows, no probability twice", fine, recorded.fine],
  ])("%s: as scikit-learn", (_, rows, wanted) => {
    const result = evaluateClassification(rows);
    isPlain(result);
    expect(Object.keys(result.metrics)).toEqual(METRICS);
    for (const name of METRICS) near(result.metrics[name], wanted[name]);
    expect(result.confusion).toEqual(wanted["confusion"]);
    near(result.roc!.area, wanted["rocAuc"]);
    near(result.pr!.area, wanted.averagePrecision);
    const { bins, brier, error } = result.calibration!;
    near(brier, wanted.brier);
    bins.forEach((bin, i) => {
      near(bin.observed, wanted.observed[i]);
      near(bin.predicted, wanted.predicted[i]);
    });
    expect(bins).toHaveLength(wanted.observed.length);
    const rowsOfBins = bins.reduce((sum, bin) => sum + bin.rows, 0);
    expect(rowsOfBins).toBe(rows.labels.length);
    near(
      error,
      bins.reduce((sum, bin) => sum + (bin.rows / rowsOfBins) * Math.abs(bin.predicted - bin.observed), 0),
    );
    expect(result).not.toHaveProperty("notes");
  });

  test("the points of the curves are scikit-learn's, and the area under those that are kept is the same", () => {
    const { roc, pr } = evaluateClassification(fine);
    expect(roc!.points[0]).toEqual({ x: 0, y: 0, threshold: 2 });
    expect(roc!.points.at(-1)).toMatchObject({ x: 1, y: 1 });
    near(trapezoids(roc!), recorded.fine["rocAuc"]);
    expect(pr!.points[0]).toEqual({ x: 0, y: pr!.points[1]!.y, threshold: 2 });
    for (const [curve, all] of [
      [roc!, recorded.fine.roc],
      [pr!, recorded.fine.pr],
    ] as const) {
      const kept = curve.points.slice(1);
      expect(kept.length).toBeGreaterThan(10);
      for (const { x, y, threshold } of kept) {
        const wanted = all.find(([, , at]) => at === threshold)!;
        near(x, wanted[0]);
        near(y, wanted[1]);
      }
    }
  });

  test("all probabilities are the same as those of the second class alone", () => {
    const both = Array.from(balanced.probabilities).flatMap((p) => [1 - p, p]);
    expect(evaluateClassification({ ...balanced, probabilities: both })).toEqual(evaluateClassification(balanced));
    const float32 = evaluateClassification({ ...balanced, probabilities: Float32Array.from(both) });
    expect(float32.metrics["rocAuc"]).toBe(evaluateClassification(balanced).metrics["rocAuc"]);
  });

  test("AUC: of reversed probabilities the rest, and the same when they are drawn together", () => {
    for (let i = 0; i < 30; i++) {
      const rows = two(20 + 5 * i, 0.1 + 0.025 * i, 3 + i);
      const auc = (probabilities: Numbers): number =>
        evaluateClassification({ ...rows, probabilities }).metrics["rocAuc"]!;
      const own = Array.from(rows.probabilities);
      near(auc(own.map((p) => 1 - p)), 1 - auc(own));
      expect(auc(own.map((p) => p * p * p))).toBe(auc(own));
      expect(auc(own.map((p) => (1 + Math.sqrt(p)) / 2))).toBe(auc(own));
      // pair by pair, ties half
      let [wins, pairs] = [0, 0];
      own.forEach((p, a) =>
        own.forEach((q, b) => {
          if (rows.labels[a] !== 1 || rows.labels[b] !== 0) return;
          pairs++;
          wins += p > q ? 1 : p === q ? 0.5 : 0;
        }),
      );
      near(auc(own), wins / pairs);
    }
  });

  test("perfect, and all the same", () => {
    const labels = [0, 1, 1, 0, 1];
    const perfect = evaluateClassification({ labels, probabilities: labels, classes: NAMES });
    expect(perfect.metrics).toMatchObject({ accuracy: 1, rocAuc: 1, f1: 1, balancedAccuracy: 1 });
    expect(perfect.metrics["logLoss"]).toBeCloseTo(1e-15, 16);
    expect([perfect.roc!.area, perfect.pr!.area]).toEqual([1, 1]);
    expect(perfect.calibration).toMatchObject({ brier: 0, error: 0 });
    expect(perfect.threshold).toMatchObject({ best: 0.5, cost: 0, at: 0 });
    const same = evaluateClassification({ labels, probabilities: [0.5, 0.5, 0.5, 0.5, 0.5], classes: NAMES });
    expect(same.metrics).toMatchObject({ accuracy: 0.4, rocAuc: 0.5, f1: 0 });
    expect(same.roc!.points).toEqual([
      { x: 0, y: 0, threshold: 2 },
      { x: 1, y: 1, threshold: 0.5 },
    ]);
    expect(same.pr).toEqual({
      points: [
        { x: 0, y: 0.6, threshold: 2 },
        { x: 1, y: 0.6, threshold: 0.5 },
      ],
      area: 0.6,
    });
    expect(same.calibration!.bins).toEqual([{ from: 0.4, to: 0.5, predicted: 0.5, observed: 0.6, rows: 5 }]);
    // all are called the second class below 0.5; the middle of 0 to 0.5
    expect(same.threshold).toMatchObject({ best: 0.25, cost: 0.4, at: 0.6 });
    isPlain(same);
  });

  test("one class alone: what isn't defined is left out, and said", () => {
    const no = evaluateClassification({ labels: [0, 0, 0], probabilities: [0.2, 0.1, 0.4], classes: NAMES });
    expect(Object.keys(no.metrics)).toEqual(["accuracy", "logLoss", "balancedAccuracy"]);
    expect(no.notes).toEqual([
      'rocAuc and the curves are left out: all 3 rows are "no", and they compare rows of a class with others',
      'f1 is left out: no row is "yes", and none was called it',
    ]);
    expect(no).not.toHaveProperty("roc");
    expect(no.threshold).toMatchObject({ best: 0.5, cost: 0 });
    const yes = evaluateClassification({ labels: [1], probabilities: [0.2], classes: NAMES });
    expect(yes.metrics).toMatchObject({ accuracy: 0, f1: 0, balancedAccuracy: 0 });
    expect(yes.notes).toEqual([
      'rocAuc and the curves are left out: the only row is "yes", and they compare rows of a class with others',
    ]);
    for (const each of [no, yes]) isPlain(each);
  });
});

describe("the threshold", () => {
  const costAt = (rows: ClassificationPredictions, t: number, falsePositive: number, falseNegative: number): number => {
    let sum = 0;
    Array.from(rows.probabilities).forEach((p, row) => {
      if (p > t && rows.labels[row] === 0) sum += falsePositive;
      if (!(p > t) && rows.labels[row] === 1) sum += falseNegative;
    });
    return sum / rows.labels.length;
  };

  test("costs least, and the curve tells what each costs", () => {
    for (const [i, [falsePositive, falseNegative]] of [
      [1, 1],
      [1, 9],
      [5, 1],
      [0, 1],
      [2, 0],
    ].entries()) {
      for (const rows of [balanced, rare, fine, two(7, 0.5, 4), two(300, 0.5, 1000)]) {
        const costs = { falsePositive: falsePositive!, falseNegative: falseNegative! };
        const { threshold } = evaluateClassification({ ...rows, costs });
        const cost = (t: number): number => costAt(rows, t, falsePositive!, falseNegative!);
        near(threshold!.cost, cost(threshold!.best));
        near(threshold!.at, cost(0.5));
        const all = Array.from({ length: 1001 }, (_, t) => cost(t / 1000)).concat(Array.from(rows.probabilities, cost));
        near(threshold!.cost, Math.min(...all));
        expect(threshold!.costs).toEqual(costs);
        expect(threshold!.curve.length, String(i)).toBeLessThanOrEqual(200);
        for (const point of threshold!.curve) near(point.cost, cost(point.threshold));
        expect([threshold!.curve[0]!.threshold, threshold!.curve.at(-1)!.threshold]).toEqual([0, 1]);
      }
    }
  });

  test("of those that cost the same it is the nearest to 0.5: itself, or the middle of a piece", () => {
    const best = (labels: Numbers, probabilities: Numbers): number =>
      evaluateClassification({ labels, probabilities, classes: NAMES }).threshold!.best;
    expect(best([0, 1], [0.4, 0.6])).toBe(0.5);
    expect(best([0, 1], [0.6, 0.8])).toBeCloseTo(0.7, 15);
    expect(best([0, 1], [0.125, 0.25])).toBe(0.1875);
    expect(best([0, 1], [0.5, 0.75])).toBe(0.5);
    expect(best([0, 1], [0.25, 0.5])).toBe(0.375);
    // nothing above 1, where a row of the first class is
    expect(best([0, 0, 1], [1, 0.75, 0.5])).toBe(1);
  });
});

describe("several classes", () => {
  test.each([
    ["three", three, recorded.three],
    ["five", five, recorded.five],
  ])("%s: as scikit-learn", (_, rows, wanted) => {
    const result = evaluateClassification(rows);
    isPlain(result);
    for (const name of METRICS) near(result.metrics[name], wanted[name]);
    expect(result.confusion).toEqual(wanted["confusion"]);
    expect(result.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(result.rows);
    result.curves!.forEach(({ name, roc, pr }, label) => {
      expect(name).toBe(`class ${label}`);
      near(roc.area, wanted.areas[label]);
      near(pr.area, wanted.averagePrecisions[label]);
    });
    result.perClass.forEach(({ precision, recall, rows: own }, label) => {
      near(precision, wanted.precision[label]);
      near(recall, wanted.recall[label]);
      expect(own).toBe(result.confusion[label]!.reduce((sum, count) => sum + count, 0));
    });
    for (const key of ["roc", "pr", "calibration", "threshold", "notes"]) expect(result).not.toHaveProperty(key);
  });

  test("classes that don't occur", () => {
    const probabilities = [0.5, 0.2, 0.3, 0, 0.1, 0.7, 0.2, 0, 0.4, 0.3, 0.3, 0];
    const result = evaluateClassification({ probabilities, labels: [0, 1, 1], classes: ["a", "b", "c", "d"] });
    expect(result.curves!.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(result.metrics["balancedAccuracy"]).toBe(0.75);
    near(result.metrics["f1"], 2 / 3);
    near(result.metrics["rocAuc"], 1);
    expect(result.notes).toEqual(['rocAuc and the curves are without "c", "d": no row is of these classes']);
    const single = evaluateClassification({ probabilities, labels: [0, 0, 0], classes: ["a", "b", "c", "d"] });
    expect(single.curves).toEqual([]);
    expect(single.notes).toEqual([
      'rocAuc and the curves are left out: all 3 rows are "a", and they compare rows of a class with others',
    ]);
    for (const each of [result, single]) isPlain(each);
  });
});

describe("curves that are thinned", () => {
  test("keep their shape: no point that is left out is far from the line", () => {
    const rows = two(20_000, 0.3, 1e9);
    const { roc, pr, threshold } = evaluateClassification(rows);
    for (const curve of [roc!, pr!]) expect(curve.points).toHaveLength(200);
    expect(threshold!.curve).toHaveLength(200);
    expect(Math.abs(trapezoids(roc!) - roc!.area)).toBeLessThan(1e-3);
    const order = Array.from(Array.from(rows.probabilities).keys()).toSorted(
      (a, b) => rows.probabilities[b]! - rows.probabilities[a]!,
    );
    const positives = Array.from(rows.labels).reduce((sum, label) => sum + label, 0);
    let [x, y, piece] = [0, 0, 0];
    for (const row of order) {
      if (rows.labels[row] === 1) y += 1 / positives;
      else x += 1 / (20_000 - positives);
      while (piece + 2 < 200 && roc!.points[piece + 1]!.threshold > rows.probabilities[row]!) piece++;
      const [a, b] = [roc!.points[piece]!, roc!.points[piece + 1]!];
      const length = Math.sqrt((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y));
      expect(Math.abs((x - a.x) * (b.y - a.y) - (y - a.y) * (b.x - a.x)) / length).toBeLessThan(0.004);
    }
  });

  test("have no points on the line", () => {
    const line = Array.from({ length: 1000 }, (_, x) => ({ x: x / 1000, y: Math.abs(x - 300) }));
    expect(thinned(line, 200, 700).map(({ x }) => x)).toEqual([0, 0.3, 0.999]);
    expect(thinned(line.slice(0, 1), 200)).toEqual([line[0]]);
  });
});

describe("numbers", () => {
  test("as scikit-learn and numpy", () => {
    const result = evaluateRegression({ predicted, actual });
    isPlain(result);
    const wanted = recorded.numbers;
    expect(Object.keys(result.metrics)).toEqual(["r2", "rmse", "mae", "mape"]);
    for (const [name, value] of Object.entries(result.metrics)) near(value, wanted[name]);
    near(result.residuals.mean, wanted["mean"]);
    near(result.residuals.sd, wanted["sd"]);
    expect(result.residuals.quantiles.map(({ q }) => q)).toEqual([0, 0.05, 0.25, 0.5, 0.75, 0.95, 1]);
    result.residuals.quantiles.forEach(({ value }, i) => near(value, wanted.quantiles[i]));
    expect([result.task, result.rows]).toEqual(["regression", 333]);
    expect(result.points).toEqual(actual.map((value, row) => ({ actual: value, predicted: predicted[row] })));
  });

  test("mape: only where all that came are above 0", () => {
    expect(evaluateRegression({ predicted: [1, 3], actual: [2, 4] }).metrics["mape"]).toBe(0.375);
    expect(evaluateRegression({ predicted: [1, 3], actual: [0, 4] }).metrics).not.toHaveProperty("mape");
    expect(evaluateRegression({ predicted: [1, 3], actual: [-2, 4] }).metrics).not.toHaveProperty("mape");
  });

  test("r2: not where nothing varies", () => {
    const same = evaluateRegression({ predicted: [1, 3, 2], actual: [2, 2, 2] });
    expect(Object.keys(same.metrics)).toEqual(["rmse", "mae", "mape"]);
    expect(same.notes).toEqual([
      "r2 is left out: all 3 numbers that came are equal, and it compares with how much they vary",
    ]);
    const one = evaluateRegression({ predicted: [3], actual: [0] });
    expect(one.metrics).toEqual({ rmse: 3, mae: 3 });
    expect(one.notes).toEqual(["r2 is left out: there is only one row, and it compares with how much they vary"]);
    expect(one.residuals).toEqual({
      mean: -3,
      sd: 0,
      quantiles: [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1].map((q) => ({ q, value: -3 })),
      histogram: [{ from: -4.5, to: -1.5, rows: 1 }],
    });
    const tiny = evaluateRegression({ predicted: [0, 0], actual: [0, 1e-300] });
    expect(tiny.notes).toEqual(["r2 is left out: the numbers that came differ by too little to be squared"]);
    for (const each of [same, one, tiny]) isPlain(each);
  });

  test("few points of many rows: evenly chosen, in the order of time", () => {
    const many = Array.from({ length: 10_007 }, (_, row) => row);
    const { points, task } = evaluateRegression({ predicted: many, actual: many, task: "series" });
    expect([points.length, points[0]!.actual, points.at(-1)!.actual, task]).toEqual([500, 0, 10_006, "series"]);
    const steps = new Set(points.slice(1).map(({ actual: at }, i) => at - points[i]!.actual));
    expect([...steps].toSorted((a, b) => a - b)).toEqual([20, 21]);
    const times = many.map((row) => 1000 * (10_006 - row));
    const byTime = evaluateRegression({ predicted: many, actual: many, times }).points;
    expect(byTime.slice(0, 2)).toEqual([
      { actual: 10_006, predicted: 10_006, time: 0 },
      { actual: 9986, predicted: 9986, time: 20_000 },
    ]);
    expect(byTime.at(-1)).toEqual({ actual: 0, predicted: 0, time: 10_006_000 });
  });

  test("the histogram has round edges, and every row once", () => {
    const of = (actuals: Numbers) =>
      evaluateRegression({ predicted: actuals.map(() => 0), actual: actuals }).residuals.histogram;
    expect(of([0, 1, 2, 3, 4, 5, 6, 7, 8, 10])).toEqual([
      { from: 0, to: 2, rows: 2 },
      { from: 2, to: 4, rows: 2 },
      { from: 4, to: 6, rows: 2 },
      { from: 6, to: 8, rows: 2 },
      { from: 8, to: 10, rows: 2 },
    ]);
    expect(of([0, 0])).toEqual([{ from: -0.5, to: 0.5, rows: 2 }]);
    for (let i = 0; i < 60; i++) {
      const scale = Number(`1e${(i % 13) - 6}`);
      const values = Array.from({ length: 2 + 17 * i }, () => scale * (number() + number() + i - 30));
      const bins = of(values);
      expect(bins.length).toBeGreaterThanOrEqual(2);
      expect(bins.length).toBeLessThanOrEqual(32);
      bins.forEach(({ from, to, rows }, b) => {
        const end = b === bins.length - 1;
        expect(rows).toBe(values.filter((value) => value >= from && (value < to || (end && value === to))).length);
        if (b > 0) expect(from).toBe(bins[b - 1]!.to);
        expect(from.toExponential(14).replace(/e.*/, "").replace(/0+$/, "").length).toBeLessThan(8);
      });
      expect(bins.reduce((sum, { rows }) => sum + rows, 0)).toBe(values.length);
    }
  });
});

describe("is refused", () => {
  const of = (change: object) => () =>
    evaluateClassification({ probabilities: [0.2, 0.7], labels: [0, 1], classes: NAMES, ...change });
  const numbers = (change: object) => () => evaluateRegression({ predicted: [1, 2], actual: [1, 3], ...change });
  const where = "evaluateClassification";
  refuses([
    [of({ labels: [] }), RangeError, `${where}: labels is empty; at least one row is needed`],
    [
      of({ probabilities: [0.1, 0.2, 0.3] }),
      RangeError,
      `${where}: 2 labels and 2 classes need 4 probabilities, or 2 of the second class, got 3`,
    ],
    [of({ classes: ["a", "b", "c"] }), RangeError, `${where}: 2 labels and 3 classes need 6 probabilities, got 2`],
    [of({ labels: [0, 2] }), RangeError, `${where}: labels must be whole numbers from 0 to 1, but labels[1] is 2`],
    [of({ labels: [0.5, 1] }), RangeError, `${where}: labels must be whole numbers from 0 to 1, but labels[0] is 0.5`],
    [of({ labels: ["no", "yes"] }), TypeError, `${where}: labels[0] must be a number, got the string "no"`],
    [
      of({ probabilities: [0.2, 1.5] }),
      RangeError,
      `${where}: probabilities must be from 0 to 1, but probabilities[1] is 1.5; model.probabilities(x) gives them`,
    ],
    [
      of({ probabilities: Float32Array.of(NaN, 1) }),
      RangeError,
      `${where}: probabilities must be from 0 to 1, but probabilities[0] is NaN; model.probabilities(x) gives them`,
    ],
    [
      of({ probabilities: [0.5, 0.5, 0.2, 0.7] }),
      RangeError,
      `${where}: the probabilities of a row must sum to 1, but those of row 1 sum to 0.9; model.probabilities(x) gives them`,
    ],
    [of({ classes: ["yes"] }), RangeError, `${where}: classes must have from 2 to 11,585 names, got 1`],
    [of({ classes: ["yes", "yes"] }), RangeError, `${where}: class "yes" is named twice in classes`],
    [of({ classes: [0, 1] }), TypeError, `${where}: classes[0] must be a name, got number 0`],
    [of({ costs: { falsePositive: -1 } }), RangeError, `${where}: costs.falsePositive must be from 0 to 1e100, got -1`],
    [
      of({ costs: { falsePositive: 0, falseNegative: 0 } }),
      RangeError,
      `${where}: costs must not both be 0: every threshold would be as good`,
    ],
    [of({ costs: { fp: 1 } }), TypeError, `${where}: costs: unknown option "fp". Known: falsePositive, falseNegative`],
    [
      () => evaluateClassification({ ...three, costs: {} }),
      RangeError,
      `${where}: costs must be of two classes, but there are 3; leave them out`,
    ],
    [
      of({ ypred: [] }),
      TypeError,
      `${where}: unknown option "ypred"; did you mean "probabilities"? Known: probabilities, labels, classes, called, costs`,
    ],
    [numbers({ predicted: [1] }), RangeError, "evaluateRegression: there are 1 predicted but 2 actual numbers"],
    [
      numbers({ predicted: [], actual: [] }),
      RangeError,
      "evaluateRegression: actual is empty; at least one row is needed",
    ],
    [
      numbers({ predicted: [1, NaN] }),
      RangeError,
      "evaluateRegression: predicted must be numbers from -1e+150 to 1e+150, but predicted[1] is NaN",
    ],
    [
      numbers({ actual: [1, -Infinity] }),
      RangeError,
      "evaluateRegression: actual must be numbers from -1e+150 to 1e+150, but actual[1] is -Infinity",
    ],
    [numbers({ times: [1] }), RangeError, "evaluateRegression: there are 2 rows but 1 times"],
    [
      numbers({ times: [1, NaN] }),
      RangeError,
      "evaluateRegression: times must be numbers from -8640000000000000 to 8640000000000000, but times[1] is NaN",
    ],
    [
      numbers({ task: "classification" }),
      RangeError,
      'evaluateRegression: task must be one of regression, series, got "classification"',
    ],
  ]);
});
