// The loss of a batch, and of all rows of an epoch, from the sums that the core logs.
import type { Loss } from "../nn/losses/loss.ts";
import { LOG_FIELDS } from "../runtime/program.ts";

/** total / divisor; 0 if the divisor is 0, as of rows whose weights are 0. */
export const meanOf = (total: number, divisor: number): number => (divisor === 0 ? 0 : total / divisor);

/** The loss of the batch whose row of the log begins at an index: its total, divisor and penalty. */
export const batchLoss = ({ reduction }: Loss, log: ArrayLike<number>, at = 0): number =>
  meanOf(log[at]!, reduction === "sum" ? 1 : log[at + 1]!) + log[at + 2]!;

/** Sums the batches' losses to the loss of all their rows. */
export class LossSum {
  /** Total, divisor and penalty, and the count of batches. */
  sums: [number, number, number, number] = [0, 0, 0, 0];
  readonly #loss: Loss;

  constructor(loss: Loss) {
    this.#loss = loss;
  }

  /** Adds the batch whose row of the log begins at an index. Joint losses are summed by the kernel itself, part by part. */
  add(log: ArrayLike<number>, at: number): void {
    const { joint } = this.#loss;
    const { sums } = this;
    sums[0] = joint ? log[at + 4]! : sums[0] + log[at]!;
    sums[1] = joint ? 1 : sums[1] + log[at + 1]!;
    sums[2] += log[at + 2]!;
    sums[3]++;
  }

  /** Adds the batches of a program's log. */
  addLog(log: Float64Array): void {
    for (let at = 0; at < log.length; at += LOG_FIELDS) this.add(log, at);
  }

  /** The loss so far; the next batch begins a new sum. */
  take(): number {
    const { value } = this;
    this.sums.fill(0);
    return value;
  }

  /** The loss so far: the mean, or the sum if that is the loss's reduction; penalties are a mean over the batches. */
  get value(): number {
    const [total, divisor, penalty, batches] = this.sums;
    return batchLoss(this.#loss, [total, divisor, meanOf(penalty, batches)]);
  }
}
