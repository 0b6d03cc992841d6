/** A part of a table as it is read: some of its rows. Cells of a CSV file are strings; other sources give values. */
export interface Rows {
  /** The names of the columns. */
  readonly columns: readonly string[];
  /** The cells of each row, in the order of the columns. */
  readonly rows: readonly (readonly unknown[])[];
  /** The position of the first of these rows in the whole table, from 0. */
  readonly first: number;
}
