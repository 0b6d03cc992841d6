// Tables whose columns have types, and the pipelines that are fitted on them: what users see of both.

import type { Rows } from "./rows.ts";
import type { Source } from "./sources.ts";

/** What the cells of a column are. */
export type ColumnType = "number" | "category" | "boolean" | "date" | "text" | "identifier" | "constant";

/** A value of a table: of a missing cell null. */
export type Value = number | string | boolean | Date | null;

/** A column of a table. What it holds must not be written to: tables share it. */
export interface Column {
  /** Its name. */
  readonly name: string;
  /** What its cells are. */
  readonly type: ColumnType;
  /** How many cells are missing. */
  readonly missing: number;
  /** Why it has this type, and what was done with odd cells; of the whole table that it was inferred of. */
  readonly reason: string;
  /** Numbers, or dates as milliseconds since 1970 (UTC); NaN where the cell is missing. Undefined of columns of words. */
  readonly values: Float64Array | undefined;
  /** Places in `words`, -1 where the cell is missing. Undefined of columns of numbers. */
  readonly codes: Int32Array | undefined;
  /** The different words: of booleans the one that means no, then the one that means yes. Undefined of columns of numbers. */
  readonly words: readonly string[] | undefined;
  /** The value in a row: a number, a date, true or false, a word; null if it is missing. */
  at(row: number): Value;
}

/** A table whose columns have types. Made by `table(...).infer()`. */
export interface Table {
  /** How many rows there are. */
  readonly rows: number;
  /** The columns. */
  readonly columns: readonly Column[];
  /**
   * The column of a name.
   *
   * @throws {TypeError | RangeError} if there is none
   */
  column(name: string): Column;
  /**
   * The table of some columns, in the order of their names. Nothing is copied.
   *
   * @throws {TypeError | RangeError} if one isn't there, or is named twice
   */
  select(names: readonly string[]): Table;
  /**
   * The table of some rows, in the order of their positions, which may come more than once. A column is copied when it is first read,
   * consecutive rows never are.
   *
   * @throws {TypeError | RangeError} if a position is no row's
   */
  take(rows: ArrayLike<number>): Table;
  /**
   * The table of the rows that a function says true of.
   *
   * @throws {TypeError} if it isn't a function
   */
  filterRows(keep: (row: Readonly<Record<string, Value>>, position: number) => boolean): Table;
  /**
   * The pipeline that makes numbers of these rows and of others like them. All that it has to know (means, words, which values are
   * missing) is taken from the rows of this table alone: call it on the training rows.
   *
   * Columns are done by their types, if `columns` doesn't say otherwise: numbers are imputed and standardized (positive ones with a long
   * tail after `log1p`, those with extreme values by `robustScale`), categories are one-hot, booleans 0 or 1, dates are parts of the
   * calendar. Text, identifiers and constants are left out; `dropped` says why.
   *
   * @param options.target the column to predict; default none
   * @param options.task default "auto": classification of words, booleans, and numbers that are two different whole ones, else regression
   * @param options.columns what is done with columns instead: a step, several in order, or "drop"
   * @param options.log of a regression, whether ln(1 + target) is learnt; default where it is 0 or more, and its mean far above the median
   * @param options.time of a series, the column of dates, or of whole numbers such as years; default the only one of dates
   * @param options.horizon of a series, how many rows ahead it predicts; default 1
   * @throws {TypeError | RangeError} if an option can't be used, steps don't fit a column, or the target can't be predicted
   */
  fit(options?: FitTableOptions): Pipeline;
  /**
   * A text that shows what the columns are.
   *
   * @param width the length of a line at most; default 80
   * @throws {TypeError | RangeError} if it is no whole number of 40 or more
   */
  toString(width?: number): string;
  /** The rows, as objects. */
  [Symbol.iterator](): Iterator<Record<string, Value>>;
}

/** What is predicted: a number, a class, or the next number of a series. */
export type Task = "regression" | "classification" | "series";

/** What is done with a column. Made by `standardize`, `oneHot` and the like. */
export interface Step {
  /** The name of the function that made it. */
  readonly step: string;
}

/** Options of `fit`. */
export interface FitTableOptions {
  /** The column to predict. */
  readonly target?: string;
  /** What is predicted; default "auto". */
  readonly task?: "auto" | Task;
  /** What is done with columns; with others by their types. */
  readonly columns?: Readonly<Record<string, Step | readonly Step[] | "drop">>;
  /** Of a regression, whether ln(1 + target) is learnt; default where it is 0 or more, and its mean far above the median. */
  readonly log?: boolean;
  /** Of a series, the column of dates or whole numbers. */
  readonly time?: string;
  /** Of a series, how many rows ahead is predicted. */
  readonly horizon?: number;
}

/** Options of `transform`. */
export interface TransformOptions {
  /**
   * Whether the target's column is read. If it is, rows without a target are left out where some have one; if it isn't, all rows
   * that can be predicted are there and `y` is undefined. Default true.
   */
  readonly target?: boolean;
}

/** A pipeline as plain values. */
export interface PipelineFile {
  /** What it is. */
  readonly format: "wasmgrad pipeline";
  /** Of this form. */
  readonly version: 1;
  /** What was fitted. */
  readonly [part: string]: unknown;
}

/** Options of a pipeline's `batches`. */
export interface PipelineBatchesOptions {
  /** Rows of a batch; default 32. */
  readonly batchSize?: number;
  /** So many rows are held, and the next one is any of them; default 8192, 0: the source's order. */
  readonly shuffleBuffer?: number;
}

/** A column that a pipeline uses. */
export interface PipelineColumn {
  /** Its name. */
  readonly name: string;
  /** What its cells are. */
  readonly type: string;
  /** What is done with it, step by step, in words. */
  readonly steps: readonly string[];
  /** How many numbers of a row of x it makes. */
  readonly features: number;
}

/** What a pipeline makes of rows. */
export interface Transformed {
  /** The inputs, [rows, features]. */
  readonly x: Float32Array;
  /** A label from 0 or the scaled target of each row of x; undefined if the rows have no target. */
  readonly y: Float32Array | undefined;
  /** Of numbers that are predicted, the target's own cells of these rows, in its units; undefined of classes, and where `y` is. */
  readonly targets?: Float64Array | undefined;
  /** The positions of the rows of x among those that were given: some may have been left out, which the notes say. */
  readonly rows: Uint32Array;
  /** Of a series whose target is relative to a value before it, this value of each row; undefined otherwise. */
  readonly before?: Float64Array | undefined;
  /** What was done with odd cells and rows, in words. */
  readonly notes: readonly string[];
}

/** A table that isn't read by types yet: rows that are objects, or what `table` makes. */
export type RawRows =
  | readonly Readonly<Record<string, unknown>>[]
  | { readonly rows: number; readonly columns: readonly string[]; infer(): Table };

/** What makes numbers of a table's rows, by what the rows that it was fitted on are like. Made by `table.fit`. */
export interface Pipeline {
  /** What is predicted; undefined without a target. */
  readonly task: Task | undefined;
  /** The column to predict; of a classification the classes in the order of the labels; of numbers whether logarithms are learnt. */
  readonly target: { readonly name: string; readonly classes?: readonly string[]; readonly log?: boolean } | undefined;
  /** Of a series, the column of dates and how many rows ahead it predicts. */
  readonly series: { readonly time: string; readonly horizon: number } | undefined;
  /** The names of x's numbers. */
  readonly features: readonly string[];
  /** The columns that are used. */
  readonly columns: readonly PipelineColumn[];
  /** The columns that aren't, and why. */
  readonly dropped: readonly { readonly name: string; readonly reason: string }[];
  /** What was decided of the target, and what was done with rows when the pipeline was fitted, in words. */
  readonly notes: readonly string[];
  /**
   * The inputs and targets of rows. Cells that aren't typed are read as those of the training rows were. Columns that aren't needed are
   * ignored. Rows of a series come in the order of their times; those without enough rows before them are left out.
   *
   * @param rows a table with types or without, or objects of cells
   * @param options.target whether the target's column is read; default true
   * @throws {TypeError | RangeError} if a column is missing, or a cell can't be read as those that the pipeline was fitted on
   */
  transform(rows: Table | RawRows, options?: TransformOptions): Transformed;
  /**
   * The pipeline of a series that remembers rows: those that come right after them are predicted from the first on. Without it, the
   * first rows have too few before them. What a pipeline remembers already comes before the rows.
   *
   * @param rows the last ones that are known, in any order
   * @throws {TypeError | RangeError} if it is no series, or as `transform` does
   */
  withHistory(rows: Table | RawRows): Pipeline;
  /**
   * Numbers in the target's units of a model's outputs, one for each row.
   *
   * @param transformed of a series, what the outputs are of
   * @throws {TypeError | RangeError} if the pipeline has no target or one of classes, or the two don't match
   */
  decode(outputs: ArrayLike<number>, transformed?: Transformed): Float64Array;
  /**
   * Batches for `fit` and `evaluate` of a table that may be larger than memory. It is read again in each epoch; not for series.
   *
   * @param source what can be gone through again, such as `readCsv("rows.csv")`, or a function that gives it
   * @param options.batchSize rows of a batch; default 32
   * @param options.shuffleBuffer so many rows are held, and the next one is any of them; default 8192, 0: the source's order
   * @throws {TypeError | RangeError} at once, if it is neither; while training, if a cell can't be read
   */
  batches(
    source: AsyncIterable<Rows> | ((epoch: number) => AsyncIterable<Rows>),
    options?: PipelineBatchesOptions,
  ): Source;
  /** Plain values to be kept as JSON; `pipelineFromJSON` makes the same pipeline of them. */
  toJSON(): PipelineFile;
  /**
   * A text that says what is done with each column.
   *
   * @param width the length of a line at most; default 80
   * @throws {TypeError | RangeError} if it is no whole number of 40 or more
   */
  toString(width?: number): string;
}
