// Tables of any kind that is read here. What reads them is fetched when the first row is asked for.
import { checkKind, checkOneOf } from "../util/check.ts";
import type { CsvOptions } from "./csvReader.ts";
import { csvFormOf } from "./readCsv.ts";
import type { Rows } from "./rows.ts";
import { reading } from "./reading.ts";
import type { TableGuess, TableKind } from "./tableReader.ts";
import { checkSource, type TableSource } from "./tableSource.ts";

/** How `readTable` reads: the options but `kind` and `encoding` are for CSV alone. */
export interface TableReadOptions extends Omit<CsvOptions, "onGuess"> {
  /** What it is. Default: decided by its beginning, and by its name. */
  readonly kind?: TableKind | undefined;
  /** Is given what was decided, before the first rows. */
  readonly onGuess?: ((guess: TableGuess) => void) | undefined;
}

/** The rows of a table, to go through by `for await`. */
export interface TableReading extends AsyncIterable<Rows> {
  /** What the file is: reads its beginning, if nothing has yet. */
  readonly guessed: Promise<TableGuess>;
}

const KINDS: readonly TableKind[] = ["csv", "json-lines", "json", "npy", "npz"];

/**
 * Reads a table of any kind, gzipped or not, some rows at a time, and says which it is: CSV, TSV and the like (as `readCsv`), JSON lines
 * (as `readJsonLines`), a JSON array of objects, npy (the columns column1, column2, ...) or npz (an array of one axis is a column of its
 * name, one of two axes x is the columns x1, x2, ...). CSV and JSON lines may be larger than memory; the others are read as a whole.
 *
 * @param source a path or `file:` URL (Node, Deno, Bun), bytes, a File or Blob, a Response, a ReadableStream, an iterable of texts or bytes,
 *   or `{ text }`
 * @param options.kind "csv", "json-lines", "json", "npy" or "npz"; default: decided by the beginning, and by the file's name
 * @param options.onGuess is given what `guessed` promises, before the first rows
 * @param options.delimiter and the rest of `readCsv`'s options: of CSV; refused, while reading, of other kinds but for encoding
 * @throws {TypeError | RangeError} at once, if the source or an option can't be used
 * @throws {Error} while reading: what `readCsv`, `readJsonLines`, `readNpy` and `readNpz` say of such a source; of files of other kinds,
 *   such as workbooks, Parquet or pictures, what they are and what to do
 * @example
 * const file = readTable({ text: '[{ "height": 1.5 }, { "height": 1.7 }]' }); // or readTable("flowers.csv")
 * for await (const { columns, rows } of file) console.log(columns, rows); // ["height"] [[1.5], [1.7]]
 * console.log((await file.guessed).kind); // "json"
 */
export function readTable(source: TableSource, options: TableReadOptions = {}): TableReading {
  const where = "readTable";
  checkSource(where, source);
  const csv = csvFormOf(where, options, ["kind", "onGuess"]);
  const { kind, onGuess } = options;
  if (kind !== undefined) checkOneOf(where, "kind", kind, KINDS);
  if (onGuess !== undefined) {
    checkKind(typeof onGuess === "function", where, "onGuess", "a function of (guess)", onGuess);
  }
  const given = Object.entries(options).flatMap(([name, value]) =>
    value === undefined || ["kind", "onGuess", "encoding"].includes(name) ? [] : [name],
  );
  const open = async () => (await import("./tableReader.ts")).openTable(source, { kind, csv, given });
  return reading<TableGuess>(source, open, onGuess);
}
