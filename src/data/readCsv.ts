// Tables in CSV, TSV and the like. What reads them is fetched when the first row is asked for.
import { checkBoolean, checkKeys, checkKind, checkOneOf, valueText } from "../util/check.ts";
import type { CsvForm, CsvGuess, CsvOptions } from "./csvReader.ts";
import type { Rows } from "./rows.ts";
import { reading } from "./reading.ts";
import { checkEncoding, checkSource, type TableSource } from "./tableSource.ts";

/** The rows of a CSV table, to go through by `for await`. */
export interface CsvReading extends AsyncIterable<Rows> {
  /** How the table is written: reads its beginning, if nothing has yet. */
  readonly guessed: Promise<CsvGuess>;
}

/**
 * Reads a table in CSV, TSV or the like, some rows at a time: files may be larger than memory. Cells are strings, an empty one `""`. What
 * isn't said is guessed from the beginning, and `guessed` says what and why.
 *
 * Gzipped sources are inflated as they are read. Files and bytes can be gone through again, streams once.
 *
 * @param source a path or `file:` URL (Node, Deno, Bun), bytes, a File or Blob, a Response, a ReadableStream, an iterable of texts or bytes,
 *   or `{ text }`
 * @param options.delimiter between two cells; default: guessed of `,`, `;`, tab and `|`, by which the first rows have equally many cells
 * @param options.header true: the first row names the columns, those without a name get column1, column2, ... by their place; false: all do;
 *   or the names. Default: guessed, true if the first row's cells are different texts and no numbers
 * @param options.decimal "." or ","; default "."
 * @param options.encoding of bytes; default: guessed, by a byte order mark, else UTF-8 if the first bytes are, else gb18030 if they are then
 *   mostly Chinese, else windows-1252
 * @param options.quote one character, or false for none; default `"`
 * @param options.comment what lines begin with that are left out; default: none are
 * @param options.skipEmptyLines default true
 * @param options.ragged "refuse" or "pad": a row of fewer cells than columns gets empty ones; default "refuse"
 * @param options.onGuess is given what `guessed` promises, before the first rows
 * @throws {TypeError | RangeError} at once, if the source or an option can't be used
 * @throws {Error} while reading: if the source can't be read, is empty, no text or damaged, changes meanwhile, or its rows can't be understood;
 *   the message says which row and what to do
 * @see RFC 4180, "Common Format and MIME Type for Comma-Separated Values (CSV) Files"
 * @example
 * const table = readCsv({ text: "height,colour\n1.5,red\n1.7,blue\n" });
 * for await (const { columns, rows } of table) console.log(columns, rows); // ["height", "colour"] [["1.5", "red"], ["1.7", "blue"]]
 * console.log((await table.guessed).reasons); // the delimiter is ",": ...
 */
export function readCsv(source: TableSource, options: CsvOptions = {}): CsvReading {
  checkSource("readCsv", source);
  const form = csvFormOf("readCsv", options, ["onGuess"]);
  const { onGuess } = options;
  if (onGuess !== undefined) {
    checkKind(typeof onGuess === "function", "readCsv", "onGuess", "a function of (guess)", onGuess);
  }
  return reading(source, async () => (await import("./csvReader.ts")).openCsv(source, form), onGuess);
}

/**
 * Options with their defaults, checked.
 *
 * @param more names of the function's other options
 */
export function csvFormOf(where: string, options: Omit<CsvOptions, "onGuess">, more: readonly string[]): CsvForm {
  checkKeys(
    where,
    options,
    ["delimiter", "header", "decimal", "encoding", "quote", "comment", "skipEmptyLines", "ragged", ...more],
    {
      sep: "delimiter",
      separator: "delimiter",
      quotechar: "quote",
      comments: "comment",
      skipblanklines: "skipEmptyLines",
    },
  );
  const { decimal = ".", skipEmptyLines = true, ragged = "refuse", quote = '"' } = options;
  const { delimiter, header, encoding, comment } = options;
  checkMark(where, "delimiter", delimiter);
  checkMark(where, "comment", comment);
  if (delimiter !== undefined && delimiter === comment) {
    throw new RangeError(`${where}: delimiter and comment must differ, got ${valueText(comment)} for both`);
  }
  if (quote !== false) {
    const one = typeof quote === "string" && quote.length === 1 && !/[\r\n\ufeff]/.test(quote);
    checkKind(one, where, "quote", "a character, or false", quote);
    if (delimiter?.includes(quote) || comment?.startsWith(quote)) {
      throw new RangeError(
        `${where}: quote ${valueText(quote)} must not be part of delimiter or comment; give another`,
      );
    }
  }
  if (header !== undefined && typeof header !== "boolean") checkHeader(where, header);
  checkEncoding(where, encoding);
  checkOneOf(where, "decimal", decimal, [".", ","]);
  checkOneOf(where, "ragged", ragged, ["refuse", "pad"]);
  checkBoolean(where, "skipEmptyLines", skipEmptyLines);
  return { delimiter, header, decimal, encoding, quote, comment, skipEmptyLines, ragged };
}

/** Refuses what can't stand between cells or before a comment. */
function checkMark(where: string, name: string, mark: string | undefined): void {
  if (mark === undefined) return;
  const holds = typeof mark === "string" && mark !== "" && !/[\r\n\ufeff]/.test(mark);
  checkKind(holds, where, name, "a text without a line's end", mark);
}

/** Refuses names that columns can't have. */
function checkHeader(where: string, names: readonly string[]): void {
  checkKind(Array.isArray(names) && names.length > 0, where, "header", "an array of names, true or false", names);
  Array.from(names).forEach((name, i) => {
    checkKind(typeof name === "string" && name !== "", where, `header[${i}]`, "a name", name);
    const first = names.indexOf(name);
    if (first < i)
      throw new RangeError(
        `${where}: header[${first}] and header[${i}] are both ${valueText(name)}; names must differ`,
      );
  });
}
