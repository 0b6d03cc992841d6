// What the commands read rows from: files, the standard input, devices and pipes; and how CSV is written, where it is told.
import { createReadStream, statSync } from "node:fs";
import { basename } from "node:path";
import { addAbortSignal, type Readable } from "node:stream";
import type { TableReadOptions, TableSource } from "../../src/data.ts";

/** The path that stands for the standard input. */
const STDIN = "-";

/** How CSV is written; what isn't told is guessed. */
export interface CsvChoices {
  /** What lines begin with that are left out. */
  readonly comment?: string;
  readonly delimiter?: string;
  readonly encoding?: string;
  /** Does the first line name the columns? */
  readonly header?: boolean;
  /** Names of the columns of a file without a line of them. */
  readonly columns?: readonly string[];
}

/** Can it be read only once: the standard input, a device or a pipe? */
export function isStream(path: string): boolean {
  if (path === STDIN) return true;
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && !stats.isFile() && !stats.isDirectory();
}

/** What messages call it. */
export const nameOf = (path: string): string =>
  path === STDIN ? "the standard input" : isStream(path) ? path : basename(path);

/** What `readTable` reads. A signal ends the waiting for more, too. */
export function sourceOf(path: string, signal: AbortSignal | undefined): TableSource {
  if (!isStream(path)) return path;
  const stream: Readable = path === STDIN ? process.stdin : createReadStream(path);
  return signal ? addAbortSignal(signal, stream) : stream;
}

/** The choices as `readTable` takes them. */
export function csvOptions({ comment, delimiter, encoding, header, columns }: CsvChoices): TableReadOptions {
  if (header === true && columns) {
    throw new Error("--columns names the columns of a file without a line of names; leave out --header");
  }
  const names = columns ?? header;
  return {
    ...(comment === undefined ? {} : { comment }),
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(names === undefined ? {} : { header: names }),
  };
}

/** The choices as words of a command line. */
export const csvWords = ({ comment, delimiter, encoding, header, columns }: CsvChoices): string[] => [
  ...(comment === undefined ? [] : ["--comment", comment]),
  ...(delimiter === undefined ? [] : ["--delimiter", delimiter === "\t" ? "tab" : delimiter]),
  ...(encoding === undefined ? [] : ["--encoding", encoding]),
  ...(header === undefined ? [] : [header ? "--header" : "--no-header"]),
  ...(columns === undefined ? [] : ["--columns", columns.join(",")]),
];

/** The choices among a command's options. */
export const csvChoices = ({ comment, delimiter, encoding, header, columns }: CsvChoices): CsvChoices => ({
  ...(comment === undefined ? {} : { comment }),
  ...(delimiter === undefined ? {} : { delimiter }),
  ...(encoding === undefined ? {} : { encoding }),
  ...(header === undefined ? {} : { header }),
  ...(columns === undefined ? {} : { columns }),
});
