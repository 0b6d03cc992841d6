// What a store of checkpoints is, and when checkpoints are written to it.
import { checkKind, isObject } from "../util/check.ts";

/** What a store is told of a checkpoint. */
export interface CheckpointInfo {
  /** Updates that the trainer has made. */
  readonly step: number;
  /** Epochs of the `fit` that are finished. */
  readonly epoch: number;
  /** It was made after the best epoch so far. */
  readonly best: boolean;
}

/**
 * Where checkpoints are kept: `checkpoints(directory)` of wasmgrad/files, `indexedDBCheckpoints(name)` of wasmgrad/web, or anything of
 * your own with these functions.
 *
 * @example
 * let kept: Uint8Array | undefined;
 * const store = { write: async (bytes: Uint8Array) => void (kept = bytes), latest: async () => kept };
 * await trainer.fit(data, { callbacks: [checkpoint(store)] });
 * await trainer.fit(data, { resumeFrom: store }); // it has ended: there is nothing to do
 */
export interface CheckpointStore {
  /** Keeps a checkpoint; the bytes are its own. Done once it would survive the end of the process. */
  write(bytes: Uint8Array, info: CheckpointInfo): Promise<void>;
  /** The checkpoint that was written last and is whole; undefined if there is none. */
  latest(): Promise<Uint8Array | undefined>;
  /** Is called before a training that will write to it, and refuses a second one; what it gives is called when that is over. */
  open?(): Promise<() => void | Promise<void>>;
}

/** When `checkpoint` writes, and what happens if it can't. */
export interface CheckpointOptions {
  /** Write after so many updates. With this or `everySeconds` not after every epoch. */
  readonly everySteps?: number;
  /** Write after so many seconds, and the batches that are being computed. */
  readonly everySeconds?: number;
  /** Key of the history by which an epoch is the best; default "validationLoss" if there is validation data, else "loss". */
  readonly monitor?: string;
  /** "min" or "max"; default what a `customMetric` says, "max" for metrics where more is better (accuracy, f1, ...), else "min". */
  readonly mode?: "min" | "max";
  /** Write after each epoch that is the best so far, whatever else is said, and tell the store so; default true. */
  readonly keepBest?: boolean;
  /** If the store can't write: "stop" (default) ends the training with the error, "warn" says it by `console.warn`, and goes on. */
  readonly onError?: "stop" | "warn";
}

/** @internal What `checkpoint` makes of its options. */
export interface Keeps extends CheckpointOptions {
  readonly store: CheckpointStore;
  readonly keepBest: boolean;
  readonly onError: "stop" | "warn";
}

/** @internal Refuses what isn't a store. */
export function checkStore(where: string, name: string, store: unknown): void {
  const holds =
    isObject(store) && ["write", "latest"].every((each) => typeof store[each as keyof object] === "function");
  checkKind(holds, where, name, "a store such as checkpoints(directory) of wasmgrad/files", store);
  const { open } = store as Partial<CheckpointStore>;
  checkKind(open === undefined || typeof open === "function", where, `open of ${name}`, "a function", open);
}
