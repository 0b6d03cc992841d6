// What is done with columns, as values. They are fitted by `table.fit`.
import {
  checkBoolean,
  checkFinite,
  checkKeys,
  checkKind,
  checkOneOf,
  checkPositive,
  checkWhole,
  isObject,
  valueText,
} from "../../util/check.ts";
import { unknownText } from "../../util/suggest.ts";
import type { Step } from "../tableTypes.ts";
import { PARTS, type PartName } from "./calendar.ts";

/** Options of steps that scale. */
export interface ClipOptions {
  /** Scaled values are held within this distance of 0, and `transform` notes how many were; default 10. */
  readonly clip?: number;
}

/** Options of `minMax`. */
export interface MinMaxOptions {
  /** What the least of the training rows becomes; default 0. */
  readonly low?: number;
  /** What the largest of the training rows becomes; default 1. */
  readonly high?: number;
}

/** Options of `oneHot`. */
export interface OneHotOptions {
  /** Words that get a feature of their own, the most frequent ones; default 50. */
  readonly most?: number;
  /** Words in fewer training rows than this get none; default 1, or 10 where there are more words than `most`. */
  readonly rare?: number;
}

/** Options of `ordinal`. */
export interface OrdinalOptions {
  /** The words from the least to the largest; default numbers by size, then words by code units. */
  readonly order?: readonly string[];
}

/** Options of `impute`. */
export interface ImputeOptions {
  /** What a missing cell becomes; default "median" of numbers, "frequent" of words and booleans. */
  readonly by?: "median" | "mean" | "frequent" | "constant";
  /** The constant. */
  readonly value?: number | string;
  /** Whether a feature says which cells were missing; default if some were in training. */
  readonly flag?: boolean;
}

/** Options of `dateParts`. */
export interface DatePartsOptions {
  /** Which parts; default by the resolution and span of the training rows. */
  readonly parts?: readonly PartName[];
  /** Whether parts are points on a circle (sine and cosine); default all but the day of week, which is one-hot. */
  readonly cyclic?: boolean;
}

/** Options of `lag`. */
export interface LagOptions {
  /** How many rows before. */
  readonly steps: readonly number[];
}

/** Options of `window`. */
export interface WindowOptions {
  /** How many rows, the last of them `horizon` rows before. */
  readonly length: number;
  /** All their values, or figures of them; default "values". */
  readonly of?: "values" | readonly ("mean" | "min" | "max" | "sd")[];
}

/** All steps with their options: what `fit` works with. */
export type KnownStep =
  | { readonly step: "standardize" | "robustScale"; readonly clip: number }
  | { readonly step: "minMax"; readonly low: number; readonly high: number }
  | { readonly step: "log1p" }
  | { readonly step: "oneHot"; readonly most: number; readonly rare: number | undefined }
  | { readonly step: "ordinal"; readonly order: readonly string[] | undefined }
  | {
      readonly step: "impute";
      readonly by: ImputeOptions["by"];
      readonly value: number | string | undefined;
      readonly flag: boolean | undefined;
    }
  | {
      readonly step: "dateParts";
      readonly parts: readonly PartName[] | undefined;
      readonly cyclic: boolean | undefined;
    }
  | { readonly step: "lag"; readonly steps: readonly number[] }
  | {
      readonly step: "window";
      readonly length: number;
      readonly of: "values" | readonly ("mean" | "min" | "max" | "sd")[];
    };

/** Words that get a feature at most. */
export const MOST_WORDS = 10000;
/** Rows before at most. */
export const MOST_LAG = 100000;
/** Values of a window at most. */
export const MOST_WINDOW = 10000;

/** The steps that `fit` knows; others are refused. */
const made = new WeakSet<object>();

function stepOf<S extends KnownStep>(step: S): S {
  const own = Object.freeze(step);
  made.add(own);
  return own;
}

/** The steps that were given for a column. */
export function checkSteps(where: string, name: string, given: unknown): readonly KnownStep[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  checkKind(list.length > 0, where, name, 'a step such as standardize(), several of them, or "drop"', given);
  return list.map((step, i) => {
    const own = Array.isArray(given) ? `${name}[${i}]` : name;
    checkKind(
      isObject(step) && made.has(step),
      where,
      own,
      'a step such as standardize(), or "drop" for the column',
      step,
    );
    return step as KnownStep;
  });
}

/**
 * (value - mean) / standard deviation, of the training rows (of the population).
 *
 * @param options.clip results are held within this distance of 0, so that a wild row can't upset a model; default 10
 * @throws {TypeError | RangeError} if an option can't be used
 * @see scikit-learn's StandardScaler, which doesn't clip
 * @example
 * const people = table({ age: [20, 30, 40] }).infer();
 * console.log(people.fit({ columns: { age: standardize() } }).transform(people).x); // [-1.2247, 0, 1.2247]
 */
export function standardize(options: ClipOptions = {}): Step {
  return stepOf({ step: "standardize", clip: clipOf("standardize", options) });
}

/**
 * (value - median) / (third quartile - first quartile), of the training rows: extreme values don't change it.
 *
 * @param options.clip results are held within this distance of 0; default 10
 * @throws {TypeError | RangeError} if an option can't be used
 * @see scikit-learn's RobustScaler, which doesn't clip
 * @example
 * const incomes = table({ income: [20, 30, 40, 50, 9000] }).infer();
 * console.log(incomes.fit({ columns: { income: robustScale() } }).transform(incomes).x); // [-1, -0.5, 0, 0.5, 10]
 */
export function robustScale(options: ClipOptions = {}): Step {
  return stepOf({ step: "robustScale", clip: clipOf("robustScale", options) });
}

function clipOf(where: string, options: ClipOptions): number {
  checkKeys(where, options, ["clip"]);
  const { clip = 10 } = options;
  checkPositive(where, "clip", clip);
  return clip;
}

/**
 * Moves the values of the training rows to the range from `low` to `high`. Others are held within ten times this range.
 *
 * @param options.low what the least becomes; default 0
 * @param options.high what the largest becomes, above `low`; default 1
 * @throws {TypeError | RangeError} if an option can't be used
 * @see scikit-learn's MinMaxScaler
 * @example
 * const people = table({ age: [20, 30, 40] }).infer();
 * console.log(people.fit({ columns: { age: minMax({ low: -1 }) } }).transform(people).x); // [-1, 0, 1]
 */
export function minMax(options: MinMaxOptions = {}): Step {
  checkKeys("minMax", options, ["low", "high"], { featurerange: "low and high", min: "low", max: "high" });
  const { low = 0, high = 1 } = options;
  checkFinite("minMax", "low", low);
  checkFinite("minMax", "high", high);
  if (high <= low) throw new RangeError(`minMax: high must be above low, got ${high} and ${low}`);
  const range = high - low;
  if (!Number.isFinite(Math.fround(20 * range)) || Math.fround(range) < 1e-30) {
    throw new RangeError(`minMax: high - low must be from 1e-30 to 1.7e37, got ${range}`);
  }
  return stepOf({ step: "minMax", low, high });
}

/**
 * ln(1 + value): long tails become short. Values below 0 are refused; a later row that has one gets 0.
 *
 * @throws {TypeError} if an option is given
 * @example
 * const incomes = table({ income: [0, 90, 1000, 25000] }).infer();
 * console.log(incomes.fit({ columns: { income: [log1p(), standardize()] } }).features); // [income]
 */
export function log1p(options: Readonly<Record<string, never>> = {}): Step {
  checkKeys("log1p", options, []);
  return stepOf({ step: "log1p" });
}

/**
 * A feature for each word, 1 where the cell is it. Words that come rarely share one, "other", if there are more than `most`; words that
 * no training row has go there, too, or have 0 in all. Missing cells have a feature of their own if training rows had some.
 *
 * @param options.most how many words get a feature, the most frequent ones; default 50
 * @param options.rare words in fewer training rows get none; default 1, but 10 where there are more words than `most`
 * @throws {TypeError | RangeError} if an option can't be used
 * @see scikit-learn's OneHotEncoder, with `handle_unknown="infrequent_if_exist"`
 * @example
 * const homes = table({ city: ["Bern", "Ulm", "Bern", "Ulm"] }).infer();
 * console.log(homes.fit({ columns: { city: oneHot() } }).features); // [city=Bern, city=Ulm]
 */
export function oneHot(options: OneHotOptions = {}): Step {
  checkKeys("oneHot", options, ["most", "rare"], { maxcategories: "most", minfrequency: "rare" });
  const { most = 50, rare } = options;
  checkWhole("oneHot", "most", most, 1, MOST_WORDS);
  if (rare !== undefined) checkWhole("oneHot", "rare", rare);
  return stepOf({ step: "oneHot", most, rare });
}

/**
 * The place of each word in an order: 0, 1, 2 and so on; -1 of missing cells and of words that aren't in it.
 *
 * @param options.order the words; default numbers by size, then words by code units
 * @throws {TypeError | RangeError} if an option can't be used
 * @see scikit-learn's OrdinalEncoder
 * @example
 * const shirts = table({ size: ["S", "L", "M", "S", "L", "M"] }).infer();
 * const pipeline = shirts.fit({ columns: { size: ordinal({ order: ["S", "M", "L"] }) } });
 * console.log(pipeline.transform(shirts).x); // [0, 2, 1, 0, 2, 1]
 */
export function ordinal(options: OrdinalOptions = {}): Step {
  checkKeys("ordinal", options, ["order"], { categories: "order" });
  const { order } = options;
  if (order !== undefined) {
    const listed = Array.isArray(order) && order.length > 0 && order.every((word) => typeof word === "string");
    checkKind(listed, "ordinal", "order", 'an array of words such as ["low", "high"]', order);
    const again = order.find((word, i) => order.indexOf(word) < i);
    if (again !== undefined) throw new RangeError(`ordinal: order has ${valueText(again)} twice`);
  }
  return stepOf({ step: "ordinal", order: order && Object.freeze([...order]) });
}

/**
 * What a missing cell becomes: by the training rows the median, the mean or the most frequent value, or a constant.
 *
 * @param options.by "median", "mean", "frequent" or "constant"; default "median" of numbers, "frequent" of words and booleans
 * @param options.value the constant; needed for `by: "constant"` alone
 * @param options.flag whether another feature is 1 where the cell was missing; default if some are missing in training rows
 * @throws {TypeError | RangeError} if an option can't be used
 * @see scikit-learn's SimpleImputer, with `add_indicator`
 * @example
 * const people = table({ age: [20, null, 40] }).infer();
 * const pipeline = people.fit({ columns: { age: [impute({ by: "mean" }), minMax()] } });
 * console.log(pipeline.features, pipeline.transform(people).x); // [age, age missing] [0, 0, 0.5, 1, 1, 0]
 */
export function impute(options: ImputeOptions = {}): Step {
  const where = "impute";
  checkKeys(where, options, ["by", "value", "flag"], { strategy: "by", fillvalue: "value", addindicator: "flag" });
  const { by, value, flag } = options;
  if (by !== undefined) checkOneOf(where, "by", by, ["median", "mean", "frequent", "constant"]);
  if ((by === "constant") !== (value !== undefined)) {
    throw new TypeError(
      `impute: value is for by: "constant", which needs it; got ${valueText(value)} for ${valueText(by)}`,
    );
  }
  if (typeof value === "number") checkFinite(where, "value", value);
  else if (value !== undefined) checkKind(typeof value === "string", where, "value", "a number or a word", value);
  if (flag !== undefined) checkBoolean(where, "flag", flag);
  return stepOf({ step: "impute", by, value, flag });
}

/**
 * Parts of a date. The day of week is one-hot (a feature for each day that training rows have), others are points on a circle, sine and
 * cosine, so that December is next to January: `month` and `dayOfMonth` once around, `dayOfYear` and `hour` also twice around. `weekend`
 * is 0 or 1. `monthDay` and `weekdayOfMonth` are one-hot: days of the year, such as May 1, and weekdays of months, such as the last Monday of
 * May, that come at least twice in training rows. `trend` is the time itself, standardized, and held a tenth of the training rows' span beyond them at most: what goes on
 * rising can't be known.
 *
 * @param options.parts of "trend", "dayOfWeek", "weekend", "month", "dayOfYear", "dayOfMonth", "hour", "monthDay" and "weekdayOfMonth".
 *   Default: trend; hour, if the rows have several; dayOfWeek, if they have several and aren't months apart; dayOfYear, of months month, if
 *   they span a year; monthDay and weekdayOfMonth, of at most 20,000 rows that are days of eight years or more
 * @param options.cyclic true: the day of week is a point on a circle, too; false: month, hour and day of week are one-hot
 * @throws {TypeError | RangeError} if an option can't be used
 * @example
 * const days = table({ day: ["2026-01-05", "2026-01-06", "2026-01-07"] }).infer();
 * const pipeline = days.fit({ columns: { day: dateParts({ parts: ["dayOfWeek", "month"] }) } });
 * console.log(pipeline.features.length); // 5
 */
export function dateParts(options: DatePartsOptions = {}): Step {
  checkKeys("dateParts", options, ["parts", "cyclic"]);
  const { parts, cyclic } = options;
  if (parts !== undefined) {
    checkKind(Array.isArray(parts) && parts.length > 0, "dateParts", "parts", 'an array such as ["dayOfWeek"]', parts);
    const known: readonly string[] = PARTS;
    for (const [i, part] of Array.from(parts).entries()) {
      checkKind(typeof part === "string", "dateParts", `parts[${i}]`, "a part's name", part);
      if (!known.includes(part)) throw new RangeError(`dateParts: parts: ${unknownText("part", part, known)}`);
      if (parts.indexOf(part) < i) throw new RangeError(`dateParts: parts has ${valueText(part)} twice`);
    }
  }
  if (cyclic !== undefined) checkBoolean("dateParts", "cyclic", cyclic);
  return stepOf({ step: "dateParts", parts: parts && Object.freeze([...parts]), cyclic });
}

/**
 * The values of rows before, in a series: of the row `steps` before the one that is predicted, by the order of time.
 *
 * @param options.steps how many rows before, such as [1, 7]; what is nearer than the horizon must be known ahead
 * @throws {TypeError | RangeError} if an option can't be used
 * @see pandas' `shift`
 * @example
 * const day = Array.from({ length: 30 }, (_, i) => `2026-06-${String(i + 1).padStart(2, "0")}`);
 * const sales = table({ day, sold: day.map((_, i) => i % 7), visits: day.map((_, i) => (i * 3) % 11) }).infer();
 * const columns = { visits: [standardize(), lag({ steps: [1, 7] })] };
 * console.log(sales.fit({ target: "sold", task: "series", columns }).features.includes("visits, 7 before")); // true
 */
export function lag(options: LagOptions): Step {
  checkKeys("lag", options, ["steps"]);
  const { steps } = options;
  checkKind(Array.isArray(steps) && steps.length > 0, "lag", "steps", "an array of rows before such as [1, 7]", steps);
  for (const [i, step] of Array.from(steps).entries()) {
    checkWhole("lag", `steps[${i}]`, step, 0, MOST_LAG);
    if (steps.indexOf(step) < i) throw new RangeError(`lag: steps has ${step} twice`);
  }
  if (steps.length > MOST_WINDOW) throw new RangeError(`lag: steps may be at most ${MOST_WINDOW}, got ${steps.length}`);
  return stepOf({ step: "lag", steps: Object.freeze([...steps]) });
}

/**
 * The values of consecutive rows before, in a series, or figures of them. The last of them is `horizon` rows before.
 *
 * @param options.length how many rows
 * @param options.of "values", or some of "mean", "min", "max" and "sd" (of the population); default "values"
 * @throws {TypeError | RangeError} if an option can't be used
 * @example
 * const day = Array.from({ length: 30 }, (_, i) => `2026-06-${String(i + 1).padStart(2, "0")}`);
 * const sales = table({ day, sold: day.map((_, i) => i % 7), visits: day.map((_, i) => (i * 3) % 11) }).infer();
 * const columns = { visits: [standardize(), window({ length: 7, of: ["mean", "max"] })] };
 * console.log(sales.fit({ target: "sold", task: "series", columns }).features.includes("visits, mean of 7")); // true
 */
export function window(options: WindowOptions): Step {
  checkKeys("window", options, ["length", "of"], { size: "length" });
  const { length, of = "values" } = options;
  checkWhole("window", "length", length, 1, MOST_WINDOW);
  if (of !== "values") {
    checkKind(Array.isArray(of) && of.length > 0, "window", "of", '"values" or an array such as ["mean"]', of);
    for (const [i, figure] of Array.from(of).entries()) {
      checkOneOf("window", `of[${i}]`, figure, ["mean", "min", "max", "sd"]);
      if (of.indexOf(figure) < i) throw new RangeError(`window: of has ${valueText(figure)} twice`);
    }
  }
  return stepOf({ step: "window", length, of: of === "values" ? of : Object.freeze([...of]) });
}
