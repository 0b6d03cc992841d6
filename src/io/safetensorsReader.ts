// Reads safetensors files on demand: a header, and single tensors from the places that it says.
import type * as promises from "node:fs/promises";
import type * as urls from "node:url";
import { isArrayOf } from "../formats/bytes.ts";
import { headerEnd, readHeader, refuserOf, unreadText } from "../formats/safetensorsHeader.ts";
import { rawTensor, sizeOfType, tensorOf } from "../formats/safetensorsTypes.ts";
import { checkKind, describe, isObject, kindOf, valueText } from "../util/check.ts";
import { nodeModule } from "../util/node.ts";
import type { BlobLike, Url } from "../util/platform.ts";
import { unknownText } from "../util/suggest.ts";
import type { BytesReader, SafetensorsFile } from "./safetensorsFile.ts";

const WHERE = "openSafetensors";

/** Bytes that the system reads at once: it takes less than 2 GiB. */
const PIECE = 2 ** 28;

/** A source that is open. */
interface Opened {
  /** What messages call it. */
  readonly name: string;
  readonly size: number;
  /** Gives bytes that nobody else has, all of them or fewer if there are no more. */
  read(from: number, to: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** What `openSafetensors` does. */
export async function opened(source: string | Url | BlobLike | Uint8Array | BytesReader): Promise<SafetensorsFile> {
  const file = await sourceOf(source);
  try {
    return await fileOf(file);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function fileOf({ name, size, read, close }: Opened): Promise<SafetensorsFile> {
  const refuse = refuserOf(`${WHERE}: ${name}`);
  const readAll = async (from: number, to: number, what: string): Promise<Uint8Array<ArrayBuffer>> => {
    const bytes = await read(from, to);
    if (bytes.length === to - from) return bytes;
    return refuse(from + bytes.length, `cut short; ${what} ends at byte ${to}, and it had ${size} when it was opened`);
  };
  const start = headerEnd(await readAll(0, Math.min(8, size), "the header's length"), size, refuse);
  const { entries, texts } = readHeader(await readAll(8, start, "the header"), size, refuse, true);
  const byName = new Map(entries.map((entry) => [entry.key, entry]));
  let isOpen = true;
  return {
    tensors: new Map(entries.map(({ key, dtype, shape, from, to }) => [key, { dtype, shape, bytes: to - from }])),
    metadata: texts,
    async read(key) {
      checkKind(typeof key === "string", "read", "the name", "a tensor's name", key);
      if (!isOpen) throw new Error(`read: ${name} was closed`);
      const entry = byName.get(key);
      if (!entry) throw new RangeError(`read: ${unknownText("tensor", key, [...byName.keys()])}`);
      const { dtype, shape, from, to } = entry;
      const tensor = `tensor ${valueText(key)}`;
      if (sizeOfType(dtype) === undefined) return refuse(from, `${tensor} ${unreadText(dtype)}`);
      const { buffer } = await readAll(from, to, tensor);
      return tensorOf(rawTensor(dtype, shape, buffer));
    },
    async close() {
      if (isOpen) await close();
      isOpen = false;
    },
  };
}

async function sourceOf(source: string | Url | BlobLike | Uint8Array | BytesReader): Promise<Opened> {
  const kind = kindOf(source);
  if (typeof source === "string" || kind === "URL") return fileSource(String(source as string));
  const close = (): Promise<void> => Promise.resolve();
  if (isArrayOf("Uint8Array", source)) {
    const bytes = source as Uint8Array;
    const read = (from: number, to: number) => Promise.resolve(new Uint8Array(bytes.subarray(from, to)));
    return { name: "the source", size: bytes.length, read, close };
  }
  if (kind === "Blob" || kind === "File") {
    const blob = source as Blob & { readonly name?: string };
    const name = blob.name === undefined ? "the Blob" : valueText(blob.name);
    const read = async (from: number, to: number): Promise<Uint8Array<ArrayBuffer>> => {
      try {
        return new Uint8Array(await blob.slice(from, to).arrayBuffer());
      } catch (cause) {
        throw new Error(`${WHERE}: ${name} could not be read; was it changed or removed?`, { cause });
      }
    };
    return { name, size: blob.size, read, close };
  }
  const wanted = "a path, a File or Blob, bytes, or { size, read }";
  const given = source as BytesReader;
  const isReader = isObject(source) && "read" in source && typeof source.read === "function";
  const advice = kind.endsWith("ArrayBuffer") ? "; new Uint8Array(buffer) makes bytes of it" : undefined;
  checkKind(isReader, WHERE, "the source", wanted, source, advice);
  const { size } = given;
  checkKind(Number.isSafeInteger(size) && size >= 0, WHERE, "the source's size", "a count of bytes", size);
  const read = async (from: number, to: number): Promise<Uint8Array<ArrayBuffer>> => {
    const bytes: unknown = await given.read(from, to);
    if (!isArrayOf("Uint8Array", bytes) || (bytes as Uint8Array).length !== to - from) {
      throw new Error(
        `${WHERE}: the source's read(${from}, ${to}) must give ${to - from} bytes, a Uint8Array, got ${describe(bytes)}`,
      );
    }
    const { buffer, byteLength } = bytes as Uint8Array<ArrayBuffer>;
    // others may be a part of what is kept
    return kindOf(buffer) === "ArrayBuffer" && buffer.byteLength === byteLength
      ? new Uint8Array(buffer)
      : new Uint8Array(bytes as Uint8Array);
  };
  return { name: "the source", size, read, close };
}

/** A file of the system. */
async function fileSource(given: string): Promise<Opened> {
  const name = valueText(given);
  const isUrl = /^[a-z][a-z\d+.-]+:\/\//i.test(given);
  const says = (what: string, cause?: unknown): Error => {
    const { code } = (cause ?? {}) as NodeJS.ErrnoException;
    return Object.assign(new Error(`${WHERE}: ${name} ${what}`, { cause }), code === undefined ? {} : { code });
  };
  if (isUrl && !/^file:/i.test(given))
    throw says("is no file's path; give { size, read(from, to) } that asks its server for ranges, or bytes of it");
  const fs = nodeModule<typeof promises>("node:fs/promises");
  const url = nodeModule<typeof urls>("node:url");
  if (!fs || !url)
    throw says("can't be opened: there is no file system here; give a File, or { size, read(from, to) }");
  const failed = (cause: unknown): never => {
    throw says(`could not be read (${(cause as NodeJS.ErrnoException).code})`, cause);
  };
  let path = given;
  try {
    if (isUrl) path = url.fileURLToPath(given);
  } catch (cause) {
    throw says("is no URL of a file on this machine", cause);
  }
  if (path === "" || path.includes("\0")) throw says("can't be a file's path");
  // opening a pipe would wait for whoever writes to it
  const stat = await fs.stat(path).catch(failed);
  if (!stat.isFile()) {
    throw says(`is ${stat.isDirectory() ? "a directory; give one file in it" : "no file, but a device or a pipe"}`);
  }
  const file = await fs.open(path).catch(failed);
  const read = async (from: number, to: number): Promise<Uint8Array<ArrayBuffer>> => {
    const bytes = memory(to - from);
    let at = 0;
    while (at < bytes.length) {
      const length = Math.min(PIECE, bytes.length - at);
      const { bytesRead } = await file.read(bytes, at, length, from + at).catch(failed);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return bytes.subarray(0, at);
  };
  return { name, size: stat.size, read, close: () => file.close() };
}

function memory(count: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(count);
  } catch (cause) {
    throw new RangeError(`${WHERE}: ${count} bytes can't be read at once: there is no memory for them`, { cause });
  }
}
