// What the readers of tables read from.
import { checkKind, isObject, isRecord, kindOf, valueText } from "../util/check.ts";
import type { BlobLike, Url } from "../util/platform.ts";

/** A ReadableStream, such as a response's body. */
export interface StreamLike {
  /** Begins to read it: nobody else can then. */
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: unknown }>;
    cancel(reason?: unknown): Promise<void>;
  };
}

/** A Response, as `fetch` gives it. */
export interface ResponseLike {
  /** Has the status of a success? */
  readonly ok: boolean;
  /** Its status, such as 404. */
  readonly status: number;
  /** Has the body been read? */
  readonly bodyUsed: boolean;
  /** What it brings. */
  readonly body: StreamLike | null;
}

/**
 * Where a table is read from, gzipped or not: the path of a file or its `file:` URL (Node, Deno, Bun), bytes, a File or Blob, a Response, a
 * stream, an iterable of texts or of bytes that follow each other, or a text itself.
 */
export type TableSource =
  | string
  | Url
  | Uint8Array
  | BlobLike
  | ResponseLike
  | StreamLike
  | AsyncIterable<string | Uint8Array>
  | Iterable<string | Uint8Array>
  | { readonly text: string };

/** Is it gone through by `for await`? */
export const isIterable = (value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> =>
  isObject(value) && (Symbol.asyncIterator in value || Symbol.iterator in value);

/** Refuses what no table can be read from. */
export function checkSource(where: string, source: TableSource): void {
  const kind = kindOf(source);
  if (typeof source === "string" || /^(?:URL|Uint8Array|Blob|File|Response|ReadableStream)$/.test(kind)) return;
  const wanted = "a path, bytes, a File, a Response, a stream, an iterable of these, or { text }";
  const advice = kind.endsWith("ArrayBuffer") ? "; new Uint8Array(buffer) makes bytes of it" : undefined;
  const other = ArrayBuffer.isView(source) || /^(?:Map|Promise)$/.test(kind);
  if (!other && isIterable(source)) return;
  checkKind(isRecord(source) && "text" in source, where, "the source", wanted, source, advice);
  const { text } = source as { readonly text: string };
  checkKind(typeof text === "string", where, "the source's text", "a string", text);
}

/** Refuses an encoding that nothing here decodes. */
export function checkEncoding(where: string, encoding: string | undefined): void {
  if (encoding === undefined) return;
  checkKind(typeof encoding === "string", where, "encoding", 'a word, such as "utf-8"', encoding);
  if (typeof TextDecoder === "undefined") return; // said when there are bytes
  let cause: unknown;
  try {
    if (new TextDecoder(encoding, { fatal: true }).encoding !== "") return;
  } catch (error) {
    cause = error;
  }
  throw new RangeError(
    `${where}: encoding must be one that TextDecoder knows, such as utf-8, gb18030 or windows-1252, got ${valueText(encoding)}`,
    { cause },
  );
}
