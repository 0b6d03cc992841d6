// What follows from the probabilities of two classes: how far they can be trusted, and from which one on to act.
import type { Cut } from "../nn/metrics/scores.ts";
import { thinned } from "./curves.ts";
import type { ClassificationEvaluation } from "./results.ts";

/** What a wrong decision about a row costs. */
export interface Costs {
  /** Of a row of the first class that is called the second one; default 1. */
  readonly falsePositive?: number;
  /** Of a row of the second class that is called the first one; default 1. */
  readonly falseNegative?: number;
}

type Calibration = NonNullable<ClassificationEvaluation["calibration"]>;
type Threshold = NonNullable<ClassificationEvaluation["threshold"]>;

const BINS = 10;

/** How often the second class comes where it is predicted with a probability: in tenths, each with its upper end, the first with 0 too. */
export function calibrationOf(probabilities: Float64Array, labels: ArrayLike<number>): Calibration {
  const sums = Array.from({ length: BINS }, () => ({ predicted: 0, observed: 0, rows: 0 }));
  let squares = 0;
  probabilities.forEach((p, row) => {
    const outcome = labels[row]!;
    squares += (p - outcome) * (p - outcome);
    let place = Math.min(Math.floor(p * BINS), BINS - 1);
    if (p <= place / BINS) place = Math.max(place - 1, 0);
    const bin = sums[place]!;
    bin.predicted += p;
    bin.observed += outcome;
    bin.rows++;
  });
  const bins = sums.flatMap(({ predicted, observed, rows }, i) =>
    rows === 0
      ? []
      : [{ from: i / BINS, to: (i + 1) / BINS, predicted: predicted / rows, observed: observed / rows, rows }],
  );
  const off = bins.reduce((sum, bin) => sum + bin.rows * Math.abs(bin.predicted - bin.observed), 0);
  return { bins, brier: squares / probabilities.length, error: off / probabilities.length };
}

/**
 * The threshold from 0 to 1 at which errors cost least, if what is above it is called the second class. Between two probabilities the
 * cost stays the same: of all thresholds that cost least it is 0.5, or the middle of the piece that is nearest to 0.5.
 */
export function thresholdOf(
  cuts: readonly Cut[],
  { falsePositive = 1, falseNegative = 1 }: Costs,
  most: number,
): Threshold {
  const { positives, negatives } = cuts.at(-1)!;
  const rows = positives + negatives;
  const costOf = (above: Omit<Cut, "threshold">): number =>
    (above.negatives * falsePositive + (positives - above.positives) * falseNegative) / rows;
  // pieces [from, to) in which the same rows are above the threshold, from 1 down to 0
  const starts = [...cuts.map(({ threshold }) => threshold), 0];
  const pieces = starts.flatMap((from, i) => {
    const to = i === 0 ? 1 : starts[i - 1]!;
    // with a row at 1 the first piece is 1 alone; with one at 0 the last piece is there already
    if (i > 0 && from === to) return [];
    const above = i === 0 ? { positives: 0, negatives: 0 } : cuts[i - 1]!;
    return [{ from, to, cost: costOf(above) }];
  });
  const awayOf = ({ from, to }: { from: number; to: number }): number =>
    from > 0.5 ? from - 0.5 : to <= 0.5 ? 0.5 - to : -1;
  let best = pieces[0]!;
  for (const piece of pieces) {
    if (piece.cost < best.cost || (piece.cost === best.cost && awayOf(piece) < awayOf(best))) best = piece;
  }
  const middle = (best.from + best.to) / 2;
  const points = pieces.map(({ from, cost }) => ({ x: from, y: cost }));
  if (points[0]!.x < 1) points.unshift({ x: 1, y: points[0]!.y });
  const height = points.reduce((highest, { y }) => Math.max(highest, y), 0) || 1;
  return {
    best: awayOf(best) < 0 ? 0.5 : middle < best.to ? middle : best.from,
    cost: best.cost,
    at: pieces.find(({ from }) => from <= 0.5)!.cost,
    costs: { falsePositive, falseNegative },
    curve: thinned(points.toReversed(), most, height).map(({ x, y }) => ({ threshold: x, cost: y })),
  };
}
