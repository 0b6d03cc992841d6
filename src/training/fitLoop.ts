// All of `fit`: validates options and data, builds the program, and runs epochs and batches with metrics and callbacks.
import { diagnose } from "./nonFinite.ts";
import {
  checkBoolean,
  checkFraction,
  checkKeys,
  checkKind,
  checkOneOf,
  checkOptions,
  checkPositive,
  checkWhole,
  isRecord,
} from "../util/check.ts";
import { type DataPart, prepareData } from "./preparedData.ts";
import { bindData, readMetrics, resetMetrics, specFor, type TrainingProgram } from "./trainingProgram.ts";
import type { measure as Measure } from "./evaluate.ts";
import type { Callback, TrainingState } from "./callbacks.ts";
import { checkData, type TrainingData } from "../data/dataset.ts";
import { LOG_FIELDS, LOG_ROWS, type Program } from "../runtime/program.ts";
import { progressLine } from "./progress.ts";
import { batchLoss, LossSum } from "./lossSum.ts";
import type { OnValidation } from "../nn/metrics/metric.ts";
import { YieldBudget } from "../runtime/yieldBudget.ts";
import type { TrainerState } from "./trainerState.ts";
import type { Signal } from "../util/platform.ts";

/** What `fit` takes besides the data. `Names` are those of the trainer's metrics, where the compiler knows them. */
export interface FitOptions<Names extends string = string> {
  /** Passes over the data; default 1. */
  readonly epochs?: number;
  /** Rows per step; default 32. */
  readonly batchSize?: number;
  /** New order of the rows in every epoch, decided by the model's seed; default true. */
  readonly shuffle?: boolean;
  /** Leave out a last batch that isn't full; default false. */
  readonly dropLast?: boolean;
  /** Batches whose gradients are averaged for one update; default 1. */
  readonly accumulate?: number;
  /** Data for validation after every epoch. */
  readonly validationData?: TrainingData | undefined;
  /** Share of the rows, the last ones, that is for validation only; default 0. */
  readonly validationSplit?: number;
  /** Functions to call while it trains; default none. */
  readonly callbacks?: readonly Callback<Names>[];
  /** Ends the training after the current step; `fit` then throws the signal's reason. */
  readonly signal?: Signal;
  /**
   * Run in a worker, so that the calling thread stays free: true, or "auto" where it takes long enough to gain from it. No headers
   * are needed. Callbacks are called here, with the model as it is at that moment; other calls in between see it as it was copied
   * last. Where it can't run there, it runs here, and `backend(model)` says why. The same bits; default false.
   */
  readonly worker?: boolean | "auto";
  /** Write a progress line: the loss while an epoch runs, and the metrics once it is over; default true where there is a terminal. */
  readonly progress?: boolean;
  /**
   * Milliseconds after which control goes back to the event loop, so that pages can draw and answer; default 8, half of a frame. A
   * pass that takes longer is left between the calls of its kernels.
   */
  readonly yieldEvery?: number;
}

/**
 * Values by epoch: `loss`, each metric, and with validation data `validationLoss`, `validationAccuracy`, ... `Names` are those of the
 * metrics, where the compiler knows them: `history.acuracy` is then a type error.
 */
export type History<Names extends string = string> = { loss: number[] } & Record<
  Names | OnValidation<Names | "loss">,
  number[]
>;

const HOOKS: readonly (keyof Callback)[] = [
  "onTrainBegin",
  "onEpochBegin",
  "onBatchBegin",
  "onBatchEnd",
  "onEpochEnd",
  "onTrainEnd",
];

/** Validates the options, and fills in the defaults. */
function checkFit(options: FitOptions) {
  checkOptions("fit", options);
  const {
    epochs = 1,
    batchSize = 32,
    shuffle = true,
    dropLast = false,
    accumulate = 1,
    validationData,
    validationSplit = 0,
    callbacks = [],
    signal,
    worker = false,
    progress = true,
    yieldEvery = 8,
  } = options;
  const all = {
    epochs,
    batchSize,
    shuffle,
    dropLast,
    accumulate,
    validationData,
    validationSplit,
    callbacks,
    signal,
    worker,
    progress,
    yieldEvery,
  };
  checkKeys("fit", options, Object.keys(all));
  checkWhole("fit", "epochs", epochs);
  checkWhole("fit", "batchSize", batchSize, 1, 1e15); // more than there are rows means all
  checkWhole("fit", "accumulate", accumulate);
  checkPositive("fit", "yieldEvery", yieldEvery);
  for (const [name, value] of Object.entries({ shuffle, dropLast, progress })) checkBoolean("fit", name, value);
  checkFraction("fit", "validationSplit", validationSplit);
  if (validationData && validationSplit > 0) {
    throw new RangeError("fit: validationData and validationSplit can't both be used");
  }
  checkKind(Array.isArray(callbacks), "fit", "callbacks", "an array such as [earlyStopping()]", callbacks);
  [...callbacks].forEach((callback, i) => {
    checkKind(isRecord(callback), "fit", `callbacks[${i}]`, "an object such as earlyStopping()", callback);
    const where = `fit: callbacks[${i}]`;
    if (Object.keys(callback).length > 0 && !HOOKS.some((name) => name in callback)) {
      throw new TypeError(
        `${where} has none of ${HOOKS.join(", ")}; schedules and metrics go to new Trainer: { schedule, metrics }`,
      );
    }
    for (const name in callback) {
      const hook: unknown = callback[name as keyof Callback];
      if (!name.startsWith("on") || hook === undefined) continue;
      checkOneOf(where, "the name of a hook", name, HOOKS);
      checkKind(typeof hook === "function", "fit", name, "a function", hook);
    }
  });
  const isSignal = signal === undefined || typeof signal?.throwIfAborted === "function";
  checkKind(isSignal, "fit", "signal", "an AbortSignal", signal);
  return all;
}

/** What runs a training in a worker, or pauses one. */
export const offThread = () => import("./offThread.ts");

/** What measures a model. */
export const evaluation = () => import("./evaluate.ts");

/** What `Trainer.fit` does: validates, copies the data into the core, builds the program, and runs the epochs. */
export async function fit(state: TrainerState, data: TrainingData, options: FitOptions): Promise<History> {
  checkData("fit", data);
  const settings = checkFit(options);
  state.model.refuse("fit");
  const releases: (() => void)[] = [];
  try {
    // from here on: reading the data may call functions of the user's
    state.model.inTraining = state;
    const plan = planFit(state, data, settings, releases);
    state.model.offThread = undefined;
    if (settings.worker !== false) await (await offThread()).moveOff(state, plan);
    const measure = plan.validation && (await evaluation()).measure; // now: what can't be fetched is noticed before a day's training
    return await runEpochs(state, plan, measure, releases);
  } finally {
    await state.offThread?.end().catch(() => {}); // what ended the training is thrown
    state.model.inTraining = undefined;
    void state.hold?.(settings.signal, true);
    for (const release of releases) release();
  }
}

/** The options, and what follows from the data. */
interface FitPlan extends ReturnType<typeof checkFit> {
  readonly rows: number;
  readonly batches: number;
  readonly validation: DataPart | undefined;
  /** Bound to its data, and ready. */
  readonly trainingProgram: TrainingProgram;
}

/** Everything before the first pass. `releases`: what is to be called in the end, whatever happens. */
function planFit(
  state: TrainerState,
  data: TrainingData,
  settings: ReturnType<typeof checkFit>,
  releases: (() => void)[],
): FitPlan {
  const { validationSplit, validationData, shuffle, dropLast, accumulate } = settings;
  const all = prepareData(data, state.dataSpec, "fit");
  releases.push(all.release);
  const held = Math.floor(all.rows * validationSplit);
  if (validationSplit > 0 && held === 0) {
    throw new RangeError(`fit: validationSplit ${validationSplit} of ${all.rows} rows leaves none to measure with`);
  }
  const rows = all.rows - held;
  const batchSize = Math.min(settings.batchSize, rows);
  const batches = dropLast ? Math.floor(rows / settings.batchSize) : Math.ceil(rows / batchSize);
  if (batches === 0) {
    throw new RangeError(
      `fit: dropLast leaves no batch; there are ${rows} rows, and batchSize is ${settings.batchSize}`,
    );
  }
  state.model.checkBatch(dropLast ? batchSize : rows % batchSize || batchSize, "fit");
  state.checkMetrics(all.y.labels, rows, "fit");
  let validation = held > 0 ? { data: all, from: rows, rows: held } : undefined;
  if (validationData) {
    const other = prepareData(validationData, state.dataSpec, "fit: validationData");
    releases.push(other.release);
    state.checkMetrics(other.y.labels, other.rows, "fit: validationData");
    validation = { data: other, from: 0, rows: other.rows };
  }
  // what measuring needs is taken now, too: without room for it nothing is trained
  if (validation) {
    const { data: measured, rows: count } = validation;
    state.program(specFor("evaluate", Math.min(batchSize, count), count, measured), "fit");
  }
  const trainingProgram = state.program(specFor("train", batchSize, rows, all, accumulate), "fit");
  bindData(trainingProgram, all);
  let order = 0;
  if (shuffle) {
    const { arena } = state.model.core;
    const region = arena.allocate(Math.ceil(rows / 16) * 64 + 64, "fit", "the order of the rows");
    releases.push(() => arena.free(region));
    order = region.address;
  }
  const { first } = trainingProgram.gathered;
  const { program } = trainingProgram;
  program.begin(state.counters, { rows, batchSize, first, accumulate, dropLast, order });
  releases.push(() => undoUnfinished(state, program));
  return { ...settings, rows, batchSize, batches, validation, trainingProgram };
}

/** Undoes the passes of an update that is never made: a hook threw, or the training was stopped. */
function undoUnfinished(state: TrainerState, program: Program): void {
  if (program.accumulated === 0) return;
  program.undo(true);
  state.count(program.counters);
}

/** Runs the epochs of a program that is bound to its data. */
async function runEpochs(
  state: TrainerState,
  plan: FitPlan,
  measure: typeof Measure | undefined,
  releases: (() => void)[],
): Promise<History> {
  const { model, metrics } = state;
  const { trainingProgram, callbacks, batches, epochs, signal } = plan;
  const { program } = trainingProgram;
  const progress = plan.progress ? progressLine(epochs, releases) : undefined;
  const { schedule } = state;
  const everyBatch = (schedule && !schedule.rates) || callbacks.some((c) => c.onBatchBegin || c.onBatchEnd);
  // nothing in JavaScript needs to happen between epochs: calls of the core then run on across them
  const everyEpoch =
    callbacks.length > 0 ||
    metrics.length > 0 ||
    plan.validation !== undefined ||
    progress !== undefined ||
    state.running.observe !== undefined;
  if (!schedule) program.setRates(LOG_ROWS, () => state.learningRate);

  const history: History = { loss: [] };
  const sum = new LossSum(state.loss);
  const off = state.offThread;
  const budget = new YieldBudget(
    off?.runner(trainingProgram) ?? model.core.executor.runner(program, state.lasting(), model.offThread?.worker),
    plan.yieldEvery,
  );
  const trained = Math.min(plan.rows, batches * plan.batchSize); // rows per epoch: dropLast leaves some out
  const firstEpoch = state.epochs;
  let epoch = 0;
  let batch = 0;
  let stopped = false;
  const training: TrainingState = { model, epochs, batches, stop: () => (stopped = true) };
  signal?.throwIfAborted();
  for (const callback of callbacks) await callback.onTrainBegin?.(training);
  while (epoch < epochs && !stopped && !signal?.aborted) {
    if (batch === 0 && everyEpoch) {
      resetMetrics(trainingProgram);
      progress?.begin();
      for (const callback of callbacks) await callback.onEpochBegin?.(epoch, training);
    }
    if (everyBatch) for (const callback of callbacks) await callback.onBatchBegin?.(batch, training);
    while (state.hold) await state.hold(signal);
    if (signal?.aborted) break;
    const left = everyBatch || stopped ? 1 : everyEpoch ? batches - batch : (epochs - epoch) * batches - batch;
    let passes = Math.min(left, budget.passes);
    if (schedule) {
      const next = schedule.rates?.(state, program.accumulated, batch, plan) ?? (() => state.learningRate);
      passes = program.setRates(passes, next);
    }
    let done: number;
    state.passing = true;
    try {
      done = await budget.run(passes, passes === left);
      state.count(program.counters);
      if (done < passes) throw diagnose("fit", state, trainingProgram, trainingProgram.gathered);
    } finally {
      state.passing = false;
      program.undo();
      // custom layers and losses may throw: passes that were finished before count
      state.count(program.counters);
      state.epochs = program.counters.epochs;
    }
    const log = program.readLog(done);
    // there may be many short epochs of one batch: nothing is summed for them
    for (let at = 0; at < log.length; at += LOG_FIELDS) {
      if (batches === 1 && !everyEpoch) {
        history.loss.push(batchLoss(state.loss, log, at));
        epoch++;
        continue;
      }
      sum.add(log, at);
      if (++batch < batches || everyEpoch) continue;
      history.loss.push(sum.take());
      epoch++;
      batch = 0;
    }
    state.epochs = firstEpoch + epoch;
    if (everyBatch) {
      const loss = batchLoss(state.loss, log);
      for (const callback of callbacks) await callback.onBatchEnd?.(batch - 1, { loss }, training);
    }
    if (batch === batches) {
      const logs: { loss: number } & Record<string, number> = { loss: sum.take(), ...readMetrics(trainingProgram) };
      state.epochs++;
      if (plan.validation) {
        const measured = await measure!(state, plan.validation, plan.batchSize, plan.yieldEvery, "fit", off);
        for (const [name, value] of Object.entries(measured)) logs[`validation${capital(name)}`] = value;
      }
      for (const [name, value] of Object.entries(logs)) (history[name] ??= []).push(value);
      progress?.end(epoch, trained, logs);
      state.running.observe?.(schedule!.monitored?.(logs) ?? logs["validationLoss"] ?? logs["loss"]!);
      for (const callback of callbacks) await callback.onEpochEnd?.(epoch, logs, training);
      epoch++;
      batch = 0;
    } else if (everyEpoch) {
      // the loss alone: some metrics take as long as many batches
      progress?.update(epoch, batch * plan.batchSize, trained, { loss: sum.value });
    }
    await budget.yield();
  }
  progress?.close();
  await off?.end();
  undoUnfinished(state, program);
  for (const callback of callbacks) await callback.onTrainEnd?.(training);
  signal?.throwIfAborted();
  return history;
}

const capital = (name: string): string => `${name[0]!.toUpperCase()}${name.slice(1)}`;
