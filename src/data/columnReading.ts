// How a column's cells are read, so that further rows are read in the same way: plain values, kept in a pipeline's file.
import { valueText } from "../util/check.ts";
import { type Cells, fitsFloat32 } from "./cells.ts";
import { type DateFormat, dateReader } from "./dates.ts";
import { isBeyond, isWritten, signedNumber, wordNumber } from "./writtenNumbers.ts";

/** How the cells of a column are read. `missing`: the words that stand for a missing value, besides the empty cell. */
export type ColumnReading =
  | {
      readonly as: "number";
      /** The sign before decimals where numbers may be written with one or with separators of thousands. */
      readonly decimal: "." | "," | undefined;
      /** Whether signs of percent and of currencies, and zeros before a number, are read. */
      readonly signs: boolean;
      /** Whether points are separators of thousands; false: there were no points, so that what has one isn't read. */
      readonly thousands?: boolean;
      readonly missing: readonly string[];
    }
  | { readonly as: "date"; readonly formats: readonly DateFormat[]; readonly missing: readonly string[] }
  | { readonly as: "boolean"; readonly pair: readonly [no: string, yes: string]; readonly missing: readonly string[] }
  | { readonly as: "words"; readonly missing: readonly string[] };

/** What was read: numbers, NaN where one is missing; or codes of words, -1 where one is missing, below that unknown ones. */
export interface ReadColumn {
  readonly values?: Float64Array | undefined;
  readonly codes?: Int32Array | undefined;
  /** Words that aren't known, and how many cells are: code -2 is the first. */
  readonly unknown: ReadonlyMap<string, number>;
}

/** Says where a cell is wrong, and throws. */
export type RefuseCell = (row: number, what: string) => never;

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** The number, date in milliseconds, or place in the pair that a word is; NaN where it is missing; a text says why it is none. */
export function wordReader(reading: ColumnReading): (word: string) => number | string {
  const missing = new Set(["", ...reading.missing]);
  if (reading.as === "number") {
    const { decimal, signs } = reading;
    return (word) => {
      if (missing.has(word)) return NaN;
      if (isBeyond(word)) return "infinite or beyond float32 (3.4028235e38); mend it, or leave the cell empty";
      const value =
        (decimal !== undefined && isWritten(word) ? wordNumber(word, decimal) : undefined) ??
        (signs ? signedNumber(word, decimal ?? ".") : undefined);
      if (value !== undefined && fitsFloat32(value)) return value;
      const how = decimal === "," ? " with a decimal comma" : "";
      return `no number${how}; mend it, or leave the cell empty where the number is missing`;
    };
  }
  if (reading.as === "date") {
    const readers = reading.formats.map((format) => dateReader(format)!);
    const how = reading.formats.map((format) => (format === "iso" ? "yyyy-mm-dd" : format)).join(" or ");
    return (word) => {
      if (missing.has(word)) return NaN;
      // what a Date is as text can't be mistaken
      for (const read of INSTANT.test(word) ? [dateReader("iso")!] : readers) {
        const value = read(word);
        if (value !== undefined) return value;
      }
      return `no date as ${how}, as the pipeline's rows had; write it so, or leave the cell empty`;
    };
  }
  if (reading.as === "boolean") {
    const { pair } = reading;
    return (word) => {
      if (missing.has(word)) return NaN;
      const code = pair.indexOf(word.toLowerCase());
      return code >= 0 ? code : `neither ${pair[1]} nor ${pair[0]}; write it as one, or leave the cell empty`;
    };
  }
  throw new Error("words are read by their places in a list");
}

/** Reads the cells of a column. `words`: those that are known, of a column of words. */
export function readCells(
  reading: ColumnReading,
  cells: Cells,
  words: ReadonlyMap<string, number>,
  refuse: RefuseCell,
): ReadColumn {
  if (reading.as === "words") return readWords(reading, cells, words);
  const { count, wordRows, wordCodes } = cells;
  const known = listed(reading, cells, refuse);
  const values = numbersAgain(reading, cells, refuse);
  for (let i = 0; i < wordCodes.length; i++) values[wordRows?.[i] ?? i] = known[wordCodes[i]!]!;
  if (reading.as !== "boolean") return { values, unknown: NONE };
  const codes = new Int32Array(count);
  for (let i = 0; i < count; i++) codes[i] = values[i] === values[i] ? values[i]! : -1;
  return { codes, unknown: NONE };
}

const NONE: ReadonlyMap<string, number> = new Map();

/** What each of the cells' words is. */
function listed(reading: ColumnReading, cells: Cells, refuse: RefuseCell): Float64Array {
  const read = wordReader(reading);
  const known = new Float64Array(cells.words.length).fill(NaN);
  const wrong = new Map<number, string>();
  cells.words.forEach((word, code) => {
    if (cells.counts[code] === 0) return;
    const value = read(word);
    if (typeof value === "number") known[code] = value;
    else wrong.set(code, value);
  });
  if (wrong.size > 0) {
    const first = cells.wordCodes.findIndex((code) => wrong.has(code));
    const code = cells.wordCodes[first]!;
    refuse(cells.wordRows?.[first] ?? first, `${valueText(cells.words[code])}, which is ${wrong.get(code)!}`);
  }
  return known;
}

/** The cells that are numbers. */
function numbersAgain(reading: ColumnReading, cells: Cells, refuse: RefuseCell): Float64Array {
  const { numbers, count } = cells;
  if (!numbers) return new Float64Array(count);
  if (reading.as === "number") {
    if (reading.thousands === false) refusePoints(cells, refuse);
    return reading.thousands === true ? ofThousands(cells, refuse) : numbers.slice();
  }
  const read = wordReader(reading);
  const values = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    const value = numbers[row]!;
    if (value !== value) continue;
    const known = read(String(value));
    if (typeof known === "string") refuse(row, `${value}, which is ${known}`);
    values[row] = known as number;
  }
  return values;
}

/** Refuses numbers with a point: it may be before decimals or between thousands. */
function refusePoints({ numbers, points: [points], wholeRows }: Cells, refuse: RefuseCell): void {
  if (points === 0) return;
  const row = numbers!.findIndex((value) => !Number.isInteger(value) && value === value);
  const why =
    "has a point, but the pipeline's rows had decimal commas and none; write it with a comma, or without the point";
  const first = row < 0 || (wholeRows[0] ?? Infinity) < row ? (wholeRows[0] ?? 0) : row;
  refuse(first, `${numbers![first]}, which ${why}`);
}

/** Numbers in which points part thousands. */
function ofThousands(cells: Cells, refuse: RefuseCell): Float64Array {
  const values = cells.numbers!.slice();
  const [points, parting] = cells.points;
  if (points === 0) return values;
  const decimals: number[] = [];
  for (let row = 0; row < values.length; row++) if (values[row]! - Math.floor(values[row]!) > 0) decimals.push(row);
  const odd = decimals.find((row) => Math.round(values[row]! * 1000) / 1000 !== values[row]);
  if (points !== parting || decimals.length + cells.wholeRows.length !== points) {
    const row = odd ?? decimals[0] ?? 0;
    const why =
      "has a decimal point, but the pipeline's rows had a decimal comma and points between thousands; write it so";
    refuse(row, `${values[row]}, which ${why}`);
  }
  for (const row of decimals) values[row] = Math.round(values[row]! * 1000);
  for (const row of cells.wholeRows) values[row]! *= 1000;
  return values;
}

function readWords({ missing }: ColumnReading, cells: Cells, words: ReadonlyMap<string, number>): ReadColumn {
  const { count, numbers, wordRows, wordCodes } = cells;
  const absent = new Set(["", ...missing]);
  const unknown = new Map<string, number>();
  const places = new Map<string, number>();
  const codeOf = (word: string): number => {
    const code = words.get(word);
    if (code !== undefined) return code;
    let place = places.get(word);
    if (place === undefined) places.set(word, (place = -2 - places.size));
    return place;
  };
  const codes = new Int32Array(count);
  if (numbers) {
    const known = new Map<number, number>();
    for (let row = 0; row < count; row++) {
      const value = numbers[row]!;
      if (value !== value) continue;
      let code = known.get(value);
      if (code === undefined) known.set(value, (code = codeOf(String(value))));
      codes[row] = code;
    }
  }
  const known = Int32Array.from(cells.words, (word, i) =>
    cells.counts[i] === 0 || absent.has(word) ? -1 : codeOf(word),
  );
  for (let i = 0; i < wordCodes.length; i++) codes[wordRows?.[i] ?? i] = known[wordCodes[i]!]!;
  if (places.size > 0) {
    const counts = new Float64Array(places.size);
    for (const code of codes) if (code < -1) counts[-2 - code]!++;
    for (const [word, place] of places) unknown.set(word, counts[-2 - place]!);
  }
  return { codes, unknown };
}
