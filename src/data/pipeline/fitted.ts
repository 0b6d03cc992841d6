// Fitted pipelines as plain values: what is kept in files.
import type { ColumnReading } from "../columnReading.ts";
import type { ColumnType, Task } from "../tableTypes.ts";
import type { FittedPart } from "./calendar.ts";

/** A step that knows the training rows. `why`: the reason why it was chosen, in words. */
export type FittedStep = (
  | {
      readonly step: "impute";
      readonly by: string;
      readonly value: number | string;
      readonly flag: boolean;
      readonly missing: number;
    }
  | { readonly step: "log1p" }
  | { readonly step: "standardize"; readonly mean: number; readonly deviation: number; readonly clip: number }
  | { readonly step: "robustScale"; readonly median: number; readonly range: number; readonly clip: number }
  | {
      readonly step: "minMax";
      readonly least: number;
      readonly most: number;
      readonly low: number;
      readonly high: number;
    }
  /** The first `own` of the column's words have features; `other`: one for all others; `missing`: one for missing cells. */
  | { readonly step: "oneHot"; readonly own: number; readonly other: boolean; readonly missing: boolean }
  | { readonly step: "ordinal" }
  | { readonly step: "dateParts"; readonly parts: readonly FittedPart[]; readonly missing: boolean }
  | { readonly step: "lag"; readonly steps: readonly number[] }
  | {
      readonly step: "window";
      readonly length: number;
      readonly horizon: number;
      readonly of: "values" | readonly Figure[];
    }
) & { readonly why?: string };

/** A figure of a window. */
export type Figure = "mean" | "min" | "max" | "sd";

/** A column that is used. */
export interface FittedColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly reading: ColumnReading;
  /** Of a column of words those that are known, in the order of the features. */
  readonly words?: readonly string[];
  readonly steps: readonly FittedStep[];
}

/** The column to predict. */
export interface FittedTarget {
  readonly name: string;
  readonly type: ColumnType;
  readonly reading: ColumnReading;
  /** Of a classification, in the order of the labels. */
  readonly classes?: readonly string[];
  /** Of numbers: ln(1 + value) first if `log`; then (value - mean) / deviation. */
  readonly scale?: { readonly log: boolean; readonly mean: number; readonly deviation: number };
}

/** What a series needs of its training rows. */
export interface FittedSeries {
  readonly time: string;
  readonly reading: ColumnReading;
  readonly horizon: number;
  /** The target, so many rows before; and (value - mean) / deviation of what they are relative to `before`. */
  readonly lags: readonly number[];
  readonly lagMean: number;
  readonly lagDeviation: number;
  /** The value that the target is relative to, so many rows before; 0: none. */
  readonly before: number;
  /** Whether logarithms are compared; values below a tenth of `least` count as this tenth. */
  readonly log: boolean;
  readonly least: number;
}

/** The last rows before those that a series' pipeline is given: numbers and times, null where one is missing, and places of words. */
export interface FittedHistory {
  readonly rows: number;
  readonly columns: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

/** A fitted pipeline. */
export interface Fitted {
  readonly task?: Task;
  readonly target?: FittedTarget;
  readonly series?: FittedSeries;
  readonly history?: FittedHistory;
  readonly columns: readonly FittedColumn[];
  readonly dropped: readonly { readonly name: string; readonly reason: string }[];
  readonly notes: readonly string[];
}
