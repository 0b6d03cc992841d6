// The training loop: epochs, batches, figures, and when control goes back to the page.
import * as abi from "../build/abi.js";
import { freeWith, Workspace } from "./arena.ts";
import { flattenTargets, prepare, type Prepared } from "./batches.ts";
import type { Callback, Logs, TrainingState } from "./callbacks.ts";
import { checkKeys, checkWhole } from "./check.ts";
import type { Target, TrainingData } from "./data/dataset.ts";
import { describe, flattenRows, type Input } from "./data/samples.ts";
import type { Loss } from "./losses/loss.ts";
import type { Metric } from "./metrics/metric.ts";
import type { Model } from "./model.ts";
import { diagnose, NonFiniteError } from "./nonfinite.ts";
import type { Optimizer } from "./optimizers/optimizer.ts";
import { LOG_ROWS, Program, RecordList } from "./program.ts";
import { Progress, terminal } from "./progress.ts";
import type { RunningSchedule, Schedule } from "./schedules.ts";
import {
  addUpdate,
  bindData,
  makeProgram,
  metricContext,
  type Purpose,
  readMetrics,
  resetMetrics,
  type TrainingProgram,
  type UpdatePlan,
} from "./training.ts";

export interface TrainerOptions {
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  /** Figures besides the loss; default none. */
  readonly metrics?: readonly Metric[];
  /** How the optimizer's learning rate changes; default not at all. */
  readonly schedule?: Schedule;
}

export interface FitOptions {
  /** Passes over the data; default 1. */
  readonly epochs?: number;
  /** Rows a step; default 32. */
  readonly batchSize?: number;
  /** New order of the rows in every epoch, decided by the model's seed; default true. */
  readonly shuffle?: boolean;
  /** Leave out a last batch that isn't full; default false. */
  readonly dropLast?: boolean;
  /** Batches whose gradients are averaged for one update; default 1. */
  readonly accumulate?: number;
  /** Data to measure with after every epoch. */
  readonly validationData?: TrainingData;
  /** Share of the rows, the last ones, that is only measured with; default 0. */
  readonly validationSplit?: number;
  readonly callbacks?: readonly Callback[];
  /** Ends the training after the current step; `fit` then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Write a progress line; default true where there is a terminal. */
  readonly progress?: boolean;
}

/** Figures by epoch: `loss`, each metric, and with validation data `validationLoss`, `validationAccuracy`, ... */
export type History = { loss: number[] } & Record<string, number[]>;

/** Control goes back to the event loop after about this many milliseconds. */
const SLICE = 16;

/**
 * Trains a model: a loss to make small, an optimizer that says how, and figures to follow.
 *
 * @param model what is trained
 * @param options.loss such as `softmaxCrossEntropy()`
 * @param options.optimizer such as `adam({ learningRate: 1e-3 })`
 * @param options.metrics such as `[accuracy()]`; default none
 * @param options.schedule such as `cosineDecay({ period: 1000 })`; default a constant rate
 * @throws TypeError, RangeError if a part is missing or doesn't fit the model
 * @example
 * const trainer = new Trainer(model, { loss: softmaxCrossEntropy(), optimizer: adam(), metrics: [accuracy()] });
 * await trainer.fit({ x, y }, { epochs: 5 });
 */
export class Trainer {
  readonly model: Model;
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly metrics: readonly Metric[];
  /** Updates made so far. */
  updates = 0;
  /** Epochs finished so far: they number the orders of rows, so a second `fit` goes on with new ones. */
  epochs = 0;
  readonly #schedule: Schedule | undefined;
  readonly #running: RunningSchedule;
  readonly #workspace: Workspace;
  #states: readonly number[] | undefined;
  readonly #programs = new Map<string, TrainingProgram>();
  #updateProgram: Program | undefined;

  constructor(model: Model, options: TrainerOptions) {
    if (options === null || typeof options !== "object") {
      throw new TypeError(`Trainer: options must be { loss, optimizer, ... }, got ${describe(options)}`);
    }
    checkKeys("Trainer", options, ["loss", "optimizer", "metrics", "schedule"]);
    const { loss, optimizer, metrics = [], schedule } = options;
    if (typeof loss?.check !== "function") {
      throw new TypeError(`Trainer: loss must be a loss such as softmaxCrossEntropy(), got ${describe(loss)}`);
    }
    if (typeof optimizer?.tail !== "function" || !("learningRate" in optimizer)) {
      throw new TypeError(`Trainer: optimizer must be an optimizer such as adam(), got ${describe(optimizer)}`);
    }
    metrics.forEach((metric, i) => {
      if (typeof metric?.stateSize !== "function") {
        throw new TypeError(`Trainer: metrics[${i}] must be a metric such as accuracy(), got ${describe(metric)}`);
      }
      if (metrics.findIndex((other) => other.name === metric.name) < i) {
        throw new RangeError(`Trainer: metrics[${i}] is a second "${metric.name}"; each figure can be given once`);
      }
    });
    loss.check(model.outputShape, "Trainer");
    refuseDoubleLink(model, loss);
    this.model = model;
    this.loss = loss;
    this.optimizer = optimizer;
    this.metrics = metrics;
    this.#schedule = schedule;
    this.#running = schedule?.start(optimizer.learningRate, model.core.exports) ?? {
      rate: () => optimizer.learningRate,
    };
    this.#workspace = new Workspace(model.core.arena, "Trainer");
    freeWith(this, this.#workspace);
    model.link = loss.link;
  }

  /** The learning rate of the next update. */
  get learningRate(): number {
    return this.#running.rate(this.#schedule?.per === "epoch" ? this.epochs : this.updates);
  }

  /**
   * Trains on the data. Control goes back to the event loop every few milliseconds.
   *
   * @param data { x, y } or a data set
   * @returns the figures of every epoch
   * @throws TypeError, RangeError before any number is computed, if data or options can't be used
   * @throws NonFiniteError if a loss or gradient is NaN or infinite; the weights are then those of the step before
   */
  async fit(data: TrainingData, options: FitOptions = {}): Promise<History> {
    const o = checkFit(options);
    const { core } = this.model;
    const all = prepare(data, this.#fitting(), "fit");
    const owned: (() => void)[] = [all.release];
    try {
      const held = Math.floor(all.rows * o.validationSplit);
      const rows = all.rows - held;
      const validation = o.validationData
        ? { data: prepare(o.validationData, this.#fitting(), "fit"), from: 0, rows: 0 }
        : held > 0
          ? { data: all, from: rows, rows: held }
          : undefined;
      if (validation && validation.data !== all) {
        owned.push(validation.data.release);
        validation.rows = validation.data.rows;
      }
      if (rows === 0)
        throw new RangeError(`fit: validationSplit ${o.validationSplit} leaves no row of ${all.rows} to train on`);
      const batchSize = Math.min(o.batchSize, rows);
      const batches = o.dropLast ? Math.floor(rows / o.batchSize) : Math.ceil(rows / batchSize);
      if (batches === 0) throw new RangeError(`fit: dropLast leaves no batch: ${rows} rows, batchSize ${o.batchSize}`);
      this.#checkMetrics(all, rows);

      const made = this.#program({ ...purposeOf("train", batchSize, all), accumulate: o.accumulate > 1, rows });
      bindData(made, all);
      const { program } = made;
      this.#ready(program, rows, batchSize);
      program.set(abi.PROGRAM_ACCUMULATE, o.accumulate);
      program.set(abi.PROGRAM_DROP_LAST, o.dropLast ? 1 : 0);
      program.set(abi.PROGRAM_SHUFFLE, o.shuffle ? 1 : 0);
      program.set(abi.PROGRAM_PASS_FIRST, made.gathered.first);
      if (o.shuffle) {
        const order = core.arena.allocate(Math.ceil(rows / 16) * 64 + 64, "fit", "the order of the rows");
        owned.push(() => core.arena.free(order));
        program.set(abi.PROGRAM_ORDER, order.address);
      }
      return await this.#epochsOf(made, { ...o, rows, batchSize, batches, validation });
    } finally {
      for (const release of owned) release();
    }
  }

  /**
   * The loss and the metrics on data, without dropout; nothing is changed.
   *
   * @returns `{ loss, ...metrics }`
   * @throws TypeError, RangeError if the data can't be used
   */
  async evaluate(data: TrainingData, options: { batchSize?: number } = {}): Promise<Logs> {
    checkKeys("evaluate", options, ["batchSize"]);
    const { batchSize = 256 } = options;
    checkWhole("evaluate", "batchSize", batchSize);
    const prepared = prepare(data, this.#fitting(), "evaluate");
    try {
      this.#checkMetrics(prepared, prepared.rows);
      return await this.#measure(prepared, 0, prepared.rows, batchSize);
    } finally {
      prepared.release();
    }
  }

  /**
   * One update from one batch.
   *
   * @returns the batch's loss, before the update, and the metrics on it
   * @throws as `fit` does
   */
  step(x: Input, y: Target, options: { sampleWeights?: ArrayLike<number> } = {}): Logs {
    checkKeys("step", options, ["sampleWeights"]);
    const made = this.loadStep("train", x, y, options.sampleWeights);
    const { program } = made.made;
    this.#ready(program, made.rows, made.rows);
    program.set(abi.PROGRAM_PASS_FIRST, made.made.placed.first);
    program.setRate(0, this.learningRate);
    resetMetrics(made.made);
    const done = this.model.core.exports.runPasses(program.address, 1);
    this.#read(program);
    if (done < 1) throw this.#nonFinite("step", made.made, made.made.placed, made.rows);
    return { loss: this.#lossOf(program, 0), ...readMetrics(made.made) };
  }

  /**
   * One update from the gradients that `model.backward` has added up; they stay as they are until `model.zeroGradients()`.
   *
   * @throws NonFiniteError if a gradient is NaN or infinite; the weights are then unchanged
   */
  update(): void {
    const { model } = this;
    const { core } = model;
    if (!this.#updateProgram) {
      const program = new Program(core, this.#workspace);
      const records = new RecordList();
      addUpdate(records, this.#workspace, program, model, this.#updates(), model.gradientOffset());
      const placed = records.place(core, this.#workspace);
      program.set(abi.PROGRAM_UPDATE_FIRST, placed[0]!.address);
      program.set(abi.PROGRAM_UPDATE_LAST, placed.at(-1)!.end);
      this.#updateProgram = program;
    }
    const program = this.#updateProgram;
    program.set(abi.PROGRAM_STEP, this.updates);
    program.setDouble(abi.PROGRAM_RATE, this.learningRate);
    if (!core.exports.runUpdate(program.address)) {
      const offset = model.gradientOffset();
      const bad = model.run.parameters.find(
        (p) => core.exports.batchFirstNonFinite(p.address + offset, p.size) >>> 0 < p.size,
      );
      const node = model.nodes.find((n) => n.parameters.some((p) => p === bad));
      throw new NonFiniteError(
        `update: a gradient is NaN or infinite in step ${this.updates + 1}, first in ${bad?.name}. ` +
          `Look at the dy that was given to backward. The weights are those of step ${this.updates}`,
        this.updates + 1,
        node?.name,
        bad ? `d${node?.bookNames[bad.local]}` : "",
      );
    }
    this.updates = program.get(abi.PROGRAM_STEP);
  }

  /** @internal A batch put in place by hand, for `step` and the glass box. */
  loadStep(
    mode: "train" | "trace",
    x: Input,
    y: Target,
    sampleWeights: ArrayLike<number> | undefined,
  ): { made: TrainingProgram; rows: number } {
    const where = mode === "train" ? "step" : "trace";
    const { model, loss } = this;
    const { arena } = model.core;
    const flat = flattenRows(x, model.inputShape, where, "x");
    const target = flattenTargets(y, flat.rows, model.outputShape, loss, where);
    if (flat.rows !== target.rows) throw new RangeError(`${where}: x has ${flat.rows} rows but y has ${target.rows}`);
    if (sampleWeights && sampleWeights.length !== flat.rows) {
      throw new RangeError(
        `${where}: sampleWeights has ${sampleWeights.length} values, but there are ${flat.rows} rows`,
      );
    }
    for (const metric of this.metrics) metric.check(metricContext(model, loss, target.labels, flat.rows), where);
    const made = this.#program({
      mode,
      capacity: flat.rows,
      bytes: false,
      labels: target.labels,
      weighted: sampleWeights !== undefined,
      accumulate: false,
      rows: flat.rows,
    });
    model.loadRows(flat, 0, flat.rows, made.chain.input.address, where);
    arena.u8.set(new Uint8Array(target.data.buffer, target.data.byteOffset, target.data.byteLength), made.target);
    if (sampleWeights) arena.f32.set(Float32Array.from(sampleWeights), made.weights / 4);
    return { made, rows: flat.rows };
  }

  #fitting() {
    const { core, inputShape, outputShape } = this.model;
    return { core, inputShape, outputShape, loss: this.loss };
  }

  #checkMetrics(data: Prepared, rows: number): void {
    for (const metric of this.metrics)
      metric.check(metricContext(this.model, this.loss, data.y.labels, rows), "Trainer");
  }

  #updates(): UpdatePlan {
    if (!this.#states) {
      const { bytes } = this.model.run;
      const { arena } = this.model.core;
      this.#states = this.optimizer.states.map(({ initial }) => {
        const address = this.#workspace.allocate(bytes, "the optimizer's state");
        if (initial !== 0) arena.f32.fill(initial, address / 4, (address + bytes) / 4);
        return address;
      });
    }
    return { optimizer: this.optimizer, states: this.#states };
  }

  /** The program for a purpose: the last one of its mode, if it serves. */
  #program(purpose: Purpose): TrainingProgram {
    const { mode } = purpose;
    const old = this.#programs.get(mode);
    if (old) {
      const p = old.purpose;
      const serves =
        p.bytes === purpose.bytes &&
        p.labels === purpose.labels &&
        p.weighted === purpose.weighted &&
        p.accumulate === purpose.accumulate &&
        p.capacity >= purpose.capacity &&
        p.rows >= purpose.rows;
      if (serves) return old;
      this.#programs.delete(mode);
      old.workspace.free();
    }
    const updates = mode === "train" ? this.#updates() : undefined;
    const owner = mode === "train" ? "fit" : mode;
    const made = makeProgram(this.model, this.loss, this.metrics, updates, purpose, owner);
    this.#programs.set(mode, made);

    return made;
  }

  /** Counters into the program before a run. */
  #ready(program: Program, rows: number, batchSize: number): void {
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

  /** Counters out of the program after a run. */
  #read(program: Program): void {
    this.updates = program.get(abi.PROGRAM_STEP);
    this.model.passes = program.get(abi.PROGRAM_PASS);
  }

  #lossOf(program: Program, row: number): number {
    return program.log(row, abi.LOG_TOTAL) / program.log(row, abi.LOG_DIVISOR) + program.log(row, abi.LOG_PENALTY);
  }

  #nonFinite(
    where: string,
    made: TrainingProgram,
    pass: { first: number; last: number },
    rows: number,
  ): NonFiniteError {
    return diagnose(where, this.model, made, pass, rows, this.updates + 1, this.learningRate);
  }

  /** Learning rates for the next passes. */
  #fillRates(
    program: Program,
    passes: number,
    micro: number,
    accumulate: number,
    batch: number,
    batches: number,
  ): void {
    const byEpoch = this.#schedule?.per === "epoch";
    let update = this.updates;
    let epoch = this.epochs;
    for (let i = 0; i < passes; i++) {
      program.setRate(i, this.#running.rate(byEpoch ? epoch : update));
      const ends = ++batch === batches;
      if (++micro === accumulate || ends) {
        update++;
        micro = 0;
      }
      if (ends) {
        batch = 0;
        epoch++;
      }
    }
  }

  async #epochsOf(made: TrainingProgram, o: Loop): Promise<History> {
    const { model } = this;
    const { exports } = model.core;
    const { program } = made;
    const { callbacks, batches, epochs, signal } = o;
    const history: History = { loss: [] };
    const out = o.progress ? terminal() : undefined;
    const progress = out && new Progress(out, epochs);
    let stopped = false;
    const state: TrainingState = { model, epochs, batches, stop: () => (stopped = true) };
    const everyBatch = callbacks.some((c) => c.onBatchBegin || c.onBatchEnd);
    const everyEpoch =
      everyBatch ||
      this.metrics.length > 0 ||
      o.validation !== undefined ||
      callbacks.length > 0 ||
      progress !== undefined ||
      this.#running.observe !== undefined;
    const constant = this.#schedule === undefined;
    if (constant) for (let i = 0; i < LOG_ROWS; i++) program.setRate(i, this.learningRate);

    let epoch = 0;
    let batch = 0;
    const sums = { total: 0, divisor: 0, penalty: 0 };
    let millisPerPass = 0;
    let lastYield = performance.now();
    const firstEpoch = this.epochs;
    for (const callback of callbacks) await callback.onTrainBegin?.(state);
    signal?.throwIfAborted();
    while (epoch < epochs && !stopped) {
      if (batch === 0 && everyEpoch) {
        resetMetrics(made);
        progress?.begin(performance.now());
        for (const callback of callbacks) await callback.onEpochBegin?.(epoch, state);
      }
      if (everyBatch) for (const callback of callbacks) await callback.onBatchBegin?.(batch, state);
      const left = everyBatch ? 1 : everyEpoch ? batches - batch : (epochs - epoch) * batches - batch;
      const affordable = millisPerPass === 0 ? 1 : Math.max(1, Math.floor(SLICE / millisPerPass));
      const passes = Math.min(left, LOG_ROWS, affordable);
      if (!constant) this.#fillRates(program, passes, program.get(abi.PROGRAM_MICRO), o.accumulate, batch, batches);
      const before = performance.now();
      const done = exports.runPasses(program.address, passes) >>> 0;
      const now = performance.now();
      millisPerPass = (now - before) / passes;
      this.#read(program);
      for (let i = 0; i < done; i++) {
        sums.total += program.log(i, abi.LOG_TOTAL);
        sums.divisor += program.log(i, abi.LOG_DIVISOR);
        sums.penalty += program.log(i, abi.LOG_PENALTY);
        if (++batch === batches && i < done - 1) {
          history.loss.push(closeEpoch(sums, batches));
          epoch++;
          batch = 0;
        }
      }
      this.epochs = firstEpoch + epoch;
      if (done < passes) {
        const rows = Math.min(o.batchSize, o.rows - batch * o.batchSize);
        throw this.#nonFinite("fit", made, made.gathered, rows);
      }
      if (everyBatch) {
        const logs = { loss: this.#lossOf(program, done - 1) };
        for (const callback of callbacks) await callback.onBatchEnd?.(batch - 1, logs, state);
      }
      if (batch === batches) {
        const logs: Record<string, number> = { loss: closeEpoch(sums, batches), ...readMetrics(made) };
        this.epochs++;
        if (o.validation) {
          const { data, from, rows } = o.validation;
          const figures = await this.#measure(data, from, rows, o.batchSize);
          for (const [name, value] of Object.entries(figures))
            logs[`validation${name[0]!.toUpperCase()}${name.slice(1)}`] = value;
        }
        for (const [name, value] of Object.entries(logs)) (history[name] ??= []).push(value);
        progress?.end(performance.now(), epoch, o.rows, logs);
        this.#observe(logs);
        for (const callback of callbacks) await callback.onEpochEnd?.(epoch, logs, state);
        epoch++;
        batch = 0;
      } else {
        progress?.update(now, epoch, batch * o.batchSize, o.rows, {
          loss: sums.total / sums.divisor,
          ...readMetrics(made),
        });
      }
      if (performance.now() - lastYield >= SLICE || signal?.aborted) {
        await nextTask();
        lastYield = performance.now();
      }
      if (signal?.aborted) break;
    }
    for (const callback of callbacks) await callback.onTrainEnd?.(state);
    signal?.throwIfAborted();
    return history;
  }

  #observe(logs: Logs): void {
    const observe = this.#running.observe;
    if (!observe) return;
    const key = this.#schedule!.monitor || ("validationLoss" in logs ? "validationLoss" : "loss");
    const figure = logs[key];
    if (figure === undefined) {
      throw new Error(
        `reduceOnPlateau: there is no figure "${key}" to monitor; the history has ${Object.keys(logs).join(", ")}`,
      );
    }
    observe(figure);
  }

  async #measure(data: Prepared, from: number, rows: number, batchSize: number): Promise<Logs> {
    const capacity = Math.min(batchSize, rows);
    const made = this.#program({ ...purposeOf("evaluate", capacity, data), rows });
    bindData(made, data, from);
    const { program } = made;
    this.#ready(program, rows, capacity);
    program.set(abi.PROGRAM_PASS_FIRST, made.gathered.first);
    resetMetrics(made);
    const { exports } = this.model.core;
    const batches = Math.ceil(rows / capacity);
    const sums = { total: 0, divisor: 0, penalty: 0 };
    let millisPerPass = 0;
    let lastYield = performance.now();
    for (let done = 0; done < batches;) {
      const affordable = millisPerPass === 0 ? 1 : Math.max(1, Math.floor(SLICE / millisPerPass));
      const passes = Math.min(batches - done, LOG_ROWS, affordable);
      const before = performance.now();
      exports.runPasses(program.address, passes);
      millisPerPass = (performance.now() - before) / passes;
      for (let i = 0; i < passes; i++) {
        sums.total += program.log(i, abi.LOG_TOTAL);
        sums.divisor += program.log(i, abi.LOG_DIVISOR);
        sums.penalty += program.log(i, abi.LOG_PENALTY);
      }
      done += passes;
      if (performance.now() - lastYield >= SLICE) {
        await nextTask();
        lastYield = performance.now();
      }
    }
    return { loss: closeEpoch(sums, batches), ...readMetrics(made) };
  }
}

/** `fit`'s options with their defaults, and what was found out about the data. */
interface Loop extends ReturnType<typeof checkFit> {
  readonly rows: number;
  readonly batches: number;
  readonly validation: { readonly data: Prepared; readonly from: number; readonly rows: number } | undefined;
}

function checkFit(options: FitOptions) {
  checkKeys("fit", options, [
    "epochs",
    "batchSize",
    "shuffle",
    "dropLast",
    "accumulate",
    "validationData",
    "validationSplit",
    "callbacks",
    "signal",
    "progress",
  ]);
  const { epochs = 1, batchSize = 32, shuffle = true, dropLast = false, accumulate = 1 } = options;
  const { validationData, validationSplit = 0, callbacks = [], signal, progress = true } = options;
  checkWhole("fit", "epochs", epochs);
  checkWhole("fit", "batchSize", batchSize);
  checkWhole("fit", "accumulate", accumulate);
  if (!(validationSplit >= 0 && validationSplit < 1)) {
    throw new RangeError(`fit: validationSplit must be from 0 up to but not including 1, got ${validationSplit}`);
  }
  if (validationData && validationSplit > 0) {
    throw new RangeError("fit: validationData and validationSplit can't both be used");
  }
  return {
    epochs,
    batchSize,
    shuffle,
    dropLast,
    accumulate,
    validationData,
    validationSplit,
    callbacks,
    signal,
    progress,
  };
}

function purposeOf(mode: "train" | "evaluate", capacity: number, data: Prepared): Omit<Purpose, "rows"> {
  return {
    mode,
    capacity,
    bytes: data.x.bytes,
    labels: data.y.labels,
    weighted: data.weights !== 0,
    accumulate: false,
  };
}

/** The mean loss of an epoch; the sums start again. */
function closeEpoch(sums: { total: number; divisor: number; penalty: number }, batches: number): number {
  const loss = sums.total / sums.divisor + sums.penalty / batches;
  sums.total = sums.divisor = sums.penalty = 0;
  return loss;
}

/** A loss that contains a softmax or sigmoid must not get the output of another one. */
function refuseDoubleLink(model: Model, loss: Loss): void {
  const last = model.nodes.at(-1)!.layer.type;
  if ((loss.link === "softmax" && last === "softmax") || (loss.link === "sigmoid" && last === "sigmoid")) {
    throw new RangeError(
      `Trainer: ${loss.type} contains the ${last}, but the model's last layer is a ${last} too; leave it out ` +
        `(model.probabilities applies it)`,
    );
  }
}

/** Resolves in a task of its own, so that timers, input and painting have their turn. */
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
