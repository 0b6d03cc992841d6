// Where a training is.
import type { OnValidation } from "../nn/metrics/metric.ts";
import type { LossSum } from "./lossSum.ts";

/**
 * Values by epoch: `loss`, each metric, and with validation data `validationLoss`, `validationAccuracy`, ... `Names` are those of the
 * metrics, where the compiler knows them: `history.acuracy` is then a type error.
 */
export type History<Names extends string = string> = { loss: number[] } & Record<
  Names | OnValidation<Names | "loss">,
  number[]
>;

/** Where a training is. */
export interface TrainingPosition {
  /** Epochs that are finished. */
  epoch: number;
  /** Batches of the current one that are done. */
  batch: number;
  /** The callbacks of the next batch, and epoch, have been told that it begins. */
  begun?: boolean;
  /** It is to end. */
  stopped: boolean;
  readonly history: History;
  /** The loss of the batches. */
  readonly sum: LossSum;
}
