// Rows of a table, as readers give them: some at a time.

/** Consecutive rows of a table. */
export interface Rows {
  /** The names of the columns, the same in every piece of a table. */
  readonly columns: readonly string[];
  /** The cells, row by row, as many in each as there are columns. */
  readonly rows: readonly (readonly unknown[])[];
  /** The number of the first row among all of the table, from 0. */
  readonly first: number;
}
