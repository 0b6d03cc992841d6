// Callbacks of `fit`, and early stopping.
import { type Measured, type Metric, modeOf, monitoredKey, type OnValidation } from "../nn/metrics/metric.ts";
import { checkBoolean, checkKeys, checkKind, checkNotNegative, checkOneOf, checkWhole } from "../util/check.ts";
import type { Model } from "../model/model.ts";

/** @internal By it `fit` knows a callback of `checkpoint`, of any copy of the library. */
export const KEEPS: unique symbol = Symbol.for("wasmgrad.checkpoint") as never;

/** The training that a callback is part of. */
export interface TrainingState {
  /** The model that is trained. */
  readonly model: Model;
  /** What is measured besides the loss. */
  readonly metrics?: readonly Metric[];
  /** Epochs requested. */
  readonly epochs: number;
  /** Batches per epoch; of a source without `stepsPerEpoch` those of the epoch before, and Infinity in the first one. */
  readonly batches: number;
  /** Updates that the trainer has made so far: `fit` always says it. */
  readonly updates?: number;
  /** Which of the ranks of a `group` this is; without one 0. */
  readonly rank?: number;
  /** Ends the training after this batch or epoch. */
  stop(): void;
}

/** What is known after a batch: the loss. */
type BatchLogs<Names extends string> = Measured<string extends Names ? string : never>;

/** What is known after an epoch. */
type EpochLogs<Names extends string> = Measured<Names | OnValidation<Names | "loss">>;

/**
 * Functions that `fit` calls; each may be async. Batch callbacks cost a return to JavaScript for every batch.
 *
 * They may look at the model (`predict`, `trainer.evaluate`, `trace`, `parameters()`, ...) without changing what is trained, and
 * may set its parameters. What would spoil the training is refused while it runs: `fit`, `step`, `update`, `forward`, `backward` and
 * `zeroGradients` of the model that is trained.
 *
 * What a callback keeps from epoch to epoch belongs to one training: several that run at once may have been given the same value,
 * as they can be given one `earlyStopping()`. Make the callback anew for each `fit`, or keep its figures by `state.model`. With `state` and
 * `restore` it is part of checkpoints, so that a training which is resumed goes on with it.
 *
 * @example
 * await trainer.fit({ x, y }, { epochs: 5, callbacks: [{ onEpochEnd: (epoch, { loss }) => console.log(epoch, loss) }] });
 */
export interface Callback<Names extends string = string> {
  /** Before the first epoch. */
  onTrainBegin?(state: TrainingState): void | Promise<void>;
  /** Before each epoch; `epoch` counts from 0. */
  onEpochBegin?(epoch: number, state: TrainingState): void | Promise<void>;
  /** Before each batch; `batch` counts from 0 in every epoch. */
  onBatchBegin?(batch: number, state: TrainingState): void | Promise<void>;
  /** After each batch, with its loss. */
  onBatchEnd?(batch: number, logs: BatchLogs<Names>, state: TrainingState): void | Promise<void>;
  /** After each epoch, with its loss, metrics, and those of the validation data. */
  onEpochEnd?(epoch: number, logs: EpochLogs<Names>, state: TrainingState): void | Promise<void>;
  /** After the last epoch, also if `stop` ended the training; not after an error. */
  onTrainEnd?(state: TrainingState): void | Promise<void>;
  /** What a checkpoint calls it; default "callback". */
  readonly name?: string;
  /**
   * What it keeps of this training, for a checkpoint: numbers, strings, arrays, plain objects, maps, sets and typed arrays. It is asked
   * after the other functions of a batch or epoch, so that it is what the next ones begin with.
   */
  state?(training: TrainingState): unknown;
  /** Takes it back where a training is resumed, after `onTrainBegin`. `onEpochBegin` isn't called in the middle of an epoch. */
  restore?(state: unknown, training: TrainingState): void;
  /** @internal It writes checkpoints. */
  readonly [KEEPS]?: object;
}

export interface EarlyStoppingOptions {
  /** Key of the history; default "validationLoss" if there is validation data, else "loss". */
  readonly monitor?: string;
  /** "min" or "max"; default what a `customMetric` says, "max" for metrics where more is better (accuracy, f1, ...), else "min". */
  readonly mode?: "min" | "max";
  /** Epochs without improvement after which it stops; default 1. */
  readonly patience?: number;
  /** How much better counts as better; default 0. */
  readonly minimumChange?: number;
  /** Go back to the weights of the best epoch at the end; default true. */
  readonly restoreBestWeights?: boolean;
}

/** What `earlyStopping` keeps of one training. */
interface Training {
  /** The best figure so far, once there is one. */
  best: number | undefined;
  /** Epochs since then. */
  waited: number;
  /** The epoch that was seen last: where one value is given twice, it counts once. */
  epoch: number;
  /** All parameters as they were in the best epoch, running statistics included. */
  weights: readonly Float32Array[] | undefined;
}

/**
 * Stops training when a metric has stopped improving, and goes back to the best weights: all parameters, running statistics
 * included. One value may be given to several trainings, also at once: each has a best of its own.
 *
 * NaN is never better, and neither is an infinite figure of the wrong sign; such epochs count as ones without improvement. If no epoch
 * had a figure that counts, the weights stay those of the last one.
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
  const trainings = new WeakMap<Model, Training>();
  const begin = (model: Model): Training => {
    const training: Training = { best: undefined, waited: 0, epoch: -1, weights: undefined };
    trainings.set(model, training);
    return training;
  };
  return {
    name: `earlyStopping ${JSON.stringify(options)}`,
    onTrainBegin: ({ model }) => void begin(model),
    onEpochEnd(epoch, logs, { model, metrics, stop }) {
      const key = monitoredKey("earlyStopping", monitor, logs);
      const figure = logs[key]!;
      const training = trainings.get(model) ?? begin(model);
      if (epoch === training.epoch) return;
      training.epoch = epoch;
      const rising = (mode ?? modeOf(key, metrics)) === "max";
      const { best = rising ? -Infinity : Infinity } = training;
      if (rising ? figure > best + minimumChange : figure < best - minimumChange) {
        training.best = figure;
        training.waited = 0;
        if (restoreBestWeights) {
          training.weights = model.run.ranges.map(({ address, bytes }) => model.core.arena.read(address, bytes / 4));
        }
      } else if (++training.waited >= patience) stop();
    },
    onTrainEnd({ model }) {
      const weights = trainings.get(model)?.weights;
      weights?.forEach((values, i) => model.core.arena.write(model.run.ranges[i]!.address, values));
      trainings.delete(model);
    },
    state: ({ model }) => trainings.get(model),
    restore: (state, { model }) => void trainings.set(model, state as Training),
  };
}
