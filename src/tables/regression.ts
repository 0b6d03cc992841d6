// How good predicted numbers are, from them and those that came.
import { thousands } from "../data/columns.ts";
import { quantile } from "../data/statistics.ts";
import { checkKeys, checkNumbers, checkOneOf } from "../util/check.ts";
import { histogramOf } from "./histogram.ts";
import type { RegressionEvaluation } from "./results.ts";

/** Predicted numbers, and those that came. */
export interface NumberPredictions {
  /** What was predicted, in the target's units: `pipeline.decode(model.predict(x))`. */
  readonly predicted: ArrayLike<number>;
  /** What came. */
  readonly actual: ArrayLike<number>;
}

/** What `evaluateRegression` takes. */
export interface RegressionPredictions extends NumberPredictions {
  /** "regression" (default), or "series". */
  readonly task?: "regression" | "series";
  /** When each row was, in milliseconds since 1970; default none. */
  readonly times?: ArrayLike<number>;
}

const QUANTILES = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1];
const MOST_POINTS = 500;
/** Larger numbers' squares can't be summed. */
const LARGEST = 1e150;

/**
 * How good predicted numbers are: metrics, what the errors are like, and some of the rows to be shown.
 *
 * Metrics: `r2`, 1 - sum of (actual - predicted)^2 / sum of (actual - mean)^2; `rmse`; `mae`; and `mape`, the mean of |actual - predicted| /
 * actual, if all that came are above 0. `r2` is left out where all that came are equal, which the `notes` say. Residuals are actual minus
 * predicted numbers; their quantiles are interpolated linearly. At most 500 rows are kept, evenly chosen, the first and the last among
 * them; with `times` in the order of these.
 *
 * @param predictions.predicted what was predicted, in the target's units
 * @param predictions.actual what came, as many
 * @param predictions.task "regression" (default) or "series"
 * @param predictions.times when each row was, in milliseconds since 1970; default none
 * @throws {TypeError | RangeError} if there are no rows, the counts differ, or a number isn't finite (at most 1e150)
 * @example
 * const { metrics } = evaluateRegression({ predicted: [2.5, 0, 2, 8], actual: [3, -0.5, 2, 7] });
 * console.log(metrics.mae); // 0.5
 */
export function evaluateRegression(predictions: RegressionPredictions): RegressionEvaluation {
  const where = "evaluateRegression";
  checkKeys(where, predictions, ["predicted", "actual", "task", "times"], {
    ypred: "predicted",
    ytrue: "actual",
    predictions: "predicted",
    targets: "actual",
  });
  const { task = "regression", times } = predictions;
  checkOneOf(where, "task", task, ["regression", "series"]);
  const { predicted, actual } = checkPredicted(where, predictions);
  const rows = actual.length;
  if (times !== undefined) checkTimes(where, times, rows);

  const residuals = Float64Array.from({ length: rows }, (_, row) => actual[row]! - predicted[row]!);
  const ordered = residuals.toSorted();
  const mean = meanOf(rows, (row) => residuals[row]!);
  const meanSquare = meanOf(rows, (row) => residuals[row]! * residuals[row]!);
  const centre = meanOf(rows, (row) => actual[row]!);
  const variance = meanOf(rows, (row) => (actual[row]! - centre) * (actual[row]! - centre));
  const size = (row: number): number => Math.abs(residuals[row]!);
  let [varies, positive] = [false, true];
  for (let row = 0; row < rows; row++) {
    varies ||= actual[row] !== actual[0];
    positive &&= actual[row]! > 0;
  }
  const r2 = 1 - meanSquare / variance;
  const defined = varies && Number.isFinite(r2);
  const mape = meanOf(rows, (row) => size(row) / actual[row]!);
  return {
    task,
    rows,
    metrics: {
      ...(defined && { r2 }),
      rmse: Math.sqrt(meanSquare),
      mae: meanOf(rows, size),
      ...(positive && Number.isFinite(mape) && { mape }),
    },
    ...(!defined && { notes: [noR2(varies, rows)] }),
    residuals: {
      mean,
      sd: Math.sqrt(meanOf(rows, (row) => (residuals[row]! - mean) * (residuals[row]! - mean))),
      quantiles: QUANTILES.map((q) => ({ q, value: quantile(ordered, q) })),
      histogram: histogramOf(ordered),
    },
    points: pointsOf(predicted, actual, times),
  };
}

function noR2(varies: boolean, rows: number): string {
  if (varies) return "r2 is left out: the numbers that came differ by too little to be squared";
  const which = rows === 1 ? "there is only one row" : `all ${thousands(rows)} numbers that came are equal`;
  return `r2 is left out: ${which}, and it compares with how much they vary`;
}

/** Predictions that were validated. */
export function checkPredicted(where: string, { predicted, actual }: NumberPredictions): NumberPredictions {
  for (const [name, numbers] of Object.entries({ predicted, actual })) checkNumbers(where, name, numbers);
  if (predicted.length !== actual.length) {
    throw new RangeError(`${where}: there are ${predicted.length} predicted but ${actual.length} actual numbers`);
  }
  if (actual.length === 0) throw new RangeError(`${where}: actual is empty; at least one row is needed`);
  for (const [name, numbers] of Object.entries({ predicted, actual })) checkEach(where, name, numbers, LARGEST);
  return { predicted, actual };
}

function checkEach(where: string, name: string, numbers: ArrayLike<number>, largest: number): void {
  for (let i = 0; i < numbers.length; i++) {
    if (Math.abs(numbers[i]!) <= largest) continue;
    throw new RangeError(
      `${where}: ${name} must be numbers from ${-largest} to ${largest}, but ${name}[${i}] is ${numbers[i]}`,
    );
  }
}

function checkTimes(where: string, times: ArrayLike<number>, rows: number): void {
  checkNumbers(where, "times", times);
  if (times.length !== rows) throw new RangeError(`${where}: there are ${rows} rows but ${times.length} times`);
  checkEach(where, "times", times, 8.64e15); // as far as dates go
}

function meanOf(rows: number, valueAt: (row: number) => number): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) sum += valueAt(row);
  return sum / rows;
}

function pointsOf(
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
  times: ArrayLike<number> | undefined,
): RegressionEvaluation["points"] {
  const rows = actual.length;
  const order = Array.from({ length: rows }, (_, row) => row);
  if (times) order.sort((a, b) => times[a]! - times[b]! || a - b);
  const count = Math.min(rows, MOST_POINTS);
  return Array.from({ length: count }, (_, i) => {
    const row = order[count === 1 ? 0 : Math.round((i * (rows - 1)) / (count - 1))]!;
    return { actual: actual[row]!, predicted: predicted[row]!, ...(times && { time: times[row]! }) };
  });
}
