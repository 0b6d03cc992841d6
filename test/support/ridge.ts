// Ridge regression by its normal equations: a reference for what a model must reach.

/** A line through rows of numbers: `predict` gives a number for each row of x. */
export interface Line {
  readonly weights: readonly number[];
  readonly bias: number;
  predict(x: ArrayLike<number>): Float64Array;
}

/**
 * Minimizes the squared errors plus `alpha` times the squared weights; the bias is free. `x` is [rows, features], row after row.
 * Solved in float64 by Cholesky's factors of X'X + alpha, X and y less their means.
 */
export function ridge(x: ArrayLike<number>, y: ArrayLike<number>, alpha: number): Line {
  const rows = y.length;
  const features = x.length / rows;
  const means = Array.from({ length: features }, (_, k) => meanOf(rows, (row) => x[row * features + k]!));
  const mean = meanOf(rows, (row) => y[row]!);
  const squares = Array.from({ length: features }, (_, j) => means.map((_mean, k) => (j === k ? alpha : 0)));
  const right = means.map(() => 0);
  for (let row = 0; row < rows; row++) {
    const own = means.map((middle, k) => x[row * features + k]! - middle);
    for (let j = 0; j < features; j++) {
      right[j]! += own[j]! * (y[row]! - mean);
      for (let k = 0; k <= j; k++) squares[j]![k]! += own[j]! * own[k]!;
    }
  }
  const weights = solve(squares, right);
  const bias = mean - dot(weights, means);
  return {
    weights,
    bias,
    predict: (inputs) =>
      Float64Array.from(
        { length: inputs.length / features },
        (_, row) => bias + weights.reduce((sum, weight, k) => sum + weight * inputs[row * features + k]!, 0),
      ),
  };
}

/** 1 less the share of the variance that is left: 1 is perfect, 0 as good as the mean. */
export function rSquared(actual: ArrayLike<number>, predicted: ArrayLike<number>): number {
  const mean = meanOf(actual.length, (row) => actual[row]!);
  const square = (value: number) => value * value;
  const left = meanOf(actual.length, (row) => square(actual[row]! - predicted[row]!));
  return 1 - left / meanOf(actual.length, (row) => square(actual[row]! - mean));
}

function meanOf(count: number, value: (place: number) => number): number {
  let sum = 0;
  for (let place = 0; place < count; place++) sum += value(place);
  return sum / count;
}

const dot = (a: readonly number[], b: readonly number[], length = a.length): number => {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += a[k]! * b[k]!;
  return sum;
};

/** The solution w of A w = b, with the lower triangle of A, which is symmetric and has positive eigenvalues. */
function solve(lower: readonly (readonly number[])[], right: readonly number[]): number[] {
  const factor: number[][] = [];
  lower.forEach((row, j) => {
    const own: number[] = [];
    factor.push(own);
    for (let k = 0; k < j; k++) own.push((row[k]! - dot(own, factor[k]!, k)) / factor[k]![k]!);
    own.push(Math.sqrt(row[j]! - dot(own, own, j)));
  });
  const half: number[] = [];
  factor.forEach((row, j) => half.push((right[j]! - dot(row, half, j)) / row[j]!));
  const whole = half.slice();
  for (let j = whole.length - 1; j >= 0; j--) {
    whole[j]! /= factor[j]![j]!;
    for (let k = 0; k < j; k++) whole[k]! -= factor[j]![k]! * whole[j]!;
  }
  return whole;
}
