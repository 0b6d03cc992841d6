// Rows that the commands read.
import { readTable, table, type RawTable, type Rows, type TableGuess } from "../../src/data.ts";
import { type CsvChoices, csvOptions, isStream, nameOf, sourceOf } from "./input.ts";
import { fitting } from "./tooLarge.ts";
import { failure } from "./words.ts";

/** A file that was read. */
export interface Data {
  readonly raw: RawTable;
  /** What it was taken for, in words: "CSV with commas". */
  readonly what: string;
  /** What may help where it hasn't the columns that are wanted: a line of its own, or nothing. */
  readonly advice: string;
}

/** How a file is read: what stops a reading, and is told of it, and how CSV is written. */
interface Reading {
  readonly signal?: AbortSignal;
  /** Is told how many rows were read so far. */
  readonly onRows?: (rows: number) => void;
  readonly csv?: CsvChoices;
  /** Columns that aren't used: their cells may be anything. */
  readonly drop?: readonly string[] | undefined;
}

/** Reads a file. Messages begin with the command's name. */
export async function readData(command: string, path: string, how: Reading = {}): Promise<Data> {
  try {
    const reading = readTable(sourceOf(path, how.signal), csvOptions(how.csv ?? {}));
    let first: Rows | undefined;
    const pieces = async function* (): AsyncGenerator<Rows> {
      for await (const piece of watched(fitting(path, reading), how)) {
        first ??= { ...piece, rows: piece.rows.slice(0, BEGINNING) as Rows["rows"] };
        yield withoutLists(piece, how.drop);
      }
    };
    const raw = await table(pieces());
    const guess = await reading.guessed;
    return { raw, what: whatIs(guess, how.csv), advice: first ? adviceOn(path, { ...first, guess }, how.csv) : "" };
  } catch (error) {
    throw unreadable(command, path, error, how);
  }
}

/** Rows whose cells are empty where a column that isn't used has a list or an object, as JSON may. */
function withoutLists(piece: Rows, drop: readonly string[] = []): Rows {
  const places = drop.map((name) => piece.columns.indexOf(name)).filter((place) => place >= 0);
  const isList = (cell: unknown): boolean => typeof cell === "object" && cell !== null;
  if (!piece.rows.some((row) => places.some((place) => isList(row[place])))) return piece;
  return {
    ...piece,
    rows: piece.rows.map((row) => row.map((cell, i) => (places.includes(i) && isList(cell) ? null : cell))),
  };
}

/** Rows until a signal ends it. */
async function* watched(rows: AsyncIterable<Rows>, { signal, onRows }: Reading): AsyncGenerator<Rows> {
  for await (const piece of rows) {
    signal?.throwIfAborted();
    yield piece;
    onRows?.(piece.first + piece.rows.length);
  }
}

/** Some rows of a file, and what the file is. */
export interface Piece extends Rows {
  readonly guess: TableGuess;
}

/** The pieces of a file, one after the other. */
export async function* piecesOf(command: string, path: string, how: Reading = {}): AsyncGenerator<Piece> {
  try {
    const reading = readTable(sourceOf(path, how.signal), csvOptions(how.csv ?? {}));
    for await (const piece of watched(reading, how)) yield { ...piece, guess: await reading.guessed };
  } catch (error) {
    throw unreadable(command, path, error, how);
  }
}

/** Lines at a file's beginning where remarks may stand. */
const BEGINNING = 20;

/** The error of a file that can't be read, with what the command's options can do about it. */
function unreadable(command: string, path: string, error: unknown, { signal, csv = {} }: Reading): Error {
  if (signal?.aborted) return signal.reason as Error;
  const { message } = failure(command, error);
  const named = isStream(path) ? message.replace(/^\w+: the source(?= |:)/, `${command}: ${nameOf(path)}`) : message;
  const line = Number(/line (\d+)\) has \d+ cells/.exec(named)?.[1]);
  const help =
    line > 1 && line <= BEGINNING && csv.comment === undefined
      ? `; if lines before it are remarks, --comment "#" leaves out those that begin with the sign`
      : "";
  return new Error(`${named}${help}`, { cause: error });
}

/** What may help where a file hasn't the columns that are wanted. */
export function adviceOn(
  path: string,
  { guess: { csv }, columns, rows }: Piece,
  { comment, delimiter, header, columns: given }: CsvChoices = {},
): string {
  if (!csv) return "";
  const texts = [
    ...(csv.header ? columns : []),
    ...rows.slice(0, BEGINNING).map((row) => (row as readonly unknown[])[0]),
  ].map((cell) => String(cell).trim());
  const words = texts[0]?.split(/\s+/).length ?? 0;
  if (columns.length === 1 && delimiter === undefined && words > 1) {
    if (texts.every((text) => text.split(/\s+/).length === words)) {
      const one = texts.every((text) => !/\s\s/.test(text));
      const first = one ? "" : `make one space of several first (tr -s " " < ${nameOf(path)}), and `;
      return `\nIts lines have ${words} words each; if these are cells, ${first}divide them with --delimiter " "`;
    }
  }
  if (csv.header || header !== undefined || given) return "";
  const remarks = comment === undefined ? '; --comment "#" leaves out lines that begin with a sign' : "";
  return `\nIts first line was taken for a row: --header takes it for the names, --columns a,b,c gives names${remarks}`;
}

const KINDS: Readonly<Record<TableGuess["kind"], string>> = {
  csv: "CSV",
  "json-lines": "JSON lines",
  json: "JSON",
  npy: "npy, of NumPy",
  npz: "npz, of NumPy",
};
const DELIMITERS: Readonly<Record<string, string>> = {
  ",": "commas",
  ";": "semicolons",
  "\t": "tabs",
  "|": "bars",
  " ": "spaces",
};

/** What a file was taken for, in words. What is as usual isn't said. */
function whatIs({ kind, csv }: TableGuess, { columns }: CsvChoices = {}): string {
  if (!csv) return KINDS[kind];
  const { delimiter, encoding, header } = csv;
  const odd = [
    `${KINDS[kind]} with ${DELIMITERS[delimiter] ?? JSON.stringify(delimiter)}`,
    ...(header || columns ? [] : ["without a line of names, so columns are column1, column2, ..."]),
    ...(encoding === "utf-8" || encoding === "text" ? [] : [`in ${encoding}`]),
  ];
  return odd.join(", ");
}
