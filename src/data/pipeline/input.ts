// Rows that a pipeline is given, read as its training rows were.
import { checkKind, isObject, isRecord, valueText } from "../../util/check.ts";
import { closest } from "../../util/suggest.ts";
import { type Cells, CellStore } from "../cells.ts";
import { type ColumnReading, readCells, type ReadColumn, type RefuseCell, wordReader } from "../columnReading.ts";
import { cellsOf } from "../rawCells.ts";
import type { Column, RawRows, Table } from "../tableTypes.ts";

/** A column that is needed. */
export interface Needed {
  readonly name: string;
  readonly reading: ColumnReading;
  /** Of words, those that are known. */
  readonly words?: readonly string[] | undefined;
  /** Whether it may be absent. */
  readonly optional?: boolean;
}

/** Rows as they were given: something that has the cells of columns. */
export interface Given {
  readonly rows: number;
  readonly names: readonly string[];
  /** Reads a column. */
  read(needed: Needed): ReadColumn;
}

/** Is it a table with types? */
const isTable = (value: object): value is Table =>
  "columns" in value && Array.isArray(value.columns) && "column" in value && typeof value.column === "function";

/** Whatever rows were given. */
export function givenRows(where: string, rows: Table | RawRows, needed: readonly Needed[]): Given {
  if (isObject(rows)) {
    const cells = cellsOf(rows);
    if (cells) return ofCells(where, (rows as { columns: readonly string[] }).columns, cells, 0);
    if (isTable(rows)) return ofTable(where, rows);
  }
  const kind = "a table, or an array of objects of cells";
  checkKind(Array.isArray(rows), where, "the rows", kind, rows);
  return ofObjects(where, rows as readonly Readonly<Record<string, unknown>>[], needed);
}

/** Rows of cells that a reader gives. `first`: the number of the first of them. */
export function ofArrays(
  where: string,
  names: readonly string[],
  rows: readonly (readonly unknown[])[],
  first: number,
  needed: readonly Needed[],
): Given {
  const stores = names.map((name) =>
    needed.some((each) => each.name === name) ? new CellStore(name, where, rows.length) : undefined,
  );
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (!Array.isArray(row) || row.length !== names.length) {
      const got = Array.isArray(row) ? `${row.length} cells` : valueText(row);
      throw new RangeError(`${where}: row ${first + i} must be an array of ${names.length} cells, got ${got}`);
    }
  }
  stores.forEach((store, place) => store?.addRows(rows, place));
  return ofCells(
    where,
    names,
    stores.map((store) => store?.finish()),
    first,
    rows.length,
  );
}

function ofObjects(
  where: string,
  rows: readonly Readonly<Record<string, unknown>>[],
  needed: readonly Needed[],
): Given {
  const stores = needed.map(({ name }) => new CellStore(name, where));
  const seen = new Set<string>();
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const advice = Array.isArray(row) ? "; of arrays, table(rows, { columns: [...] }) makes rows with names" : "";
    checkKind(isRecord(row), where, `row ${i}`, "an object of cells", row, advice);
    if (i < 100) for (const name of Object.keys(row)) seen.add(name);
    for (let c = 0; c < stores.length; c++) {
      const { name } = needed[c]!;
      if (!Object.hasOwn(row, name)) {
        stores[c]!.add(null);
        continue;
      }
      seen.add(name);
      stores[c]!.add(row[name]);
    }
  }
  const names = rows.length === 0 ? needed.map(({ name }) => name) : [...seen];
  const cells = new Map(stores.map((store, c) => [needed[c]!.name, store.finish()]));
  return ofCells(
    where,
    names,
    names.map((name) => cells.get(name)),
    0,
    rows.length,
  );
}

function ofCells(
  where: string,
  names: readonly string[],
  cells: readonly (Cells | undefined)[],
  first: number,
  rows = cells[0]?.count ?? 0,
): Given {
  const places = new Map(names.map((name, i) => [name, i]));
  return {
    rows,
    names,
    read: (needed) =>
      readCells(
        needed.reading,
        cells[places.get(needed.name)!]!,
        codesOf(needed.words),
        refusal(where, needed.name, first),
      ),
  };
}

const known = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

/** The places of words. */
function codesOf(words: readonly string[] = []): ReadonlyMap<string, number> {
  let codes = known.get(words);
  if (!codes) known.set(words, (codes = new Map(words.map((word, i) => [word, i]))));
  return codes;
}

const refusal =
  (where: string, name: string, first: number): RefuseCell =>
  (row, what) => {
    throw new RangeError(`${where}: column ${valueText(name)}, row ${first + row} is ${what}`);
  };

function ofTable(where: string, table: Table): Given {
  return {
    rows: table.rows,
    names: table.columns.map(({ name }) => name),
    read: (needed) => ofColumn(where, table.column(needed.name), needed),
  };
}

const NONE: ReadonlyMap<string, number> = new Map();

/** Reads a column that has a type: as it is, or by its words where it was taken for something else. */
function ofColumn(where: string, column: Column, { name, reading, words }: Needed): ReadColumn {
  const refuse = refusal(where, name, 0);
  const { type, values, codes } = column;
  if (values && (reading.as === "date" || type === "date") && (reading.as === "date") !== (type === "date")) {
    const was = reading.as === "date" ? "dates" : reading.as === "number" ? "numbers" : "words";
    const now = type === "date" ? "dates" : "numbers";
    throw new TypeError(
      `${where}: column ${valueText(name)} has ${now}, but the pipeline's rows had ${was}; give it as it was, or the rows as they were read: table(...) without infer()`,
    );
  }
  if (values) {
    if (reading.as === "number" || reading.as === "date") return { values, unknown: NONE };
    return reading.as === "boolean" ? booleansOf(values, reading, refuse) : wordsOf(values, words);
  }
  if (reading.as === "words") return placesOf(column, words);
  const read = wordReader(reading);
  const wrong = new Map<number, string>();
  const counts = new Uint8Array(column.words!.length);
  for (const code of codes!) if (code >= 0) counts[code] = 1;
  const own = Float64Array.from(column.words!, (word, code) => {
    const value = counts[code] === 0 ? NaN : read(word);
    if (typeof value === "number") return value;
    wrong.set(code, value);
    return NaN;
  });
  if (wrong.size > 0) {
    const row = codes!.findIndex((code) => wrong.has(code));
    refuse(row, `${valueText(column.words![codes![row]!])}, which is ${wrong.get(codes![row]!)}`);
  }
  if (reading.as !== "boolean") {
    return { values: Float64Array.from(codes!, (code) => (code < 0 ? NaN : own[code]!)), unknown: NONE };
  }
  const places = Int32Array.from(own, (value) => (value === value ? value : -1));
  return { codes: codes!.map((code) => (code < 0 ? -1 : places[code]!)), unknown: NONE };
}

function booleansOf(values: Float64Array, reading: ColumnReading, refuse: RefuseCell): ReadColumn {
  const read = wordReader(reading);
  const codes = new Int32Array(values.length);
  for (let row = 0; row < codes.length; row++) {
    const value = values[row]!;
    const code = value === value ? read(String(value)) : NaN;
    if (typeof code === "string") refuse(row, `${value}, which is ${code}`);
    codes[row] = code === code ? (code as number) : -1;
  }
  return { codes, unknown: NONE };
}

/** Numbers as the words that they are. */
function wordsOf(values: Float64Array, words: readonly string[] | undefined): ReadColumn {
  const places = codesOf(words);
  const unknown = new Map<string, number>();
  const codes = Int32Array.from(values, (value) => {
    if (value !== value) return -1;
    const word = String(value);
    const code = places.get(word);
    if (code !== undefined) return code;
    unknown.set(word, (unknown.get(word) ?? 0) + 1);
    return -2;
  });
  return { codes, unknown };
}

function placesOf(column: Column, words: readonly string[] | undefined): ReadColumn {
  const places = codesOf(words);
  const own = Int32Array.from(column.words!, (word) => places.get(word) ?? -2);
  const same = own.every((place, i) => place === i);
  if (same) return { codes: column.codes!, unknown: NONE };
  const unknown = new Map<string, number>();
  const codes = column.codes!.map((code) => {
    if (code < 0) return -1;
    if (own[code] === -2) unknown.set(column.words![code]!, (unknown.get(column.words![code]!) ?? 0) + 1);
    return own[code]!;
  });
  return { codes, unknown };
}

/** Refuses rows that lack a column. */
export function checkColumns(where: string, given: Given, needed: readonly Needed[]): void {
  const there = new Set(given.names);
  const lacking = needed.filter(({ name, optional }) => optional !== true && !there.has(name));
  if (lacking.length === 0) return;
  const { name } = lacking[0]!;
  const others = given.names.filter((each) => !needed.some((own) => own.name === each));
  const close = closest(name.slice(0, 80), others.slice(0, 1000));
  const hint = close === undefined ? "; the" : `; is it ${valueText(close)}? The`;
  const needs = needed.filter(({ optional }) => optional !== true).map((each) => each.name);
  throw new RangeError(
    `${where}: column ${valueText(name)} is missing${hint} pipeline needs ${namesText(needs)}; the rows have ${namesText(given.names)}`,
  );
}

const namesText = (names: readonly string[]): string =>
  names.length === 0
    ? "none"
    : `${names.slice(0, 50).join(", ")}${names.length > 50 ? ` and ${names.length - 50} more` : ""}`;

/** What unknown words there are, in words. */
export function unknownNote(name: string, { unknown }: ReadColumn, becomes: string): string[] {
  if (unknown.size === 0) return [];
  const cells = [...unknown.values()].reduce((sum, count) => sum + count, 0);
  const words = [...unknown.keys()].slice(0, 3).map(valueText).join(", ");
  const more = unknown.size > 3 ? ` and ${unknown.size - 3} more` : "";
  return [
    `${name}: ${cells} ${cells === 1 ? "cell has a word" : "cells have words"} that no training row has (${words}${more}); ${becomes}`,
  ];
}
