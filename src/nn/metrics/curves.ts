// Curves over all thresholds, from the outputs and the labels of a finished prediction. All counts are integers.
import { checkNumbers } from "../../util/check.ts";
import { averagePrecisionOf, type Cut, cutsOf, rocAreaOf } from "./scores.ts";

/** A threshold, and what comes of calling everything 1 whose score is at or above it. */
export interface RocPoint {
  /** Infinity in the first point, which calls nothing 1. */
  readonly threshold: number;
  /** Of class 0, the share that is called 1. */
  readonly falsePositiveRate: number;
  /** Of class 1, the share that is called 1: the recall. */
  readonly truePositiveRate: number;
}

/** A threshold, and what comes of calling everything 1 whose score is at or above it. */
export interface PrecisionRecallPoint {
  /** One of the scores: what is at or above it is called 1. */
  readonly threshold: number;
  /** Of what is called 1, the share that is. */
  readonly precision: number;
  /** Of what is 1, the share that is called 1. */
  readonly recall: number;
}

/**
 * The receiver operating characteristic: a point for every different score, from (0, 0) to (1, 1).
 *
 * @param targets true labels, 0 or 1
 * @param scores what was predicted, the larger the more likely 1: outputs or probabilities, as many
 * @returns the points from the highest threshold on, and the area under them, which `rocAuc` is
 * @throws {RangeError} if the counts differ, a label isn't 0 or 1, a score is NaN, or one of the classes doesn't occur
 * @example const { points, area } = rocCurve([0, 1, 1], [0.2, 0.9, 0.1]);
 */
export function rocCurve(targets: ArrayLike<number>, scores: ArrayLike<number>): { points: RocPoint[]; area: number } {
  const cuts = cutsFor("rocCurve", targets, scores);
  const { positives, negatives } = cuts.at(-1)!;
  if (negatives === 0) throw new RangeError("rocCurve: all targets are 1; the curve needs both classes");
  const points = cuts.map((cut) => ({
    threshold: cut.threshold,
    falsePositiveRate: cut.negatives / negatives,
    truePositiveRate: cut.positives / positives,
  }));
  return {
    points: [{ threshold: Infinity, falsePositiveRate: 0, truePositiveRate: 0 }, ...points],
    area: rocAreaOf(cuts),
  };
}

/**
 * Precision and recall: a point for every different score. A threshold can be chosen by it, such as the one with the largest F1.
 *
 * @param targets true labels, 0 or 1
 * @param scores what was predicted, the larger the more likely 1: outputs or probabilities, as many
 * @returns the points from the highest threshold on, and the average precision, which `prAuc` is
 * @throws {RangeError} if the counts differ, a label isn't 0 or 1, a score is NaN, or no target is 1
 * @example const { points, averagePrecision } = precisionRecallCurve([0, 1, 1], [0.2, 0.9, 0.1]);
 */
export function precisionRecallCurve(
  targets: ArrayLike<number>,
  scores: ArrayLike<number>,
): { points: PrecisionRecallPoint[]; averagePrecision: number } {
  const cuts = cutsFor("precisionRecallCurve", targets, scores);
  const all = cuts.at(-1)!.positives;
  const points = cuts.map(({ threshold, positives, negatives }) => ({
    threshold,
    precision: positives / (positives + negatives),
    recall: positives / all,
  }));
  return { points, averagePrecision: averagePrecisionOf(cuts) };
}

/** Validates targets and scores, and counts. There is at least one target of class 1. */
function cutsFor(where: string, targets: ArrayLike<number>, scores: ArrayLike<number>): Cut[] {
  checkNumbers(where, "targets", targets);
  checkNumbers(where, "scores", scores);
  if (targets.length !== scores.length) {
    throw new RangeError(`${where}: there are ${targets.length} targets but ${scores.length} scores`);
  }
  for (let i = 0; i < targets.length; i++) {
    if (targets[i] === 0 || targets[i] === 1) continue;
    throw new RangeError(`${where}: targets must be 0 or 1, but targets[${i}] is ${targets[i]}`);
  }
  const numbers = Float64Array.from(scores);
  const bad = numbers.findIndex(Number.isNaN);
  if (bad >= 0) throw new RangeError(`${where}: scores must be numbers, but scores[${bad}] is NaN`);
  const cuts = cutsOf(numbers, (i) => targets[i] === 1)!;
  if (!cuts.at(-1)?.positives) throw new RangeError(`${where}: no target is 1; at least one is needed`);
  return cuts;
}
