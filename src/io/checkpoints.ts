// `checkpoints`: a folder that keeps those of a training (Node). checkpointFolder.ts does the work.
import { checkBytes } from "../formats/bytes.ts";
import { checkBoolean, checkKeys, checkKind, checkNumber, checkWhole, isRecord, kindOf } from "../util/check.ts";
import type { Url } from "../util/platform.ts";
import type { CheckpointFolder } from "./checkpointFolder.ts";
import { fileSystem } from "./replaceFile.ts";

/** What a folder is told of a checkpoint. */
interface FolderInfo {
  /** Updates that the trainer has made: the file's name has them. */
  readonly step: number;
  /** Epochs of the `fit` that are finished. */
  readonly epoch: number;
  /** It was made after the best epoch so far: the file's name says so. */
  readonly best: boolean;
}

/** What `checkpoints` gives: a store for `checkpoint(store)` and `fit(data, { resumeFrom: store })`, and `best`. */
export interface FolderCheckpoints {
  /**
   * Writes a checkpoint as a file of its own, and then removes older ones. It is done when the file is on the disk. `fit` calls this;
   * without `open` the folder isn't locked.
   *
   * @throws {Error} with the system's `code` (ENOSPC, EROFS, EACCES ...); what was there is as it was. Also if another training has taken
   *   the folder over, which it does if this process was stopped
   */
  write(bytes: Uint8Array, info: FolderInfo): Promise<void>;
  /**
   * The newest checkpoint that is whole: damaged ones are passed over with a `console.warn`. undefined if there is none.
   *
   * @throws {Error} if there are some and none is whole, or with the system's `code` if the folder can't be read
   */
  latest(): Promise<Uint8Array | undefined>;
  /** The checkpoint of the best epoch, in the same way; undefined if there is none, or none that is whole. */
  best(): Promise<Uint8Array | undefined>;
  /**
   * Makes the folder if it is missing, and takes it for one training. `fit` calls this, and what it gives when the training is over.
   * What a killed process left behind stops nobody, but where its end can't be known (it ran on another machine) it is watched for ten seconds first.
   *
   * @throws {Error} if another training has the folder, or with the system's `code` if it can't be written to
   */
  open(): Promise<() => Promise<void>>;
}

/**
 * A folder in which `checkpoint(store)` keeps a training, so that `fit(data, { resumeFrom: store })` goes on from it (Node). Each
 * checkpoint is a safetensors file, `checkpoint-000012-step-000000469.safetensors`, with a number that grows; that of the best epoch so
 * far ends in `-best`. A file is complete or not there, whenever the process ends. Files of other names are left alone. One training
 * has the folder at a time; a second one is refused.
 *
 * @param directory the folder's path, or its file: URL; it is made when a training begins. A relative path is the one at the time of the call
 * @param options.keepLast how many of the last checkpoints are kept besides the best one, default 3
 * @throws {TypeError | RangeError} if an argument can't be used
 * @throws {Error} where there is no file system
 * @example
 * const store = checkpoints("runs/digits", { keepLast: 5 });
 * await trainer.fit(data, { epochs: 20, resumeFrom: store, callbacks: [checkpoint(store)] });
 * const best = await store.best(); // (await readCheckpoint(best)).state has the weights: trainer.restore takes it
 */
export function checkpoints(directory: string | Url, options: { keepLast?: number } = {}): FolderCheckpoints {
  checkKeys("checkpoints", options, ["keepLast"]);
  const { keepLast = 3 } = options;
  const isUrl = kindOf(directory) === "URL" && (directory as { readonly protocol?: unknown }).protocol === "file:";
  const holds = isUrl || (typeof directory === "string" && directory !== "");
  checkKind(holds, "checkpoints", "the directory", "a folder's path or file: URL", directory);
  checkWhole("checkpoints", "keepLast", keepLast);
  const node = fileSystem("checkpoints", "indexedDBCheckpoints(name) of wasmgrad/web keeps them in a page");
  let folder: string;
  try {
    folder = node.path.resolve(typeof directory === "string" ? directory : node.url.fileURLToPath(directory as URL));
  } catch (cause) {
    throw new TypeError(`checkpoints: ${String(directory)} is no folder's path: ${(cause as Error).message}`, {
      cause,
    });
  }
  let made: Promise<CheckpointFolder> | undefined;
  const files = (): Promise<CheckpointFolder> =>
    (made ??= import("./checkpointFolder.ts").then(
      ({ CheckpointFolder: Class }) => new Class({ node, folder, name: String(directory), keepLast }),
    ));
  let turn: Promise<unknown> = Promise.resolve();
  return {
    async write(bytes, info) {
      checkBytes("checkpoints", "what is written", bytes);
      checkKind(isRecord(info), "checkpoints", "what is said of a checkpoint", "{ step, epoch, best }", info);
      const { step, best } = info;
      checkNumber(Number.isSafeInteger(step) && step >= 0, "checkpoints", "step", "a whole number of 0 or more", step);
      checkBoolean("checkpoints", "best", best);
      // in the order of the calls
      const done = turn.then(async () => (await files()).write(bytes, step, best));
      turn = done.catch(() => {});
      await done;
    },
    latest: async () => (await files()).newest(),
    best: async () => (await files()).newest("best"),
    open: async () => (await files()).open(),
  };
}
