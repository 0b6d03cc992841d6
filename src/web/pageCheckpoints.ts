// Checkpoints in IndexedDB: what `indexedDBCheckpoints` does, fetched when it is first used.
import { checkBytes } from "../formats/bytes.ts";
import { readCheckpoint } from "../io/checkpointFile.ts";
import type { CheckpointInfo } from "../training/checkpointStore.ts";
import { checkKind, isRecord, kindOf, valueText } from "../util/check.ts";
import { type Database, finished, inDatabase, inWords } from "./database.ts";

/** What a list says of a checkpoint. */
interface Kept extends CheckpointInfo {
  readonly name: string;
  readonly number: number;
  readonly saved: Date;
}

/** One database for all names; keys are [name, number]. */
const CHECKPOINTS: Database = {
  name: "wasmgrad-checkpoints",
  title: "IndexedDB",
  full:
    "remove checkpoints or models that aren't needed: indexedDBCheckpoints(name).remove(), listModels() and removeModel(url). " +
    "What was kept still is",
};

const WHERE = "indexedDBCheckpoints";

/** The keys of a name. */
const keysOf = (name: string): IDBKeyRange => IDBKeyRange.bound([name, 0], [name, Infinity]);

/** Those of a name, the oldest first. */
const listOf = (about: IDBObjectStore, name: string): Promise<Kept[]> =>
  finished(about.getAll(keysOf(name)) as IDBRequest<Kept[]>);

/** Keeps one, and no longer those that are too many: all of it in one transaction, which a page that is closed leaves done or undone. */
export async function writeKept(name: string, keepLast: number, bytes: Uint8Array, info: CheckpointInfo) {
  checkBytes(`${WHERE}.write`, "the first argument", bytes);
  checkKind(isRecord(info), `${WHERE}.write`, "the second argument", "{ step, epoch, best }", info);
  const { step, epoch, best } = info;
  // of a view the browser would keep the whole buffer; memory that threads share it refuses
  const isOwn = kindOf(bytes.buffer) === "ArrayBuffer" && bytes.length === bytes.buffer.byteLength;
  const own = isOwn ? bytes : bytes.slice();
  await inDatabase(
    CHECKPOINTS,
    WHERE,
    "readwrite",
    async (store, about) => {
      const before = await listOf(about, name);
      const number = (before.at(-1)?.number ?? 0) + 1;
      const added: Kept = { name, number, step, epoch, best, saved: new Date() };
      store.put(own, [name, number]);
      about.put(added, [name, number]);
      const all = [...before, added];
      const bestOfAll = all.findLast((each) => each.best);
      for (const each of all.slice(0, -keepLast)) {
        if (each === bestOfAll) continue;
        store.delete([name, each.number]);
        about.delete([name, each.number]);
      }
    },
    own.length,
  );
}

/** The newest that is whole, of all or of the best ones; undefined if there is none. Says which newer ones it passed over, and why. */
export async function newestKept(name: string, ofBest: boolean): Promise<Uint8Array | undefined> {
  const tried: number[] = [];
  const reasons: Error[] = [];
  // in one transaction: a training that writes meanwhile doesn't remove what was listed
  const bytes = await inDatabase(CHECKPOINTS, WHERE, "readonly", async (store, about) => {
    const all = (await listOf(about, name)).filter(({ best }) => best || !ofBest);
    for (const { number } of all.toReversed()) {
      tried.push(number);
      const title = `checkpoint ${number} of ${valueText(name)}`;
      try {
        const found = await readOne(store, [name, number], title);
        readCheckpoint(found, title);
        return found;
      } catch (error) {
        reasons.push(error as Error);
      }
    }
    return undefined;
  });
  const [first] = reasons;
  if (!bytes && first) {
    const advice = ofBest ? "latest() may still give one" : `to begin anew, remove what there is by remove()`;
    throw new Error(
      `${WHERE}: no ${ofBest ? "best " : ""}checkpoint of ${valueText(name)} can be read (tried ${tried.join(", ")}); ${advice}. ` +
        first.message,
      { cause: first },
    );
  }
  for (const { message } of reasons) {
    console.warn(`${WHERE}: the one before, ${tried.at(-1)}, is used instead of ${message}`);
  }
  return bytes;
}

/** One that can't be read doesn't end the transaction. */
const readOne = (store: IDBObjectStore, key: IDBValidKey, title: string): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const request = store.get(key) as IDBRequest<Uint8Array>;
    request.onsuccess = () => resolve(request.result);
    request.onerror = (event) => {
      event.preventDefault();
      reject(inWords(title, CHECKPOINTS, "read", request.error));
    };
  });

/** Removes all of a name. */
export const removeKept = (name: string): Promise<void> =>
  inDatabase(CHECKPOINTS, WHERE, "readwrite", (store, about) => {
    store.delete(keysOf(name));
    about.delete(keysOf(name));
  });

type Release = () => Promise<void>;

/** What this page is giving back, by name. */
const leaving = new Map<string, Promise<void>>();

/** Takes a name for one training: gives what releases it. */
export async function openKept(name: string): Promise<Release> {
  // what is refused is said before a training begins
  await inDatabase(CHECKPOINTS, WHERE, "readonly", (_, about) => finished(about.count()));
  await leaving.get(name);
  const locks = (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks;
  const release = locks ? await lock(locks, name) : claim(name);
  if (!release) {
    throw new Error(
      `checkpoint: ${valueText(name)} is in use by another training, in this page or another tab; give each training a name of its own`,
    );
  }
  let released: Promise<void> | undefined;
  return () => {
    released ??= release().finally(() => leaving.delete(name));
    leaving.set(name, released);
    return released;
  };
}

/** A lock of the browser's, for all pages of the site: one that is closed, or crashes, gives it back. */
const lock = (locks: LockManager, name: string): Promise<Release | undefined> =>
  new Promise((resolve, reject) => {
    const request = locks.request(`${CHECKPOINTS.name} ${name}`, { ifAvailable: true }, (given) => {
      if (!given) return resolve(undefined);
      return new Promise<void>((free) => {
        resolve(async () => {
          free();
          await request;
        });
      });
    });
    request.catch((cause: unknown) => reject(inWords(WHERE, { title: "Web Locks", full: "" }, "used", cause)));
  });

/** The names that are taken in this page, where the browser has no locks: pages without https, old engines. */
const taken = new Set<string>();

function claim(name: string): Release | undefined {
  if (taken.has(name)) return undefined;
  taken.add(name);
  return async () => void taken.delete(name);
}
