// `checkpoint`: what keeps a training while it runs, so that it can go on after the process has ended. keeper.ts does the work.
import { checkBoolean, checkKeys, checkKind, checkOneOf, checkPositive, checkWhole, isObject } from "../util/check.ts";
import type { Callback } from "./callbacks.ts";
import type { OpenKeeper } from "./keeper.ts";

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
 * const store: CheckpointStore = {
 *   write: async (bytes) => void (kept = bytes),
 *   latest: async () => kept,
 * };
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

/** @internal What `fit` knows a checkpoint callback by. */
export interface Keeps extends CheckpointOptions {
  readonly store: CheckpointStore;
  readonly keepBest: boolean;
  readonly onError: "stop" | "warn";
  readonly open: OpenKeeper;
}

/** Fetches what does it. */
const open: OpenKeeper = async (...given) => (await import("./keeper.ts")).openKeeper(...given);

/**
 * Writes checkpoints of a training to a store: after every epoch, or every so many updates or seconds, and always when it ends, by a
 * signal too. `fit(data, { resumeFrom: store })` goes on from the last one with the same bits, as if nothing had happened. While a checkpoint is
 * being written the training goes on; the next one waits for it.
 *
 * @throws {TypeError | RangeError} if an argument can't be used
 * @throws {Error} from `fit`, before the first update, if the store is in use or can't be opened; later, with `onError: "stop"`, if it can't write
 * @example
 * const store = checkpoints("run"); // of wasmgrad/files
 * await trainer.fit(data, { epochs: 20, resumeFrom: store, callbacks: [checkpoint(store, { everySeconds: 60 })] });
 */
export function checkpoint(store: CheckpointStore, options: CheckpointOptions = {}): Callback {
  checkStore("checkpoint", "the first argument", store);
  checkKeys("checkpoint", options, ["everySteps", "everySeconds", "monitor", "mode", "keepBest", "onError"]);
  const { everySteps, everySeconds, monitor, mode, keepBest = true, onError = "stop" } = options;
  if (everySteps !== undefined) checkWhole("checkpoint", "everySteps", everySteps);
  if (everySeconds !== undefined) checkPositive("checkpoint", "everySeconds", everySeconds);
  checkKind(
    monitor === undefined || typeof monitor === "string",
    "checkpoint",
    "monitor",
    "a key of the history",
    monitor,
  );
  if (mode !== undefined) checkOneOf("checkpoint", "mode", mode, ["min", "max"]);
  checkBoolean("checkpoint", "keepBest", keepBest);
  checkOneOf("checkpoint", "onError", onError, ["stop", "warn"]);
  return { keeps: { ...options, store, keepBest, onError, open } };
}

/** @internal Refuses what isn't a store. */
export function checkStore(where: string, name: string, store: unknown): void {
  const holds =
    isObject(store) && ["write", "latest"].every((each) => typeof store[each as keyof object] === "function");
  checkKind(holds, where, name, "a store such as checkpoints(directory) of wasmgrad/files", store);
}
