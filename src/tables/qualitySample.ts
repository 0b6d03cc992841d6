// Some rows of a large table, for what would take long with all of them.
import { randomUniform } from "../data/random.ts";
import type { Table } from "../data/tableTypes.ts";

/** Leaks and drift are looked for in this many rows at most. */
export const MOST_SAMPLED = 100_000;

/** The stream of random numbers, apart from those of models and other data. */
const STREAM_QUALITY = 0xa0000;

/** At most so many rows, one by chance of each of as many pieces of the table. */
export function sampleOf(table: Table, most = MOST_SAMPLED): Table {
  const { rows } = table;
  if (rows <= most) return table;
  const random = randomUniform(1, STREAM_QUALITY);
  const chosen = new Uint32Array(most);
  for (let i = 0; i < most; i++) chosen[i] = Math.floor(((i + random()) * rows) / most);
  return table.take(chosen);
}

/** A fold of each row, from 0 to `folds` - 1, by chance. */
export function foldsOf(rows: number, folds: number): Uint8Array {
  const random = randomUniform(2, STREAM_QUALITY);
  return Uint8Array.from({ length: rows }, () => Math.floor(random() * folds));
}
