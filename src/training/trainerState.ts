// What a trainer keeps between calls: its programs, the optimizer's state, the counters and the learning rate.
import type { Program } from "../runtime/program.ts";
import { type DataSpec, flattenWeights, type Prepared } from "./preparedData.ts";
import type { Counters } from "../runtime/executor.ts";
import type { KernelName } from "../runtime/kernels.ts";
import { freeWith, type MemoryRange, Workspace } from "../runtime/arena.ts";
import { targetsOf } from "../nn/losses/targets.ts";
import type { Target } from "../data/dataset.ts";
import { flattenRows, type Input } from "../data/samples.ts";
import { checkNotNegative } from "../util/check.ts";
import type { Loss } from "../nn/losses/loss.ts";
import { figuresOf, type Measured, type Metric } from "../nn/metrics/metric.ts";
import type { Model } from "../model/model.ts";
import type { Optimizer } from "../nn/optimizers/optimizer.ts";
import type { RunningSchedule, Schedule } from "../nn/optimizers/schedule.ts";
import { makeProgram, metricContext, type ProgramSpec, type TrainingProgram } from "./trainingProgram.ts";
import { type Part, partsOf, type UpdatePlan } from "./updateRecords.ts";
import type { Runner } from "../runtime/executor.ts";
import type { Signal } from "../util/platform.ts";

/** A training that runs elsewhere, on a copy of the model's memory. */
export interface OffThread {
  /** Makes the function that runs a program there; `feed`: on batches that are written here. */
  runner(trainingProgram: TrainingProgram, feed?: Feed): Runner;
  /** Copies the parameters back; `whole`: the optimizer's state and what layers keep, too, and `more`. */
  refresh(whole?: boolean, more?: readonly MemoryRange[]): Promise<void>;
  /** Copies memory there. */
  send(ranges: readonly MemoryRange[]): void;
  /** Nothing has changed there since the optimizer's state was copied back, too. */
  readonly whole: boolean;
  /** Copies back all that goes on, and lets the worker go. */
  end(): Promise<void>;
}

/** How ranks of a group train. */
interface Ranks {
  /** Which of them this is. */
  readonly rank: number;
  /** Batches of an update, which they share out. */
  readonly accumulate: number;
  /** Loss and metrics on data that all of them have. */
  measure(part: DataPart, batchSize: number, yieldEvery: number): Promise<Measured>;
}

/** Batches that are made while training, in the memory of one. */
export interface Feed {
  /** Rows of a batch at most. */
  readonly most: number;
  /** Rows and batches of the last whole epoch; before, what `stepsPerEpoch` makes of them, or Infinity. */
  readonly rows: number;
  readonly batches: number;
  /** The memory of the current batch. */
  readonly ranges: readonly MemoryRange[];
  /** The batch that is in memory. */
  readonly data: Prepared | undefined;
  /** Writes a batch, by its number in the epoch, for the next pass of a program, and asks for the one after it. */
  load(trainingProgram: TrainingProgram, batch: number): Promise<void>;
  /** Was it the last batch of the epoch? */
  ended(): Promise<boolean>;
  /** Rows of this epoch that are done. */
  readonly done: number;
  /** The source's own state after them, if it offers one. */
  readonly after: unknown;
  /** A hash of the last batch that is done, where its memory doesn't tell. */
  readonly hash: string | undefined;
}

/** The hash of a batch in whose place there is another one. */
export const UNKNOWN = "";

/** What a checkpoint has of batches that are made while training. */
export interface KeptFeed extends Pick<Feed, "most" | "rows" | "batches" | "done" | "after"> {
  /** A hash of the batch before. */
  readonly hash: string;
}

/** Some of the rows of prepared data, or batches that are written there one after another. */
export interface DataPart {
  readonly data: Prepared;
  readonly from: number;
  readonly rows: number;
  readonly feed?: Feed | undefined;
}

/** What a trainer is made of. */
interface TrainerParts extends Pick<TrainerState, "optimizer" | "metrics" | "schedule"> {
  readonly loss: Loss | undefined;
}

export class TrainerState {
  readonly model: Model;
  readonly #loss: Loss | undefined;
  readonly optimizer: Optimizer;
  /** Those of the loss, which several outputs have, and those of the trainer. */
  readonly metrics: readonly Metric[];
  readonly schedule: Schedule | undefined;
  readonly running: RunningSchedule;
  /** Updates made so far. */
  updates = 0;
  /** Epochs finished so far: they number the orders of rows. */
  epochs = 0;
  /** The learning rate that was set; -1: none. */
  rate = -1;
  /** What an update treats alike. */
  readonly parts: readonly Part[];
  /** Memory that is freed with the trainer. */
  readonly workspace: Workspace;
  /** While a worker trains a copy of the model. */
  offThread: OffThread | undefined;
  /** The ranks of a group, while they train. */
  ranks?: Ranks;
  /** Passes are being run. */
  passing = false;
  /** A callback is being called: it may set parameters. */
  inCallback?: boolean;
  /** Waits while the training is paused; `ended`: it is over. */
  hold: ((signal: Signal | undefined, ended?: boolean) => Promise<void>) | undefined;
  /** The program of updates by hand, once it was needed. */
  updateProgram: Program | undefined;
  #states: readonly number[] | undefined;
  readonly #programs = new Map<string, TrainingProgram>();

  constructor(model: Model, parts: TrainerParts) {
    this.model = model;
    this.#loss = parts.loss;
    this.optimizer = parts.optimizer;
    this.metrics = [...figuresOf(parts.loss), ...parts.metrics];
    this.schedule = parts.schedule;
    const { learningRate } = parts.optimizer;
    // one's own may give nothing, whose rate is then refused
    this.running = parts.schedule
      ? (Object(parts.schedule.start(learningRate, model.core)) as RunningSchedule)
      : { rate: () => learningRate };
    [parts.loss, parts.optimizer, ...this.metrics].forEach((part, i) => {
      part?.load?.(model.core);
      if (part)
        model.core.kernel(`${part.kernel ?? part.type}${["Loss", "Update"][i] ?? "Metric"}` as KernelName, "Trainer");
    });
    this.parts = partsOf(model.run, parts.optimizer);
    this.workspace = new Workspace(model.core.arena, "Trainer");
    // not with the trainer: a `fit` that is under way may be all that is left of it
    freeWith(this, this.workspace);
  }

  /** Refuses where there is none. */
  get loss(): Loss {
    if (this.#loss) return this.#loss;
    throw new TypeError("Trainer: all but update, state and restore need a loss; give new Trainer one");
  }

  /** The learning rate of the next update. */
  get learningRate(): number {
    return this.rateAt(this.schedule?.per === "epoch" ? this.epochs : this.updates);
  }

  /** The learning rate at a count of updates or epochs. Refuses what a schedule gives if no update can use it. */
  rateAt(t: number): number {
    const { schedule, running } = this;
    const rate = this.rate >= 0 ? this.rate : running.rate?.(t);
    // one that has fallen below all float32 is as good as 0
    if (schedule) {
      checkNotNegative(schedule.type, `the rate of ${schedule.per} ${t}`, rate > 0 && rate < 1e-37 ? 0 : rate);
    }
    return rate;
  }

  /** What data is validated against. */
  get dataSpec(): DataSpec {
    const { core, inputShape, outputShape, rules } = this.model;
    return { core, inputShape, outputShape, rules, loss: this.loss };
  }

  checkMetrics(labels: boolean, rows: number, where: string): void {
    const { model, loss } = this;
    for (const metric of this.metrics) metric.check(metricContext(metric, model, { loss, labels }, rows), where);
  }

  /** The optimizer's state, allocated at its first use. */
  updatePlan(): UpdatePlan {
    if (!this.#states) {
      const { bytes } = this.model.run;
      const { arena } = this.model.core;
      const { states } = this.optimizer;
      // all at once, so that none is left where there is no room for another
      const start = this.workspace.allocate(bytes * states.length, "the optimizer's state");
      this.#states = states.map(({ initial }, i) => {
        const address = start + i * bytes;
        if (initial !== 0) arena.floats(address, bytes / 4).fill(initial);
        return address;
      });
    }
    return { optimizer: this.optimizer, states: this.#states, scheduled: this.schedule !== undefined };
  }

  /** The parameters and the optimizer's state: what an update changes. */
  lasting(): MemoryRange[] {
    const { bytes, ranges } = this.model.run;
    return [...ranges, ...this.updatePlan().states.map((start) => ({ address: start, bytes }))];
  }

  /** The program for a spec: the last one of its kind, if it can be used again. */
  program(spec: ProgramSpec, where: string): TrainingProgram {
    // a call of `evaluate` in a callback doesn't take the place of what validation goes on with
    const key = spec.mode === "evaluate" ? where : spec.mode;
    const old = this.#programs.get(key);
    if (old && canServe(old.spec, spec)) return old;
    this.#programs.delete(key);
    old?.workspace.free();
    const program = makeProgram(this, spec, where);
    this.#programs.set(key, program);
    return program;
  }

  /** Writes a batch to where the program reads it, in place of its gather records. */
  load(
    mode: "train" | "trace" | "check",
    x: Input,
    y: Target,
    sampleWeights: ArrayLike<number> | undefined,
    where: string,
  ): { step: TrainingProgram; rows: number } {
    const { model, loss } = this;
    const { arena } = model.core;
    const flat = flattenRows(x, model.inputShape, where, "x");
    const target = targetsOf(flat, y, model.outputShape, loss, where);
    model.checkBatch(flat.rows, where);
    const weights = flattenWeights(sampleWeights, flat.rows, where);
    model.refuse(where, mode === "train");
    this.checkMetrics(target.labels, flat.rows, where);
    const { rows } = flat;
    const { labels } = target;
    const weighted = weights !== undefined;
    const step = this.program({ mode, capacity: rows, rows, bytes: false, labels, weighted, accumulate: false }, where);
    model.loadRows(flat, 0, rows, step.graph.input.address, where);
    model.checkRules(flat, where);
    arena.writeBytes(step.target, target.data);
    if (weights) arena.write(step.weights, weights);
    return { step, rows };
  }

  get counters(): Counters {
    return { updates: this.updates, passes: this.model.passes, epochs: this.epochs };
  }

  /** Takes over the counters of a run; epochs count once their metrics are read. */
  count({ updates, passes }: Counters): void {
    this.updates = updates;
    this.model.passes = passes;
  }
}

/** Can a program of one spec be used for another? */
function canServe(old: ProgramSpec, spec: ProgramSpec): boolean {
  const same = (["bytes", "labels", "weighted", "accumulate"] as const).every((key) => old[key] === spec[key]);
  return same && old.capacity >= spec.capacity && old.rows >= spec.rows;
}
