// All of `fit`: validates the data, builds the program, and runs epochs and batches with metrics and callbacks.
import { diagnose } from "./nonFinite.ts";
import { type Prepared, prepareData, trainedRows } from "./preparedData.ts";
import { bindData, readMetrics, resetMetrics, specFor, type TrainingProgram } from "./trainingProgram.ts";
import { checkData, type TrainingData } from "../data/dataset.ts";
import { LOG_FIELDS, type Program } from "../runtime/program.ts";
import { progressLine } from "./progress.ts";
import { batchLoss, LossSum } from "./lossSum.ts";
import type { Logs } from "../nn/metrics/metric.ts";
import { YieldBudget } from "../runtime/yieldBudget.ts";
import type { DataPart, Feed, TrainerState } from "./trainerState.ts";
import { checkFit, type FitOptions, type FitSettings } from "./fitOptions.ts";
import { isSource, type Source } from "../data/sources.ts";
import { KEEPS } from "./callbacks.ts";
import type { CallbackCalls } from "./callbackCalls.ts";
import type { Keeper, OpenKeeper } from "./keeper.ts";
import { openKeeper } from "./openKeeper.ts";
import type { History, TrainingPosition } from "./position.ts";

/** What runs a training in a worker, or pauses one. */
export const offThread = () => import("./offThread.ts");

/** What makes batches while it trains. */
const feeding = () => import("./feed.ts");

/** What measures a model. */
export const evaluation = () => import("./evaluate.ts");

/**
 * What `Trainer.fit` does: validates, copies the data into the core, builds the program, and runs the epochs.
 *
 * @param run what runs them, on the ranks of a group
 */
export async function fit(
  state: TrainerState,
  data: TrainingData | Source,
  options: FitOptions,
  run: typeof runEpochs = runEpochs,
): Promise<History> {
  // first: what one rank refuses, all learn
  if (options?.group !== undefined) return (await import("./ranks.ts")).fitTogether(state, data, options, fit);
  if (!isSource(data)) checkData("fit", data);
  let settings: Settings = checkFit(options);
  state.model.refuse("fit");
  const releases: (() => unknown)[] = [];
  try {
    // from here on: reading the data may call functions of the user's
    state.model.inTraining = state;
    const at: TrainingPosition = {
      epoch: 0,
      batch: 0,
      stopped: false,
      history: { loss: [] },
      sum: new LossSum(state.loss),
    };
    const open =
      (settings.callbacks.find((c) => c?.[KEEPS])?.[KEEPS] as { open: OpenKeeper } | undefined)?.open ??
      (settings.resumeFrom === undefined ? undefined : openKeeper);
    const keeper = open && (await open(state, data, settings, at, releases)); // without, the data are copied before anything is waited for
    if (at.stopped) return await keeper!.finish();
    if (settings.map || [data, settings.validationData].some(isSource)) {
      settings = await (await feeding()).openFit(state, data, settings, options, releases, keeper);
    }
    const plan = planFit(state, data as TrainingData, settings, releases);
    await keeper?.place(plan);
    const { callbacks, epochs } = settings;
    // looked at by what is fetched with the first: the data have been copied by then, so that they may be changed
    const calls =
      callbacks.length === 0
        ? undefined
        : (await import("./callbackCalls.ts")).callsOf(state, callbacks, epochs, at, plan.feed ?? plan);
    // now: what is missing is noticed before a day's training, and a worker gets a copy of the program
    const validate = plan.validation && (await evaluation()).validating(state, plan);
    state.model.offThread = undefined;
    if (settings.worker !== false) await (await offThread()).moveOff(state, plan);
    return await run(state, plan, at, validate, releases, calls, keeper);
  } finally {
    await state.offThread?.end().catch(() => {}); // what ended the training is thrown
    state.model.inTraining = undefined;
    void state.hold?.(settings.signal, true);
    for (const release of releases) await release();
  }
}

/** The options; where batches are made while it trains, what takes the place of arrays. */
interface Settings extends FitSettings {
  readonly training?: Prepared;
  readonly validation?: DataPart | undefined;
  readonly feed?: Feed;
}

/** The options, and what follows from the data. */
interface FitPlan extends Settings {
  readonly rows: number;
  readonly batches: number;
  readonly validation: DataPart | undefined;
  /** Bound to its data, and ready. */
  readonly trainingProgram: TrainingProgram;
  readonly data: DataPart["data"];
}

/** Everything before the first pass. `releases`: what is to be called in the end, whatever happens. */
function planFit(state: TrainerState, data: TrainingData, settings: Settings, releases: (() => unknown)[]): FitPlan {
  const { validationData, shuffle, dropLast, accumulate } = settings;
  const all = settings.training ?? prepareData(data, state.dataSpec, "fit");
  releases.push(all.release);
  const rows = trainedRows(all.rows, settings);
  const held = all.rows - rows;
  const batchSize = Math.min(settings.batchSize, rows);
  const batches = dropLast ? Math.floor(rows / batchSize) : Math.ceil(rows / batchSize);
  state.model.checkBatch(dropLast ? batchSize : rows % batchSize || batchSize, "fit");
  state.checkMetrics(all.y.labels, rows, "fit");
  let validation = held > 0 ? { data: all, from: rows, rows: held } : settings.validation;
  if (validationData) {
    const other = prepareData(validationData as TrainingData, state.dataSpec, "fit: validationData");
    releases.push(other.release);
    state.checkMetrics(other.y.labels, other.rows, "fit: validationData");
    validation = { data: other, from: 0, rows: other.rows };
  }
  state.model.kept?.readyFit({ rows, batchSize, dropLast, shuffle, validation });
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
  return { ...settings, rows, batchSize, batches, validation, trainingProgram, data: all };
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
  at: TrainingPosition,
  validate: (() => Promise<Logs>) | undefined,
  releases: (() => unknown)[],
  calls: CallbackCalls | undefined,
  keeper: Keeper | undefined,
): Promise<History> {
  const { model, metrics } = state;
  const { trainingProgram, epochs, signal, feed } = plan;
  const its = feed ?? plan;
  const { program } = trainingProgram;
  const progress = plan.progress ? progressLine(plan, at, releases) : undefined;
  const { schedule } = state;
  const everyBatch = feed || (schedule && !schedule.rates) || calls?.everyBatch;
  // nothing in JavaScript needs to happen between epochs: calls of the core then run on across them
  const everyEpoch =
    feed ||
    calls !== undefined ||
    metrics.length > 0 ||
    validate !== undefined ||
    progress !== undefined ||
    state.running.observe !== undefined;
  const { history, sum } = at;
  const off = state.offThread;
  const budget = new YieldBudget(
    off?.runner(trainingProgram, feed) ?? model.core.executor.runner(program, state.lasting(), model.offThread?.worker),
    plan.yieldEvery,
  );
  const firstEpoch = state.epochs - at.epoch;
  // help that can't be fetched is done without
  const { warnings } = plan;
  let look = warnings !== false && (await (await import("./warnings.ts").catch(() => undefined))?.watch(state, plan));
  signal?.throwIfAborted();
  await calls?.call("onTrainBegin");
  keeper?.begin(calls?.training);
  while (at.epoch < epochs && !at.stopped && !signal?.aborted) {
    if (!at.begun) {
      if (at.batch === 0 && everyEpoch) {
        resetMetrics(trainingProgram);
        progress?.begin();
        await calls?.call("onEpochBegin", at.epoch);
      }
      if (everyBatch) await calls?.call("onBatchBegin", at.batch);
      at.begun = true;
    }
    await feed?.load(trainingProgram, at.batch);
    while (state.hold) await state.hold(signal);
    if (signal?.aborted) break;
    const left = everyBatch || at.stopped ? 1 : (everyEpoch ? 1 : epochs - at.epoch) * its.batches - at.batch;
    const rates = schedule?.rates?.(state, program.accumulated, at.batch, plan) ?? (() => state.learningRate);
    const passes = program.setRates(Math.min(left, budget.passes, keeper?.passes ?? left), rates);
    let done: number;
    state.passing = true;
    at.begun = false;
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
    for (let row = 0; row < log.length; row += LOG_FIELDS) {
      sum.add(log, row);
      if (++at.batch < its.batches || everyEpoch) continue;
      history.loss.push(sum.take());
      at.epoch++;
      at.batch = 0;
    }
    state.epochs = firstEpoch + at.epoch;
    if (everyBatch) {
      const loss = batchLoss(state.loss, log);
      await calls?.call("onBatchEnd", at.batch - 1, { loss });
    }
    if (feed ? await feed.ended() : at.batch === plan.batches) {
      const logs: { loss: number } & Record<string, number> = { loss: sum.take(), ...readMetrics(trainingProgram) };
      state.epochs++;
      Object.assign(logs, await validate?.());
      for (const [name, value] of Object.entries(logs)) (history[name] ??= []).push(value);
      progress?.end(logs);
      state.running.observe?.(schedule!.monitored?.(logs) ?? logs["validationLoss"] ?? logs["loss"]!);
      await calls?.call("onEpochEnd", at.epoch, logs);
      at.epoch++;
      at.batch = 0;
    } else if (everyEpoch) {
      progress?.update();
    }
    await keeper?.look();
    if (look && at.epoch > 0) look = await look();
    await budget.yield();
  }
  progress?.close();
  await keeper?.end();
  await off?.end();
  undoUnfinished(state, program);
  await calls?.call("onTrainEnd");
  signal?.throwIfAborted();
  return history;
}
