// Scores of a column alone, and distances of samples: against scipy, scikit-learn and slow code.
import { expect, test } from "vitest";
import { table } from "../../src/data/table.ts";
import { ksOf } from "../../src/tables/qualityDrift.ts";
import { quantile, sortedValues } from "../../src/data/statistics.ts";
import { foldsOf, sampleOf } from "../../src/tables/qualitySample.ts";
import { aucOf, aucOfBins, binsOf, r2Linear, r2OfBins, r2OfRanks } from "../../src/tables/qualityScores.ts";

const make = (count: number, cell: (i: number) => number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => cell(i));

// i = numpy.arange(300); j = numpy.arange(180)
const A = make(300, (i) => ((i * 37) % 101) / 10 + (i % 7));
const B = make(180, (j) => ((j * 53) % 97) / 9 + (j % 5) + 2);
const X = make(300, (i) => (i * 37) % 23);
const Z = make(300, (i) => X[i]! * X[i]! + ((i * i) % 53));

test("Kolmogorov-Smirnov as scipy's", () => {
  // scipy.stats.ks_2samp(i * 37 % 101 / 10 + i % 7, j * 53 % 97 / 9 + j % 5 + 2).statistic
  expect(ksOf(sortedValues(A), sortedValues(B))).toBeCloseTo(0.14222222222222222, 14);
  expect(ksOf(sortedValues(A), sortedValues(A))).toBe(0);
  expect(ksOf(Float64Array.of(1, 2), Float64Array.of(3, 4))).toBe(1);
  // equal numbers step together
  expect(ksOf(Float64Array.of(0, 0, 0, 1), Float64Array.of(0, 1))).toBe(0.25);
});

test("AUC as scikit-learn's, ties included", () => {
  // x = i * 37 % 23; sklearn.metrics.roc_auc_score(x * x + i * i % 53 > 200, x)
  const yes = X.filter((_, i) => Z[i]! > 200);
  const no = X.filter((_, i) => Z[i]! <= 200);
  expect([yes.length, aucOf(yes, no)]).toEqual([123, expect.closeTo(0.9984382894676405, 14)]);
  expect(aucOf(no, yes)).toBeCloseTo(1 - 0.9984382894676405, 14);
});

test("linear and rank correlation as scipy's, without rows where one is missing", () => {
  // scipy.stats.pearsonr(x, x * x + i * i % 53)[0] ** 2, spearmanr
  expect(r2Linear(X, Z)).toBeCloseTo(0.9208763730462036, 13);
  expect(r2OfRanks(X, Z)).toBeCloseTo(0.9602869636940573, 13);
  const gaps = Float64Array.from([...X, NaN, 5]);
  const others = Float64Array.from([...Z, 99, NaN]);
  expect(r2Linear(gaps, others)).toBeCloseTo(0.9208763730462036, 13);
  expect(r2OfRanks(gaps, others)).toBeCloseTo(0.9602869636940573, 13);
  expect(r2Linear(X, new Float64Array(300))).toBe(0);
  // of many rows all are ranked where the first show something
  const long = make(9000, (i) => (i * 7919) % 9001);
  const cubes = long.map((value) => value * value * value);
  expect(r2OfRanks(long, cubes)).toBe(1);
  expect(
    r2OfRanks(
      long,
      make(9000, (i) => (i * 31) % 8999),
    ),
  ).toBeLessThan(0.1);
});

test("quantiles are those of numpy", () => {
  // numpy.quantile([1, 2, 4, 8], [0, 0.25, 0.5, 0.9, 1])
  const sorted = Float64Array.of(1, 2, 4, 8);
  expect([0, 0.25, 0.5, 0.9, 1].map((share) => quantile(sorted, share))).toEqual([
    1,
    1.75,
    3,
    expect.closeTo(6.8, 12),
    8,
  ]);
});

/** A number for each row that is learnt of the other folds' rows of its group, the slow way. */
function guesses(groups: ArrayLike<number>, y: ArrayLike<number>, folds: Uint8Array, weight: number): number[] {
  const mean = (rows: number[]): number => rows.reduce((sum, row) => sum + y[row]!, 0) / rows.length;
  const all = Array.from({ length: y.length }, (_, row) => row);
  return all.map((row) => {
    const others = all.filter((other) => folds[other] !== folds[row]);
    const near = others.filter((other) => groups[other] === groups[row]);
    const prior = weight > 0 ? mean(others) : mean(all);
    const sum = near.reduce((total, other) => total + y[other]!, 0);
    return near.length + weight === 0 ? prior : (sum + weight * prior) / (near.length + weight);
  });
}

test("scores of groups are those of means of the other folds", () => {
  const words = Array.from({ length: 200 }, (_, i) => `w${(i * i) % 17}`);
  const column = table({ words })
    .infer({ types: { words: "category" } })
    .column("words");
  const folds = foldsOf(200, 5);
  const bins = binsOf(column, 20);
  const labels = Int32Array.from({ length: 200 }, (_, i) => (((i * i) % 17) + (i % 5) > 9 ? 1 : 0));
  const guess = guesses(column.codes!, labels, folds, 1);
  let right = 0;
  let pairs = 0;
  labels.forEach((yes, a) =>
    labels.forEach((no, b) => {
      if (yes !== 1 || no !== 0) return;
      pairs++;
      // the same sum in another order may differ in its last bit
      right += Math.abs(guess[a]! - guess[b]!) < 1e-12 ? 0.5 : guess[a]! > guess[b]! ? 1 : 0;
    }),
  );
  expect(aucOfBins(bins, labels, folds, 1)).toBeCloseTo(right / pairs, 12);
  const y = make(200, (i) => ((i * i) % 17) + ((i * 13) % 7));
  const mean = y.reduce((sum, value) => sum + value, 0) / 200;
  const slow = guesses(column.codes!, y, folds, 0);
  const errors = y.reduce((sum, value, i) => sum + (value - slow[i]!) * (value - slow[i]!), 0);
  const squares = y.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  expect(r2OfBins(bins, y, folds)).toBeCloseTo(1 - errors / squares, 12);
});

test("words that come once tell nothing of other rows", () => {
  const words = Array.from({ length: 300 }, (_, i) => `w${i}`);
  const column = table({ words })
    .infer({ types: { words: "category" } })
    .column("words");
  const folds = foldsOf(300, 5);
  const labels = Int32Array.from({ length: 300 }, (_, i) => i % 2);
  expect(aucOfBins(binsOf(column, 20), labels, folds, 1)).toBeLessThan(0.51);
  expect(
    r2OfBins(
      binsOf(column, 20),
      make(300, (i) => i),
      folds,
    ),
  ).toBeLessThan(0.01);
});

test("bins of numbers have about as many each, equal numbers together, and what is missing apart", () => {
  const column = table({ a: [...Array.from({ length: 100 }, (_, i) => i / 2), null] })
    .infer()
    .column("a");
  const bins = binsOf(column, 10);
  expect(bins.count).toBe(11);
  const sizes = Array.from({ length: 11 }, () => 0);
  for (const bin of bins.of) sizes[bin]!++;
  expect(sizes).toEqual([10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 1]);
  const zeros = table({ a: Array.from({ length: 100 }, (_, i) => (i < 70 ? 0 : i)) })
    .infer()
    .column("a");
  expect([...new Set(binsOf(zeros, 10).of.subarray(0, 70))]).toEqual([0]);
});

test("a sample has a row of each piece, the same each time", () => {
  const many = table({ a: make(1000, (i) => i / 4) }).infer();
  const some = sampleOf(many, 100).column("a").values!;
  expect(some).toEqual(sampleOf(many, 100).column("a").values);
  some.forEach((value, i) => expect(Math.floor((value * 4) / 10)).toBe(i));
  expect(sampleOf(many, 1000)).toBe(many);
});
