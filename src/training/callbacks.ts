// Callbacks of `fit`, and early stopping.
import { type Logs, modeOf } from "../nn/metrics/metric.ts";
import { checkBoolean, checkKeys, checkKind, checkNotNegative, checkOneOf, checkWhole } from "../util/check.ts";
import type { Model } from "../model/model.ts";

/** The training that a callback is part of. */
export interface TrainingState {
  /** The model that is trained. */
  readonly model: Model;
  /** Epochs requested. */
  readonly epochs: number;
  /** Batches per epoch. */
  readonly batches: number;
  /** Ends the training after this batch or epoch. */
  stop(): void;
}

/** Functions that `fit` calls; each may be async. Batch callbacks cost a return to JavaScript for every batch. */
export interface Callback {
  /** Before the first epoch. */
  onTrainBegin?(state: TrainingState): void | Promise<void>;
  /** Before each epoch; `epoch` counts from 0. */
  onEpochBegin?(epoch: number, state: TrainingState): void | Promise<void>;
  /** Before each batch; `batch` counts from 0 in every epoch. */
  onBatchBegin?(batch: number, state: TrainingState): void | Promise<void>;
  /** After each batch, with its loss. */
  onBatchEnd?(batch: number, logs: Logs, state: TrainingState): void | Promise<void>;
  /** After each epoch, with its loss, metrics, and those of the validation data. */
  onEpochEnd?(epoch: number, logs: Logs, state: TrainingState): void | Promise<void>;
  /** After the last epoch, also if `stop` ended the training; not after an error. */
  onTrainEnd?(state: TrainingState): void | Promise<void>;
}

export interface EarlyStoppingOptions {
  /** Key of the history; default "validationLoss" if there is validation data, else "loss". */
  readonly monitor?: string;
  /** "min" or "max"; default "max" for metrics where more is better (accuracy, f1, ...), else "min". */
  readonly mode?: "min" | "max";
  /** Epochs without improvement after which it stops; default 1. */
  readonly patience?: number;
  /** How much better counts as better; default 0. */
  readonly minimumChange?: number;
  /** Go back to the weights of the best epoch at the end; default true. */
  readonly restoreBestWeights?: boolean;
}

/**
 * Stops training when a metric has stopped improving, and goes back to the best weights.
 *
 * @throws {Error} after the first epoch, if the history has no such metric
 * @example await trainer.fit({ x, y }, { epochs: 100, validationSplit: 0.2, callbacks: [earlyStopping({ patience: 5 })] });
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  checkKeys("earlyStopping", options, ["monitor", "mode", "patience", "minimumChange", "restoreBestWeights"]);
  const { monitor, mode, patience = 1, minimumChange = 0, restoreBestWeights = true } = options;
  checkWhole("earlyStopping", "patience", patience);
  checkBoolean("earlyStopping", "restoreBestWeights", restoreBestWeights);
  if (monitor !== undefined) {
    checkKind(typeof monitor === "string", "earlyStopping", "monitor", "a key of the history", monitor);
  }
  checkNotNegative("earlyStopping", "minimumChange", minimumChange);
  if (mode !== undefined) checkOneOf("earlyStopping", "mode", mode, ["min", "max"]);
  let best = NaN;
  let waited = 0;
  let weights: Float32Array[] | undefined;
  return {
    onTrainBegin() {
      best = NaN;
      waited = 0;
      weights = undefined;
    },
    onEpochEnd(_epoch, logs, { model, stop }) {
      const key = monitor ?? ("validationLoss" in logs ? "validationLoss" : "loss");
      const figure = logs[key];
      if (figure === undefined) {
        throw new Error(
          `earlyStopping: there is no figure "${key}" to monitor; the history has ${Object.keys(logs).join(", ")}`,
        );
      }
      const rising = (mode ?? modeOf(key)) === "max";
      const improved = Number.isNaN(best) || (rising ? figure > best + minimumChange : figure < best - minimumChange);
      if (improved) {
        best = figure;
        waited = 0;
        if (restoreBestWeights) weights = model.parameters().map((p) => p.get());
      } else if (++waited >= patience) stop();
    },
    onTrainEnd({ model }) {
      if (weights) model.parameters().forEach((p, i) => p.set(weights![i]!));
    },
  };
}
