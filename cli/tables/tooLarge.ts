// Files of more rows than a command can hold in memory: refused before they are read, as far as that can be known.
import { open, stat } from "node:fs/promises";
import { totalmem } from "node:os";
import type { readTable, Rows } from "../../src/data.ts";
import { shellWord } from "../shell.ts";
import { isStream, nameOf } from "./input.ts";

/** What a cell takes from the file to the report: measured with a million rows of 20 columns, which become 76 inputs. */
const BYTES_PER_CELL = 72;

/** More cells than these never fit: the inputs of a network are at most 2^30 numbers. */
const MOST_CELLS = 2 ** 29;

/** Smaller files aren't looked at before they are read. */
const LOOKED_AT = 2 ** 27;

/** Bytes by which the length of a line is judged. */
const SAMPLE = 2 ** 20;

/** What is there to hold rows in. */
export interface Room {
  /** Bytes of memory. */
  readonly memory: number;
  /** From how many bytes on a file is looked at before it is read. */
  readonly from: number;
}

/** The memory of the machine, or what a container has of it. */
function roomHere(): Room {
  const own = process.constrainedMemory?.() ?? 0;
  return { memory: own > 0 && own < totalmem() ? own : totalmem(), from: LOOKED_AT };
}

/**
 * The pieces of a file; refuses one of more rows than fit into memory: plain CSV and JSON lines with the first piece, by the length of
 * their lines, others where too many have been read.
 */
export async function* fitting(
  path: string,
  reading: ReturnType<typeof readTable>,
  { memory, from }: Room = roomHere(),
): AsyncGenerator<Rows> {
  const most = Math.min(MOST_CELLS, memory / BYTES_PER_CELL);
  let rows = 0;
  for await (const piece of reading) {
    const width = piece.columns.length;
    if (piece.first === 0 && /^(?:csv|json-lines)$/.test((await reading.guessed).kind)) {
      const all = await rowsByLines(path, from);
      if (all * width > most) throw refusal(path, `about ${rounded(all)}`, all * width, width, most, memory);
    }
    rows += piece.rows.length;
    if (rows * width > most) throw refusal(path, `at least ${rounded(rows)}`, rows * width, width, most, memory);
    yield piece;
  }
}

/** How many rows a file has, by the lines of its beginning; 0 of a small file, of one that is gzipped, or of a stream. */
async function rowsByLines(path: string, from: number): Promise<number> {
  if (isStream(path)) return 0;
  const { size } = await stat(path);
  if (size < from) return 0;
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SAMPLE), 0, SAMPLE, 0);
    const count = buffer.subarray(0, bytesRead).reduce((sum, byte) => sum + Number(byte === 10), 0);
    return buffer[0] === 0x1f && buffer[1] === 0x8b ? 0 : (size / bytesRead) * count;
  } finally {
    await file.close();
  }
}

/** In two digits: 41,900,000 are 42,000,000. */
const rounded = (count: number): string => Number(count.toPrecision(2)).toLocaleString("en-US");

const sizeText = (bytes: number): string =>
  bytes < 1e9 ? `${Number((bytes / 1e6).toPrecision(2))} MB` : `${Number((bytes / 1e9).toPrecision(2))} GB`;

function refusal(path: string, count: string, cells: number, width: number, most: number, memory: number): Error {
  const name = nameOf(path);
  // half of what fits at most, so that nothing else is crowded out
  const some = Number((most / 3 / width).toPrecision(1));
  const lines = /\.gz$/i.test(path) ? `gzip -dc ${shellWord(path)} | head` : "head";
  const head = `${lines} -n ${some}${lines === "head" ? ` ${shellWord(path)}` : ""} > some-rows.csv`;
  return new Error(
    `${name} has ${count} rows of ${width} columns, more than can be held: that takes about ${sizeText(cells * BYTES_PER_CELL)} of memory, ` +
      `of ${sizeText(memory)} that are there. Take some of its rows, such as ${head}; or train on all of them as they are read, ` +
      `by the program in docs/tables.md, "Larger than memory"`,
  );
}
