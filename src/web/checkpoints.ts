// Checkpoints in a page: what is asked for is checked here; the rest is fetched when it is first used.
import type { CheckpointInfo, CheckpointStore } from "../training/checkpointStore.ts";
import { checkKeys, checkKind, checkWhole } from "../util/check.ts";
import { missingDatabase } from "./database.ts";

/** Checkpoints of one name in a browser's storage. */
export interface PageCheckpoints extends CheckpointStore {
  /** Is called by `fit`: refuses a second training with this name, in any page of the site; what it gives lets the next one begin. */
  open(): Promise<() => Promise<void>>;
  /** The newest of the best ones (`CheckpointInfo`) that is whole; undefined if there is none. `readCheckpoint` reads it. */
  best(): Promise<Uint8Array | undefined>;
  /** Removes all checkpoints of this name. */
  remove(): Promise<void>;
}

/** Options of `indexedDBCheckpoints`. */
export interface PageCheckpointsOptions {
  /** How many of the last checkpoints are kept, besides the newest best one; default 3. */
  readonly keepLast?: number;
}

/**
 * Keeps checkpoints of a training in the browser (IndexedDB, the database `wasmgrad-checkpoints`), for pages and workers of this site
 * (origin) alone. Each is written as a whole, or not at all if the page is closed or there is no space: what was kept before still is. The user can
 * clear them, and browsers may when space is short: `navigator.storage.persist()` asks them not to.
 *
 * `latest` and `best` compare checksums: one that is damaged is passed over, which `console.warn` says, and the one before is given.
 *
 * @param name the training's; a second one with the same name is refused while the first runs, in another tab, too. In pages without https,
 *   which have no Web Locks, in this page alone
 * @param options.keepLast how many of the last are kept, besides the newest best one; default 3
 * @throws {TypeError | RangeError} if the name or an option can't be used
 * @throws {Error} from its functions, if there is no IndexedDB, or it is refused or full, or if there are checkpoints and none can be read
 * @example
 * import { indexedDBCheckpoints } from "wasmgrad/web";
 *
 * const store = indexedDBCheckpoints("digits", { keepLast: 2 });
 * if (typeof indexedDB === "object") await store.remove(); // in a page, once the training is over
 */
export function indexedDBCheckpoints(name: string, options: PageCheckpointsOptions = {}): PageCheckpoints {
  const where = "indexedDBCheckpoints";
  checkKind(typeof name === "string" && name !== "", where, "the name", "a text that isn't empty", name);
  checkKeys(where, options, ["keepLast"]);
  const { keepLast = 3 } = options;
  checkWhole(where, "keepLast", keepLast);
  const kept = () => {
    const missing = missingDatabase();
    if (missing !== undefined) throw new Error(`${where}: ${missing}`);
    return import("./pageCheckpoints.ts");
  };
  return {
    write: async (bytes: Uint8Array, info: CheckpointInfo) => (await kept()).writeKept(name, keepLast, bytes, info),
    latest: async () => (await kept()).newestKept(name, false),
    best: async () => (await kept()).newestKept(name, true),
    remove: async () => (await kept()).removeKept(name),
    open: async () => (await kept()).openKept(name),
  };
}
