// Fits steps to a column of training rows.
import { valueText } from "../../util/check.ts";
import { counted, thousands } from "../columns.ts";
import type { ColumnReading } from "../columnReading.ts";
import type { Column } from "../tableTypes.ts";
import { byValue } from "../writtenNumbers.ts";
import { fitParts, timesOf, usualParts } from "./calendar.ts";
import type { FittedColumn, FittedStep } from "./fitted.ts";
import { log1p } from "./logarithm.ts";
import { meanAndDeviation, quantiles, shapeOf, sortedValues } from "../statistics.ts";
import { type KnownStep, MOST_WORDS } from "./steps.ts";

/** A step, and why it was chosen. */
export type ChosenStep = KnownStep & { readonly why?: string };

/** What the steps of a column are fitted for. */
export interface Occasion {
  /** Of a series its horizon; undefined where rows have no order. */
  readonly horizon: number | undefined;
}

/** What a column's cells have become on the way through the steps. */
interface State {
  readonly column: Column;
  kind: "numbers" | "words" | "dates" | "features";
  /** Numbers and dates, of which the next step may write. */
  values: Float64Array;
  /** Words that are there, and in how many rows. */
  words: readonly string[];
  counts: ReadonlyMap<string, number>;
  /** Missing cells. */
  missing: number;
  /** How many were missing before any step. */
  readonly missingAtFirst: number;
  readonly before: FittedStep[];
}

const MOST_RARE = 1000;
/** Words in fewer rows share a feature, where there are too many. */
const USUAL_RARE = 10;

/** How a column is read whose cells weren't read of texts. */
export function usualReading({ type, words }: Column): ColumnReading {
  if (type === "date") return { as: "date", formats: ["iso"], missing: [] };
  if (type === "boolean") return { as: "boolean", pair: [words![0]!, words![1]!], missing: [] };
  return words ? { as: "words", missing: [] } : { as: "number", decimal: undefined, signs: false, missing: [] };
}

/** The words that cells of a column are, by their value, and how many cells each is. */
export function countWords({ codes, words }: Column): Map<string, number> {
  const counts = new Float64Array(words!.length);
  for (const code of codes!) if (code >= 0) counts[code]!++;
  const present = [...words!.keys()].filter((code) => counts[code]! > 0);
  const order = present.toSorted((a, b) => byValue(words![a]!, words![b]!));
  return new Map(order.map((code) => [words![code]!, counts[code]!]));
}

/** A column with its steps fitted. */
export function fitColumn(
  column: Column,
  reading: ColumnReading,
  steps: readonly ChosenStep[],
  occasion: Occasion,
): FittedColumn {
  const state = stateOf(column);
  for (const [i, step] of steps.entries()) {
    const fitted = fitStep(step, state, occasion, steps.slice(i + 1));
    state.before.push(step.why === undefined ? fitted : { ...fitted, why: step.why });
  }
  if (state.kind === "words" || state.kind === "dates") {
    const advice = state.kind === "words" ? "oneHot() or ordinal()" : "dateParts()";
    refuse(column, `its steps must make numbers of its ${state.kind}; add ${advice} after them`);
  }
  if (state.kind === "numbers" && state.missing > 0) refuseMissing(state, steps[0]?.step ?? "the others");
  const { name, type } = column;
  const words = column.words && type !== "boolean" ? { words: state.words } : {};
  return { name, type, reading, ...words, steps: state.before };
}

function stateOf(column: Column): State {
  const { type, missing, codes } = column;
  const common = { column, missing, missingAtFirst: missing, before: [], words: [], counts: new Map<string, number>() };
  if (type === "date") return { ...common, kind: "dates", values: column.values! };
  if (type === "boolean") {
    return { ...common, kind: "numbers", values: Float64Array.from(codes!, (code) => (code < 0 ? NaN : code)) };
  }
  if (column.values) return { ...common, kind: "numbers", values: column.values.slice() };
  const counts = countWords(column);
  return { ...common, kind: "words", values: new Float64Array(0), counts, words: [...counts.keys()] };
}

function refuse({ name, type }: Column, what: string): never {
  throw new RangeError(`fit: column ${valueText(name)} (${type}): ${what}`);
}

function refuseMissing({ column, missing }: State, step: string): never {
  const are = missing === 1 ? "cell is" : "cells are";
  refuse(column, `${thousands(missing)} ${are} missing; put impute() before ${step}${step.includes(" ") ? "" : "()"}`);
}

const KINDS = { numbers: "numbers", words: "words", dates: "dates", features: "the features of the step before it" };

function demand(kind: State["kind"], step: string, state: State): void {
  if (state.kind === kind) return;
  const advice = {
    numbers: "standardize(), robustScale(), minMax() or log1p()",
    words: "oneHot() or ordinal()",
    dates: "dateParts()",
    features: "no step more",
  }[state.kind];
  const after = state.before.length > 0 ? ` after ${state.before.map((each) => `${each.step}()`).join(" and ")}` : "";
  refuse(
    state.column,
    `${step}() takes ${KINDS[kind]}, but it has ${KINDS[state.kind]}${after}; ${state.kind === "features" ? "leave it out, or put it before" : `for these there is ${advice}`}`,
  );
}

function fitStep(step: ChosenStep, state: State, occasion: Occasion, after: readonly KnownStep[]): FittedStep {
  switch (step.step) {
    case "impute":
      return fitImpute(step, state, after);
    case "oneHot":
      demand("words", step.step, state);
      return fitOneHot(step, state);
    case "ordinal":
      demand("words", step.step, state);
      return fitOrdinal(step, state);
    case "dateParts":
      demand("dates", step.step, state);
      return fitDates(step, state);
    case "lag":
    case "window":
      return fitLag(step, state, occasion);
    default:
      demand("numbers", step.step, state);
      if (state.missing > 0) refuseMissing(state, step.step);
      return fitScale(step, state);
  }
}

function fitScale(step: ChosenStep, state: State): FittedStep {
  const { values, column } = state;
  if (values.length === 0) refuse(column, "there are no rows to fit it to");
  if (step.step === "log1p") {
    const row = values.findIndex((value) => value < 0);
    if (row >= 0) {
      const what = `log1p() takes values of 0 or more, but row ${row} is ${values[row]}`;
      refuse(column, `${what}; use standardize() or robustScale()`);
    }
    change(values, log1p);
    return { step: step.step };
  }
  if (step.step === "standardize") {
    const { mean, deviation: own } = meanAndDeviation(values);
    const deviation = own || 1;
    change(values, (value) => (value - mean) / deviation);
    return { step: step.step, mean, deviation, clip: step.clip };
  }
  if (step.step === "robustScale") {
    const [low = 0, median = 0, high = 0] = quantiles(values, [0.25, 0.5, 0.75]);
    const range = high - low || 1;
    change(values, (value) => (value - median) / range);
    return { step: step.step, median, range, clip: step.clip };
  }
  if (step.step !== "minMax") throw new Error(`${step.step} is no step that scales`);
  const { least, most } = shapeOf(values);
  const { low, high } = step;
  change(values, (value) => ((value - least) / (most - least || 1)) * (high - low) + low);
  return { step: step.step, least, most, low, high };
}

function change(values: Float64Array, by: (value: number) => number): void {
  for (let i = 0; i < values.length; i++) values[i] = by(values[i]!);
}

function fitImpute(step: ChosenStep & { step: "impute" }, state: State, after: readonly KnownStep[]): FittedStep {
  const { column, missing, values, counts } = state;
  if (state.before.length > 0) refuse(column, "impute() must be its first step; put it before the others");
  if (state.kind === "dates") refuse(column, "impute() takes numbers or words; dateParts() does missing dates itself");
  const boolean = column.type === "boolean";
  const by = step.by ?? (state.kind === "words" || boolean ? "frequent" : "median");
  if (state.kind === "words" && by !== "frequent" && by !== "constant") {
    refuse(column, `impute() by ${valueText(by)} takes numbers; words have "frequent" and "constant"`);
  }
  const flag = step.flag ?? (missing > 0 && !after.some((each) => each.step === "lag" || each.step === "window"));
  if (missing === column.missing && missing === (column.values ?? column.codes!).length && by !== "constant") {
    refuse(
      column,
      `all cells are missing, so there is no ${by} value; drop the column, or impute({ by: "constant", value: ... })`,
    );
  }
  state.missing = 0;
  const parts = { step: "impute", by, flag, missing } as const;
  if (state.kind === "words") {
    const value = by === "constant" ? String(step.value) : mostFrequent(counts);
    if (!counts.has(value)) state.words = [...state.words, value];
    state.counts = new Map(state.counts).set(value, (counts.get(value) ?? 0) + missing);
    return { ...parts, value };
  }
  const value = by === "constant" ? constantOf(step.value, column) : numberBy(by, values, column);
  for (let i = 0; i < values.length; i++) if (values[i] !== values[i]) values[i] = value;
  return { ...parts, value };
}

function constantOf(value: number | string | undefined, column: Column): number {
  if (typeof value === "number") return value;
  return refuse(column, `impute() takes a number for it, got ${valueText(value)}`);
}

function numberBy(by: string, values: Float64Array, column: Column): number {
  if (by === "mean") return meanAndDeviation(values).mean;
  if (by === "median") {
    const [median = 0] = quantiles(values, [0.5]);
    return column.type === "boolean" ? Math.round(median) : median;
  }
  const numbers = sortedValues(values);
  let [best, most, count] = [NaN, 0, 0];
  for (let i = 0; i < numbers.length; i++) {
    count = i > 0 && numbers[i] === numbers[i - 1] ? count + 1 : 1;
    if (count > most) [best, most] = [numbers[i]!, count];
  }
  return best;
}

function mostFrequent(counts: ReadonlyMap<string, number>): string {
  let [best, most] = ["", -1];
  for (const [word, count] of counts) if (count > most) [best, most] = [word, count];
  return best;
}

function fitOneHot({ most, rare: given }: ChosenStep & { step: "oneHot" }, state: State): FittedStep {
  const { words, counts, column, missing } = state;
  const rare = given ?? (words.length > most ? USUAL_RARE : 1);
  const often = words.filter((word) => counts.get(word)! >= rare);
  const first = often.toSorted((a, b) => counts.get(b)! - counts.get(a)!).slice(0, most);
  if (words.length > 0 && first.length === 0) {
    refuse(
      column,
      `oneHot(): none of ${counted(words.length, "word")} is in ${rare} rows or more; drop the column, or give a smaller rare`,
    );
  }
  const chosen = new Set(first);
  const own = words.filter((word) => chosen.has(word));
  const others = words.filter((word) => !chosen.has(word));
  state.words = others.length > MOST_RARE ? own : [...own, ...others];
  state.kind = "features";
  state.missing = 0;
  return { step: "oneHot", own: own.length, other: others.length > 0, missing: missing > 0 };
}

function fitOrdinal({ order }: ChosenStep & { step: "ordinal" }, state: State): FittedStep {
  const { words, counts, column } = state;
  const own = order ?? words;
  const places = new Map(own.map((word, i) => [word, i]));
  const other = words.find((word) => !places.has(word));
  if (other !== undefined) {
    refuse(
      column,
      `${counted(counts.get(other)!, "cell")} ${counts.get(other) === 1 ? "is" : "are"} ${valueText(other)}, which isn't in ordinal's order; add it there`,
    );
  }
  if (own.length > MOST_WORDS) {
    refuse(
      column,
      `ordinal() takes at most ${thousands(MOST_WORDS)} words, got ${thousands(own.length)}; drop the column`,
    );
  }
  const fill = state.before[0]?.step === "impute" ? (places.get(String(state.before[0].value)) ?? -1) : -1;
  state.values = Float64Array.from(column.codes!, (code) =>
    code < 0 ? fill : (places.get(column.words![code]!) ?? -1),
  );
  state.words = own;
  state.kind = "numbers";
  state.missing = 0;
  return { step: "ordinal" };
}

function fitDates({ parts, cyclic }: ChosenStep & { step: "dateParts" }, state: State): FittedStep {
  const { column, values, missing } = state;
  const times = timesOf(values);
  if (times.first > times.last) refuse(column, "all dates are missing; drop the column");
  const own = parts ?? usualParts(times, values.length);
  if (own.length === 0) refuse(column, "no part of its dates differs from row to row; drop the column");
  state.kind = "features";
  state.missing = 0;
  return { step: "dateParts", parts: fitParts(values, times, own, cyclic), missing: missing > 0 };
}

function fitLag(step: ChosenStep & { step: "lag" | "window" }, state: State, { horizon }: Occasion): FittedStep {
  const { column } = state;
  if (horizon === undefined) {
    refuse(column, `${step.step}() takes rows in the order of time; fit with task: "series", and a target`);
  }
  demand("numbers", step.step, state);
  if (state.missing > 0) refuseMissing(state, step.step);
  const rows = state.values.length;
  const farthest = step.step === "lag" ? Math.max(...step.steps) : horizon + step.length - 1;
  if (farthest >= rows) {
    refuse(
      column,
      `${step.step}() takes ${counted(farthest, "row")} before, but there are ${thousands(rows)} in all; take fewer`,
    );
  }
  state.kind = "features";
  if (step.step === "lag") return { step: "lag", steps: step.steps };
  return { step: "window", length: step.length, horizon, of: step.of };
}
