// The options of `fit`: what they are, their defaults, and what is refused.
import {
  checkBoolean,
  checkFraction,
  checkKeys,
  checkKind,
  checkOptions,
  checkPositive,
  checkWhole,
} from "../util/check.ts";
import type { Group } from "../distributed/group.ts";
import type { Callback } from "./callbacks.ts";
import type { CheckpointStore } from "./checkpointStore.ts";
import type { MapBatch } from "./pull.ts";
import type { WarningOptions } from "./warnings.ts";
import type { TrainingData } from "../data/dataset.ts";
import type { Source } from "../data/sources.ts";
import type { Signal } from "../util/platform.ts";

/** What `fit` takes besides the data. `Names` are those of the trainer's metrics, where the compiler knows them. */
export interface FitOptions<Names extends string = string> extends WarningOptions {
  /** Passes over the data; default 1. */
  readonly epochs?: number;
  /** Rows per step; default 32. Of `batches`: rows of a batch at most, default as many as the first one has. */
  readonly batchSize?: number;
  /** New order of the rows in every epoch, decided by the model's seed; default true. A source has its own order. */
  readonly shuffle?: boolean;
  /** Leave out a last batch that isn't full; default false. */
  readonly dropLast?: boolean;
  /** Batches whose gradients are averaged for one update; default 1. */
  readonly accumulate?: number;
  /**
   * Shares the batches of every update (`accumulate`) out among processes: `await mpi()` of `wasmgrad/mpi`. Each of them makes the same model
   * and calls `fit` with the same data and options; all get the same weights and history, and the same bits for any number of them, also one. Batch
   * callbacks are called once their update is made. Default: none.
   */
  readonly group?: Group | undefined;
  /** Data for validation after every epoch. */
  readonly validationData?: TrainingData | Source | undefined;
  /** Share of the rows, the last ones, that is for validation only; default 0. */
  readonly validationSplit?: number;
  /**
   * Changes each batch before it is used, as augmentation does. It gets arrays of the same kind as the data, and random numbers of this batch,
   * and returns a batch or a promise of one; what it gets is its own for arrays. Weights that it doesn't return stay. Not for data to validate with. Default: batches as they are.
   */
  readonly map?: MapBatch;
  /** Functions to call while it trains; default none. */
  readonly callbacks?: readonly Callback<Names>[];
  /**
   * Goes on from the last checkpoint of this store, to the bit, in the middle of an epoch too; begins if there is none. What has ended
   * gives the same model and history without training. The model, the trainer's parts, the options (but `epochs`, which may grow, and those
   * that change no number) and the data must be those of the checkpoint. Here, and with `checkpoint`, the data are read once the stores are
   * open, not at the call: leave them as they are. Default: begins.
   */
  readonly resumeFrom?: CheckpointStore | undefined;
  /** Ends the training after the current step; `fit` then throws the signal's reason. */
  readonly signal?: Signal;
  /**
   * Run in a worker, so that the calling thread stays free: true, or "auto" where it takes long enough to gain from it. No headers
   * are needed. Callbacks are called here, with the model as it is at that moment; other calls in between see it as it was copied
   * last. Where it can't run there, it runs here, and `backend(model)` says why. The same bits; default false.
   */
  readonly worker?: boolean | "auto";
  /** Write a progress line: the loss while an epoch runs, and the metrics once it is over; default true where there is a terminal. */
  readonly progress?: boolean;
  /**
   * Milliseconds after which control goes back to the event loop, so that pages can draw and answer; default 8, half of a frame. A
   * pass that takes longer is left between the calls of its kernels.
   */
  readonly yieldEvery?: number;
}

/** @internal Validates the options, and fills in the defaults. */
export function checkFit(options: FitOptions) {
  checkOptions("fit", options);
  const {
    epochs = 1,
    batchSize = 32,
    shuffle = true,
    dropLast = false,
    accumulate = 1,
    group,
    validationData,
    validationSplit = 0,
    map,
    callbacks = [],
    resumeFrom,
    signal,
    worker = false,
    progress = true,
    yieldEvery = 8,
    warnings = true,
    onWarning,
  } = options;
  const all = {
    epochs,
    batchSize,
    shuffle,
    dropLast,
    accumulate,
    group,
    validationData,
    validationSplit,
    map,
    callbacks,
    resumeFrom,
    signal,
    worker,
    progress,
    yieldEvery,
    warnings,
    onWarning,
  };
  checkKeys("fit", options, Object.keys(all));
  checkWhole("fit", "epochs", epochs);
  checkWhole("fit", "batchSize", batchSize, 1, 1e15); // more than there are rows means all
  checkWhole("fit", "accumulate", accumulate);
  checkPositive("fit", "yieldEvery", yieldEvery);
  for (const [name, value] of Object.entries({ shuffle, dropLast, progress })) checkBoolean("fit", name, value);
  checkFraction("fit", "validationSplit", validationSplit);
  if (validationData && validationSplit > 0) {
    throw new RangeError("fit: validationData and validationSplit can't both be used");
  }
  checkKind(Array.isArray(callbacks), "fit", "callbacks", "an array such as [earlyStopping()]", callbacks);
  for (const [name, value] of Object.entries({ map, onWarning })) {
    checkKind(value === undefined || typeof value === "function", "fit", name, "a function", value);
  }
  const isSignal = signal === undefined || typeof signal?.throwIfAborted === "function";
  checkKind(isSignal, "fit", "signal", "an AbortSignal", signal);
  return all;
}

/** @internal The options, with the defaults where they were left out. */
export type FitSettings = ReturnType<typeof checkFit>;
