// The inputs and targets of a series' rows.
import { counted } from "../columns.ts";
import type { Transformed } from "../tableTypes.ts";
import type { FittedSeries } from "./fitted.ts";
import type { Given } from "./input.ts";
import { featuresOf, type Machine } from "./machine.ts";
import { beforeOf, filledGaps, gapNotes, historyOf, leveled, orderByTime, writeTargetLags } from "./seriesRows.ts";

/** The names of the features that are the target's values before. */
export const targetLagNames = (target: string, { lags, before }: FittedSeries): string[] =>
  lags.map((lag) => `${target}, ${lag} before${before > 0 ? `, less ${before} before` : ""}`);

/** What is done with the target's values before, in words. */
export function targetLagsText({ lags, before, log }: FittedSeries): string {
  const what = log ? "logarithms of its values" : "its values";
  const less = before > 0 ? ` less the one ${before} before` : "";
  return lags.length === 0
    ? "none of its values before"
    : `${what} ${lags.join(", ")} rows before${less}, standardized`;
}

/** The rows in the order of time that have what is needed before them. `skip`: the first rows, which are known from before. */
export function transformSeries(
  where: string,
  machine: Machine,
  given: Given,
  withTarget: boolean,
  skip: number,
): Transformed {
  const { fitted, width, lagsAt, parts, target: needed } = machine;
  const { series, target } = fitted as Required<typeof fitted>;
  const notes: string[] = [];
  const times = given.read({ name: series.time, reading: series.reading }).values!;
  const dated = series.reading.as === "date";
  const order = orderByTime(where, series.time, times, dated);
  notes.push(
    ...gapNotes(
      series.time,
      Float64Array.from(order, (row) => times[row]!),
      Math.max(1, skip),
      dated,
    ),
  );
  const values = given.read(needed!).values!;
  const own = Float64Array.from(order, (row) => values[row]!);
  const { filled, gaps } = filledGaps(own);
  const levels = filled.map((value) => leveled(series, value));
  const history = parts.reduce((most, { encoder }) => Math.max(most, encoder.history), historyOf(series));
  const places: number[] = [];
  let [early, unknown, untold] = [0, 0, 0];
  for (let row = 0; row < order.length; row++) {
    if (order[row]! < skip) continue;
    if (row < history) early++;
    else if (!isKnown(series, levels, row)) unknown++;
    else if (withTarget && own[row] !== own[row]) untold++;
    else places.push(row);
  }
  // rows that are to be predicted, and no others
  const all = withTarget && places.length === 0 && untold > 0;
  if (all) {
    for (let row = Math.max(history, skip); row < order.length; row++)
      if (isKnown(series, levels, row)) places.push(row);
    untold = 0;
  }
  notes.push(...leftOutNotes({ early, unknown, untold, gaps }, target.name, history, series.horizon));
  const whole = featuresOf(where, machine, given, order, order.length, notes, skip);
  const x = new Float32Array(places.length * width);
  let held = 0;
  for (const [i, row] of places.entries()) {
    x.set(whole.subarray(row * width, (row + 1) * width), i * width);
    held += writeTargetLags(series, levels, row, x, i * width + lagsAt);
  }
  if (held > 0)
    notes.push(
      `${target.name}: ${counted(held, "value")} before far beyond the training rows' ${held === 1 ? "is" : "are"} held at the bound`,
    );
  const { mean, deviation } = target.scale!;
  const change = (row: number): number =>
    (leveled(series, own[row]!) - beforeOf(series, levels, row) - mean) / deviation;
  return Object.freeze<Transformed>({
    x,
    y: withTarget && !all ? Float32Array.from(places, change) : undefined,
    ...(withTarget && !all && { targets: Float64Array.from(places, (row) => own[row]!) }),
    rows: Uint32Array.from(places, (row) => order[row]! - skip),
    ...(series.before > 0 && { before: Float64Array.from(places, (row) => filled[row - series.before]!) }),
    notes: Object.freeze(notes),
  });
}

/** Are all values before there? */
function isKnown(series: FittedSeries, levels: Float64Array, row: number): boolean {
  const there = (lag: number): boolean => levels[row - lag] === levels[row - lag];
  return series.lags.every(there) && (series.before === 0 || there(series.before));
}

function leftOutNotes(
  { early, unknown, untold, gaps }: Readonly<Record<"early" | "unknown" | "untold" | "gaps", number>>,
  target: string,
  history: number,
  horizon: number,
): string[] {
  const are = (count: number): string => `${counted(count, "row")} ${count === 1 ? "is" : "are"}`;
  const notes: string[] = [];
  if (early > 0) notes.push(`the first ${are(early)} left out: ${counted(history, "row")} before each are needed`);
  if (unknown > 0) {
    const why = `values of ${target} before aren't known; the horizon is ${counted(horizon, "row")}`;
    notes.push(`${are(unknown)} left out: ${why}`);
  }
  if (untold > 0) notes.push(`${are(untold)} left out, without ${target}; { target: false } predicts them`);
  if (gaps > 0) {
    notes.push(
      `${target}: ${counted(gaps, "cell")} in the history ${gaps === 1 ? "is" : "are"} missing; the last value before stands for each`,
    );
  }
  return notes;
}
