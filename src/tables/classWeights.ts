// What rows of rare classes count, and what that means for the probabilities of a model that was trained so.

/** A class is rare if it has less than this share of the rows. */
const RARE = 0.2;
/** A row counts at most as much as this many of the most frequent class. */
const MOST = 20;

/** What a row of each class counts, so that all classes count the same: 1 for the most frequent; undefined where none is rare. */
export function classWeightsOf(labels: ArrayLike<number>, classes: number): number[] | undefined {
  const counts = Array.from({ length: classes }, () => 0);
  for (let i = 0; i < labels.length; i++) counts[labels[i]!]!++;
  const most = Math.max(...counts);
  // of three classes and more, a third and less is the usual share
  const rare = Math.min(RARE, 0.4 / classes) * labels.length;
  if (Math.min(...counts) >= rare) return undefined;
  return counts.map((count) => Math.min(MOST, most / Math.max(1, count)));
}

/**
 * The probabilities of all classes, [rows, classes], as they are without weights: a model that was trained with weights w gives
 * p_k w_k / sum of p_j w_j.
 *
 * @param outputs what the model gives: of two classes the probability of the second alone
 */
export function probabilitiesOf(
  outputs: Float32Array,
  classes: number,
  weights: readonly number[] | undefined,
): Float32Array {
  const rows = classes === 2 ? outputs.length : outputs.length / classes;
  const result = new Float32Array(rows * classes);
  const one = new Float64Array(classes);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let k = 0; k < classes; k++) {
      const given = classes > 2 ? outputs[row * classes + k]! : k === 1 ? outputs[row]! : 1 - outputs[row]!;
      one[k] = given / (weights?.[k] ?? 1);
      sum += one[k]!;
    }
    for (let k = 0; k < classes; k++) result[row * classes + k] = one[k]! / sum;
  }
  return result;
}

/** The class of each row: the one whose probability times its factor is largest; the first of equal ones. */
export function decide(probabilities: Float32Array, factors: readonly number[]): Int32Array {
  const classes = factors.length;
  const result = new Int32Array(probabilities.length / classes);
  for (let row = 0; row < result.length; row++) {
    let best = 0;
    for (let k = 1; k < classes; k++) {
      const value = probabilities[row * classes + k]! * factors[k]!;
      if (value > probabilities[row * classes + best]! * factors[best]!) best = k;
    }
    result[row] = best;
  }
  return result;
}
