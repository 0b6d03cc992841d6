// What a trainer keeps between calls: its programs, the optimizer's state, the counters and the learning rate.
import * as abi from "../../build/abi.js";
import { freeWith, Workspace } from "../runtime/arena.ts";
import { flattenWeights, type Prepared } from "./preparedData.ts";
import { flattenTargets } from "../nn/losses/targets.ts";
import type { Logs } from "../nn/metrics/metric.ts";
import type { Target } from "../data/dataset.ts";
import { flattenRows, type Input } from "../data/samples.ts";
import type { Loss, Reduction } from "../nn/losses/loss.ts";
import type { Metric } from "../nn/metrics/metric.ts";
import type { Model } from "../model/model.ts";
import { diagnose, type NonFiniteError } from "./nonFinite.ts";
import type { Optimizer } from "../nn/optimizers/optimizer.ts";
import { LOG_FIELDS, LOG_ROWS, type Program } from "../runtime/program.ts";
import { type RecordRange } from "../runtime/record.ts";
import type { RunningSchedule, Schedule } from "../nn/optimizers/schedules.ts";
import {
  bindData,
  makeProgram,
  metricContext,
  type ProgramSpec,
  readMetrics,
  resetMetrics,
  type TrainingProgram,
  type UpdatePlan,
} from "./trainingProgram.ts";

/** Control goes back to the event loop after about this many milliseconds. */
export const SLICE = 16;

/** total / divisor. Rows that weigh nothing have no mean; they count 0. */
export const mean = (total: number, divisor: number): number => (divisor === 0 ? 0 : total / divisor);

/** The loss of one batch, from its row of the program's log. */
export function batchLoss({ reduction }: Loss, log: Float64Array, row: number): number {
  const at = row * LOG_FIELDS;
  const divisor = reduction === "sum" ? 1 : log[at + abi.LOG_DIVISOR / 8]!;
  return mean(log[at + abi.LOG_TOTAL / 8]!, divisor) + log[at + abi.LOG_PENALTY / 8]!;
}

/** Sums of the batches' losses, from which the loss of all their rows together is made. */
export class LossSum {
  #total = 0;
  #divisor = 0;
  #penalty = 0;
  #batches = 0;
  readonly #reduction: Reduction;

  constructor({ reduction }: Loss) {
    this.#reduction = reduction;
  }

  /** Adds a row of the program's log. */
  add(log: Float64Array, row: number): void {
    const at = row * LOG_FIELDS;
    this.#total += log[at + abi.LOG_TOTAL / 8]!;
    this.#divisor += log[at + abi.LOG_DIVISOR / 8]!;
    this.#penalty += log[at + abi.LOG_PENALTY / 8]!;
    this.#batches++;
  }

  /** The loss so far: the mean, or the sum if that is the loss's reduction. */
  get value(): number {
    const divisor = this.#reduction === "sum" ? 1 : this.#divisor;
    return mean(this.#total, divisor) + mean(this.#penalty, this.#batches);
  }

  /** The loss, after which the sums begin anew. */
  close(): number {
    const { value } = this;
    this.#total = this.#divisor = this.#penalty = this.#batches = 0;
    return value;
  }
}

/** How many passes a call of the core may make, so that it lasts about a slice. */
export class YieldBudget {
  #millisPerPass = 0;
  #lastYield = performance.now();
  readonly #run: (passes: number) => number | Promise<number>;

  /** @param run runs so many passes, and gives how many were finished */
  constructor(run: (passes: number) => number | Promise<number>) {
    this.#run = run;
  }

  get passes(): number {
    const affordable = this.#millisPerPass === 0 ? 1 : Math.floor(SLICE / this.#millisPerPass);
    return Math.min(LOG_ROWS, Math.max(1, affordable));
  }

  /** Runs passes and notes how long they took. Returns how many were finished. */
  async run(passes: number): Promise<number> {
    const before = performance.now();
    const done = await this.#run(passes);
    this.#millisPerPass = (performance.now() - before) / passes;
    return done;
  }

  /** Lets timers, input and painting have their turn, if it is time. */
  async yield(): Promise<void> {
    if (performance.now() - this.#lastYield < SLICE) return;
    await nextTask();
    this.#lastYield = performance.now();
  }
}

/** Resolves in a task of its own. */
function nextTask(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => void };
  if (setImmediate) return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Some of the rows of prepared data. */
export interface DataPart {
  readonly data: Prepared;
  readonly from: number;
  readonly rows: number;
}

export class TrainerState {
  readonly model: Model;
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly metrics: readonly Metric[];
  readonly schedule: Schedule | undefined;
  readonly running: RunningSchedule;
  /** Updates made so far. */
  updates = 0;
  /** Epochs finished so far: they number the orders of rows. */
  epochs = 0;
  /** Memory that goes with the trainer. */
  readonly workspace: Workspace;
  #states: readonly number[] | undefined;
  #measured: Promise<unknown> = Promise.resolve();
  readonly #programs = new Map<string, TrainingProgram>();

  constructor(holder: object, model: Model, parts: Pick<TrainerState, "loss" | "optimizer" | "metrics" | "schedule">) {
    this.model = model;
    this.loss = parts.loss;
    this.optimizer = parts.optimizer;
    this.metrics = parts.metrics;
    this.schedule = parts.schedule;
    const { learningRate } = parts.optimizer;
    this.running = parts.schedule?.start(learningRate, model.core) ?? { rate: () => learningRate };
    for (const part of [parts.loss, parts.optimizer, ...parts.metrics]) part.load?.(model.core);
    this.workspace = new Workspace(model.core.arena, "Trainer");
    freeWith(holder, this.workspace);
  }

  /** The learning rate of the next update. */
  get learningRate(): number {
    return this.running.rate(this.schedule?.per === "epoch" ? this.epochs : this.updates);
  }

  /** One training at a time: a step in between would take the running one's memory and counters. */
  refuseInTraining(where: string): void {
    if (this.model.inTraining) throw new Error(`${where}: the model is being trained by fit; await that first`);
  }

  /** What data must fit. */
  get dataSpec() {
    const { core, inputShape, outputShape, rules } = this.model;
    return { core, inputShape, outputShape, rules, loss: this.loss };
  }

  checkMetrics(labels: boolean, rows: number, where: string): void {
    for (const metric of this.metrics) metric.check(metricContext(this.model, this.loss, labels, rows), where);
  }

  /** The optimizer's state, in memory from its first use on. */
  updatePlan(): UpdatePlan {
    if (!this.#states) {
      const { bytes } = this.model.run;
      const { arena } = this.model.core;
      this.#states = this.optimizer.states.map(({ initial }) => {
        const address = this.workspace.allocate(bytes, "the optimizer's state");
        if (initial !== 0) arena.f32.fill(initial, address / 4, (address + bytes) / 4);
        return address;
      });
    }
    return { optimizer: this.optimizer, states: this.#states };
  }

  /** The program for a spec: the last one of its mode, if it serves. */
  program(spec: ProgramSpec, where: string): TrainingProgram {
    const { mode } = spec;
    const old = this.#programs.get(mode);
    if (old && canServe(old.spec, spec)) return old;
    this.#programs.delete(mode);
    old?.workspace.free();
    const updates = mode === "train" ? this.updatePlan() : undefined;
    const made = makeProgram(this.model, this.loss, this.metrics, updates, spec, this, where);
    this.#programs.set(mode, made);
    return made;
  }

  /** A batch put in place by hand. */
  load(
    mode: "train" | "trace",
    x: Input,
    y: Target,
    sampleWeights: ArrayLike<number> | undefined,
    where: string,
  ): { made: TrainingProgram; rows: number } {
    const { model, loss } = this;
    const { arena } = model.core;
    const flat = flattenRows(x, model.inputShape, where, "x");
    const target = flattenTargets(y, flat.rows, model.outputShape, loss, where);
    model.checkBatch(flat.rows, where);
    if (flat.rows !== target.rows) throw new RangeError(`${where}: x has ${flat.rows} rows but y has ${target.rows}`);
    const weights = flattenWeights(sampleWeights, flat.rows, where);
    this.checkMetrics(target.labels, flat.rows, where);
    const spec = {
      mode,
      capacity: flat.rows,
      bytes: false,
      labels: target.labels,
      weighted: weights !== undefined,
      accumulate: false,
      rows: flat.rows,
    };
    const made = this.program(spec, where);
    model.loadRows(flat, 0, flat.rows, made.graph.input.address, where);
    const bytes = new Uint8Array(target.data.buffer, target.data.byteOffset, target.data.byteLength);
    arena.u8.set(bytes, made.target);
    if (weights) arena.f32.set(weights, made.weights / 4);
    return { made, rows: flat.rows };
  }

  /** Counters into a program before a run. */
  ready(program: Program, rows: number, batchSize: number): void {
    program.set(abi.PROGRAM_STEP, this.updates);
    program.set(abi.PROGRAM_PASS, this.model.passes);
    program.set(abi.PROGRAM_EPOCH, this.epochs);
    program.set(abi.PROGRAM_CURSOR, 0);
    program.set(abi.PROGRAM_MICRO, 0);
    program.set(abi.PROGRAM_ROWS, rows);
    program.set(abi.PROGRAM_BATCH, batchSize);
    program.set(abi.PROGRAM_ACCUMULATE, 1);
    program.set(abi.PROGRAM_DROP_LAST, 0);
    program.set(abi.PROGRAM_SHUFFLE, 0);
    program.set(abi.PROGRAM_ORDER, 0);
  }

  /** Counters out of a program after a run. */
  read(program: Program): void {
    this.updates = program.get(abi.PROGRAM_STEP);
    this.model.passes = program.get(abi.PROGRAM_PASS);
  }

  /** What to say when a run was halted. */
  nonFinite(where: string, made: TrainingProgram, pass: RecordRange, rows: number): NonFiniteError {
    return diagnose(where, this.model, made, pass, rows, this.updates + 1, this.learningRate);
  }

  /** Loss and metrics on rows of prepared data, without training: after those that were asked for before. */
  measure(part: DataPart, batchSize: number, where: string): Promise<Logs> {
    const result = this.#measured.then(() => this.#measure(part, batchSize, where));
    this.#measured = result.catch(() => {}); // whoever asked is told
    return result;
  }

  async #measure({ data, from, rows }: DataPart, batchSize: number, where: string): Promise<Logs> {
    const capacity = Math.min(batchSize, rows);
    const made = this.program({ ...specFor("evaluate", capacity, data), rows }, where);
    bindData(made, data, from);
    const { program } = made;
    this.ready(program, rows, capacity);
    program.set(abi.PROGRAM_PASS_FIRST, made.gathered.first);
    resetMetrics(made);
    const batches = Math.ceil(rows / capacity);
    const sum = new LossSum(this.loss);
    const pace = new YieldBudget(program.core.executor.runner(program));
    for (let done = 0; done < batches;) {
      const passes = await pace.run(Math.min(batches - done, pace.passes));
      const { log } = program;
      for (let i = 0; i < passes; i++) sum.add(log, i);
      done += passes;
      await pace.yield();
    }
    return { loss: sum.value, ...readMetrics(made) };
  }
}

/** Can a program that was made for one spec be used for another? */
function canServe(made: ProgramSpec, wanted: ProgramSpec): boolean {
  const same = (["bytes", "labels", "weighted", "accumulate"] as const).every((key) => made[key] === wanted[key]);
  return same && made.capacity >= wanted.capacity && made.rows >= wanted.rows;
}

/** A program's spec, from the data that it gathers. */
export function specFor(mode: "train" | "evaluate", capacity: number, data: Prepared): Omit<ProgramSpec, "rows"> {
  return {
    mode,
    capacity,
    bytes: data.x.bytes,
    labels: data.y.labels,
    weighted: data.weights !== 0,
    accumulate: false,
  };
}
