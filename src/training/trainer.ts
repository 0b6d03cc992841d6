// What trains a model: the public face of a session.
import * as abi from "../../build/abi.js";
import { prepare } from "./preparedData.ts";
import type { Logs } from "../nn/metrics/metric.ts";
import { checkKeys, checkKind, checkWhole, isObject } from "../util/check.ts";
import type { Target, TrainingData } from "../data/dataset.ts";
import type { Input } from "../data/samples.ts";
import { checkFit, type FitOptions, type History, runEpochs } from "./fitLoop.ts";
import type { Loss } from "../nn/losses/loss.ts";
import type { Metric } from "../nn/metrics/metric.ts";
import type { Model } from "../model/model.ts";
import { NonFiniteError } from "./nonFinite.ts";
import type { Optimizer } from "../nn/optimizers/optimizer.ts";
import { Program, RecordList } from "../runtime/program.ts";
import type { Schedule } from "../nn/optimizers/schedules.ts";
import { batchLoss, specFor, TrainerState } from "./trainerState.ts";
import { addUpdate, bindData, readMetrics, resetMetrics } from "./trainingProgram.ts";

export interface TrainerOptions {
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  /** Figures besides the loss; default none. */
  readonly metrics?: readonly Metric[];
  /** How the optimizer's learning rate changes; default not at all. */
  readonly schedule?: Schedule;
}

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
  /** @internal */
  readonly trainerState: TrainerState;
  #updateProgram: Program | undefined;

  constructor(model: Model, options: TrainerOptions) {
    checkParts(model, options);
    const { loss, optimizer, metrics = [], schedule } = options;
    loss.check(model.outputShape, "Trainer");
    refuseDoubleActivation(model, loss);
    this.model = model;
    this.loss = loss;
    this.optimizer = optimizer;
    this.metrics = metrics;
    this.trainerState = new TrainerState(this, model, { loss, optimizer, metrics, schedule });
    model.outputActivation = loss.outputActivation;
  }

  /** Updates made so far. */
  get updates(): number {
    return this.trainerState.updates;
  }

  /** Epochs finished so far. A second `fit` goes on with new orders of the rows. */
  get epochs(): number {
    return this.trainerState.epochs;
  }

  /** The learning rate of the next update. */
  get learningRate(): number {
    return this.trainerState.learningRate;
  }

  /**
   * Trains on the data. Control goes back to the event loop every few milliseconds.
   *
   * @param data { x, y } or a data set
   * @returns the figures of every epoch
   * @throws TypeError, RangeError before any number is computed, if data or options can't be used
   * @throws Error while another `fit` trains the model
   * @throws NonFiniteError if a loss or gradient is NaN or infinite; the weights are then those of the step before
   * @example const history = await trainer.fit({ x, y }, { epochs: 10, batchSize: 64, validationSplit: 0.2 });
   */
  async fit(data: TrainingData, options: FitOptions = {}): Promise<History> {
    const o = checkFit(options);
    const { model, trainerState: session } = this;
    const { arena } = model.core;
    session.refuseInTraining("fit");
    const all = prepare(data, session.dataSpec, "fit");
    const owned: (() => void)[] = [all.release];
    try {
      const held = Math.floor(all.rows * o.validationSplit);
      if (o.validationSplit > 0 && held === 0) {
        throw new RangeError(
          `fit: validationSplit ${o.validationSplit} of ${all.rows} rows leaves none to measure with`,
        );
      }
      const rows = all.rows - held;
      const batchSize = Math.min(o.batchSize, rows);
      const batches = o.dropLast ? Math.floor(rows / o.batchSize) : Math.ceil(rows / batchSize);
      if (batches === 0) {
        throw new RangeError(`fit: dropLast leaves no batch; there are ${rows} rows, and batchSize is ${o.batchSize}`);
      }
      model.checkBatch(o.dropLast ? batchSize : rows % batchSize || batchSize, "fit");
      session.checkMetrics(all.y.labels, rows, "fit");
      let validation = held > 0 ? { data: all, from: rows, rows: held } : undefined;
      if (o.validationData) {
        const other = prepare(o.validationData, session.dataSpec, "fit: validationData");
        owned.push(other.release);
        session.checkMetrics(other.y.labels, other.rows, "fit: validationData");
        validation = { data: other, from: 0, rows: other.rows };
      }
      const spec = { ...specFor("train", batchSize, all), accumulate: o.accumulate > 1, rows };
      const made = session.program(spec, "fit");
      bindData(made, all);
      const { program } = made;
      session.ready(program, rows, batchSize);
      program.set(abi.PROGRAM_ACCUMULATE, o.accumulate);
      program.set(abi.PROGRAM_DROP_LAST, o.dropLast ? 1 : 0);
      program.set(abi.PROGRAM_SHUFFLE, o.shuffle ? 1 : 0);
      program.set(abi.PROGRAM_PASS_FIRST, made.gathered.first);
      if (o.shuffle) {
        const order = arena.allocate(Math.ceil(rows / 16) * 64 + 64, "fit", "the order of the rows");
        owned.push(() => arena.free(order));
        program.set(abi.PROGRAM_ORDER, order.address);
      }
      model.inTraining = true;
      return await runEpochs(session, made, { ...o, rows, batchSize, batches, validation });
    } finally {
      model.inTraining = false;
      for (const release of owned) release();
    }
  }

  /**
   * The loss and the metrics on data, without dropout; nothing is changed.
   *
   * @param options.batchSize rows that are worked on together; default 256
   * @returns `{ loss, ...metrics }`
   * @throws TypeError, RangeError if the data can't be used
   * @example const { loss, accuracy } = await trainer.evaluate({ x, y });
   */
  async evaluate(data: TrainingData, options: { batchSize?: number } = {}): Promise<Logs> {
    checkKeys("evaluate", options, ["batchSize"]);
    const { batchSize = 256 } = options;
    checkWhole("evaluate", "batchSize", batchSize);
    const { trainerState: session } = this;
    const prepared = prepare(data, session.dataSpec, "evaluate");
    try {
      const { rows } = prepared;
      session.checkMetrics(prepared.y.labels, rows, "evaluate");
      return await session.measure({ data: prepared, from: 0, rows }, batchSize, "evaluate");
    } finally {
      prepared.release();
    }
  }

  /**
   * One update from one batch.
   *
   * @param options.sampleWeights what each row counts, 0 or more; default all 1
   * @returns the batch's loss, before the update, and the metrics on it
   * @throws as `fit` does
   * @example for (let i = 0; i < 100; i++) console.log(trainer.step(x, y).loss);
   */
  step(x: Input, y: Target, options: { sampleWeights?: ArrayLike<number> } = {}): Logs {
    checkKeys("step", options, ["sampleWeights"]);
    const { trainerState: session } = this;
    session.refuseInTraining("step");
    const { made, rows } = session.load("train", x, y, options.sampleWeights, "step");
    const { program } = made;
    session.ready(program, rows, rows);
    program.set(abi.PROGRAM_PASS_FIRST, made.placed.first);
    program.log[abi.LOG_RATE / 8] = this.learningRate;
    resetMetrics(made);
    const done = this.model.core.exports.runPasses(program.address, 1);
    session.read(program);
    if (done < 1) throw session.nonFinite("step", made, made.placed, rows);
    return { loss: batchLoss(this.loss, program.log, 0), ...readMetrics(made) };
  }

  /**
   * One update from the gradients that `model.backward` has added up; they stay as they are until `model.zeroGradients()`.
   *
   * @throws NonFiniteError if a gradient is NaN or infinite; the weights are then unchanged
   * @example
   * const output = model.forward(x);
   * model.zeroGradients();
   * model.backward(output.map((value) => value / output.length)); // of a loss that wants all outputs to be 0
   * trainer.update();
   */
  update(): void {
    const { model, trainerState: session } = this;
    session.refuseInTraining("update");
    const program = (this.#updateProgram ??= this.#makeUpdate());
    program.set(abi.PROGRAM_STEP, session.updates);
    program.setDouble(abi.PROGRAM_RATE, this.learningRate);
    if (!model.core.exports.runUpdate(program.address)) throw this.#badGradient();
    session.updates = program.get(abi.PROGRAM_STEP);
  }

  #makeUpdate(): Program {
    const { model, trainerState: session } = this;
    const { core } = model;
    const program = new Program(core, session.workspace);
    const records = new RecordList();
    addUpdate(records, session.workspace, program, model.run, session.updatePlan(), model.gradientOffset());
    const placed = records.place(core, session.workspace);
    program.set(abi.PROGRAM_UPDATE_FIRST, placed[0]!.address);
    program.set(abi.PROGRAM_UPDATE_LAST, placed.at(-1)!.end);
    return program;
  }

  #badGradient(): NonFiniteError {
    const { model } = this;
    const offset = model.gradientOffset();
    const { exports } = model.core;
    const bad = model.run.parameters.find(
      (p) => exports.batchFirstNonFinite(p.address + offset, p.size) >>> 0 < p.size,
    )!;
    const node = model.nodes.find((n) => n.parameters.some(({ address }) => address === bad.address))!;
    const tensor = `d${node.textbookNames[bad.local]}`;
    return new NonFiniteError(
      `update: a gradient is NaN or infinite in step ${this.updates + 1}, first in ${tensor} of layer "${node.name}". ` +
        `Look at the dy that was given to backward. The weights are those of step ${this.updates}`,
      this.updates + 1,
      node.name,
      tensor,
    );
  }
}

/** Every part is there and of its kind. */
function checkParts(model: Model, options: TrainerOptions): void {
  const must = (holds: boolean, name: string, kind: string, value: unknown): void =>
    checkKind(holds, "Trainer", name, kind, value);
  must(typeof model?.fingerprint === "function", "the first argument", "a model", model);
  must(isObject(options), "options", "{ loss, optimizer, ... }", options);
  checkKeys("Trainer", options, ["loss", "optimizer", "metrics", "schedule"]);
  const { loss, optimizer, metrics = [], schedule } = options;
  const isLoss = isObject(loss) && "reduction" in loss;
  must(isLoss, "loss", "a loss such as softmaxCrossEntropy()", loss);
  const isOptimizer = isObject(optimizer) && "learningRate" in optimizer && "args" in optimizer;
  must(isOptimizer, "optimizer", "an optimizer such as adam()", optimizer);
  must(Array.isArray(metrics), "metrics", "an array such as [accuracy()]", metrics);
  metrics.forEach((metric: Metric, i) => {
    must(typeof metric?.stateSize === "function", `metrics[${i}]`, "a metric such as accuracy()", metric);
    if (metrics.findIndex((other: Metric) => other.name === metric.name) < i) {
      throw new RangeError(`Trainer: metrics[${i}] is a second "${metric.name}"; each figure can be given once`);
    }
  });
  const isSchedule = schedule === undefined || typeof schedule?.start === "function";
  must(isSchedule, "schedule", "a schedule such as cosineDecay({ period: 1000 })", schedule);
}

/** A loss that contains a softmax or sigmoid must not get the output of another one. */
function refuseDoubleActivation(model: Model, loss: Loss): void {
  const last = model.nodes.findLast(({ layer }) => layer.kernel !== undefined && !layer.trainingOnly)?.layer.type;
  if (last === loss.outputActivation) {
    throw new RangeError(
      `Trainer: ${loss.type} contains the ${last}, but the model ends with one too; leave it out ` +
        `(model.probabilities applies it)`,
    );
  }
}
