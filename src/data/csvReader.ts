// Reads CSV a piece at a time, by papaparse, and guesses how it is written.
import Papa from "papaparse";
import { valueText } from "../util/check.ts";
import type { Opened } from "./reading.ts";
import type { Rows } from "./rows.ts";
import type { TableSource } from "./tableSource.ts";
import { openText, type Text } from "./textSource.ts";

/** How `readCsv` reads. */
export interface CsvOptions {
  /** Between two cells: `","`, `";"`, `"\t"`, `"|"` or another text. Default: guessed. */
  readonly delimiter?: string | undefined;
  /** Does the first row name the columns? Or the names themselves, of a file without them. Default: guessed. */
  readonly header?: boolean | readonly string[] | undefined;
  /** The decimal point of numbers: cells stay the texts that they are, but with `","` it isn't guessed as the delimiter. Default `"."`. */
  readonly decimal?: "." | "," | undefined;
  /** The bytes' encoding, by a name that TextDecoder knows. Default: guessed. */
  readonly encoding?: string | undefined;
  /** The character around cells that contain a delimiter, a line's end, or itself, doubled; false: there is none. Default `'"'`. */
  readonly quote?: string | false | undefined;
  /** What lines begin with that are left out, `"#"`. Default: none are. */
  readonly comment?: string | undefined;
  /** Leaves out empty lines. Default true; of a table of one column these are its empty cells. */
  readonly skipEmptyLines?: boolean | undefined;
  /** What is done with a row of fewer cells than there are columns: it is refused, or gets empty cells. Default `"refuse"`. */
  readonly ragged?: "refuse" | "pad" | undefined;
  /** Is given what was guessed, before the first rows. */
  readonly onGuess?: ((guess: CsvGuess) => void) | undefined;
}

/** How a table is written, as it was given or guessed. */
export interface CsvGuess {
  /** Between two cells. */
  readonly delimiter: string;
  /** Does the first row name the columns? */
  readonly header: boolean;
  /** The bytes' encoding; `"text"` for a source of texts. */
  readonly encoding: string;
  /** The decimal point, as it was given. */
  readonly decimal: "." | ",";
  /** What was guessed, and why, a sentence each. */
  readonly reasons: readonly string[];
}

/** Options with their defaults. */
export interface CsvForm {
  readonly delimiter: string | undefined;
  readonly header: CsvOptions["header"];
  readonly decimal: "." | ",";
  readonly encoding: string | undefined;
  readonly quote: string | false;
  readonly comment: string | undefined;
  readonly skipEmptyLines: boolean;
  readonly ragged: "refuse" | "pad";
}

/** What papaparse's parser gives. */
interface Parsed {
  readonly data: string[][];
  readonly errors: readonly { readonly code: string; readonly row: number }[];
  /** How far it came: the end of the last row. */
  readonly meta: { readonly cursor: number };
}

/** Characters by which delimiter, header and lines' ends are guessed, and rows of them. */
const SAMPLE = 2 ** 17;
const SAMPLE_ROWS = 20;

/** The longest cell, the longest row, in characters; the most columns. */
const MOST_CELL = 2 ** 20;
const MOST_ROW = 2 ** 26;
const MOST_COLUMNS = 100_000;

/** What stands between rows, cells and around them. */
interface Marks {
  readonly delimiter: string;
  readonly newline: "\n" | "\r" | "\r\n";
  /** Some rows end with CR LF, others with LF. */
  readonly mixed: boolean;
}

type Parse = (text: string, whole: boolean, step?: (parsed: Parsed, abort: () => void) => void) => Parsed;

function parserOf({ quote, comment }: CsvForm, { delimiter, newline }: Omit<Marks, "mixed">, preview = 0): Parse {
  const config = { delimiter, newline, preview, comments: comment ?? false };
  const quoting = quote === false ? { fastMode: true } : { quoteChar: quote };
  return (text, whole, step) => {
    const stepped = step && ((parsed: Parsed) => step(parsed, () => parser.abort()));
    const parser = new Papa.Parser({ ...config, ...quoting, step: stepped } as Papa.ParseConfig);
    return parser.parse(text, 0, !whole) as Parsed;
  };
}

/** What `readCsv` does: reads the beginning, and the rest when it is asked for. */
export const openCsv = async (source: TableSource, form: CsvForm): Promise<Opened<CsvGuess>> =>
  openCsvText(await openText("readCsv", source, form.encoding), form);

/** The same of a text that has been opened. */
export async function openCsvText(text: Text, form: CsvForm): Promise<Opened<CsvGuess>> {
  try {
    const start: string[] = [];
    let length = 0;
    let ended = false;
    while (length < SAMPLE && !ended) {
      const { done, value } = await text.pieces.next();
      if (done) ended = true;
      else length += start.push(value) && value.length;
    }
    const sample = start.join("");
    const reasons = [...text.reasons];
    const marks = guessMarks(sample.slice(0, SAMPLE), ended && sample.length <= SAMPLE, form, reasons);
    const isEmptyLine = (row: readonly string[]): boolean =>
      form.skipEmptyLines && row.length === 1 && (row[0] === "" || row[0] === "\r");
    const parsed = parserOf(form, marks, 50)(sample.slice(0, SAMPLE), true).data;
    const firsts = parsed.filter((row) => !isEmptyLine(row));
    if (marks.mixed) firsts.forEach(withoutCarriageReturn);
    const header = typeof form.header === "object" ? false : (form.header ?? guessHeader(firsts, reasons));
    const rows = rowsOf(text, sample, form, marks, header, isEmptyLine);
    const { encoding } = text;
    const first = firsts[0] ?? [];
    if (typeof form.header !== "object") reasons.push(...namedReasons(first, header));
    const guess = { delimiter: marks.delimiter, header, encoding, decimal: form.decimal, reasons };
    return { guess: Object.freeze(guess), rows, close: () => text.close() };
  } catch (error) {
    await text.close();
    throw error;
  }
}

/** Takes the CR off a row that ends with CR LF among others that end with LF. */
function withoutCarriageReturn(row: string[]): void {
  const last = row.at(-1)!;
  if (last.endsWith("\r")) row[row.length - 1] = last.slice(0, -1);
}

/** How lines end, and what is between cells. */
function guessMarks(sample: string, whole: boolean, form: CsvForm, reasons: string[]): Marks {
  const quote = form.quote && form.quote.replace(/[\\^\]-]/, "\\$&");
  // a line's end within quotes is a cell's
  const bare = quote ? sample.replaceAll(new RegExp(`${quote}[^${quote}]*${quote}`, "g"), "") : sample;
  const count = (pattern: RegExp): number => bare.match(pattern)?.length ?? 0;
  const both = count(/\r\n/g);
  const feeds = count(/\n/g) - both;
  const returns = count(/\r(?!\n|$)/g);
  const mixed = both > 0 && feeds > 0;
  if (mixed) reasons.push("some lines end with CR LF, others with LF: both are ends");
  const newline = both > 0 && !mixed ? "\r\n" : both + feeds > 0 || returns === 0 ? "\n" : "\r";
  if (form.delimiter !== undefined) return { delimiter: form.delimiter, newline, mixed };
  let best = { delimiter: ",", share: 0, width: 1, rows: 0 };
  // a comma is also a decimal point: where another divides the rows as well, it is the delimiter
  for (const delimiter of ["\t", ";", "|", ","]) {
    if (delimiter === form.quote || form.comment === delimiter || (delimiter === "," && form.decimal === ",")) continue;
    const { data } = parserOf(form, { delimiter, newline }, SAMPLE_ROWS)(sample, true);
    const widths = data.filter((row) => row.length > 1 || row[0]!.trim() !== "").map((row) => row.length);
    if (!whole && widths.length > 1 && widths.length < SAMPLE_ROWS) widths.pop(); // cut off
    const counts = new Map<number, number>();
    for (const width of widths) counts.set(width, (counts.get(width) ?? 0) + 1);
    const [width, rows] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), [1, 0]);
    const share = rows / Math.max(1, widths.length);
    if (width > 1 && share > best.share) best = { delimiter, share, width, rows: widths.length };
  }
  const { delimiter, width, rows, share } = best;
  const equal =
    share === 1 ? `the first ${rows} rows have` : `${Math.round(100 * share)} % of the first ${rows} rows have`;
  reasons.push(
    width > 1
      ? `the delimiter is ${valueText(delimiter)}: ${equal} ${width} cells`
      : `there is one column: neither tab, ";", "|" nor "," divides the first rows`,
  );
  return { delimiter, newline, mixed };
}

/** A number, date, time or the like. */
const isFigure = (cell: string): boolean =>
  /^\s*[-+]?(?=.*\d)[\d\s.,:;/%+-]*(?:e[-+]?\d+)?\s*$/i.test(cell.slice(0, 64)) ||
  /^[-+]?(?:nan|inf(?:inity)?)$/i.test(cell);

/** Is the first row one of names? */
function guessHeader(rows: readonly (readonly string[])[], reasons: string[]): boolean {
  const [first = [], second = []] = rows;
  const without = "so the first row is of data, and columns are called column1, column2, ...";
  const figure = first.find(isFigure);
  if (figure !== undefined) {
    reasons.push(`there is no header: ${valueText(figure)} in the first row is a number or a date, ${without}`);
    return false;
  }
  // the first may have no name, where the rows' names are below it
  const differ = new Set(first).size === first.length && first.every((cell, i) => cell.trim() !== "" || i === 0);
  const figures = second.findIndex((cell, i) => i < first.length && isFigure(cell));
  if (figures >= 0) {
    reasons.push(`there is a header: the first row has no numbers, the second has ${valueText(second[figures])}`);
    return true;
  }
  if (differ && first.length > 0 && first[0]!.trim() !== "") {
    reasons.push("there is a header: the cells of the first row are different texts");
    return true;
  }
  reasons.push(`there is no header: cells of the first row are empty or the same, ${without}`);
  return false;
}

/** The columns that get a name by their place. */
function namedReasons(first: readonly string[], header: boolean): string[] {
  if (!header) return [];
  const empty = first.flatMap((cell, i) => (cell.trim() === "" ? [i + 1] : []));
  if (empty.length === 0) return [];
  const some = empty.slice(0, 10).join(", ") + (empty.length > 10 ? ", ..." : "");
  return [
    `the header of column ${some} is empty: columns without a name are called column1, column2, ... by their place`,
  ];
}

/** The names of the columns; refuses those that are there twice. */
function namesOf(first: readonly string[], header: boolean, fail: (what: string) => Error): string[] {
  if (first.length > MOST_COLUMNS) {
    throw fail(`has ${first.length} columns; at most ${MOST_COLUMNS} are read. Is the delimiter the right one?`);
  }
  if (!header) return first.map((_, i) => `column${i + 1}`);
  const names = new Map<string, number>();
  first.forEach((cell, i) => {
    const name = cell.trim() === "" ? `column${i + 1}` : cell;
    const before = names.get(name);
    if (before !== undefined) {
      throw fail(
        `has the header ${valueText(name)} twice, of columns ${before + 1} and ${i + 1}; rename one, or give header: [names] and leave out the line`,
      );
    }
    names.set(name, i);
  });
  return [...names.keys()];
}

/** The rows of a text whose beginning has been read. */
async function* rowsOf(
  text: Text,
  start: string,
  form: CsvForm,
  marks: Marks,
  header: boolean,
  isEmptyLine: (row: readonly string[]) => boolean,
): AsyncGenerator<Rows, void, undefined> {
  const parse = parserOf(form, marks);
  const named = typeof form.header === "object" ? [...form.header] : undefined;
  let columns: readonly string[] | undefined = named;
  let waitsForHeader = header;
  /** Rows so far; lines before what is pending. */
  let first = 0;
  let lines = 0;
  let pending = start;
  /** It is parsed again when it is as long: a row that isn't complete would be tried again and again. */
  let wanted = 0;

  /** An error of a row: its number, and the line of the text. */
  const fail = (record: number, row: number | undefined, what: string): Error => {
    const line = lines + linesIn(pending.slice(0, startOf(parse, pending, record)), marks.newline) + 1;
    const place = row === undefined ? `line ${line}` : `row ${row} (counted from 0; line ${line})`;
    return new Error(`${text.where}: ${text.name}: ${place} ${what}`);
  };

  /** The rows among what was parsed. */
  const taken = ({ data, errors }: Parsed): string[][] => {
    const rows: string[][] = [];
    const problem = errors.find(({ row }) => row < data.length);
    for (let record = 0; record < data.length; record++) {
      const row = data[record]!;
      if (problem?.row === record) {
        throw fail(
          record,
          waitsForHeader ? undefined : first + rows.length,
          problem.code === "MissingQuotes"
            ? "has a quote that is opened and never closed; close it, or give quote: false if quotes are part of the cells"
            : "has a text after a closing quote; quotes within quotes are doubled, or give quote: false if they are part of the cells",
        );
      }
      if (isEmptyLine(row)) continue;
      if (marks.mixed) withoutCarriageReturn(row);
      if (waitsForHeader || !columns) {
        columns = namesOf(row, waitsForHeader, (what) => fail(record, undefined, what));
        if (waitsForHeader) {
          waitsForHeader = false;
          continue;
        }
      }
      if (row.length !== columns.length) {
        const missing = row.length < columns.length;
        if (missing && form.ragged === "pad") while (row.length < columns.length) row.push("");
        else throw fail(record, first + rows.length, raggedText(row, columns.length, marks));
      }
      rows.push(row);
    }
    return rows;
  };

  /** Refuses a row that isn't complete, where it is longer than any may be. */
  const checkLong = (): void => {
    if (pending.length <= MOST_CELL) return;
    const { data, errors } = parse(pending, true);
    const row = data.at(-1) ?? [];
    const record = data.length - 1;
    const number = waitsForHeader ? undefined : first;
    if (errors.some(({ code }) => code === "MissingQuotes") && row.at(-1)!.length > MOST_CELL) {
      throw fail(
        record,
        number,
        `has a quote in column ${row.length} that isn't closed within ${MOST_CELL} characters; close it, or give quote: false`,
      );
    }
    checkCells(row, record, number);
    if (row.length > MOST_COLUMNS) namesOf(row, false, (what) => fail(record, undefined, what));
    if (pending.length > MOST_ROW) throw fail(record, number, `is longer than ${MOST_ROW} characters; is it CSV?`);
  };
  const checkCells = (row: readonly string[], record: number, number: number | undefined): void => {
    const long = row.findIndex((cell) => cell.length > MOST_CELL);
    if (long >= 0)
      throw fail(record, number, `has a cell in column ${long + 1} of more than ${MOST_CELL} characters; is it CSV?`);
  };

  for (let ended = false, given = 0; !ended;) {
    if (pending.length >= wanted) {
      const parsed = parse(pending, false);
      const { cursor } = parsed.meta;
      if (cursor === 0) {
        checkLong();
        wanted = 2 * pending.length;
      } else {
        if (wanted > 0) checkCells(parsed.data[0]!, 0, waitsForHeader ? undefined : first);
        wanted = 0;
        const rows = taken(parsed);
        lines += linesIn(pending, marks.newline, cursor);
        pending = pending.slice(cursor);
        if (rows.length > 0) {
          given++;
          yield { columns: columns!, rows, first };
          first += rows.length;
        }
      }
    }
    const { done, value } = await text.pieces.next();
    if (!done) {
      pending += value;
      continue;
    }
    ended = true;
    const rows = pending === "" ? [] : taken(parse(pending, true));
    if (wanted > 0) checkLong();
    if (!columns) throw new Error(`${text.where}: ${text.name} has no rows, only empty lines or comments`);
    if (rows.length > 0 || given === 0) {
      if (waitsForHeader) throw new Error(`${text.where}: ${text.name} has no rows, only empty lines or comments`);
      yield { columns, rows, first };
    }
  }
}

/** Of a row that has more or fewer cells than there are columns. */
function raggedText(row: readonly string[], columns: number, { delimiter }: Marks): string {
  const cells = `has ${row.length} ${row.length === 1 ? "cell" : "cells"}, but there are ${columns} columns`;
  if (row.length < columns) return `${cells}; add what is missing, or give ragged: "pad" to have it empty`;
  return `${cells}; cells that contain the delimiter ${valueText(delimiter)} must be quoted`;
}

/** Where a row begins in a text. */
function startOf(parse: Parse, text: string, record: number): number {
  let count = 0;
  let start = 0;
  if (record > 0) {
    parse(text, true, ({ meta }, abort) => {
      if (++count === record) start = meta.cursor;
      if (count >= record) abort();
    });
  }
  return start;
}

/** How many lines end in a text before a place. */
function linesIn(text: string, newline: string, before = text.length): number {
  let count = 0;
  for (let at = text.indexOf(newline); at >= 0 && at < before; at = text.indexOf(newline, at + newline.length)) count++;
  return count;
}
