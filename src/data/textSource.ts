// Reads text from files, bytes, streams and iterables: inflates and decodes it, a piece at a time, and refuses what is no text.
import type * as promises from "node:fs/promises";
import type * as urls from "node:url";
import type * as zlib from "node:zlib";
import { isArrayOf } from "../formats/bytes.ts";
import { isGzip } from "../formats/gzip.ts";
import { describe, kindOf, valueText } from "../util/check.ts";
import { nodeModule } from "../util/node.ts";
import { isIterable, type ResponseLike, type StreamLike, type TableSource } from "./tableSource.ts";

/** Bytes or characters that are worked on at once. */
const PIECE = 2 ** 18;

/** Bytes by which the encoding is guessed. */
const SAMPLE = 2 ** 18;

/** A text of which the beginning has been read. */
export interface Text {
  /** What messages call it. */
  readonly name: string;
  /** The encoding of its bytes, or `"text"`. */
  readonly encoding: string;
  /** What was guessed of it, and why. */
  readonly reasons: readonly string[];
  /** All of it, some 2^18 characters at a time. */
  readonly pieces: AsyncGenerator<string, void, undefined>;
  close(): Promise<void>;
}

type Chunks<Chunk> = AsyncGenerator<Chunk, void, undefined>;

/**
 * Opens a text.
 *
 * @param where the function that messages begin with
 * @param encoding of bytes; undefined: it is guessed
 */
export async function openText(where: string, source: TableSource, encoding: string | undefined): Promise<Text> {
  const { name, chunks } = chunksOf(where, source);
  const says = (what: string, cause?: unknown): Error => new Error(`${where}: ${name} ${what}`, { cause });
  const opened: Chunks<unknown>[] = [chunks];
  const close = async (): Promise<void> => {
    // an inflating one lets go of what it inflates
    for (const one of opened.toReversed()) await one.return();
  };
  try {
    const given = checked(where, name, chunks);
    const first = await given.next();
    if (first.done) throw says("is empty");
    if (typeof first.value === "string") {
      const texts = joinedTexts(stripped(says, first.value, given as Chunks<string>));
      return { name, encoding: "text", reasons: [], pieces: texts, close };
    }
    if (typeof TextDecoder === "undefined") throw says("gives bytes, and there is no TextDecoder here; give texts");
    let bytes = again([first.value], given as Chunks<Uint8Array>);
    let sample = await beginning(bytes, 3);
    bytes = again(sample, bytes);
    const magic = joined(sample);
    if (isGzip(magic)) {
      bytes = inflated(says, bytes);
      opened.push(bytes);
    } else if (/\.gz"$/i.test(name)) throw says("ends with .gz, but isn't gzipped; is it a download that failed?");
    sample = await beginning(bytes, SAMPLE);
    const start = joined(sample);
    if (start.length === 0) throw says("is empty");
    refuseOtherKinds(says, start);
    const guess = encoding === undefined ? guessEncoding(start) : { encoding, reasons: [] };
    const texts = joinedTexts(decoded(says, guess.encoding, encoding !== undefined, again(sample, bytes)));
    return { name, ...guess, pieces: texts, close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Says = (what: string, cause?: unknown) => Error;

/** What a source gives, unchecked, and its name. */
function chunksOf(where: string, source: TableSource): { readonly name: string; readonly chunks: Chunks<unknown> } {
  const kind = kindOf(source);
  if (typeof source === "string" || kind === "URL") return fileChunks(where, source as string | URL);
  if (kind === "Uint8Array") return { name: "the source", chunks: slices(source as Uint8Array) };
  if (kind === "Blob" || kind === "File") {
    const { name } = source as { readonly name?: string };
    const label = name ? valueText(name) : "the Blob";
    return { name: label, chunks: streamChunks(where, label, (source as Blob).stream() as StreamLike) };
  }
  if (kind === "Response") {
    const { ok, status, bodyUsed, body } = source as ResponseLike;
    if (!ok) throw new Error(`${where}: the response has the status ${status}, so its body isn't the table`);
    if (bodyUsed) throw new Error(`${where}: the response's body has been read already; fetch it again`);
    return {
      name: "the response",
      chunks: body ? streamChunks(where, "the response", body) : slices(new Uint8Array()),
    };
  }
  if (kind === "ReadableStream") {
    return { name: "the stream", chunks: streamChunks(where, "the stream", source as StreamLike) };
  }
  if (isIterable(source)) return { name: "the source", chunks: iterated(source) };
  return { name: "the text", chunks: iterated([(source as { readonly text: string }).text]) };
}

async function* iterated(source: AsyncIterable<unknown> | Iterable<unknown>): Chunks<unknown> {
  yield* source;
}

async function* slices(bytes: Uint8Array): Chunks<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.slice(at, at + PIECE);
}

async function* streamChunks(where: string, name: string, stream: StreamLike): Chunks<unknown> {
  let reader: ReturnType<StreamLike["getReader"]>;
  try {
    reader = stream.getReader();
  } catch (cause) {
    throw new Error(`${where}: ${name} has been read already, or is being read; a stream can be read once`, { cause });
  }
  try {
    for (;;) {
      let result: Awaited<ReturnType<typeof reader.read>>;
      try {
        result = await reader.read();
      } catch (cause) {
        throw new Error(`${where}: ${name} broke off: ${String((cause as Error | undefined)?.message ?? cause)}`, {
          cause,
        });
      }
      if (result.done) return;
      yield result.value;
    }
  } finally {
    reader.cancel().catch(() => undefined); // what was read to its end has nothing to cancel
  }
}

/** A file's bytes. */
function fileChunks(where: string, source: string | URL): { readonly name: string; readonly chunks: Chunks<unknown> } {
  const name = valueText(String(source));
  const isUrl = typeof source !== "string" || /^[a-z][a-z\d+.-]+:\/\//i.test(source);
  if (isUrl && !/^file:/i.test(String(source))) {
    throw new Error(`${where}: ${name} is no file's path; give what fetch answers: ${where}(await fetch(url))`);
  }
  if (typeof source === "string" && /[\n\0]/.test(source)) {
    throw new Error(`${where}: ${name} can't be a file's path; if it is the table, give { text }`);
  }
  const fs = nodeModule<typeof promises>("node:fs/promises");
  const url = nodeModule<typeof urls>("node:url");
  if (!fs || !url) {
    throw new Error(
      `${where}: there is no file system here; give a File, or what fetch answers: ${where}(await fetch(url))`,
    );
  }
  let path: string;
  try {
    path = isUrl ? url.fileURLToPath(String(source)) : source;
  } catch (cause) {
    throw new Error(`${where}: ${name} is no URL of a file on this machine`, { cause });
  }
  return { name, chunks: chunksOfFile(fs, path, (what, cause) => new Error(`${where}: ${name} ${what}`, { cause })) };
}

async function* chunksOfFile(fs: typeof promises, path: string, says: Says): Chunks<Uint8Array> {
  const refuse = (cause: unknown): never => {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") throw says("isn't there (ENOENT)", cause);
    throw says(`could not be read (${code})`, cause);
  };
  const kind = await fs.stat(path).catch(refuse);
  if (kind.isDirectory()) throw says("is a directory; give one file in it");
  if (!kind.isFile()) throw says("is no file, but a device or a pipe; give a stream of it, such as process.stdin");
  const file = await fs.open(path).catch(refuse);
  try {
    const before = await file.stat().catch(refuse);
    let length = 0;
    for (;;) {
      const { bytesRead, buffer } = await file.read(new Uint8Array(PIECE), 0, PIECE, length).catch(refuse);
      if (bytesRead === 0) break;
      length += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
    const after = await file.stat().catch(refuse);
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs || length !== before.size) {
      throw says(
        `changed while it was read: it had ${before.size} bytes, ${length} were read; read it again when nothing writes to it`,
      );
    }
  } finally {
    await file.close();
  }
}

/** Texts alone or bytes alone, none empty. */
async function* checked(where: string, name: string, chunks: Chunks<unknown>): Chunks<string | Uint8Array> {
  let count = 0;
  let kind: string | undefined;
  for await (const chunk of chunks) {
    const isText = typeof chunk === "string";
    if (!isText && !isArrayOf("Uint8Array", chunk)) {
      throw new TypeError(
        `${where}: ${name} must give texts or bytes (Uint8Array), got ${describe(chunk)} as chunk ${count}`,
      );
    }
    kind ??= typeof chunk;
    if (kind !== typeof chunk) {
      throw new TypeError(
        `${where}: ${name} must give texts alone or bytes alone, but chunk ${count} is ${isText ? "a text" : "bytes"}`,
      );
    }
    count++;
    const { length } = chunk as string | Uint8Array;
    for (let at = 0; at < length; at += PIECE) {
      if (isText) yield length > PIECE ? chunk.slice(at, at + PIECE) : chunk;
      else yield (chunk as Uint8Array).subarray(at, at + PIECE);
    }
  }
}

/** Chunks of `bytes` together, or fewer if there are no more. */
async function beginning(chunks: Chunks<Uint8Array>, bytes: number): Promise<Uint8Array[]> {
  const start: Uint8Array[] = [];
  for (let length = 0; length < bytes; length += start.at(-1)!.length) {
    const { done, value } = await chunks.next();
    if (done) break;
    start.push(value);
  }
  return start;
}

/** What was taken, and the rest. */
async function* again<Chunk>(start: readonly Chunk[], rest: Chunks<Chunk>): Chunks<Chunk> {
  yield* start;
  yield* rest;
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** Inflates as much as is asked for. */
async function* inflated(says: Says, chunks: Chunks<Uint8Array>): Chunks<Uint8Array> {
  /** An error of what is inflated. */
  let failure: { readonly error: unknown } | undefined;
  const source = (async function* () {
    try {
      yield* chunks;
    } catch (error) {
      failure = { error };
      throw error;
    }
  })();
  const inflating = typeof DecompressionStream === "function" ? throughStream(source) : throughNode(source, says);
  try {
    yield* inflating;
  } catch (cause) {
    if (failure) throw failure.error;
    throw says("is gzipped, but damaged or cut short", cause);
  }
}

async function* throughStream(source: Chunks<Uint8Array>): Chunks<Uint8Array> {
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  void (async () => {
    try {
      for await (const chunk of source) {
        await writer.ready;
        // its errors are the reader's, too
        writer.write(chunk as Uint8Array<ArrayBuffer>).catch(() => undefined);
      }
      await writer.close();
    } catch (error) {
      await writer.abort(error).catch(() => undefined);
    }
  })();
  writer.closed.catch(() => undefined);
  const reader = readable.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

async function* throughNode(source: Chunks<Uint8Array>, says: Says): Chunks<Uint8Array> {
  const node = nodeModule<typeof zlib>("node:zlib");
  if (!node) throw says("is gzipped, and there is no DecompressionStream here; give it as gunzip makes it");
  const gunzip = node.createGunzip();
  void (async () => {
    try {
      for await (const chunk of source) {
        if (!gunzip.write(chunk)) await new Promise((resolve) => gunzip.once("drain", resolve).once("close", resolve));
        if (gunzip.destroyed) return;
      }
      gunzip.end();
    } catch (error) {
      gunzip.destroy(error as Error);
    }
  })();
  yield* gunzip as AsyncIterable<Uint8Array>;
}

/** Kinds of files that are taken for text, by their first bytes. */
const KINDS: readonly (readonly [begin: string, what: string])[] = [
  ["PK\x03\x04", "a zip archive or an Excel workbook (.xlsx); save its sheet as CSV"],
  ["\xd0\xcf\x11\xe0", "an old Excel workbook (.xls); save its sheet as CSV"],
  ["PAR1", "a Parquet file; write it as CSV"],
  ["SQLite format 3", "a SQLite database; write its table as CSV"],
  ["%PDF", "a PDF document"],
  ["\x89PNG", "a picture"],
  ["\x93NUMPY", "a NumPy array"],
  ["\x89HDF", "an HDF5 file; write it as CSV"],
  ["\x28\xb5\x2f\xfd", "a file that zstd made; unpack it"],
  ["\xfd7zXZ", "a file that xz made; unpack it"],
  ["BZh", "a file that bzip2 made; unpack it"],
];

function refuseOtherKinds(says: Says, start: Uint8Array): void {
  const head = String.fromCharCode(...start.subarray(0, 16));
  // three letters that a text may begin with
  const found = KINDS.find(([begin]) => head.startsWith(begin) && (begin !== "BZh" || /^BZh\d1AY/.test(head)));
  if (found) throw says(`looks like ${found[1]}`);
}

function guessEncoding(start: Uint8Array): { readonly encoding: string; readonly reasons: readonly string[] } {
  const [a, b, c] = start;
  const because = (encoding: string, why: string) => ({ encoding, reasons: [`the encoding is ${encoding}: ${why}`] });
  if (a === 0xef && b === 0xbb && c === 0xbf) return because("utf-8", "its byte order mark is there");
  if (a === 0xff && b === 0xfe) return because("utf-16le", "its byte order mark is there");
  if (a === 0xfe && b === 0xff) return because("utf-16be", "its byte order mark is there");
  const first = `the first ${start.length} bytes`;
  if (invalidAt("utf-8", start) === undefined) return because("utf-8", `${first} are valid`);
  if (chinese(start) > 0.8 && invalidAt("gb18030", start) === undefined) {
    return because("gb18030", `${first} aren't UTF-8, and are mostly Chinese in it`);
  }
  return because("windows-1252", `${first} are neither UTF-8 nor Chinese in gb18030`);
}

/** The share of pairs of the usual Chinese characters (GB 2312) among what isn't ASCII. */
function chinese(bytes: Uint8Array): number {
  let pairs = 0;
  let others = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i]! < 0x80) continue;
    const usual = bytes[i]! >= 0xa1 && bytes[i]! <= 0xf7 && (bytes[i + 1] ?? 0) >= 0xa1;
    if (usual) pairs++;
    else others++;
    i++;
  }
  return pairs / Math.max(1, pairs + others);
}

/** Where bytes stop being valid, undefined if nowhere: the number of bytes up to and with the first that isn't. */
function invalidAt(encoding: string, bytes: Uint8Array): number | undefined {
  const fails = (length: number): boolean => {
    try {
      new TextDecoder(encoding, { fatal: true }).decode(bytes.subarray(0, length), { stream: true });
      return false;
    } catch {
      return true;
    }
  };
  if (!fails(bytes.length)) return undefined;
  let least = 0;
  let most = bytes.length;
  while (most - least > 1) {
    const middle = (least + most) >> 1;
    if (fails(middle)) most = middle;
    else least = middle;
  }
  return most;
}

/** The text of bytes. */
async function* decoded(says: Says, encoding: string, given: boolean, chunks: Chunks<Uint8Array>): Chunks<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const wide = decoder.encoding.startsWith("utf-16");
  const what = given
    ? `isn't ${encoding}, the encoding that was given`
    : `isn't ${encoding}, which its beginning was taken for; give encoding`;
  let at = 0;
  /** The last bytes, from a place where a character begins. */
  let tail = new Uint8Array();
  for await (const chunk of chunks) {
    const nul = wide ? -1 : chunk.indexOf(0);
    if (nul >= 0) {
      throw says(`has a NUL at byte ${at + nul}, so it is no text; if it is one in UTF-16, give encoding: "utf-16le"`);
    }
    let text: string;
    try {
      text = decoder.decode(chunk, { stream: true });
    } catch (cause) {
      const place = invalidAt(encoding, joined([tail, chunk])) ?? 1;
      throw says(`${what}: byte ${at - tail.length + place - 1} isn't valid in it`, cause);
    }
    if (wide && text.includes("\0")) throw says(`has a NUL character after byte ${at}, so it is no text`);
    at += chunk.length;
    tail = tailOf(wide, at, tail, chunk);
    if (text !== "") yield text;
  }
  try {
    decoder.decode();
  } catch (cause) {
    throw says(`${what}: it ends within a character, at byte ${at}`, cause);
  }
}

/** What a character may have begun with that isn't complete: no later byte of one is below 0x30. */
function tailOf(wide: boolean, at: number, tail: Uint8Array, chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  const last = joined([tail, chunk.subarray(-64)]).subarray(-64);
  if (wide) return last.slice(last.length - Math.min(last.length, 4 + (at % 2)));
  return last.slice(last.findLastIndex((byte) => byte < 0x30) + 1);
}

/** Texts without a byte order mark, and none that isn't text. */
async function* stripped(says: Says, first: string, rest: Chunks<string>): Chunks<string> {
  let at = 0;
  for await (const text of again([first], rest)) {
    const nul = text.indexOf("\0");
    if (nul >= 0) throw says(`has a NUL at character ${at + nul}, so it is no text`);
    yield at === 0 ? text.replace(/^\ufeff/, "") : text;
    at += text.length;
  }
}

/** Small texts together. */
async function* joinedTexts(texts: Chunks<string>): Chunks<string> {
  let waiting: string[] = [];
  let length = 0;
  for await (const text of texts) {
    waiting.push(text);
    length += text.length;
    if (length < PIECE / 2) continue;
    yield waiting.join("");
    waiting = [];
    length = 0;
  }
  if (length > 0) yield waiting.join("");
}
