// What models and checkpoints in a browser's storage share: IndexedDB's transactions, and words for what the browser refuses.
import { bytesText } from "../runtime/arena.ts";
import { isObject } from "../util/check.ts";

/** A place of a browser's, for messages. */
export interface Place {
  /** The browser's name for it. */
  readonly title: string;
  /** What to do if it is full, and what is still there. */
  readonly full: string;
}

/** A database of two stores with the same keys, so that a list reads no bytes: `bytes`, and `about`, what a list says of them. */
export interface Database extends Place {
  readonly name: string;
}

/** The name of a DOMException. */
export const nameOf = (error: unknown): string =>
  isObject(error) && "name" in error && typeof error.name === "string" ? error.name : "";

/** What the browser says, in one line. */
const wordsOf = (error: unknown): string => {
  const message = isObject(error) && "message" in error ? String(error.message) : String(error);
  return nameOf(error) ? `${nameOf(error)}: ${message}` : message;
};

/** What to do about an error of the browser's. */
export function inWords(where: string, { title, full }: Place, action: string, cause: unknown, bytes = 0): Error {
  const name = nameOf(cause);
  // Chromium ends the write to a full store with either
  if (name === "QuotaExceededError" || (name === "AbortError" && bytes > 0 && /data pipe/.test(wordsOf(cause)))) {
    return new Error(`${where}: ${title} has no space for ${bytesText(bytes)}; ${full}`, { cause });
  }
  const refused = name === "SecurityError" || name === "InvalidStateError" || name === "NotAllowedError";
  const why = refused ? "; private windows, blocked storage and sandboxed frames refuse it" : "";
  return new Error(`${where}: ${title} could not be ${action} (${wordsOf(cause)})${why}`, { cause });
}

/** Why there is no IndexedDB, if there is none. */
export const missingDatabase = (): string | undefined =>
  typeof indexedDB === "object" && indexedDB !== null
    ? undefined
    : "there is no IndexedDB here; browsers have it, but for some private windows; in Node use wasmgrad/files";

const STORES = ["bytes", "about"];

/** What a request comes to. */
export const finished = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Opens a database, does something in one transaction, and waits until that is complete. */
export async function inDatabase<T>(
  of: Database,
  where: string,
  mode: IDBTransactionMode,
  run: (bytes: IDBObjectStore, about: IDBObjectStore) => Promise<T> | T,
  size?: number,
): Promise<T> {
  let database: IDBDatabase;
  try {
    const opening = indexedDB.open(of.name, 1);
    opening.onupgradeneeded = () => {
      for (const name of STORES) opening.result.createObjectStore(name);
    };
    database = await finished(opening);
  } catch (cause) {
    throw inWords(where, of, "opened", cause, size);
  }
  try {
    // complete means on the disk
    const transaction = database.transaction(STORES, mode, { durability: "strict" });
    const complete = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    complete.catch(() => undefined); // awaited below, if what runs doesn't fail itself
    let result: T;
    try {
      result = await run(transaction.objectStore("bytes"), transaction.objectStore("about"));
    } catch (error) {
      // a request that fails undoes the others by itself; what can't be asked for doesn't
      try {
        transaction.abort();
      } catch {
        // it has ended
      }
      throw error;
    }
    await complete;
    return result;
  } catch (cause) {
    throw inWords(where, of, mode === "readonly" ? "read" : "written to", cause, size);
  } finally {
    database.close();
  }
}
