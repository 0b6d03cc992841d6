// Writes the checkpoints of a training, and lets one go on from a checkpoint. Fetched when `fit` is given either.
import type { TrainingData } from "../data/dataset.ts";
import { isSource, type Source } from "../data/sources.ts";
import { checkBytes } from "../formats/bytes.ts";
import { writeValue } from "../formats/values.ts";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../io/checkpointFile.ts";
import { type Logs, modeOf, monitoredKey, onValidation } from "../nn/metrics/metric.ts";
import type { MemoryRange } from "../runtime/arena.ts";
import { memoryHash } from "../runtime/memoryHash.ts";
import { stateCopyOf } from "../runtime/program.ts";
import { goTo, positionOf, type ProgramPosition } from "../runtime/programPosition.ts";
import { performance } from "../runtime/timers.ts";
import { unlessAborted } from "../util/unlessAborted.ts";
import { checkKind, describe, isObject, isRecord, kindOf, writtenOut } from "../util/check.ts";
import { type Callback, KEEPS, type TrainingState } from "./callbacks.ts";
import { callsOf, checkCallbacks } from "./callbackCalls.ts";
import { type CheckpointStore, checkStore, type Keeps } from "./checkpointStore.ts";
import type { FeedKeeper, FeedPosition } from "./feed.ts";
import { feedPosition, isOver, keepFeed, stateOf } from "./feedPosition.ts";
import type { FitSettings } from "./fitOptions.ts";
import type { History, TrainingPosition } from "./position.ts";
import type { LossSum } from "./lossSum.ts";
import { type Prepared, prepareData, rangesOf } from "./preparedData.ts";
import { headOf, putState, takeState } from "./state.ts";
import type { DataPart, Feed, KeptFeed, TrainerState } from "./trainerState.ts";
import { linesOf, stateful } from "./trainingLines.ts";
import type { TrainingProgram } from "./trainingProgram.ts";

const WHERE = "fit: resumeFrom";

/** What a checkpoint holds besides what can be looked at. */
interface Run extends Checkpoint {
  /** A callback has ended it. */
  readonly stopped: boolean;
  /** The callbacks of the next batch have been told of it. */
  readonly begun: boolean;
  /** Batches of an epoch. */
  readonly batches: number;
  /** The loss of the batches so far. */
  readonly sum: LossSum["sums"];
  /** The sums of metrics and joint losses, and what metrics of the user's keep. */
  readonly sums: readonly Uint8Array[];
  readonly metrics: readonly unknown[];
  readonly position: ProgramPosition;
  /** Batches that are made while training, and those to measure with. */
  readonly feed: KeptFeed | undefined;
  readonly validation: KeptFeed | undefined;
  /** The states of the callbacks that have one. */
  readonly callbacks: readonly unknown[];
  /** The best figure of each `checkpoint`, and by what it is the best. */
  readonly bests: readonly (readonly [of: string, best: number | undefined])[];
}

/** One of the callbacks that write checkpoints. */
interface Writer extends Keeps {
  /** The best figure so far. */
  best: number | undefined;
  /** The one before, should a best one not be written. */
  bestBefore: number | undefined;
  /** Updates, and when, at the last checkpoint. */
  step: number;
  time: number;
  /** Where the last one was made. */
  written: string;
  /** The checkpoint that is being written; it doesn't fail. */
  writing: Promise<void>;
  failure: Error | undefined;
}

type Releases = (() => unknown)[];
type Settings = FitSettings;

/** What there is to know of a `fit` once its program is bound to its data. */
interface FitPlan {
  readonly trainingProgram: TrainingProgram;
  readonly data: Prepared;
  readonly rows: number;
  readonly batches: number;
  readonly epochs: number;
  readonly accumulate: number;
  readonly feed?: Feed | undefined;
  readonly validation: DataPart | undefined;
}

export type OpenKeeper = typeof openKeeper;

/** Opens the stores, and goes to the checkpoint if there is one. What follows may still refuse it: the trainer is then as it was. */
export async function openKeeper(
  state: TrainerState,
  data: TrainingData | Source,
  settings: Settings,
  at: TrainingPosition,
  releases: Releases,
): Promise<Keeper> {
  const { resumeFrom, callbacks } = settings;
  if (resumeFrom !== undefined) checkStore("fit", "resumeFrom", resumeFrom);
  checkCallbacks(callbacks);
  callbacks.forEach(checkState);
  const writers = callbacks.flatMap((callback): Writer[] => {
    const keeps = callback[KEEPS] as Keeps | undefined;
    const start = { best: undefined, step: state.updates, time: performance.now(), written: "", failure: undefined };
    return keeps ? [{ ...keeps, ...start, bestBefore: undefined, writing: Promise.resolve() }] : [];
  });
  /** Nobody waits any more once the signal is aborted. */
  const soon = async <T>(promise: Promise<T>): Promise<T> => {
    const given = await unlessAborted(promise, settings.signal);
    settings.signal?.throwIfAborted();
    return given!;
  };
  for (const store of new Set(writers.map((writer) => writer.store))) {
    const opening = async (): Promise<unknown> => store.open?.();
    const close = (await soon(opening())) as (() => void | Promise<void>) | undefined;
    if (close == undefined) continue;
    checkKind(typeof close === "function", "checkpoint", "what open() of the store gives", "a function", close);
    releases.push(async () => {
      for (const writer of writers) if (writer.store === store) await writer.writing;
      try {
        await close();
      } catch (error) {
        console.warn(`checkpoint: the store could not be let go: ${wordsOf(error)}`);
      }
    });
  }
  const bytes = resumeFrom && (await soon(latestOf(resumeFrom, WHERE)));
  const run = bytes && runOf(readCheckpoint(bytes, WHERE));
  for (const store of new Set(writers.map((writer) => writer.store))) {
    if (store !== resumeFrom) await soon(refuseTaken(store, bytes, state));
  }
  const keeper = new Keeper(state, data, settings, at, writers, run);
  if (run) keeper.goTo(run, releases);
  return keeper;
}

/** What was thrown, in words. */
const wordsOf = (thrown: unknown): string =>
  isObject(thrown) && "message" in thrown && typeof thrown.message === "string" ? thrown.message : describe(thrown);

/** The newest checkpoint, if there is one. Databases give null where there is nothing. */
async function latestOf(store: CheckpointStore, where: string): Promise<Uint8Array | undefined> {
  let bytes: Uint8Array | null | undefined;
  try {
    bytes = await store.latest();
  } catch (cause) {
    throw new Error(`${where}: the store can't be read: ${wordsOf(cause)}`, { cause });
  }
  if (bytes == undefined) return undefined;
  checkBytes(where, "what latest() of the store gives", bytes);
  return bytes;
}

/** Refuses a store that has another training, which this one would replace: neither what is resumed nor what the trainer has made last. */
async function refuseTaken(
  store: CheckpointStore,
  resumed: Uint8Array | undefined,
  { updates }: TrainerState,
): Promise<void> {
  const bytes = await latestOf(store, "checkpoint");
  if (!bytes) return;
  const { step } = readCheckpoint(bytes, "checkpoint");
  const isResumed = resumed?.length === bytes.length && resumed.every((byte, i) => byte === bytes[i]);
  if (isResumed || (updates > 0 && step === updates)) return;
  throw new Error(
    "checkpoint: the store has a training already, which this one would replace: give fit resumeFrom, too, to go on with it, or take another store",
  );
}

/** Refuses a callback whose state could be kept, but not be taken back, or the other way round. */
function checkState(callback: Callback, i: number): void {
  const { name: called } = callback;
  checkKind(called === undefined || typeof called === "string", `fit: callbacks[${i}]`, "name", "a string", called);
  for (const [name, other] of [
    ["state", "restore"],
    ["restore", "state"],
  ] as const) {
    const its: unknown = callback[name];
    if (its === undefined) continue;
    checkKind(typeof its === "function", `fit: callbacks[${i}]`, name, "a function", its);
    if (!callback[other])
      throw new TypeError(`fit: callbacks[${i}] has ${name}, but no ${other}; a checkpoint needs both`);
  }
}

/** What a checkpoint says for `fit`. Its checksum is right: this refuses what others wrote. */
function runOf(checkpoint: Checkpoint): Run {
  const run = checkpoint as Run;
  const { stopped, sum, sums, metrics, position, callbacks, bests } = run;
  const holds =
    typeof stopped === "boolean" &&
    [sum, sums, metrics, callbacks, bests].every(Array.isArray) &&
    isRecord(position) &&
    kindOf(position.before) === "Uint8Array";
  if (!holds) refuseDamaged();
  return run;
}

function refuseDamaged(): never {
  throw new Error(`${WHERE}: the checkpoint is damaged: it doesn't say where the training was`);
}

/** By what a checkpoint's best epoch is the best. */
const bestOf = ({ monitor, mode }: Writer): string => JSON.stringify([monitor, mode]);

/** The sums of an epoch. */
const sumsOf = ({ metrics, sums }: TrainingProgram): MemoryRange[] => [
  ...metrics.map(({ address, size }) => ({ address, bytes: 8 * size })),
  ...sums,
];

/** Keeps a training, and goes on with one. */
export class Keeper implements FeedKeeper {
  readonly #state: TrainerState;
  readonly #data: TrainingData | Source;
  readonly #settings: Settings;
  readonly #at: TrainingPosition;
  readonly #writers: readonly Writer[];
  /** What the training goes on from. */
  readonly #run: Run | undefined;
  readonly #of: string[];
  /** What of it is about the arrays. */
  readonly #ofData: string[] = [];
  /** The training as callbacks see it. */
  #training: TrainingState | undefined;
  #plan!: FitPlan;
  /** The training has been ended, but for one batch. */
  #isOwed = false;
  /** The trainer's state, for as long as the checkpoint may still be refused. */
  #before: Uint8Array | undefined;

  constructor(
    state: TrainerState,
    data: TrainingData | Source,
    settings: Settings,
    at: TrainingPosition,
    writers: readonly Writer[],
    run: Run | undefined,
  ) {
    this.#state = state;
    this.#data = data;
    this.#settings = settings;
    this.#at = at;
    this.#writers = writers;
    this.#run = run;
    this.#of = linesOf(state, data, settings);
    if (writers.length > 0) headOf(state, "checkpoint"); // a schedule that can't be kept is refused now
  }

  /** Takes the trainer to the checkpoint. */
  goTo(run: Run, releases: Releases): void {
    const { epochs } = this.#settings;
    this.#compare(run.of.slice(0, this.#of.length), this.#of);
    if (run.epoch > epochs) {
      throw new RangeError(
        `${WHERE}: the checkpoint has ${run.epoch} epochs, but epochs is ${epochs}; ask for as many or more, or take another store`,
      );
    }
    const state = this.#state;
    this.#before = takeState(state);
    putState(state, run.state, WHERE);
    releases.push(() => {
      if (this.#before) putState(state, this.#before, WHERE);
    });
    const at = this.#at;
    Object.assign(at.history, run.history);
    at.sum.sums = [...run.sum];
    at.epoch = run.epoch;
    at.batch = run.batch;
    at.begun = run.begun;
    // a batch that callbacks were told of before one of them ended the training is still to be made
    this.#isOwed = run.stopped && run.begun;
    at.stopped = (run.stopped && !run.begun) || run.epoch === epochs;
    this.#writers.forEach((writer) => {
      writer.best = run.bests.find(([of]) => of === bestOf(writer))?.[1];
      writer.step = run.step;
      writer.written = this.#place;
    });
  }

  /** Refuses a checkpoint of another training. */
  #compare(theirs: readonly string[], ours: readonly string[]): void {
    const i = ours.findIndex((line, at) => line !== theirs[at]);
    if (i < 0) return;
    const [what, advice] = ours[i]!.startsWith("numerics ")
      ? ["written by a version of the library that computes other bits", "go on with that version"]
      : ["of another training", "go on with what it was made with"];
    throw new RangeError(
      `${WHERE}: the checkpoint is ${what}: it has ${writtenOut(theirs[i] ?? "nothing")}, where this one has ${ours[i]}; ${advice}, ` +
        "or take another store. (await readCheckpoint(bytes)).state is what trainer.restore takes, for a new training",
    );
  }

  /** Where the training is, for comparing. */
  get #place(): string {
    const { epoch, batch, stopped, begun = false } = this.#at;
    return [epoch, batch, stopped, begun].join();
  }

  readonly stateOf = stateOf;
  readonly isOver = isOver;

  get feed(): FeedPosition | undefined {
    const run = this.#run;
    return run?.feed && feedPosition(this.#state.model.core, run.feed, { epochs: run.epoch, batch: run.batch });
  }

  get validation(): FeedPosition | undefined {
    const run = this.#run;
    return run?.validation && feedPosition(this.#state.model.core, run.validation, { epochs: run.epoch, batch: 0 });
  }

  /** Hashes data, and refuses it if the checkpoint is of other data. */
  async note(name: string, data: Prepared): Promise<void> {
    const hash = await memoryHash(this.#state.model.core, rangesOf(data, data.rows));
    const { scale } = data.x;
    this.#ofData.push(`${name} of ${data.rows} rows, hash ${hash}${scale === 1 ? "" : `, scale ${scale}`}`);
    if (this.#run) this.#compare(this.#run.of.slice(this.#of.length), this.#ofData);
  }

  /** Compares the data, and takes the program to where the checkpoint was made. */
  async place(plan: FitPlan): Promise<void> {
    this.#plan = plan;
    if (!plan.feed) await this.note("data", plan.data);
    const { validationData } = this.#settings;
    if (validationData && !isSource(validationData)) await this.note("validation", plan.validation!.data);
    const names = ["loss", ...this.#state.metrics.map((metric) => metric.name)];
    const known = plan.validation ? [...names, ...names.map(onValidation)] : names;
    const figures = Object.fromEntries(known.map((name) => [name, 0])) as Logs;
    for (const { keepBest, monitor } of this.#writers) if (keepBest) monitoredKey("checkpoint", monitor, figures);
    const run = this.#run;
    if (!run) return;
    const { trainingProgram } = plan;
    const { model } = this.#state;
    const { arena } = model.core;
    const ranges = sumsOf(trainingProgram);
    const { row, accumulated, before } = run.position;
    const rightSums =
      ranges.length === run.sums.length && ranges.every(({ bytes }, i) => run.sums[i]!.length === bytes);
    const rightCounts =
      [row, accumulated].every((count) => Number.isSafeInteger(count) && count >= 0) &&
      row < (plan.feed ? 2 ** 32 : plan.rows) &&
      accumulated < plan.accumulate;
    const copied = accumulated > 0 ? stateCopyOf(trainingProgram.program).bytes : 0;
    if (!rightSums || !rightCounts || before.length !== copied) refuseDamaged();
    goTo(trainingProgram.program, model.seed, run.position);
    ranges.forEach(({ address }, i) => arena.writeBytes(address, run.sums[i]!));
    trainingProgram.metrics.forEach(({ metric, address }, i) => {
      if (run.metrics[i] !== undefined) metric.keep?.(model.core, address, run.metrics[i]);
    });
  }

  /** The callbacks have begun. */
  begin(training: TrainingState | undefined): void {
    this.#training = training;
    const run = this.#run;
    const { callbacks } = this.#settings;
    const state = this.#state;
    state.inCallback = true;
    try {
      if (run) {
        // what onTrainBegin may have set is part of the checkpoint already
        putState(state, run.state, WHERE);
        state.offThread?.send(state.lasting());
        stateful(callbacks).forEach((callback, i) => callback.restore!(run.callbacks[i], training!));
      }
      if (this.#writers.length > 0) this.#states(); // what can't be kept is refused now
    } finally {
      state.inCallback = false;
    }
    this.#before = undefined;
  }

  /** What there is to do of a training that has ended: its callbacks' ends. */
  async finish(): Promise<History> {
    const { dataSpec, model, updates, counters } = this.#state;
    const { callbacks, epochs, signal, validationData } = this.#settings;
    const run = this.#run!;
    for (const [name, data] of Object.entries({ data: this.#data, validation: validationData })) {
      if (!data || isSource(data)) continue;
      const prepared = prepareData(data, dataSpec, "fit");
      await this.note(name, prepared).finally(() => prepared.release());
    }
    const calls = callsOf(this.#state, callbacks, epochs, this.#at, run);
    signal?.throwIfAborted();
    await calls.call("onTrainBegin");
    const { accumulated, before } = run.position;
    if (before.length !== (accumulated > 0 ? model.run.state.bytes : 0)) refuseDamaged();
    this.begin(calls.training);
    // the passes of an update that is never made are undone, as `fit` does where it ends
    if (before.length > 0) model.core.arena.writeBytes(model.run.state.address, before);
    this.#state.count({ ...counters, updates, passes: counters.passes - accumulated });
    await calls.call("onTrainEnd");
    return this.#at.history;
  }

  /** Passes until the next checkpoint by updates. */
  get passes(): number {
    if (this.#isOwed) return 1;
    const { updates } = this.#state;
    const { accumulated } = this.#plan.trainingProgram.program;
    const { accumulate } = this.#settings;
    const left = this.#writers.map(({ everySteps = Infinity }) => everySteps - (updates % everySteps));
    return Math.min(...left) * accumulate - accumulated;
  }

  /** Writes the checkpoints that are due. */
  async look(): Promise<void> {
    if (this.#isOwed) this.#at.stopped = true;
    this.#isOwed = false;
    const { batch, history } = this.#at;
    const { updates } = this.#state;
    const due = new Map<Writer, boolean>();
    for (const writer of this.#writers) {
      if (writer.failure) throw writer.failure;
      const { everySteps, everySeconds = Infinity } = writer;
      const ends = batch === 0;
      const isBest = ends && this.#isBest(writer, history);
      const steps = everySteps !== undefined && Math.floor(updates / everySteps) > Math.floor(writer.step / everySteps);
      const seconds = performance.now() - writer.time >= 1000 * everySeconds;
      const byEpoch = ends && everySteps === undefined && everySeconds === Infinity;
      if (isBest || steps || seconds || byEpoch) due.set(writer, isBest);
    }
    await this.#keep(due);
  }

  /** Is the epoch that has ended the best? */
  #isBest(writer: Writer, history: History): boolean {
    if (!writer.keepBest) return false;
    const logs = Object.fromEntries(Object.entries(history).map(([name, values]) => [name, values.at(-1)!])) as Logs;
    const key = monitoredKey("checkpoint", writer.monitor, logs);
    const figure = logs[key]!;
    const rising = (writer.mode ?? modeOf(key, this.#state.metrics)) === "max";
    const { best = rising ? -Infinity : Infinity } = writer;
    if (!(rising ? figure > best : figure < best)) return false;
    writer.bestBefore = writer.best;
    writer.best = figure;
    return true;
  }

  /** Makes a checkpoint, and gives it to the stores, which write while the training goes on. */
  async #keep(due: ReadonlyMap<Writer, boolean>): Promise<void> {
    if (due.size === 0) return;
    const stores = new Set([...due.keys()].map(({ store }) => store));
    for (const { store, writing } of this.#writers) if (stores.has(store)) await writing; // one after another
    const bytes = await this.#capture();
    if (!bytes) return;
    const step = this.#state.updates;
    const { epoch } = this.#at;
    const written = this.#place;
    [...stores].forEach((store, i) => {
      const its = this.#writers.filter((writer) => writer.store === store);
      const best = its.some((writer) => due.get(writer));
      const own = i === stores.size - 1 ? bytes : bytes.slice();
      const write = async (): Promise<void> => store.write(own, { step, epoch, best });
      const writing = write();
      for (const writer of its) {
        writer.written = written;
        if (!due.has(writer)) continue;
        writer.writing = writing.catch((cause: unknown) => {
          const message = `checkpoint: that of step ${step} couldn't be written: ${wordsOf(cause)}`;
          if (due.get(writer)) writer.best = writer.bestBefore;
          if (writer.onError === "stop") writer.failure = new Error(message, { cause });
          else console.warn(`${message}; the training goes on (onError: "warn")`);
        });
        Object.assign(writer, { step, time: performance.now() });
      }
    });
  }

  /** The training as it stands; undefined if the worker that has it is lost. */
  async #capture(): Promise<Uint8Array | undefined> {
    const state = this.#state;
    const at = this.#at;
    const { trainingProgram, feed, validation, epochs, batches } = this.#plan;
    const sums = sumsOf(trainingProgram);
    const off = state.offThread;
    // an epoch begins without sums: those of a worker are still of the one before
    await off?.refresh(true, at.batch > 0 ? sums : []);
    if (off?.whole === false) return undefined; // the next passes tell
    const { core } = state.model;
    const kept = feed && (await keepFeed(core, feed));
    let measured = this.#run?.validation; // as it was, if no epoch has ended since
    if (at.epoch > (this.#run?.epoch ?? 0)) measured = validation?.feed && (await keepFeed(core, validation.feed));
    const { u8 } = core.arena;
    const run: Omit<Run, "version"> = {
      of: [...this.#of, ...this.#ofData],
      step: state.updates,
      epoch: at.epoch,
      batch: at.batch,
      ended: at.stopped || at.epoch >= epochs,
      stopped: at.stopped,
      begun: at.begun ?? false,
      history: at.history,
      batches: (feed ?? { batches }).batches,
      sum: at.sum.sums,
      sums: sums.map(({ address, bytes }) => u8.slice(address, address + bytes)),
      // an epoch begins without
      metrics: at.batch === 0 ? [] : trainingProgram.metrics.map(({ metric, address }) => metric.kept?.(core, address)),
      position: positionOf(trainingProgram.program),
      feed: kept,
      validation: measured,
      callbacks: this.#states(),
      bests: this.#writers.map((writer) => [bestOf(writer), writer.best]),
      state: takeState(state),
    };
    return writeCheckpoint(run);
  }

  /** The states of the callbacks. Refuses what can't be written, and says whose it is. */
  #states(): unknown[] {
    const { callbacks } = this.#settings;
    return stateful(callbacks).map((callback) => {
      const name = callback.name && ` (${callback.name})`;
      const where = `checkpoint: the state of callbacks[${callbacks.indexOf(callback)}]${name ?? ""}`;
      let its: unknown;
      try {
        its = callback.state!(this.#training!);
      } catch (cause) {
        throw new Error(`${where}: ${wordsOf(cause)}`, { cause });
      }
      writeValue(its, where);
      return its;
    });
  }

  /** The training ends: writes the last checkpoint, and waits until all are written. */
  async end(): Promise<void> {
    const due = this.#writers.filter(({ written, failure }) => written !== this.#place && !failure);
    await this.#keep(new Map(due.map((writer) => [writer, false])));
    for (const { writing } of this.#writers) await writing;
    const failed = this.#writers.find(({ failure }) => failure);
    if (failed) throw failed.failure!;
  }
}
