// Reads a table of any of the kinds that are read here: decides by the beginning and by the file's name which it is.
import { isNpy, type NpyArray } from "../formats/npy.ts";
import { describe, isRecord, valueText } from "../util/check.ts";
import { axesText } from "../util/shape.ts";
import { again, beginning, joined, openSource, type Source } from "./byteSource.ts";
import type { CsvForm, CsvGuess } from "./csvReader.ts";
import { otherKind } from "./otherKinds.ts";
import type { Opened } from "./reading.ts";
import type { Rows } from "./rows.ts";
import type { TableSource } from "./tableSource.ts";
import { type Text, textOf } from "./textSource.ts";

/** How a table is kept in a file. */
export type TableKind = "csv" | "json-lines" | "json" | "npy" | "npz";

/** What a file is, as it was given or decided. */
export interface TableGuess {
  /** What it is read as. */
  readonly kind: TableKind;
  /** What was decided, and why, a sentence each. */
  readonly reasons: readonly string[];
  /** How it is written, if it is CSV. */
  readonly csv: CsvGuess | undefined;
}

const WHERE = "readTable";

/** Characters by which the kind of a text is decided. */
const SAMPLE = 2 ** 17;

/** The longest JSON document, in characters; the most columns. */
const MOST_DOCUMENT = 2 ** 28;
const MOST_COLUMNS = 100_000;

/** Cells of a piece of an array. */
const PIECE_CELLS = 2 ** 16;

/** How a table is read: as CSV, if it is that. */
export interface TableForm {
  readonly kind: TableKind | undefined;
  readonly csv: CsvForm;
  /** The options that are for CSV alone and were given. */
  readonly given: readonly string[];
}

/** What `readTable` does: reads the beginning, and the rest when it is asked for. */
export async function openTable(source: TableSource, form: TableForm): Promise<Opened<TableGuess>> {
  const opened = await openSource(WHERE, source);
  const { name, says, content, close } = opened;
  try {
    const chunks = "bytes" in content ? await beginning(content.bytes, SAMPLE) : [];
    const start = joined(chunks);
    const whole: Source = "bytes" in content ? { ...opened, content: { bytes: again(chunks, content.bytes) } } : opened;
    const other = otherKind(start) ?? "";
    if (isNpy(start) || other.includes("(.npz)")) {
      const kind = isNpy(start) ? "npy" : "npz";
      checkWanted(says, form, kind);
      const reader = await import("./arrayReader.ts");
      if (kind === "npy") {
        const array = await reader.npyOfSource(WHERE, whole);
        const columns = columnsOf("column", array, says, `the array has`);
        return ofColumns(
          kind,
          `it begins as a file of np.save does: ${axesText(array.shape)} of ${array.dtype}`,
          columns,
        );
      }
      const arrays = await reader.npzOfSource(WHERE, whole);
      const shapes = Array.from(arrays, ([key, { shape }]) => `${valueText(key)} of ${axesText(shape)}`);
      return ofColumns(kind, `it is a file of np.savez with ${listText(shapes)}`, columnsOfAll(arrays, says));
    }
    const ending = /\.(np[yz]|parquet|xlsx?|ods)(?:\.gz)?"$/i.exec(name)?.[1]?.toLowerCase();
    if (ending && !other) throw says(`ends with .${ending}, but isn't such a file; is it a download that failed?`);
    return await ofText(await textOf(WHERE, whole, form.csv.encoding), form, says);
  } catch (error) {
    await close();
    throw error;
  }
}

type Says = Source["says"];

/** Refuses another kind than was given, and options that would do nothing. */
function checkWanted(says: Says, { kind, given }: TableForm, found: TableKind): void {
  if (kind !== undefined && kind !== found)
    throw says(`is ${NAMES[found]}, but kind is ${valueText(kind)}; leave it out`);
  if (found !== "csv" && given.length > 0) {
    throw says(
      `is ${NAMES[found]}, and ${given.join(", ")} ${given.length === 1 ? "is" : "are"} for CSV alone; leave ${given.length === 1 ? "it" : "them"} out`,
    );
  }
}

const NAMES: Readonly<Record<TableKind, string>> = {
  csv: "CSV",
  "json-lines": "JSON lines",
  json: "a JSON document",
  npy: "a NumPy array",
  npz: "an npz file",
};

/** A text is CSV unless it looks like JSON. */
async function ofText(text: Text, form: TableForm, says: Says): Promise<Opened<TableGuess>> {
  const start: string[] = [];
  for (let length = 0; length < SAMPLE; length += start.at(-1)!.length) {
    const { done, value } = await text.pieces.next();
    if (done) break;
    start.push(value);
  }
  const whole: Text = { ...text, pieces: again(start, text.pieces) };
  const [kind, why] = form.kind === undefined ? kindOfText(start.join(""), text.name) : [form.kind, undefined];
  if (kind === "npy" || kind === "npz") throw says(`isn't ${NAMES[kind]}, but a text; leave kind out`);
  checkWanted(says, form, kind);
  const reasons = why === undefined ? [] : [why];
  if (kind === "csv") {
    const { openCsvText } = await import("./csvReader.ts");
    const { guess, rows, close } = await openCsvText(whole, form.csv);
    return { guess: Object.freeze({ kind, reasons: [...reasons, ...guess.reasons], csv: guess }), rows, close };
  }
  const guess = Object.freeze({ kind, reasons: [...reasons, ...text.reasons], csv: undefined });
  const close = (): Promise<void> => text.close();
  if (kind === "json") return { guess, rows: documentRows(whole, says), close };
  const { jsonLineRows } = await import("./jsonLinesReader.ts");
  return { guess, rows: jsonLineRows(whole), close };
}

/** What kind of table a text is, and why. */
function kindOfText(start: string, name: string): readonly [TableKind, string] {
  const ending = /\.(json|jsonl|ndjson)(?:\.gz)?"$/i.exec(name)?.[1]?.toLowerCase();
  if (/^\s*\[\s*(?:[{\]]|$)/.test(start)) return ["json", "it is a JSON document: it begins with [ and an object"];
  const [line] = /^\s*\{[^\n]*/.exec(start) ?? [];
  if (line !== undefined && (isObjectText(line) || (line.length > 1000 && line.length >= start.trimEnd().length))) {
    return ["json-lines", "it is JSON lines: its first line is an object"];
  }
  if (line !== undefined && /^\s*\{\s*(?:"|\}|$)/.test(line))
    return ["json", "it is a JSON document: it begins with {"];
  if (ending === "json") return ["json", "it is a JSON document: its name ends with .json"];
  if (ending !== undefined) return ["json-lines", `it is JSON lines: its name ends with .${ending}`];
  return ["csv", "it is CSV: a text that is no JSON"];
}

function isObjectText(line: string): boolean {
  try {
    return isRecord(JSON.parse(line));
  } catch {
    return false;
  }
}

/** The rows of a JSON document that is an array of objects. */
async function* documentRows(text: Text, says: Says): AsyncGenerator<Rows, void, undefined> {
  const pieces: string[] = [];
  let length = 0;
  for await (const piece of text.pieces) {
    pieces.push(piece);
    length += piece.length;
    if (length > MOST_DOCUMENT) {
      throw says(
        `is a JSON document of more than ${MOST_DOCUMENT} characters; write it as JSON lines, an object in each line`,
      );
    }
  }
  let rows: unknown;
  try {
    rows = JSON.parse(pieces.join(""));
  } catch (cause) {
    throw says("is no valid JSON; write an array of objects, or JSON lines: an object in each line", cause);
  }
  if (!Array.isArray(rows)) {
    throw says(`must be an array of objects, such as [{"height": 1.5}], got ${describe(rows)}`);
  }
  if (rows.length === 0) throw says("is an empty array; there are no rows");
  const keys = new Map<string, number>();
  rows.forEach((row: unknown, i) => {
    const how = Array.isArray(row) ? "; write it with the names of the columns, or as CSV" : "";
    if (!isRecord(row))
      throw says(`row ${i} (counted from 0) must be an object, such as {"height": 1.5}, got ${describe(row)}${how}`);
    for (const key of Object.keys(row)) if (!keys.has(key)) keys.set(key, keys.size);
    if (keys.size > MOST_COLUMNS)
      throw says(`has more than ${MOST_COLUMNS} different keys; at most as many columns are read`);
  });
  const columns = [...keys.keys()];
  const each = Math.max(1, Math.floor(PIECE_CELLS / Math.max(1, columns.length)));
  for (let first = 0; first < rows.length; first += each) {
    const some = rows.slice(first, first + each) as readonly Record<string, unknown>[];
    yield {
      columns,
      rows: some.map((row) => columns.map((key) => (Object.hasOwn(row, key) ? row[key] : undefined))),
      first,
    };
  }
}

/** A column of an array. */
interface ArrayColumn {
  readonly name: string;
  readonly array: NpyArray;
  readonly place: number;
  readonly step: number;
}

/** The columns of an array: one for one axis, of two the second's. */
function columnsOf(name: string, array: NpyArray, says: Says, which: string): ArrayColumn[] {
  const { shape } = array;
  if (shape.length !== 1 && shape.length !== 2) {
    throw says(
      `is no table: ${which} ${shape.length} axes (${axesText(shape) || "one number"}); a table has one or two. readNp${name === "column" ? "y" : "z"} reads it`,
    );
  }
  const step = shape[1] ?? 1;
  if (step > MOST_COLUMNS) throw says(`has ${step} columns; at most ${MOST_COLUMNS} are read`);
  if (step === 0) throw says(`is no table: ${which} no columns (${axesText(shape)})`);
  const isOne = shape.length === 1 && name !== "column";
  return Array.from({ length: step }, (_, place) => ({
    name: isOne ? name : `${name}${place + 1}`,
    array,
    place,
    step,
  }));
}

/** The columns of several arrays: of one axis by their names, of two with numbers behind them. */
function columnsOfAll(arrays: ReadonlyMap<string, NpyArray>, says: Says): ArrayColumn[] {
  const columns: ArrayColumn[] = [];
  const [first] = arrays;
  for (const [key, array] of arrays) {
    for (const column of columnsOf(key, array, says, `the array ${valueText(key)} has`)) columns.push(column);
    if (columns.length > MOST_COLUMNS) throw says(`has more than ${MOST_COLUMNS} columns; at most as many are read`);
    const [rows, all] = [array.shape[0], first![1].shape[0]];
    if (rows !== all) {
      throw says(
        `is no table: the array ${valueText(first![0])} has ${all} rows, ${valueText(key)} ${rows}. readNpz reads arrays of any shape`,
      );
    }
  }
  const names = new Set<string>();
  for (const { name } of columns) {
    if (names.has(name)) throw says(`is no table: two columns are called ${valueText(name)}; rename an array`);
    names.add(name);
  }
  return columns;
}

function ofColumns(kind: TableKind, reason: string, columns: readonly ArrayColumn[]): Opened<TableGuess> {
  const guess = Object.freeze({ kind, reasons: [reason], csv: undefined });
  return { guess, rows: rowsOf(columns), close: () => Promise.resolve() };
}

/** `a, b, c and 7 more` */
const listText = (parts: readonly string[]): string =>
  parts.length > 5 ? `${parts.slice(0, 5).join(", ")} and ${parts.length - 5} more` : parts.join(", ");

async function* rowsOf(columns: readonly ArrayColumn[]): AsyncGenerator<Rows, void, undefined> {
  const names = columns.map(({ name }) => name);
  const count = columns[0]!.array.shape[0]!;
  const each = Math.max(1, Math.floor(PIECE_CELLS / columns.length));
  for (let first = 0; first < count || first === 0; first += each) {
    const rows = Array.from({ length: Math.min(each, count - first) }, (_, i) =>
      columns.map((column) => cellOf(column, first + i)),
    );
    yield { columns: names, rows, first };
  }
}

function cellOf({ array: { data, dtype }, place, step }: ArrayColumn, row: number): unknown {
  const value = data[row * step + place]!;
  if (dtype === "bool") return value === 1;
  if (typeof value === "number") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
