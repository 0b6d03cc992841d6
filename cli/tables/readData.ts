// Files of rows that the commands read.
import { readTable, table, type RawTable, type Rows, type TableGuess } from "../../src/data.ts";
import { fitting } from "./tooLarge.ts";
import { failure } from "./words.ts";

/** A file that was read. */
export interface Data {
  readonly raw: RawTable;
  /** What it was taken for, in words: "CSV with commas". */
  readonly what: string;
}

/** What stops a reading, and is told of it. */
interface Watching {
  readonly signal?: AbortSignal;
  /** Is told how many rows were read so far. */
  readonly onRows?: (rows: number) => void;
}

/** Reads a file. Messages begin with the command's name. */
export async function readData(command: string, path: string, watching: Watching = {}): Promise<Data> {
  const { signal } = watching;
  try {
    const reading = readTable(path);
    const raw = await table(watched(fitting(path, reading), watching));
    return { raw, what: whatIs(await reading.guessed) };
  } catch (error) {
    throw failure(command, error, signal);
  }
}

/** Rows until a signal ends it. */
async function* watched(rows: AsyncIterable<Rows>, { signal, onRows }: Watching): AsyncGenerator<Rows> {
  for await (const piece of rows) {
    signal?.throwIfAborted();
    yield piece;
    onRows?.(piece.first + piece.rows.length);
  }
}

/** The pieces of a file, one after the other. */
export async function* piecesOf(command: string, path: string, watching: Watching = {}): AsyncGenerator<Rows> {
  try {
    yield* watched(readTable(path), watching);
  } catch (error) {
    throw failure(command, error, watching.signal);
  }
}

const KINDS: Readonly<Record<TableGuess["kind"], string>> = {
  csv: "CSV",
  "json-lines": "JSON lines",
  json: "JSON",
  npy: "npy, of NumPy",
  npz: "npz, of NumPy",
};
const DELIMITERS: Readonly<Record<string, string>> = { ",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars" };

/** What a file was taken for, in words. What is as usual isn't said. */
function whatIs({ kind, csv }: TableGuess): string {
  if (!csv) return KINDS[kind];
  const { delimiter, encoding, header } = csv;
  const odd = [
    `${KINDS[kind]} with ${DELIMITERS[delimiter] ?? JSON.stringify(delimiter)}`,
    ...(header ? [] : ["without a line of names, so columns are column1, column2, ..."]),
    ...(encoding === "utf-8" || encoding === "text" ? [] : [`in ${encoding}`]),
  ];
  return odd.join(", ");
}
