// Where a page keeps models: IndexedDB, and the origin private file system (OPFS). Both replace as a whole: what is there stays until
// the new bytes are complete.
import { bytesText } from "../runtime/arena.ts";
import { isObject } from "../util/check.ts";

/** One model that is kept. */
export interface Entry {
  readonly name: string;
  readonly bytes: number;
  readonly saved: Date;
}

/** A place of named bytes. */
export interface Store {
  /** The browser's name for it. */
  readonly title: string;
  /** Why it isn't here, if it isn't. */
  missing(): string | undefined;
  write(where: string, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  read(where: string, name: string): Promise<Uint8Array | undefined>;
  /** False if nothing of this name was there. */
  remove(where: string, name: string): Promise<boolean>;
  list(where: string): Promise<Entry[]>;
}

const DATABASE = "wasmgrad-models";
const FOLDER = "wasmgrad-models";

/** The name of a DOMException. */
const nameOf = (error: unknown): string =>
  isObject(error) && "name" in error && typeof error.name === "string" ? error.name : "";

/** What the browser says, in one line. */
const wordsOf = (error: unknown): string => {
  const message = isObject(error) && "message" in error ? String(error.message) : String(error);
  return nameOf(error) ? `${nameOf(error)}: ${message}` : message;
};

/** What to do about an error of the browser's. */
function inWords(where: string, title: string, action: string, cause: unknown, bytes = 0): Error {
  const name = nameOf(cause);
  // Chromium ends the write to a full store with either
  if (name === "QuotaExceededError" || (name === "AbortError" && bytes > 0 && /data pipe/.test(wordsOf(cause)))) {
    return new Error(
      `${where}: ${title} has no space for ${bytesText(bytes)}; remove models that aren't needed: listModels() and ` +
        "removeModel(url). What was kept under this name still is",
      { cause },
    );
  }
  const refused = name === "SecurityError" || name === "InvalidStateError" || name === "NotAllowedError";
  const why = refused ? "; private windows, blocked storage and sandboxed frames refuse it" : "";
  return new Error(`${where}: ${title} could not be ${action} (${wordsOf(cause)})${why}`, { cause });
}

// IndexedDB

/** Two stores with the same keys, so that a list reads no model: `bytes`, and `about`, an entry without its name. */
const STORES = ["bytes", "about"];

const finished = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Opens the database, does something in one transaction, and waits until that is complete. */
async function inDatabase<T>(
  where: string,
  mode: IDBTransactionMode,
  run: (bytes: IDBObjectStore, about: IDBObjectStore) => Promise<T> | T,
  size?: number,
): Promise<T> {
  let database: IDBDatabase;
  try {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => {
      for (const name of STORES) opening.result.createObjectStore(name);
    };
    database = await finished(opening);
  } catch (cause) {
    throw inWords(where, indexedDBStore.title, "opened", cause, size);
  }
  try {
    // complete means on the disk
    const transaction = database.transaction(STORES, mode, { durability: "strict" });
    const complete = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    complete.catch(() => undefined); // awaited below, if what runs doesn't fail itself
    const result = await run(transaction.objectStore("bytes"), transaction.objectStore("about"));
    await complete;
    return result;
  } catch (cause) {
    throw inWords(where, indexedDBStore.title, mode === "readonly" ? "read" : "written to", cause, size);
  } finally {
    database.close();
  }
}

export const indexedDBStore: Store = {
  title: "IndexedDB",
  missing: () =>
    typeof indexedDB === "object" && indexedDB !== null
      ? undefined
      : "there is no IndexedDB here; browsers have it, but for some private windows; in Node use wasmgrad/files",
  write: (where, name, bytes) =>
    inDatabase(
      where,
      "readwrite",
      (store, about) => {
        store.put(bytes, name);
        about.put({ bytes: bytes.length, saved: new Date() }, name);
      },
      bytes.length,
    ),
  read: (where, name) =>
    inDatabase(where, "readonly", (store) => finished(store.get(name) as IDBRequest<Uint8Array | undefined>)),
  remove: (where, name) =>
    inDatabase(where, "readwrite", async (store, about) => {
      const there = (await finished(store.count(name))) > 0;
      store.delete(name);
      about.delete(name);
      return there;
    }),
  list: (where) =>
    inDatabase(where, "readonly", async (_, about) => {
      const [names, entries] = await Promise.all([
        finished(about.getAllKeys() as IDBRequest<string[]>),
        finished(about.getAll() as IDBRequest<Omit<Entry, "name">[]>),
      ]);
      return names.map((name, i) => ({ name, ...entries[i]! }));
    }),
};

// OPFS

/** A name as a file's: any name is one, but for `.` and `..`. */
const fileOf = (name: string): string => (/^\.+$/.test(name) ? name.replaceAll(".", "%2E") : encodeURIComponent(name));

/** Writes of one name, one after another, so that of several the last one counts. */
const writing = new Map<string, Promise<void>>();

async function inFolder<T>(
  where: string,
  action: string,
  run: (folder: FileSystemDirectoryHandle) => Promise<T>,
  size?: number,
): Promise<T> {
  try {
    const root = await navigator.storage.getDirectory();
    return await run(await root.getDirectoryHandle(FOLDER, { create: true }));
  } catch (cause) {
    throw inWords(where, opfsStore.title, action, cause, size);
  }
}

/** The file, or undefined if there is none. An empty one is what a page that was closed had begun to save. */
const fileIn = async (folder: FileSystemDirectoryHandle, name: string): Promise<FileSystemFileHandle | undefined> => {
  try {
    return await folder.getFileHandle(fileOf(name));
  } catch (error) {
    if (nameOf(error) === "NotFoundError") return undefined;
    throw error;
  }
};

async function replaceFile(folder: FileSystemDirectoryHandle, name: string, bytes: Uint8Array<ArrayBuffer>) {
  const isNew = (await fileIn(folder, name)) === undefined;
  const file = await folder.getFileHandle(fileOf(name), { create: true });
  try {
    // it writes to a copy that takes the file's place when it is closed
    const stream = await file.createWritable();
    try {
      await stream.write(bytes);
    } catch (error) {
      await stream.abort().catch(() => undefined);
      throw error;
    }
    await stream.close();
  } catch (error) {
    // an empty file isn't a model
    if (isNew) await folder.removeEntry(fileOf(name)).catch(() => undefined);
    throw error;
  }
}

export const opfsStore: Store = {
  title: "OPFS",
  missing() {
    if (typeof navigator !== "object" || typeof navigator.storage?.getDirectory !== "function") {
      const title = "there is no OPFS (origin private file system)";
      if (indexedDBStore.missing() !== undefined) return `${title} here; browsers have it; in Node use wasmgrad/files`;
      const secure = typeof isSecureContext !== "boolean" || isSecureContext;
      return `${title} ${secure ? "in this browser" : "in a page without https"}; there is IndexedDB: indexeddb://name`;
    }
    if (typeof FileSystemFileHandle === "function" && !("createWritable" in FileSystemFileHandle.prototype)) {
      return "this browser's OPFS has no createWritable, which replaces a file as a whole; IndexedDB does: indexeddb://name";
    }
    return undefined;
  },
  async write(where, name, bytes) {
    const earlier = writing.get(name) ?? Promise.resolve();
    const run = (): Promise<void> =>
      inFolder(where, "written to", (folder) => replaceFile(folder, name, bytes), bytes.length);
    const done = earlier.then(run, run);
    writing.set(name, done);
    try {
      await done;
    } finally {
      if (writing.get(name) === done) writing.delete(name);
    }
  },
  read: (where, name) =>
    inFolder(where, "read", async (folder) => {
      const file = await (await fileIn(folder, name))?.getFile();
      return file && file.size > 0 ? new Uint8Array(await file.arrayBuffer()) : undefined;
    }),
  remove: (where, name) =>
    inFolder(where, "written to", async (folder) => {
      if (!(await fileIn(folder, name))) return false;
      await folder.removeEntry(fileOf(name));
      return true;
    }),
  list: (where) =>
    inFolder(where, "read", async (folder) => {
      const entries: Entry[] = [];
      const handles = folder as unknown as AsyncIterable<[string, FileSystemHandle]>; // TypeScript's DOM doesn't know it
      for await (const [name, handle] of handles) {
        // Chromium's swap files are what a page that was closed had begun to save
        if (handle.kind !== "file" || name.endsWith(".crswap")) continue;
        const { size, lastModified } = await (handle as FileSystemFileHandle).getFile();
        if (size === 0) continue;
        entries.push({ name: decodeURIComponent(name), bytes: size, saved: new Date(lastModified) });
      }
      return entries;
    }),
};
