// The cells of tables whose columns have no types yet, for pipelines that read them.
import type { Cells } from "./cells.ts";

const kept = new WeakMap<object, readonly Cells[]>();

/** Keeps the cells of a table, column by column. */
export function keepCells(raw: object, cells: readonly Cells[]): void {
  kept.set(raw, cells);
}

/** The cells of a table that `table` made; undefined of anything else. */
export const cellsOf = (raw: object): readonly Cells[] | undefined => kept.get(raw);
