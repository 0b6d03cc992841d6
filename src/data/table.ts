// Tables of any cells, kept by columns, from what JavaScript and readers of files have.
import { checkKeys, checkKind, isNumbers, isObject, isRecord, valueText } from "../util/check.ts";
import { unknownText } from "../util/suggest.ts";
import { type Cells, CellStore } from "./cells.ts";
import { tableOf } from "./columns.ts";
import type { Table } from "./tableTypes.ts";
import { fitTable } from "./pipeline/fit.ts";
import { keepCells } from "./rawCells.ts";
import { inferColumn, type InferOptions, inferRules } from "./infer.ts";
import type { Rows } from "./rows.ts";

/** A table as it was read, whose columns have no types yet. Made by `table`. */
export interface RawTable {
  /** How many rows there are. */
  readonly rows: number;
  /** The names of the columns. */
  readonly columns: readonly string[];
  /**
   * Decides what each column is, by all of its cells, and says why in its `reason`. Rows are counted from 0.
   *
   * - **number**: all cells are numbers. Decimal commas and separators of thousands are read where a column fits nothing else, and so
   *   is one sign at all numbers: that of a currency ($3.83, 1,50 €, CHF 20) is left away, percent are hundredths (12 % is 0.12). Words
   *   in fewer than 1 % of the cells are taken as missing, and named; with more it is no column of numbers.
   * - **boolean**: true and false, yes and no, ja and nein, 是 and 否. 0 and 1 are numbers.
   * - **date**: yyyy-mm-dd, with a time or without, yyyy/mm/dd, dd.mm.yyyy, mm/dd/yyyy, dd/mm/yyyy, yyyy-mm (the first of the month),
   *   and with English names of months "mmm dd yyyy" (Sep 19, 2003), "dd mmm yyyy", "dd-mmm-yyyy" and, of two digits, "dd-mmm-yy" and
   *   "dd mmm yy": 00 to 68 are 2000 to 2068, 69 to 99 are 1969 to 1999. Only `types` reads others, such as "yyyymmdd". A column that
   *   fits mm/dd/yyyy and dd/mm/yyyy alike, or has two formats, is text, and its reason says which option reads it. Without a zone,
   *   times are UTC.
   * - **identifier**: whole numbers that count the rows; what is all different and named so (id, index); different words without spaces.
   * - **constant**: all cells are the same.
   * - **category**: words, at most 20 different ones or the square root of the number of rows; or up to 1,000, each 20 times on average.
   * - **text**: anything else, such as numbers with different signs: the type "number" in `types` reads them.
   *
   * @param options.types types of columns, such as { zip: "category", when: { type: "date", format: "dd/mm/yyyy" } }
   * @param options.missing words that stand for a missing value, besides the empty cell; default NA, N/A, n/a, null, NULL, None, NaN,
   *   nan, ? and -
   * @param options.decimal the sign before decimals, "." or ","; default for each column the only one that fits
   * @throws {TypeError | RangeError} if an option can't be used, a column can't be of the type that it says, or a column of numbers has
   *   some that are infinite or beyond float32
   */
  infer(options?: InferOptions): Table;
}

/** Options of `table`. */
export interface TableOptions {
  /** The names of the columns of rows that are arrays. */
  readonly columns?: readonly string[];
  /** The names of columns that are left out, whatever their cells are. */
  readonly drop?: readonly string[];
}

/** Columns by their names: arrays of the same length. */
export type ColumnsByName = Readonly<Record<string, ArrayLike<unknown>>>;

/**
 * A table of columns, of rows, or of parts that come one after another, such as a reader gives them. It is kept by columns: 8 bytes for
 * each cell, and each different text once. Texts lose spaces on both sides; a text that is a number is kept as this number. Of bigints
 * too large for a number, and of digits with zeros before them, the text is kept.
 *
 * @param source columns by their names; rows that are objects, or arrays of cells; or an async iterable of `Rows`
 * @param options.columns the names of the columns of rows that are arrays; needed for these alone
 * @param options.drop the names of columns that are left out: their cells may be anything; default none
 * @returns the table; of an async iterable a promise of it
 * @throws {TypeError | RangeError} if it is none of these, columns differ in length, rows that are arrays have more or fewer cells than
 *   there are columns, a name is empty or there twice, a column to leave out isn't there, or a cell is no number, string, boolean, date, null or undefined
 * @example
 * const raw = table({ age: [31, 45, null, 28], city: ["Bern", "Ulm", "Bern", "NA"] });
 * const people = raw.infer();
 * console.log(people.column("age").type, people.column("age").missing); // number, 1
 * console.log(people.column("city").words, people.column("city").codes); // [Bern, Ulm], [0, 1, 0, -1]
 * console.log(String(people));
 */
export function table(
  source: ColumnsByName | readonly (Readonly<Record<string, unknown>> | readonly unknown[])[],
  options?: TableOptions,
): RawTable;
export function table(source: AsyncIterable<Rows>, options?: TableOptions): Promise<RawTable>;
export function table(
  source: AsyncIterable<Rows> | ColumnsByName | readonly (Readonly<Record<string, unknown>> | readonly unknown[])[],
  options: TableOptions = {},
): RawTable | Promise<RawTable> {
  checkKeys("table", options, ["columns", "drop"], { names: "columns", header: "columns", headers: "columns" });
  const isStream = isObject(source) && Symbol.asyncIterator in source;
  if (options.columns !== undefined && (isStream || !Array.isArray(source))) {
    throw new TypeError("table: columns is for rows that are arrays; leave it out, others have names");
  }
  const { drop = [] } = options;
  const listed = Array.isArray(drop) && drop.every((name) => typeof name === "string");
  checkKind(listed, "table", "drop", "an array of names of columns", drop);
  const dropped = new Set(drop);
  if (isStream) return ofStream(source as AsyncIterable<Rows>, dropped);
  if (Array.isArray(source)) {
    return options.columns === undefined
      ? ofObjects(source as readonly Readonly<Record<string, unknown>>[], dropped)
      : ofArrays(source as readonly (readonly unknown[])[], options.columns, dropped);
  }
  const kind = "columns { name: array }, an array of rows, or an async iterable of Rows";
  checkKind(isRecord(source), "table", "source", kind, source);
  return ofColumns(source as ColumnsByName, dropped);
}

/** The names of the columns that are kept. */
function keptNames(names: readonly string[], dropped: ReadonlySet<string>): readonly string[] {
  if (dropped.size === 0) return names;
  for (const name of dropped) {
    if (!names.includes(name)) throw new RangeError(`table: drop: ${unknownText("column", name, names)}`);
  }
  const kept = names.filter((name) => !dropped.has(name));
  if (kept.length === 0) throw new RangeError("table: drop names all columns; at least one is needed");
  return kept;
}

function ofColumns(source: ColumnsByName, dropped: ReadonlySet<string>): RawTable {
  const all = Object.keys(source);
  checkNames(all);
  const names = keptNames(all, dropped);
  for (const name of names) {
    const holds = isNumbers(source[name]);
    checkKind(holds, "table", `column ${valueText(name)}`, "an array", source[name]);
    if (source[name]!.length !== source[names[0]!]!.length) {
      const [first, other] = [source[names[0]!]!.length, source[name]!.length];
      throw new RangeError(
        `table: columns must have the same length, but ${valueText(names[0])} has ${first} cells and ${valueText(name)} ${other}`,
      );
    }
  }
  const cells = names.map((name) => {
    const store = new CellStore(name);
    const column = source[name]!;
    for (let i = 0; i < column.length; i++) store.add(column[i]);
    return store.finish();
  });
  return rawTable(names, cells);
}

function ofArrays(
  rows: readonly (readonly unknown[])[],
  columns: readonly string[],
  dropped: ReadonlySet<string>,
): RawTable {
  checkNames(columns);
  const stores = storesOf(columns, dropped);
  addRows(stores, rows, 0);
  return ofStores(columns, stores);
}

/** What keeps the cells of each column; undefined of those that are left out. */
function storesOf(columns: readonly string[], dropped: ReadonlySet<string>): (CellStore | undefined)[] {
  const kept = new Set(keptNames(columns, dropped));
  return columns.map((name) => (kept.has(name) ? new CellStore(name) : undefined));
}

function ofStores(columns: readonly string[], stores: readonly (CellStore | undefined)[]): RawTable {
  return rawTable(
    columns.filter((_, place) => stores[place]),
    stores.flatMap((store) => (store ? [store.finish()] : [])),
  );
}

function ofObjects(rows: readonly Readonly<Record<string, unknown>>[], dropped: ReadonlySet<string>): RawTable {
  const stores = new Map<string, CellStore>();
  const left = new Set<string>();
  rows.forEach((row, i) => {
    const advice = Array.isArray(row) ? "; of arrays, give the names, too: { columns: [...] }" : "";
    checkKind(isRecord(row), "table", `row ${i}`, "an object of cells", row, advice);
    for (const name of Object.keys(row)) {
      if (dropped.has(name)) {
        left.add(name);
        continue;
      }
      let store = stores.get(name);
      if (!store) {
        if (name === "") checkNames([...stores.keys(), name]);
        store = new CellStore(name);
        stores.set(name, store);
      }
      store.fill(i); // rows before had no such cell
      store.add(row[name]);
    }
  });
  if (stores.size + left.size === 0) checkNames([]);
  keptNames([...stores.keys(), ...left], dropped);
  for (const store of stores.values()) store.fill(rows.length);
  return rawTable(
    [...stores.keys()],
    [...stores.values()].map((store) => store.finish()),
  );
}

async function ofStream(source: AsyncIterable<Rows>, dropped: ReadonlySet<string>): Promise<RawTable> {
  let names: readonly string[] | undefined;
  let stores: (CellStore | undefined)[] = [];
  let count = 0;
  for await (const part of source) {
    const holds = isRecord(part) && Array.isArray(part.columns) && Array.isArray(part.rows);
    checkKind(holds, "table", "each part", "{ columns, rows, first }", part);
    if (!names) {
      checkNames(part.columns);
      names = [...part.columns];
      stores = storesOf(names, dropped);
    } else if (part.columns !== names && part.columns.join("\0") !== names.join("\0")) {
      throw new RangeError(
        `table: all parts must have the same columns, but from row ${count} on they are ${part.columns.join(", ")}, before ${names.join(", ")}`,
      );
    }
    addRows(stores, part.rows, count);
    count += part.rows.length;
  }
  if (!names) throw new RangeError("table: the source has no parts, so the names of the columns aren't known");
  return ofStores(names, stores);
}

function addRows(
  stores: readonly (CellStore | undefined)[],
  rows: readonly (readonly unknown[])[],
  first: number,
): void {
  rows.forEach((row, i) => {
    checkKind(Array.isArray(row), "table", `row ${first + i}`, "an array of cells", row);
    if (row.length !== stores.length) {
      throw new RangeError(`table: row ${first + i} has ${row.length} cells, but there are ${stores.length} columns`);
    }
  });
  stores.forEach((store, place) => store?.addRows(rows, place));
}

function checkNames(names: readonly string[]): void {
  checkKind(Array.isArray(names), "table", "columns", "an array of names", names);
  if (names.length === 0) throw new RangeError("table: there are no columns; at least one is needed");
  const seen = new Map<string, number>();
  Array.from(names).forEach((name, i) => {
    checkKind(typeof name === "string", "table", `the name of column ${i}`, "a string", name);
    if (name === "") throw new RangeError(`table: column ${i} has no name; give it one`);
    if (seen.has(name)) {
      throw new RangeError(`table: columns ${seen.get(name)} and ${i} are both named ${valueText(name)}; rename one`);
    }
    seen.set(name, i);
  });
}

function rawTable(columns: readonly string[], cells: readonly Cells[]): RawTable {
  const names = Object.freeze([...columns]);
  const rows = cells[0]!.count;
  const raw = Object.freeze<RawTable>({
    rows,
    columns: names,
    infer(options = {}) {
      const rules = inferRules(options, names);
      return tableOf(
        rows,
        names.map((name, i) => inferColumn(name, cells[i]!, rules)),
        fitTable,
      );
    },
  });
  keepCells(raw, cells);
  return raw;
}
