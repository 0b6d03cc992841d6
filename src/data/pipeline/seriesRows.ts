// The rows of a series in the order of time, and what of the target is known before each.
import { valueText } from "../../util/check.ts";
import { counted, dateText } from "../columns.ts";
import type { FittedSeries, FittedTarget } from "./fitted.ts";
import { exp, ln } from "./logarithm.ts";

const timeText = (time: number, dated: boolean): string => (dated ? dateText(time) : String(time));

/**
 * The positions of rows in the order of their times.
 *
 * @throws {RangeError} if a time is missing or there twice
 */
export function orderByTime(where: string, name: string, times: Float64Array, dated = true): Uint32Array {
  const missing = times.findIndex((time) => time !== time);
  if (missing >= 0) {
    throw new RangeError(
      `${where}: column ${valueText(name)}, row ${missing} is empty, but a series needs the time of each row; fill it in, or leave the row out`,
    );
  }
  const order = Uint32Array.from({ length: times.length }, (_, i) => i);
  if (times.some((time, i) => i > 0 && time < times[i - 1]!)) order.sort((a, b) => times[a]! - times[b]! || a - b);
  for (let i = 1; i < order.length; i++) {
    const [a, b] = [order[i - 1]!, order[i]!];
    if (times[a] !== times[b]) continue;
    throw new RangeError(
      `${where}: column ${valueText(name)}, rows ${a} and ${b} are both ${timeText(times[a]!, dated)}, but a series has one row for each time; add them up, or take one series at a time`,
    );
  }
  return order;
}

/** The middle one of the times between rows that follow each other. */
export function usualStep(times: Float64Array): number {
  const steps = Float64Array.from(
    { length: Math.max(0, times.length - 1) },
    (_, i) => times[i + 1]! - times[i]!,
  ).toSorted();
  return steps[Math.floor(steps.length / 2)] ?? 0;
}

/** What is said of times that aren't evenly spaced, of those from place `from` on. */
export function gapNotes(name: string, times: Float64Array, from = 1, dated = true): string[] {
  const step = usualStep(times);
  let [gaps, first] = [0, -1];
  for (let i = from; i < times.length; i++) {
    if (times[i]! - times[i - 1]! <= 1.5 * step) continue;
    gaps++;
    if (first < 0) first = i;
  }
  if (gaps === 0) return [];
  const example = `${timeText(times[first - 1]!, dated)} to ${timeText(times[first]!, dated)}`;
  return [
    `${name}: ${counted(gaps, "step")} ${gaps === 1 ? "is" : "are"} longer than usual (${example}); values before are counted in rows`,
  ];
}

/** Numbers with gaps filled by the last one before; those before the first and after the last one stay NaN. */
export function filledGaps(values: Float64Array): { readonly filled: Float64Array; readonly gaps: number } {
  const filled = values.slice();
  let end = values.length;
  while (end > 0 && values[end - 1] !== values[end - 1]) end--;
  let [gaps, last] = [0, NaN];
  for (let i = 0; i < end; i++) {
    if (filled[i] === filled[i]) last = filled[i]!;
    else if (last === last) {
      filled[i] = last;
      gaps++;
    }
  }
  return { filled, gaps };
}

/** A value of the target as it is compared: its logarithm, if the series has it so. */
export function leveled({ log, least }: Pick<FittedSeries, "log" | "least">, value: number): number {
  if (!log || value !== value) return value;
  return ln(Math.max(value, least / 10));
}

/** The value of a row before which the row's target is relative to; 0 if it is to none. */
export const beforeOf = ({ before }: FittedSeries, levels: Float64Array, row: number): number =>
  before === 0 ? 0 : (levels[row - before] ?? NaN);

/** The farthest row before that a target's features need. */
export const historyOf = ({ lags, before }: FittedSeries): number =>
  lags.reduce((most, lag) => Math.max(most, lag), before);

/** Values are held within this many standard deviations. */
const CLIP = 10;

/** Writes the features of the target's rows before. Returns how many were held. */
export function writeTargetLags(
  series: FittedSeries,
  levels: Float64Array,
  row: number,
  x: Float32Array,
  at: number,
): number {
  const { lags, lagMean, lagDeviation } = series;
  const before = beforeOf(series, levels, row);
  let held = 0;
  for (let i = 0; i < lags.length; i++) {
    const value = (levels[row - lags[i]!]! - before - lagMean) / lagDeviation;
    if (value < -CLIP || value > CLIP) held++;
    x[at + i] = value < -CLIP ? -CLIP : value > CLIP ? CLIP : value;
  }
  return held;
}

/** Numbers in the target's units of a series' outputs. `before`: the values that they are relative to. */
export function decodedSeries(
  series: FittedSeries,
  { mean, deviation }: NonNullable<FittedTarget["scale"]>,
  outputs: ArrayLike<number>,
  before: Float64Array | undefined,
): Float64Array {
  return Float64Array.from(outputs, (output, i) => {
    const level = output * deviation + mean + (before ? leveled(series, before[i]!) : 0);
    return series.log ? exp(level) : level;
  });
}
