// Tables as JSON lines. What reads them is fetched when the first row is asked for.
import { checkKeys } from "../util/check.ts";
import { reading } from "./reading.ts";
import type { Rows } from "./rows.ts";
import { checkEncoding, checkSource, type TableSource } from "./tableSource.ts";

/** How `readJsonLines` reads. */
export interface JsonLinesOptions {
  /** The bytes' encoding, by a name that TextDecoder knows. Default: guessed, mostly UTF-8. */
  readonly encoding?: string | undefined;
}

/**
 * Reads a table of JSON lines (NDJSON), an object in each, some rows at a time: files may be larger than memory. The columns are the keys
 * in the order in which they are first there; cells are values of JSON, undefined where an object doesn't have the key. All keys must be
 * there within the first 2^20 characters. Empty lines are left out.
 *
 * Gzipped sources are inflated as they are read. Files and bytes can be gone through again, streams once.
 *
 * @param source a path or `file:` URL (Node, Deno, Bun), bytes, a File or Blob, a Response, a ReadableStream, an iterable of texts or bytes,
 *   or `{ text }`
 * @param options.encoding of bytes; default: guessed, by a byte order mark, else UTF-8 if the first bytes are, else as by `readCsv`
 * @throws {TypeError | RangeError} at once, if the source or an option can't be used
 * @throws {Error} while reading: if the source can't be read, is empty, no text or damaged, changes meanwhile, a line is no JSON object, or
 *   has a key that comes too late
 * @example
 * const source = { text: '{ "height": 1.5 }\n{ "height": 1.7, "colour": "blue" }\n' };
 * for await (const { columns, rows } of readJsonLines(source)) console.log(columns, rows); // ["height", "colour"] [[1.5, undefined], [1.7, "blue"]]
 */
export function readJsonLines(source: TableSource, options: JsonLinesOptions = {}): AsyncIterable<Rows> {
  checkSource("readJsonLines", source);
  checkKeys("readJsonLines", options, ["encoding"]);
  const { encoding } = options;
  checkEncoding("readJsonLines", encoding);
  const read = reading(source, async () => (await import("./jsonLinesReader.ts")).openJsonLines(source, encoding));
  return Object.freeze({ [Symbol.asyncIterator]: () => read[Symbol.asyncIterator]() });
}
