// Tables whose columns have types, and the pipelines that are fitted on them: what users see of both.

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
  /** The positions of the rows of x among those that were given: some may have been left out, which the notes say. */
  readonly rows: Uint32Array;
  /** What was done with odd cells and rows, in words. */
  readonly notes: readonly string[];
}

/** A table that isn't read by types yet: rows that are objects, or what `table` makes. */
export type RawRows = readonly Readonly<Record<string, unknown>>[];

/** What makes numbers of a table's rows, by what the rows that it was fitted on are like. Made by `table.fit`. */
export interface Pipeline {
  /** What is predicted; undefined without a target. */
  readonly task: Task | undefined;
  /** The column to predict; of a classification the classes in the order of the labels. */
  readonly target: { readonly name: string; readonly classes?: readonly string[] } | undefined;
  /** The names of x's numbers. */
  readonly features: readonly string[];
  /** The columns that are used. */
  readonly columns: readonly PipelineColumn[];
  /** The columns that aren't, and why. */
  readonly dropped: readonly { readonly name: string; readonly reason: string }[];
  /**
   * The inputs and targets of rows.
   *
   * @throws {TypeError | RangeError} if a column is missing, or a cell can't be read as those that the pipeline was fitted on
   */
  transform(rows: Table | RawRows): Transformed;
  /** Numbers in the target's units of a model's outputs. */
  decode(outputs: ArrayLike<number>): Float64Array;
  /** Plain values to be kept as JSON; `pipelineFromJSON` makes the same pipeline of them. */
  toJSON(): object;
  /** A text that says what is done with each column. */
  toString(width?: number): string;
}
