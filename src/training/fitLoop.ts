// The loop of `fit`: epochs, batches, figures, callbacks.
import * as abi from "../../build/abi.js";
import type { Callback, TrainingState } from "./callbacks.ts";
import { checkFraction, checkKeys, checkKind, checkOptions, checkWhole, isObject } from "../util/check.ts";
import type { TrainingData } from "../data/dataset.ts";
import { LOG_FIELDS, LOG_ROWS, type Program } from "../runtime/program.ts";
import { progressLine } from "./progress.ts";
import { batchLoss, type DataPart, LossSum, YieldBudget, type TrainerState } from "./trainerState.ts";
import { readMetrics, resetMetrics, type TrainingProgram } from "./trainingProgram.ts";

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

/** The options with their defaults, checked. */
export function checkFit(options: FitOptions) {
  checkOptions("fit", options);
  const { epochs = 1, batchSize = 32, shuffle = true, dropLast = false, accumulate = 1 } = options;
  const { validationData, validationSplit = 0, callbacks = [], signal, progress = true } = options;
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
    progress,
  };
  checkKeys("fit", options, Object.keys(all));
  checkWhole("fit", "epochs", epochs);
  checkWhole("fit", "batchSize", batchSize);
  checkWhole("fit", "accumulate", accumulate);
  checkFraction("fit", "validationSplit", validationSplit);
  if (validationData && validationSplit > 0) {
    throw new RangeError("fit: validationData and validationSplit can't both be used");
  }
  checkKind(Array.isArray(callbacks), "fit", "callbacks", "an array such as [earlyStopping()]", callbacks);
  callbacks.forEach((callback, i) => {
    checkKind(isObject(callback), "fit", `callbacks[${i}]`, "an object such as earlyStopping()", callback);
  });
  const isSignal = signal === undefined || typeof signal?.throwIfAborted === "function";
  checkKind(isSignal, "fit", "signal", "an AbortSignal", signal);
  return all;
}

/** The options, and what was found out about the data. */
export interface FitPlan extends ReturnType<typeof checkFit> {
  readonly rows: number;
  readonly batches: number;
  readonly validation: DataPart | undefined;
}

/** Runs the epochs. The program is bound to its data and ready. */
export async function runEpochs(session: TrainerState, made: TrainingProgram, plan: FitPlan): Promise<History> {
  const { model, metrics } = session;
  const { program } = made;
  const { callbacks, batches, epochs, signal } = plan;
  const progress = plan.progress ? progressLine(epochs) : undefined;
  const everyBatch = callbacks.some((c) => c.onBatchBegin || c.onBatchEnd);
  // nothing in JavaScript needs to happen between epochs: calls of the core then run on across them
  const everyEpoch =
    callbacks.length > 0 ||
    metrics.length > 0 ||
    plan.validation !== undefined ||
    progress !== undefined ||
    session.running.observe !== undefined;
  const { schedule } = session;
  if (!schedule) fillRates(program, LOG_ROWS, () => session.learningRate);

  const history: History = { loss: [] };
  const sum = new LossSum(session.loss);
  const { address, bytes } = model.allParameters;
  const states = session.updatePlan().states.map((state) => ({ address: state, bytes: model.run.bytes }));
  const pace = new YieldBudget(model.core.executor.runner(program, [{ address, bytes }, ...states]));
  const trained = Math.min(plan.rows, batches * plan.batchSize); // rows an epoch: dropLast leaves some out
  const firstEpoch = session.epochs;
  let epoch = 0;
  let batch = 0;
  let stopped = false;
  const state: TrainingState = { model, epochs, batches, stop: () => (stopped = true) };
  signal?.throwIfAborted();
  for (const callback of callbacks) await callback.onTrainBegin?.(state);
  while (epoch < epochs && !stopped && !signal?.aborted) {
    if (batch === 0 && everyEpoch) {
      resetMetrics(made);
      progress?.begin(performance.now());
      for (const callback of callbacks) await callback.onEpochBegin?.(epoch, state);
    }
    if (everyBatch) for (const callback of callbacks) await callback.onBatchBegin?.(batch, state);
    const left = everyBatch ? 1 : everyEpoch ? batches - batch : (epochs - epoch) * batches - batch;
    const passes = Math.min(left, pace.passes);
    if (schedule) fillRates(program, passes, schedule.rates(session, program.get(abi.PROGRAM_MICRO), batch, plan));
    let done: number;
    try {
      done = await pace.run(passes);
    } finally {
      // custom layers and losses may throw: what was finished before counts
      session.read(program);
      session.epochs = program.get(abi.PROGRAM_EPOCH);
    }
    const { log } = program;
    for (let i = 0; i < done; i++) {
      if (batches === 1 && !everyEpoch) {
        history.loss.push(batchLoss(session.loss, log, i)); // no sums: short epochs of one batch may be many
        epoch++;
        continue;
      }
      sum.add(log, i);
      if (++batch === batches && !everyEpoch) {
        history.loss.push(sum.close());
        epoch++;
        batch = 0;
      }
    }
    session.epochs = firstEpoch + epoch;
    if (done < passes) {
      const rows = Math.min(plan.batchSize, plan.rows - batch * plan.batchSize);
      throw session.nonFinite("fit", made, made.gathered, rows);
    }
    if (everyBatch) {
      const logs = { loss: batchLoss(session.loss, log, done - 1) };
      for (const callback of callbacks) await callback.onBatchEnd?.(batch - 1, logs, state);
    }
    if (batch === batches) {
      const logs: Record<string, number> = { loss: sum.close(), ...readMetrics(made) };
      session.epochs++;
      if (plan.validation) {
        const figures = await session.measure(plan.validation, plan.batchSize, "fit");
        for (const [name, value] of Object.entries(figures)) logs[`validation${capital(name)}`] = value;
      }
      for (const [name, value] of Object.entries(logs)) (history[name] ??= []).push(value);
      progress?.end(performance.now(), epoch, trained, logs);
      schedule?.observe(session.running, logs);
      for (const callback of callbacks) await callback.onEpochEnd?.(epoch, logs, state);
      epoch++;
      batch = 0;
    } else if (everyEpoch) {
      progress?.update(performance.now(), epoch, batch * plan.batchSize, trained, {
        loss: sum.value,
        ...readMetrics(made),
      });
    }
    await pace.yield();
  }
  for (const callback of callbacks) await callback.onTrainEnd?.(state);
  signal?.throwIfAborted();
  return history;
}

const capital = (name: string): string => `${name[0]!.toUpperCase()}${name.slice(1)}`;

/** Learning rates of the next passes, into the log. */
function fillRates(program: Program, passes: number, next: () => number): void {
  const { log } = program;
  for (let i = 0; i < passes; i++) log[i * LOG_FIELDS + abi.LOG_RATE / 8] = next();
}
