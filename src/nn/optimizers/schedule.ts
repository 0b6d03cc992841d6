// What a schedule is, and what all of them have besides their formula.
import type { Core } from "../../runtime/core.ts";
import type { Logs } from "../metrics/metric.ts";

/** A schedule in use. */
export interface RunningSchedule {
  /** The rate for count t of updates or epochs, from 0. */
  rate(t: number): number;
  /** Takes the monitored value after each epoch. */
  observe?(value: number): void;
  /** The numbers that `observe` has changed, for `trainer.state()`: always as many. */
  state?(): readonly number[];
  /** Takes them back, for `trainer.restore`. */
  restore?(state: readonly number[]): void;
}

/** What every schedule takes. */
export interface ScheduleOptions {
  /** "update" (default): every update of the weights; "epoch": every pass over the data. */
  readonly per?: "update" | "epoch";
}

/** How the learning rate changes while training. */
export interface Schedule {
  /** The factory's name. */
  readonly type: string;
  /** What the rate follows: updates of the weights, or epochs. */
  readonly per: "update" | "epoch";
  /** What the factory was given: checkpoints compare it. */
  readonly options?: object;
  /** Begins with the optimizer's own rate. */
  start(base: number, core: Core): RunningSchedule;
  /** @internal Gives the rates batch by batch, from any batch on; a schedule of one's own is asked before every batch. */
  rates?(from: TrainingPosition, micro: number, batch: number, plan: EpochLayout): () => number;
  /** @internal The value of an epoch that a schedule which observes one is given; default the validation loss, or the loss. */
  monitored?(logs: Logs): number;
}

/** The state of the schedule, and how many updates and epochs are done. */
interface TrainingPosition {
  /** The rate of a schedule in use, refused if no update can use it. */
  rateAt(t: number): number;
  /** Updates that are done. */
  readonly updates: number;
  /** Epochs that are done. */
  readonly epochs: number;
}

/** How an epoch is divided. */
interface EpochLayout {
  /** Batches per epoch. */
  readonly batches: number;
  /** Batches whose gradients are summed for one update. */
  readonly accumulate: number;
}

/** What all schedules are made of besides their formula. */
export function parts(type: string, per: "update" | "epoch", options: object): Omit<Schedule, "start"> {
  return {
    type,
    per,
    options,
    rates(from, micro, batch, { batches, accumulate }) {
      let { updates, epochs } = from;
      return () => {
        const rate = from.rateAt(per === "epoch" ? epochs : updates);
        const ends = ++batch === batches;
        if (++micro === accumulate || ends) {
          updates++;
          micro = 0;
        }
        if (ends) {
          batch = 0;
          epochs++;
        }
        return rate;
      };
    },
  };
}
