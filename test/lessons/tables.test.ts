// The lessons on tables: their figures beside those of scikit-learn and of slow sums.
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { numbersOf } from "../../lessons/columns.ts";
import { BAD, countBad, divide as divideLoans, folds, leak, logistic, wideNetwork } from "../../lessons/evaluation.ts";
import { alwaysTheMean, carryOut, divide, type Plan, ROWS, STRENGTH } from "../../lessons/overfitting.ts";
import {
  accuracy,
  area,
  calibration,
  count,
  f1,
  heightAt,
  pairs,
  precision,
  recall,
  roc,
  type Scored,
} from "../../lessons/scores.ts";
import { readCsv, type Table, table } from "../../src/data.ts";

const rowsOf = async (name: string): Promise<Table> =>
  (await table(readCsv(join(import.meta.dirname, `../../lessons/data/${name}.csv.gz`)))).infer();
const concrete = await rowsOf("concrete");
const credit = await rowsOf("credit_data");

test("the tables are whole", () => {
  expect([concrete.rows, concrete.columns.length]).toEqual([1030, 9]);
  expect([credit.rows, credit.columns.length, countBad(credit)]).toEqual([4454, 14, 1254]);
  // pandas: read_csv("credit_data.csv.gz").Income.agg(["sum", "count"]), read_csv("concrete.csv.gz").sum()
  const known = credit.column("Income").values!.filter((value) => !Number.isNaN(value));
  expect([known.length, known.reduce((a, b) => a + b)]).toEqual([4073, 577_094]);
  const sum = (name: string): number => concrete.column(name).values!.reduce((a, b) => a + b);
  expect(sum("cement")).toBeCloseTo(289_602.9, 6);
  expect(sum(STRENGTH)).toBeCloseTo(36_892.5, 6);
});

describe("numbers of columns", () => {
  const rows = table({ size: [1, 3, null, 5], city: ["Bern", "Ulm", "Bern", null], y: ["a", "b", "b", "a"] }).infer();

  test("are standardized by the rows that are given; words have a number each, what is missing is 0", () => {
    const numbers = numbersOf(rows, "y", "b");
    expect(numbers.features).toEqual(["size", "city=Bern", "city=Ulm"]);
    expect(numbers.deviation).toBe(1);
    const deviation = Math.sqrt(8 / 3);
    const size = (value: number): number => Math.fround((value - 3) / deviation);
    const { x, y } = numbers.read(rows);
    expect([...x]).toEqual([size(1), 1, 0, size(3), 0, 1, 0, 1, 0, size(5), 0, 0]);
    expect([...y]).toEqual([0, 1, 1, 0]);
    expect([...numbers.read(rows.take([3])).x]).toEqual([size(5), 0, 0]);
  });

  test("a target of numbers is standardized, too", () => {
    const { deviation, read } = numbersOf(rows.take([0, 1, 3]), "size");
    expect(deviation).toBeCloseTo(Math.sqrt(8 / 3), 12);
    expect([...read(rows.take([1, 3])).y]).toEqual([0, Math.fround(2 / Math.sqrt(8 / 3))]);
  });
});

describe("scores", () => {
  const scored: Scored = {
    a: [0.9, 0.8, 0.7, 0.7, 0.7, 0.4, 0.3, 0.3, 0.2, 0.1],
    y: [1, 0, 1, 1, 0, 0, 1, 0, 0, 0],
  };

  test("are those of scikit-learn", () => {
    // confusion_matrix, accuracy_score, precision_score, recall_score, f1_score with a > 0.5
    const counts = count(scored, 0.5);
    expect(counts).toEqual({ tp: 3, fp: 2, fn: 1, tn: 4 });
    expect([accuracy(counts), precision(counts), recall(counts)]).toEqual([0.7, 0.6, 0.75]);
    expect(f1(counts)).toBeCloseTo(2 / 3, 12);
    // roc_curve(y, a, drop_intermediate=False), roc_auc_score
    const points = roc(scored);
    const sixth = [0, 0, 1, 2, 3, 4, 5, 6].map((k) => k / 6);
    const steps = sixth.map((x, i) => ({ x, y: [0, 0.25, 0.25, 0.75, 0.75, 1, 1, 1][i]! }));
    expect(points).toEqual(steps);
    expect(area(points)).toBeCloseTo(0.7291666666666667, 12);
    const { all, right } = pairs(scored);
    expect([all, right]).toEqual([24, 17.5]);
    expect(heightAt(points, 0)).toBe(0.25);
    expect(heightAt(points, 0.25)).toBeCloseTo(0.5, 12);
    expect(heightAt(points, 1)).toBe(1);
  });

  test("without a yes there is no precision, and it is 0", () => {
    const counts = count(scored, 0.95);
    expect([precision(counts), recall(counts), f1(counts)]).toEqual([0, 0, 0]);
  });

  test("calibration has every row in one bin", () => {
    const bins = calibration(scored, [0, 0.3, 0.7, 1]);
    expect(bins.map(({ rows }) => rows)).toEqual([4, 4, 2]);
    expect(bins.map(({ observed }) => observed)).toEqual([0.25, 0.5, 0.5]);
    expect(bins[0]!.said).toBeCloseTo(0.225, 12);
    expect(calibration({ a: [0, 1], y: [0, 1] }, [0, 0.5, 1]).map(({ rows }) => rows)).toEqual([1, 1]);
  });
});

describe("evaluation", () => {
  const borrowers = divideLoans(credit);
  const { train, validation, test: last } = borrowers;

  test("each part has its share of the bad ones", () => {
    expect([train, validation, last].map(({ rows }) => rows)).toEqual([2227, 891, 1336]);
    expect([train, validation, last].map(countBad)).toEqual([627, 251, 376]);
    expect(credit.column("Status").words).toContain(BAD);
  });

  test("logistic regression: the figures of scikit-learn on the same outputs", async () => {
    const scored = (await logistic(train)).score(last);
    const counts = count(scored, 0.5);
    expect(counts).toEqual({ tp: 178, fp: 93, fn: 198, tn: 867 });
    // accuracy_score, precision_score, recall_score, f1_score, roc_auc_score
    expect(accuracy(counts)).toBeCloseTo(0.782185628742515, 12);
    expect(precision(counts)).toBeCloseTo(0.6568265682656826, 12);
    expect(recall(counts)).toBeCloseTo(0.4734042553191489, 12);
    expect(f1(counts)).toBeCloseTo(0.5502318392581144, 12);
    expect(area(roc(scored))).toBeCloseTo(0.8235483156028369, 12);
    const { all, right } = pairs(scored);
    expect([all, right]).toEqual([376 * 960, 297_268]);
  });

  test("folds: about what scikit-learn's logistic regression has", async () => {
    const scores = await folds(credit, 5);
    expect(scores.reduce((sum, { y }) => sum + y.length, 0)).toBe(4454);
    // cross_val_score of LogisticRegression(C=1e6) on standardized numbers and one-hot words, StratifiedKFold(5, shuffle=True,
    // random_state=0, 1, 2): AUC 0.8285, 0.8298, 0.8287; accuracy 0.7943, 0.7930, 0.7943
    const mean = (measure: (scored: Scored) => number): number =>
      scores.reduce((sum, scored) => sum + measure(scored), 0) / 5;
    expect(Math.abs(mean((scored) => area(roc(scored))) - 0.829)).toBeLessThan(0.003);
    expect(Math.abs(mean((scored) => accuracy(count(scored, 0.5))) - 0.794)).toBeLessThan(0.005);
  });

  test("a wide network is perfect on what it has seen, and worse than one neuron on the rest", async () => {
    const [wide, simple] = [await wideNetwork(train), await logistic(train)];
    expect(area(roc(wide.score(train)))).toBeGreaterThan(0.999);
    expect(area(roc(wide.score(last)))).toBeLessThan(area(roc(simple.score(last))) - 0.03);
  });

  test("a leak is praised by the test set, and finds nobody where it is used", async () => {
    const { tested, used } = await leak(borrowers);
    expect(area(roc(tested))).toBeGreaterThan(0.97);
    expect(recall(count(tested, 0.5))).toBeGreaterThan(0.9);
    expect(recall(count(used, 0.5))).toBeLessThan(0.1);
    expect(Array.from(used.y)).toEqual(Array.from(tested.y));
  });
});

describe("overfitting", () => {
  const mixtures = divide(concrete);
  const wide: Plan = { rows: 60, hidden: [64, 64], epochs: 500 };
  const text = (part: Table): string[] => [...part].map((row) => JSON.stringify(row));

  test("the fewer rows are part of the more, and none is in two sets", () => {
    const parts = ROWS.map((rows) => mixtures.train.get(rows)!);
    expect(parts.map(({ rows }) => rows)).toEqual([...ROWS]);
    parts.slice(1).forEach((more, i) => {
      const known = new Set(text(more));
      expect(text(parts[i]!).filter((row) => !known.has(row))).toEqual([]);
    });
    const all = [parts.at(-1)!, mixtures.validation, mixtures.test].flatMap(text);
    expect(all.toSorted()).toEqual(text(concrete).toSorted());
    expect(text(divide(concrete, 1).train.get(60)!)).not.toEqual(text(parts[0]!));
    expect(text(divide(concrete, 1).test)).toEqual(text(mixtures.test));
  });

  test("the line is the one of least squares", async () => {
    const line = await carryOut(mixtures, { rows: 600, hidden: [], epochs: 3000 });
    expect(line.parameters).toBe(9);
    // LinearRegression().fit on the same 600 rows: RMSE on these, the validation set and the test set
    [10.1671, 11.2265, 10.2421].forEach((error, i) =>
      expect([line.train, line.validation, line.test][i]).toBeCloseTo(error, 1),
    );
  });

  test("errors by epoch: the last ones are those of the end, and the least is found", async () => {
    const outcome = await carryOut(mixtures, { ...wide, epochs: 60, watch: true });
    expect(outcome.epochs).toBe(60);
    expect(outcome.curve.train).toHaveLength(60);
    expect([outcome.curve.train.at(-1), outcome.curve.validation.at(-1)]).toEqual([outcome.train, outcome.validation]);
    expect(outcome.curve.validation.every((error) => error >= outcome.curve.validation[outcome.best]!)).toBe(true);
    expect((await carryOut(mixtures, { ...wide, epochs: 60 })).test).toBe(outcome.test);
  });

  test("early stopping keeps the weights of the best epoch", async () => {
    const stopped = await carryOut(mixtures, { ...wide, patience: 100 });
    expect([stopped.epochs, stopped.best]).toEqual([134, 33]);
    expect(stopped.validation).toBe(stopped.curve.validation[33]);
  });

  test("to say the mean is wrong by the standard deviation", () => {
    const known = mixtures.train.get(60)!;
    expect(alwaysTheMean(mixtures, 60).train).toBeCloseTo(numbersOf(known, STRENGTH).deviation, 10);
  });
});
