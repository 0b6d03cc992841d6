// Where a page keeps models: IndexedDB, and the origin private file system (OPFS). Both replace as a whole: what is there stays until
// the new bytes are complete.
import { type Database, finished, inDatabase, inWords, missingDatabase, nameOf, type Place } from "./database.ts";

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

const FOLDER = "wasmgrad-models";

const FULL =
  "remove models that aren't needed: listModels() and removeModel(url). What was kept under this name still is";

// IndexedDB

const MODELS: Database = { name: "wasmgrad-models", title: "IndexedDB", full: FULL };

export const indexedDBStore: Store = {
  title: "IndexedDB",
  missing: missingDatabase,
  write: (where, name, bytes) =>
    inDatabase(
      MODELS,
      where,
      "readwrite",
      (store, about) => {
        store.put(bytes, name);
        about.put({ bytes: bytes.length, saved: new Date() }, name);
      },
      bytes.length,
    ),
  read: (where, name) =>
    inDatabase(MODELS, where, "readonly", (store) => finished(store.get(name) as IDBRequest<Uint8Array | undefined>)),
  remove: (where, name) =>
    inDatabase(MODELS, where, "readwrite", async (store, about) => {
      const there = (await finished(store.count(name))) > 0;
      store.delete(name);
      about.delete(name);
      return there;
    }),
  list: (where) =>
    inDatabase(MODELS, where, "readonly", async (_, about) => {
      const [names, entries] = await Promise.all([
        finished(about.getAllKeys() as IDBRequest<string[]>),
        finished(about.getAll() as IDBRequest<Omit<Entry, "name">[]>),
      ]);
      return names.map((name, i) => ({ name, ...entries[i]! }));
    }),
};

// OPFS

const OPFS: Place = { title: "OPFS", full: FULL };

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
    throw inWords(where, OPFS, action, cause, size);
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
      if (missingDatabase() !== undefined) return `${title} here; browsers have it; in Node use wasmgrad/files`;
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
