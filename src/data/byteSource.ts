// Bytes and texts of what the readers of tables and arrays are given, a piece at a time; what is gzipped is inflated.
import type * as promises from "node:fs/promises";
import type * as paths from "node:path";
import type * as urls from "node:url";
import type * as zlib from "node:zlib";
import { isArrayOf } from "../formats/bytes.ts";
import { fileError } from "../formats/fileError.ts";
import { isGzip } from "../formats/gzip.ts";
import { describe, kindOf, valueText } from "../util/check.ts";
import { nodeModule } from "../util/node.ts";
import { closest } from "../util/suggest.ts";
import { isIterable, type ResponseLike, type StreamLike, type TableSource } from "./tableSource.ts";

/** Bytes or characters that are worked on at once. */
export const PIECE = 2 ** 18;

/** Files of a folder whose names are compared with one that isn't there. */
const MOST_COMPARED = 10_000;

export type Chunks<Chunk> = AsyncGenerator<Chunk, void, undefined>;

/** What a source gives, of which the beginning has been read. */
export interface Source {
  /** What messages call it. */
  readonly name: string;
  /** An error of it, in the words of the function that reads. */
  readonly says: Says;
  /** An error of what it gives: a file that can't be read. */
  readonly bad: Says;
  /** All of it, inflated if it was gzipped: bytes alone or texts alone. */
  readonly content: { readonly bytes: Chunks<Uint8Array> } | { readonly texts: Chunks<string> };
  /** Was it gzipped? */
  readonly gzipped: boolean;
  close(): Promise<void>;
}

/**
 * Opens a source.
 *
 * @param where the function that messages begin with
 * @throws {FileError} if it is empty
 * @throws {Error} if it can't be read
 */
export async function openSource(where: string, source: TableSource): Promise<Source> {
  const { name, chunks } = chunksOf(where, source);
  const says: Says = (what, cause) => new Error(`${where}: ${name} ${what}`, { cause });
  const bad: Says = (what, cause) => fileError(`${where}: ${name} `, 0, what, cause);
  const opened: Chunks<unknown>[] = [chunks];
  const close = async (): Promise<void> => {
    // an inflating one lets go of what it inflates
    for (const one of opened.toReversed()) await one.return();
  };
  try {
    const given = checked(where, name, chunks);
    const first = await given.next();
    if (first.done) throw bad("is empty");
    if (typeof first.value === "string") {
      const texts = again([first.value], given as Chunks<string>);
      return { name, says, bad, content: { texts }, gzipped: false, close };
    }
    let bytes = again([first.value], given as Chunks<Uint8Array>);
    const start = await beginning(bytes, 3);
    bytes = again(start, bytes);
    const gzipped = isGzip(joined(start));
    if (gzipped) {
      bytes = inflated(bad, bytes);
      opened.push(bytes);
    } else if (/\.gz"$/i.test(name)) throw bad("ends with .gz, but isn't gzipped; is it a download that failed?");
    return { name, says, bad, content: { bytes }, gzipped, close };
  } catch (error) {
    await close();
    throw error;
  }
}

export type Says = (what: string, cause?: unknown) => Error;

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
    throw says(`could not be read (${code})`, cause);
  };
  const kind = await fs.stat(path).catch(async (cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") refuse(cause);
    throw says(`isn't there (ENOENT)${await likelyName(fs, path)}`, cause);
  });
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

/** What the path of a file that isn't there may have meant, for messages. */
async function likelyName(fs: typeof promises, path: string): Promise<string> {
  const { basename, dirname } = nodeModule<typeof paths>("node:path")!;
  const folder = await fs.readdir(dirname(path), { withFileTypes: true }).catch(() => undefined);
  if (!folder) return `, nor is its folder ${valueText(dirname(path))}`;
  const files = folder.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const likely = closest(basename(path).slice(0, 80), files.slice(0, MOST_COMPARED));
  return likely === undefined ? "" : `; did you mean ${valueText(likely)}?`;
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
export async function beginning(chunks: Chunks<Uint8Array>, bytes: number): Promise<Uint8Array[]> {
  const start: Uint8Array[] = [];
  for (let length = 0; length < bytes; length += start.at(-1)!.length) {
    const { done, value } = await chunks.next();
    if (done) break;
    start.push(value);
  }
  return start;
}

/** What was taken, and the rest. */
export async function* again<Chunk>(start: readonly Chunk[], rest: Chunks<Chunk>): Chunks<Chunk> {
  yield* start;
  yield* rest;
}

export function joined(chunks: readonly Uint8Array[]): Uint8Array {
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
