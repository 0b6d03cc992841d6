// Saves and loads models in a page: in the browser's storage, as a download, from files that the user gives, and by URL.
import type { SafetensorsOptions } from "../formats/safetensors.ts";
import { modelFromBytes, modelToBytes } from "../io/modelFile.ts";
import { checkModel, type Model, type ModelOptions } from "../model/model.ts";
import { setTimeout } from "../runtime/timers.ts";
import { checkKeys, checkKind, kindOf, valueText } from "../util/check.ts";
import type { BlobLike, Url } from "../util/platform.ts";
import { unknownText } from "../util/suggest.ts";
import { indexedDBStore, opfsStore, type Store } from "./stores.ts";

/** Where a page keeps models, by what their URLs begin with. */
const STORES: Readonly<Record<string, Store>> = { indexeddb: indexedDBStore, opfs: opfsStore };

const PLACES = '"indexeddb://name", "opfs://name"';

/** Other libraries' words, and ours. */
const SCHEMES_ELSEWHERE: Readonly<Record<string, string>> = {
  localstorage: "indexeddb",
  downloads: "download",
  idb: "indexeddb",
};

/** A model in the browser's storage. */
export interface StoredModel {
  /** What `loadModel` and `removeModel` take. */
  readonly url: string;
  /** Size of its file. */
  readonly bytes: number;
  /** When it was saved. */
  readonly saved: Date;
}

/** The parts of `scheme://name`; undefined of other texts. */
function partsOf(url: string): { scheme: string; name: string } | undefined {
  const [, scheme, name] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(url) ?? [];
  return scheme === undefined ? undefined : { scheme: scheme.toLowerCase(), name: name! };
}

/** Refuses empty names, and ones that no text can be: halves of pairs that stand alone, as cut emoji have them. */
function checkName(where: string, url: string, name: string): void {
  if (name === "") throw new RangeError(`${where}: ${valueText(url)} has no name; give one: ${url}digits.safetensors`);
  try {
    encodeURIComponent(name);
  } catch (cause) {
    throw new RangeError(`${where}: the name in ${valueText(url)} has half a character in it (a lone surrogate)`, {
      cause,
    });
  }
}

function unknownScheme(where: string, scheme: string, known: readonly string[]): RangeError {
  return new RangeError(`${where}: ${unknownText("scheme", scheme, known, SCHEMES_ELSEWHERE)}`);
}

/** The store of a URL, and the name in it. Throws if it is of another kind, or isn't here. */
function placeOf(where: string, url: unknown, more: readonly string[]): { store?: Store; name: string } {
  checkKind(typeof url === "string", where, "the URL", [PLACES, ...more.map((m) => `"${m}://name"`)].join(" or "), url);
  const parts = partsOf(url as string);
  const known = [...Object.keys(STORES), ...more];
  if (!parts) {
    throw new RangeError(
      `${where}: the URL must begin with ${known.map((scheme) => `${scheme}://`).join(", ")}, got ${valueText(url)}; ` +
        "files of a disk are read and written by wasmgrad/files, in Node",
    );
  }
  if (!known.includes(parts.scheme)) throw unknownScheme(where, parts.scheme, known);
  checkName(where, url as string, parts.name);
  const store = STORES[parts.scheme];
  return store ? { store: there(where, store), name: parts.name } : { name: parts.name };
}

function there(where: string, store: Store): Store {
  const missing = store.missing();
  if (missing !== undefined) throw new Error(`${where}: ${missing}`);
  return store;
}

/**
 * Saves a model in a page. The weights are those at the time of the call, whether it is awaited or not; of several calls for one URL the
 * last one counts. What is kept under the name is replaced as a whole: if there is no space, or the page is closed, it is as it was.
 *
 * - `"indexeddb://name"` and `"opfs://name"` keep it in the browser, for pages of this site (origin) alone: see `listModels`. The user
 *   can clear that, and browsers may when space is short: `navigator.storage.persist()` asks them not to.
 * - `"download://name.safetensors"` starts a download. Whether it was kept, a page can't know.
 *
 * @param url where: `"indexeddb://name"`, `"opfs://name"` or `"download://name.safetensors"`; any name
 * @param options.dtype the type of the weights in the file, as `modelToBytes` takes it; default `"F32"`
 * @throws {TypeError | RangeError} if it isn't a model, or the URL or an option can't be used
 * @throws {Error} if the browser has no such place or no space, or as `modelToBytes` does
 * @example
 * import { saveModel } from "wasmgrad/web";
 *
 * if (typeof indexedDB === "object") await saveModel(model, "indexeddb://digits"); // in a page
 */
export async function saveModel(model: Model, url: string, options: SafetensorsOptions = {}): Promise<void> {
  checkModel("saveModel", "the first argument", model);
  const { store, name } = placeOf("saveModel", url, ["download"]);
  // before anything is waited for: training may go on
  const bytes = modelToBytes(model, options);
  if (store) await store.write("saveModel", name, bytes);
  else download(name, bytes);
}

/** Milliseconds for which a download's bytes are kept: the browser may ask the user where to put them first. */
const DOWNLOAD_TIME = 120_000;

function download(name: string, bytes: Uint8Array<ArrayBuffer>): void {
  if (typeof document !== "object" || typeof URL.createObjectURL !== "function") {
    throw new Error("saveModel: only a page can start a download, and this is none (a worker, or no browser)");
  }
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), DOWNLOAD_TIME);
}

/** The memory and the threads of a model that is read. */
type LoadOptions = Pick<ModelOptions, "core" | "threads" | "createWorker">;

/**
 * Loads a model in a page: what `saveModel` kept, a file that the user chose or dropped, or one that a server has.
 *
 * @param from `"indexeddb://name"`, `"opfs://name"`, a File or Blob, or the URL of a file, absolute or relative to the page
 * @param options.core another model's `core`, to share its memory
 * @param options.threads as `sequential` takes it, with `createWorker`
 * @throws {TypeError | RangeError} if it is something else, or an option can't be used
 * @throws {Error} if there is no such model; the message says which there are. As `modelFromBytes` does, of files that can't be read
 * @example
 * import { loadModel } from "wasmgrad/web";
 *
 * const file = new Blob([modelToBytes(model)]); // as input.files[0] is, or event.dataTransfer.files[0]
 * const copy = await loadModel(file);
 */
export async function loadModel(from: string | Url | BlobLike, options: LoadOptions = {}): Promise<Model> {
  checkKeys("loadModel", options, ["core", "threads", "createWorker"]);
  const [name, bytes] = await bytesOf(from);
  return modelFromBytes(bytes, { ...options, name });
}

/** A name for messages, and the bytes. */
async function bytesOf(from: unknown): Promise<[name: string, bytes: Uint8Array]> {
  const kind = kindOf(from);
  if (kind === "File" || kind === "Blob") return bytesOfFile(from as Blob);
  const isText = typeof from === "string" && from !== "";
  if (!isText && kind !== "URL") {
    const advice =
      kind === "FileList"
        ? "; give one of them: files[0]"
        : from === undefined || from === null
          ? "; was no file chosen?"
          : kind === "Uint8Array" || kind === "ArrayBuffer"
            ? "; modelFromBytes of wasmgrad/files reads bytes"
            : kind === "Response"
              ? "; give its URL, or await response.blob()"
              : undefined;
    checkKind(false, "loadModel", "the first argument", `a File, a Blob, ${PLACES} or a URL`, from, advice);
  }
  const text = String(from);
  const parts = partsOf(text);
  const scheme = parts?.scheme ?? "";
  if (Object.hasOwn(STORES, scheme)) return [text, await bytesOfStore(text)];
  if (scheme === "download") {
    throw new RangeError(
      "loadModel: a page can't read a download; let the user choose the file, and give it: loadModel(file)",
    );
  }
  if (
    parts &&
    !["http", "https", "file", "blob", "data"].includes(scheme) &&
    !/-extension$|^(?:app|capacitor)$/.test(scheme)
  ) {
    throw unknownScheme("loadModel", scheme, [...Object.keys(STORES), "https", "http"]);
  }
  return [text, await bytesOfUrl(text)];
}

async function bytesOfFile(file: Blob): Promise<[name: string, bytes: Uint8Array]> {
  const name = "name" in file && typeof file.name === "string" && file.name !== "" ? file.name : "loadModel";
  try {
    return [name, new Uint8Array(await file.arrayBuffer())];
  } catch (cause) {
    throw new Error(
      `${name}: the file can't be read any more (${String(cause)}); it was moved or changed, choose it again`,
      {
        cause,
      },
    );
  }
}

async function bytesOfStore(url: string): Promise<Uint8Array> {
  const { store, name } = placeOf("loadModel", url, []);
  const bytes = await store!.read("loadModel", name);
  if (bytes === undefined) throw await unknownModel("loadModel", store!, name);
  return bytes;
}

/** Says which models there are. */
async function unknownModel(where: string, store: Store, name: string): Promise<Error> {
  const known = (await store.list(where)).map((entry) => entry.name);
  return new Error(
    known.length === 0
      ? `${where}: there is no model ${valueText(name)} in ${store.title}, nor any other; models belong to one site (origin), here ` +
          `${globalThis.location?.origin ?? "none"}`
      : `${where}: ${unknownText(`model in ${store.title}`, name, known)}`,
  );
}

async function bytesOfUrl(url: string): Promise<Uint8Array> {
  let response: Response;
  try {
    // by itself fetch takes the page's address for relative ones, and a server that isn't there for a TypeError without words
    response = await fetch(new URL(url, globalThis.document?.baseURI ?? globalThis.location?.href));
  } catch (cause) {
    throw new Error(
      `loadModel: ${valueText(url)} could not be fetched (${String(cause)}); is it an address of this page's server, or one that ` +
        "allows this page (CORS)?",
      { cause },
    );
  }
  if (!response.ok) {
    throw new Error(`loadModel: ${response.url} could not be read: ${response.status} ${response.statusText}`.trim());
  }
  // servers of single-page apps answer so where there is no file
  if (/^text\/html\b/.test(response.headers.get("content-type") ?? "")) {
    throw new Error(`loadModel: ${response.url} is a page (text/html), not a model; is the file there?`);
  }
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * The models that `saveModel` kept in this browser for pages of this site, by URL.
 *
 * @throws {Error} if the browser refuses its storage; places that it doesn't have are left out
 * @example for (const { url, bytes, saved } of await listModels()) console.log(url, bytes, saved);
 */
export async function listModels(): Promise<StoredModel[]> {
  const lists = Object.entries(STORES).map(async ([scheme, store]) => {
    if (store.missing() !== undefined) return [];
    const entries = await store.list("listModels");
    return entries.map(({ name, ...entry }): StoredModel => ({ url: `${scheme}://${name}`, ...entry }));
  });
  return (await Promise.all(lists)).flat().toSorted((a, b) => (a.url < b.url ? -1 : 1));
}

/**
 * Removes a model from the browser's storage.
 *
 * @param url `"indexeddb://name"` or `"opfs://name"`
 * @throws {TypeError | RangeError} if the URL can't be used
 * @throws {Error} if there is no such model; the message says which there are
 * @example for (const { url } of await listModels()) await removeModel(url);
 */
export async function removeModel(url: string): Promise<void> {
  const { store, name } = placeOf("removeModel", url, []);
  if (!(await store!.remove("removeModel", name))) throw await unknownModel("removeModel", store!, name);
}
