// `checkpoint`: what keeps a training while it runs, so that it can go on after the process has ended. keeper.ts does the work.
import { checkBoolean, checkKeys, checkKind, checkOneOf, checkPositive, checkWhole } from "../util/check.ts";
import { type Callback, KEEPS } from "./callbacks.ts";
import { checkStore, type CheckpointOptions, type CheckpointStore, type Keeps } from "./checkpointStore.ts";
import type { OpenKeeper } from "./keeper.ts";

/** Fetches what does it. */
const open: OpenKeeper = async (...given) => (await import("./keeper.ts")).openKeeper(...given);

/**
 * Writes checkpoints of a training to a store: after every epoch, or every so many updates or seconds, and always when it ends, by its
 * `signal` too, but not by an error. `fit(data, { resumeFrom: store })` goes on from the last one with the same bits, as if nothing had
 * happened. While a checkpoint is being written the training goes on; the next one waits for it. A store that has another training is
 * refused, so that it isn't replaced.
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
  const keeps: Keeps & { open: OpenKeeper } = { ...options, store, keepBest, onError, open };
  return { [KEEPS]: keeps };
}
