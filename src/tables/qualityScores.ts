// How well a column alone tells the target, without learning single rows by heart.
import { sortedValues } from "../data/statistics.ts";
import type { Column } from "../data/tableTypes.ts";
import { countBelow } from "./qualityFindings.ts";

/** Means are of the rows outside the fold that they are used in. */
export const FOLDS = 5;
const MOST_BINS = 200;

/** A column's rows in groups: each word, or numbers that are near each other; what is missing is one, too. */
export interface Bins {
  readonly of: Int32Array;
  readonly count: number;
}

/** Groups of words, or of about `least` numbers. */
export function binsOf({ values, codes, words }: Column, least: number): Bins {
  if (!values) {
    const count = words!.length;
    return { of: codes!.map((code) => (code < 0 ? count : code)), count: count + 1 };
  }
  const sorted = sortedValues(values);
  const wanted = Math.max(2, Math.min(MOST_BINS, Math.floor(sorted.length / least)));
  const edges: number[] = [];
  for (let bin = 1; bin < wanted; bin++) {
    const edge = sorted[Math.floor((bin * sorted.length) / wanted)]!;
    if (edge > sorted[0]! && edge !== edges.at(-1)) edges.push(edge);
  }
  const limits = Float64Array.from(edges);
  const count = edges.length + 1;
  return {
    of: Int32Array.from(values, (value) => (value === value ? countBelow(limits, value, true) : count)),
    count: count + 1,
  };
}

/**
 * The area under the ROC curve of numbers, of which the larger ones are taken for yes: the share of pairs of a yes and a no that are in
 * this order, where equal ones are half.
 */
export function aucOf(yes: Float64Array, no: Float64Array): number {
  const [a, b] = [yes.toSorted(), no.toSorted()];
  let [below, equal, sum] = [0, 0, 0];
  for (const value of a) {
    while (below < b.length && b[below]! < value) below++;
    if (equal < below) equal = below;
    while (equal < b.length && b[equal] === value) equal++;
    sum += (below + equal) / 2;
  }
  return sum / (a.length * b.length);
}

/** The area under the ROC curve of a class, predicted by its share in the other folds' rows of the same group. */
export function aucOfBins(bins: Bins, labels: Int32Array, folds: Uint8Array, label: number): number {
  const cells = bins.count * FOLDS;
  const [yes, all] = [new Float64Array(cells), new Float64Array(cells)];
  const [yesOfFold, allOfFold] = [new Float64Array(FOLDS), new Float64Array(FOLDS)];
  let [yesTotal, total] = [0, 0];
  for (let row = 0; row < labels.length; row++) {
    if (labels[row]! < 0) continue;
    const cell = bins.of[row]! * FOLDS + folds[row]!;
    all[cell]!++;
    allOfFold[folds[row]!]!++;
    total++;
    if (labels[row] !== label) continue;
    yes[cell]!++;
    yesOfFold[folds[row]!]!++;
    yesTotal++;
  }
  const rates = new Float64Array(cells);
  for (let bin = 0; bin < bins.count; bin++) {
    let [yesOfBin, allOfBin] = [0, 0];
    for (let cell = bin * FOLDS; cell < (bin + 1) * FOLDS; cell++) {
      yesOfBin += yes[cell]!;
      allOfBin += all[cell]!;
    }
    for (let fold = 0; fold < FOLDS; fold++) {
      const cell = bin * FOLDS + fold;
      const prior = (yesTotal - yesOfFold[fold]!) / Math.max(1, total - allOfFold[fold]!);
      rates[cell] = (yesOfBin - yes[cell]! + prior) / (allOfBin - all[cell]! + 1);
    }
  }
  const order = Uint32Array.from(rates.keys())
    .filter((cell) => all[cell]! > 0)
    .toSorted((a, b) => rates[a]! - rates[b]!);
  let [below, sum] = [0, 0];
  for (let i = 0; i < order.length;) {
    let [yesHere, noHere] = [0, 0];
    const rate = rates[order[i]!]!;
    for (; i < order.length && rates[order[i]!] === rate; i++) {
      yesHere += yes[order[i]!]!;
      noHere += all[order[i]!]! - yes[order[i]!]!;
    }
    sum += yesHere * (below + noHere / 2);
    below += noHere;
  }
  return sum / (yesTotal * (total - yesTotal));
}

/** R2 of the means of the other folds' rows of the same group. */
export function r2OfBins(bins: Bins, y: Float64Array, folds: Uint8Array): number {
  const cells = bins.count * FOLDS;
  const [sums, counts] = [new Float64Array(cells), new Float64Array(cells)];
  const [binSums, binCounts] = [new Float64Array(bins.count), new Float64Array(bins.count)];
  let [total, count] = [0, 0];
  for (let row = 0; row < y.length; row++) {
    const value = y[row]!;
    if (value !== value) continue;
    const bin = bins.of[row]!;
    const cell = bin * FOLDS + folds[row]!;
    sums[cell]! += value;
    counts[cell]!++;
    binSums[bin]! += value;
    binCounts[bin]!++;
    total += value;
    count++;
  }
  const mean = total / count;
  let [errors, squares] = [0, 0];
  for (let row = 0; row < y.length; row++) {
    const value = y[row]!;
    if (value !== value) continue;
    const bin = bins.of[row]!;
    const cell = bin * FOLDS + folds[row]!;
    const others = binCounts[bin]! - counts[cell]!;
    const guess = others > 0 ? (binSums[bin]! - sums[cell]!) / others : mean;
    errors += (value - guess) * (value - guess);
    squares += (value - mean) * (value - mean);
  }
  return 1 - errors / squares;
}

/** The square of the correlation of two columns (Pearson), where both are filled; of fewer than two rows 0. */
export function r2Linear(x: Float64Array, y: Float64Array): number {
  let [count, sumX, sumY] = [0, 0, 0];
  for (let row = 0; row < y.length; row++) {
    if (Number.isNaN(x[row]) || Number.isNaN(y[row])) continue;
    count++;
    sumX += x[row]!;
    sumY += y[row]!;
  }
  const [meanX, meanY] = [sumX / count, sumY / count];
  let [xx, yy, xy] = [0, 0, 0];
  for (let row = 0; row < y.length; row++) {
    const [a, b] = [x[row]! - meanX, y[row]! - meanY];
    if (a !== a || b !== b) continue;
    xx += a * a;
    yy += b * b;
    xy += a * b;
  }
  return xx > 0 && yy > 0 ? ((xy / xx) * xy) / yy : 0;
}

/** The rank of each number among all, equal ones their mean; NaN where it is missing, or another column is. */
function ranksOf(values: Float64Array, other: Float64Array): Float64Array {
  const both = values.map((value, row) => (Number.isNaN(other[row]) ? NaN : value));
  const sorted = sortedValues(both);
  return both.map((value) =>
    Number.isNaN(value) ? NaN : (countBelow(sorted, value, false) + countBelow(sorted, value, true)) / 2,
  );
}

/** Rows that are looked at first, and what must be reached with them. */
const FIRST_ROWS = 2000;
const PROMISING = 0.9;

/**
 * The square of the correlation of two columns' ranks (Spearman), where both are filled. Of many rows some are looked at first, and if
 * these have no high one, all aren't ranked.
 */
export function r2OfRanks(x: Float64Array, y: Float64Array): number {
  if (y.length > 2 * FIRST_ROWS) {
    const step = Math.floor(y.length / FIRST_ROWS);
    const some = (all: Float64Array): Float64Array => all.filter((_, row) => row % step === 0);
    const [a, b] = [some(x), some(y)];
    const first = r2Linear(ranksOf(a, b), ranksOf(b, a));
    if (first < PROMISING) return first;
  }
  return r2Linear(ranksOf(x, y), ranksOf(y, x));
}
