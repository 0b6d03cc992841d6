// Converts rows of numbers that a factory is given, such as centres, before the model's shapes are known.
import { checkKind, checkNumbers, isNumbers } from "../util/check.ts";

/** Consecutive rows. */
export interface NumberRows {
  readonly data: Float32Array;
  /** Numbers per row; undefined if the rows were given as one flat array. */
  readonly columns: number | undefined;
}

/** Rows of equal length, or a flat array of them, as finite float32 numbers. */
export function numberRowsOf(
  where: string,
  name: string,
  rows: readonly ArrayLike<number>[] | ArrayLike<number>,
): NumberRows {
  checkKind(isNumbers(rows), where, name, "rows of numbers", rows);
  if (rows.length === 0) throw new RangeError(`${where}: ${name} is empty; at least one row is needed`);
  const nested = typeof rows[0] !== "number";
  const list = (nested ? rows : [rows]) as readonly ArrayLike<number>[];
  list.forEach((row, r) => checkNumbers(where, nested ? `${name}[${r}]` : name, row));
  const columns = list[0]!.length;
  const other = list.findIndex((row) => row.length !== columns);
  if (other >= 0) {
    throw new RangeError(
      `${where}: the rows of ${name} must be equally long, but row 0 has ${columns} numbers and row ${other} has ${list[other]!.length}`,
    );
  }
  if (columns === 0) throw new RangeError(`${where}: the rows of ${name} are empty; at least one number is needed`);
  const data = new Float32Array(list.length * columns);
  list.forEach((row, r) => data.set(row, r * columns));
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const at = nested ? `${name}[${Math.floor(bad / columns)}][${bad % columns}]` : `${name}[${bad}]`;
    const value = list[Math.floor(bad / columns)]![bad % columns]!;
    const why = Number.isFinite(value) ? ", too large for float32" : "";
    throw new RangeError(`${where}: ${at} must be a finite number, got ${value}${why}`);
  }
  return { data, columns: nested ? columns : undefined };
}
