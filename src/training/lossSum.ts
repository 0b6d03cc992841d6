// The loss of a batch, and of all rows of an epoch, from the sums that the core logs.
import type { Loss } from "../nn/losses/loss.ts";
import { LOG_FIELDS } from "../runtime/program.ts";

/** total / divisor; 0 if the divisor is 0, as of rows whose weights are 0. */
export const mean = (total: number, divisor: number): number => (divisor === 0 ? 0 : total / divisor);

/** The loss of one batch. */
export function batchLoss({ reduction }: Loss, total: number, divisor: number, penalty: number): number {
  return mean(total, reduction === "sum" ? 1 : divisor) + penalty;
}

/** Sums the batches' losses to the loss of all their rows. */
export class LossSum {
  #total = 0;
  #divisor = 0;
  #penalty = 0;
  #batches = 0;
  readonly #loss: Loss;

  constructor(loss: Loss) {
    this.#loss = loss;
  }

  /** Adds a batch. `epochLoss`: of joint losses, which the kernel itself sums, part by part. */
  add(total: number, divisor: number, penalty: number, epochLoss?: number): void {
    const { joint } = this.#loss;
    this.#total = joint ? epochLoss! : this.#total + total;
    this.#divisor = joint ? 1 : this.#divisor + divisor;
    this.#penalty += penalty;
    this.#batches++;
  }

  /** Adds the batches of a program's log. */
  addLog(log: Float64Array): void {
    for (let at = 0; at < log.length; at += LOG_FIELDS) this.add(log[at]!, log[at + 1]!, log[at + 2]!, log[at + 4]);
  }

  /** The loss so far; the next batch begins a new sum. */
  take(): number {
    const { value } = this;
    this.#total = this.#divisor = this.#penalty = this.#batches = 0;
    return value;
  }

  /** The loss so far: the mean, or the sum if that is the loss's reduction; penalties are a mean over the batches. */
  get value(): number {
    return batchLoss(this.#loss, this.#total, this.#divisor, mean(this.#penalty, this.#batches));
  }
}
