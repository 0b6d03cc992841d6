// Training on the ranks of a group: the passes of every update are shared out, and everyone makes the same update from the sum of their gradients. Fetched when
// `fit` is first given a group.
import type { TrainingData } from "../data/dataset.ts";
import { isSource, type Source } from "../data/sources.ts";
import { checkGroup } from "../distributed/group.ts";
import { GradientTree } from "../distributed/gradientTree.ts";
import { passesOf } from "../distributed/tree.ts";
import { bytesOf } from "../formats/bytes.ts";
import { packValue, unpackValue } from "../formats/packedValue.ts";
import { LIBRARY } from "../io/checkpointFile.ts";
import type { Logs, Measured } from "../nn/metrics/metric.ts";
import { Workspace } from "../runtime/arena.ts";
import { memoryHash } from "../runtime/memoryHash.ts";
import { firstNonFinite } from "../runtime/coreFunctions.ts";
import { LOG_FIELDS } from "../runtime/program.ts";
import { SeparatePasses } from "../runtime/separatePasses.ts";
import { YieldBudget } from "../runtime/yieldBudget.ts";
import { KEEPS } from "./callbacks.ts";
import type { CallbackCalls } from "./callbackCalls.ts";
import { checkStore } from "./checkpointStore.ts";
import { checkFit, type FitOptions, type FitSettings } from "./fitOptions.ts";
import type { Keeper } from "./keeper.ts";
import { batchLoss } from "./lossSum.ts";
import { measureTogether, refuseParts } from "./measureTogether.ts";
import { diagnose, failure, gradientOf, type NonFiniteError, tooLarge } from "./nonFinite.ts";
import { PassSums } from "./passSums.ts";
import type { History, TrainingPosition } from "./position.ts";
import { type Prepared, rangesOf } from "./preparedData.ts";
import { progressLine, type ProgressLine } from "./progress.ts";
import { RankTalk } from "./rankTalk.ts";
import { RunningStates } from "./runningStates.ts";
import type { DataPart, Feed, TrainerState } from "./trainerState.ts";
import { linesOf } from "./trainingLines.ts";
import { readMetrics, resetMetrics, type TrainingProgram } from "./trainingProgram.ts";

type Releases = (() => unknown)[];
type Validate = (() => Promise<Logs>) | undefined;

/** What there is to know of a `fit` once its program is bound to its data. */
interface FitPlan extends FitSettings {
  readonly trainingProgram: TrainingProgram;
  readonly data: Prepared;
  readonly rows: number;
  readonly batches: number;
  readonly feed?: Feed;
  readonly validation: DataPart | undefined;
}

type Run = (
  state: TrainerState,
  plan: FitPlan,
  at: TrainingPosition,
  validate: Validate,
  releases: Releases,
  calls: CallbackCalls | undefined,
  keeper: Keeper | undefined,
) => Promise<History>;

type Fit = (state: TrainerState, data: TrainingData | Source, options: FitOptions, run: Run) => Promise<History>;

/** Fits a model together with the other ranks of the group that the options name. `fit`: what runs it, with everything around. */
export async function fitTogether(
  state: TrainerState,
  data: TrainingData | Source,
  options: FitOptions,
  fit: Fit,
): Promise<History> {
  const { signal: _, group, ...rest } = options;
  const { resumeFrom, callbacks = [] } = rest;
  checkGroup("fit", group);
  const talk = new RankTalk(group, "fit");
  const isFirst = group.rank === 0;
  const training = new TogetherFit(state, data, talk, options);
  try {
    state.model.refuse("fit"); // first: a fit that goes on keeps its ranks
    refuseUnfit(state, checkFit(options));
    const latest = (): Promise<Uint8Array | undefined> =>
      talk.fromFirst(async () => (await resumeFrom!.latest()) ?? undefined);
    // without the signal: all end together, after an update; a pass is an update of its own for all but this file
    const own: FitOptions = {
      ...rest,
      accumulate: 1,
      // one writes, and what it reads all get
      callbacks: isFirst ? callbacks : callbacks.filter((callback) => !callback?.[KEEPS]),
      ...(resumeFrom && { resumeFrom: { latest, write: (...given) => resumeFrom.write(...given) } }),
      ...(!isFirst && { progress: false, warnings: false }),
    };
    state.ranks = training;
    talk.hold(state);
    const history = await fit(state, data, own, training.run);
    await talk.end();
    training.throwIfAborted();
    return history;
  } catch (error) {
    throw await talk.fail(error);
  } finally {
    if (state.ranks === training) delete state.ranks;
    talk.release();
  }
}

/** Refuses what ranks can't share. */
function refuseUnfit(state: TrainerState, { group, accumulate, worker, resumeFrom }: FitSettings): void {
  const { model } = state;
  const { size } = group!;
  if (size > accumulate) {
    throw new RangeError(
      `fit: the group has ${size} ranks, but an update has ${accumulate} ${accumulate === 1 ? "batch" : "batches"} to share out; set accumulate to ${size} or ` +
        "more, best a multiple of the ranks, and batchSize to the rows of each",
    );
  }
  if (resumeFrom !== undefined) checkStore("fit", "resumeFrom", resumeFrom);
  if (worker !== false) {
    throw new RangeError("fit: a group trains on the thread that called it, or on its threads; leave worker out");
  }
  refuseParts(state, "fit");
  for (const { name, specs } of model.nodes) {
    const spec = specs.find((each) => each.trained === false && each.follows === undefined);
    if (!spec) continue;
    throw new TypeError(
      `fit: the layer "${name}" keeps ${spec.name} as state, and nothing says how passes of several ranks move it; give the parameter follows: the share ` +
        "by which a pass moves it, or 0 if it stays",
    );
  }
}

/** What a rank may want. */
const STOP = 1;
const ABORT = 2;

/** What there is to know of a rank besides its passes. */
interface Wishes {
  wish(): number;
  take(all: readonly number[]): void;
}

/** One `fit` of one rank. */
class TogetherFit {
  readonly rank: number;
  readonly accumulate: number;
  readonly #state: TrainerState;
  readonly #data: TrainingData | Source;
  readonly #talk: RankTalk;
  readonly #options: FitOptions;
  /** The first rank whose signal is aborted. */
  #aborted = -1;
  /** All know that it is to end. */
  #ends = false;
  /** Some have callbacks of batches: which ones they are, ranks needn't have in common. */
  #everyBatch = false;

  constructor(state: TrainerState, data: TrainingData | Source, talk: RankTalk, options: FitOptions) {
    this.#state = state;
    this.#data = data;
    this.#talk = talk;
    this.#options = options;
    this.rank = talk.group.rank;
    this.accumulate = options.accumulate ?? 1;
  }

  /** Throws if the training was ended by a signal: its reason, or that another rank had one. */
  throwIfAborted(): void {
    if (this.#aborted < 0) return;
    this.#options.signal?.throwIfAborted();
    throw Object.assign(new Error(`fit: the signal of rank ${this.#aborted} has ended the training of all`), {
      name: "AbortError",
    });
  }

  measure(part: DataPart, batchSize: number, yieldEvery: number): Promise<Measured> {
    return measureTogether(this.#state, part, this.#talk, { batchSize, yieldEvery, where: "fit" });
  }

  readonly run: Run = async (state, plan, at, validate, releases, calls, keeper) => {
    const { epochs, trainingProgram } = plan;
    await this.#compare(plan, at);
    const updates = new Updates(state, { ...plan, accumulate: this.accumulate }, at, this.#talk, calls, {
      wish: () => this.#wish(at),
      take: (wishes) => this.#take(at, wishes),
    });
    releases.push(() => updates.release());
    const progress = plan.progress ? progressLine(plan, at, releases) : undefined;
    const { warnings } = plan;
    let look = warnings !== false && (await (await import("./warnings.ts").catch(() => undefined))?.watch(state, plan));
    await calls?.call("onTrainBegin");
    keeper?.begin(calls?.training);
    await this.#hear(at, false, calls?.everyBatch);
    let goesOn = at.epoch < epochs && !this.#ends;
    while (goesOn) {
      if (at.batch === 0) {
        resetMetrics(trainingProgram);
        progress?.begin();
        await calls?.call("onEpochBegin", at.epoch);
      }
      while (state.hold) await state.hold(this.#options.signal);
      const over = await updates.make();
      if (over) await this.#endEpoch(plan, at, validate, calls, progress);
      else progress?.update();
      // callbacks may have ended it on one rank, and others haven't heard of that
      if (over || this.#everyBatch) await this.#hear(at, over, this.#everyBatch);
      goesOn = at.epoch < epochs && !this.#ends;
      await keeper?.look();
      if (look && at.epoch > 0) look = await look();
      await updates.budget.yield();
    }
    progress?.close();
    await keeper?.end();
    await calls?.call("onTrainEnd");
    return at.history;
  };

  /** The figures of an epoch, which is over. */
  async #endEpoch(
    { trainingProgram }: FitPlan,
    at: TrainingPosition,
    validate: Validate,
    calls: CallbackCalls | undefined,
    progress: ProgressLine | undefined,
  ): Promise<void> {
    const { running, schedule } = this.#state;
    const logs: { loss: number } & Record<string, number> = { loss: at.sum.take(), ...readMetrics(trainingProgram) };
    this.#state.epochs++;
    Object.assign(logs, await validate?.());
    for (const [name, value] of Object.entries(logs)) (at.history[name] ??= []).push(value);
    progress?.end(logs);
    running.observe?.(schedule!.monitored?.(logs) ?? logs["validationLoss"] ?? logs["loss"]!);
    await calls?.call("onEpochEnd", at.epoch, logs);
    at.epoch++;
    at.batch = 0;
  }

  /**
   * Hears whether all want to go on, and whether some want to hear that after every update. Refuses ranks whose weights, at the end of an epoch, aren't
   * those of rank 0.
   */
  async #hear(at: TrainingPosition, epochIsOver: boolean, everyBatch = false): Promise<void> {
    const state = this.#state;
    const hash = epochIsOver ? await memoryHash(state.model.core, state.lasting()) : "";
    const said = await this.#talk.meet("epoch", packValue([this.#wish(at), hash, everyBatch], "fit"));
    const all = said.map((bytes) => unpackValue(bytes) as [number, string, boolean]);
    this.#everyBatch = all.some(([, , its]) => its);
    const odd = all.findIndex(([, its]) => its !== all[0]![1]);
    if (odd > 0) {
      throw new Error(
        `fit: rank ${odd} has other weights than rank 0 after ${state.updates} updates; something has set parameters on one rank alone: callbacks and ` +
          "functions of your own must do the same on all",
      );
    }
    this.#take(
      at,
      all.map(([wish]) => wish),
    );
  }

  /** What this rank wants: 0 to go on, STOP, or ABORT. */
  #wish(at: TrainingPosition): number {
    return this.#options.signal?.aborted ? ABORT : at.stopped ? STOP : 0;
  }

  /** Takes what all want. */
  #take(at: TrainingPosition, wishes: readonly number[]): void {
    this.#aborted = wishes.indexOf(ABORT);
    this.#ends = wishes.includes(STOP) || this.#aborted >= 0;
    if (wishes.includes(STOP)) at.stopped = true;
  }

  /** Refuses ranks that are about to train something else than rank 0. */
  async #compare(plan: FitPlan, at: TrainingPosition): Promise<void> {
    const state = this.#state;
    const { model, updates, epochs, rate } = state;
    const { core } = model;
    const hashOf = async (name: string, its: Prepared): Promise<string> =>
      `${name} of ${its.rows} rows, hash ${await memoryHash(core, rangesOf(its, its.rows))}, scale ${its.x.scale}`;
    const { validationData } = plan;
    const lines = [
      `version ${LIBRARY} of the library`,
      ...linesOf(state, this.#data, { ...plan, shuffle: this.#options.shuffle ?? true }), // `map` does it by itself
      `epochs ${plan.epochs}`,
      `${updates} updates, ${epochs} epochs and ${model.passes} passes made before`,
      `the learning rate ${rate < 0 ? "of the optimizer" : rate}`,
      `weights and optimizer, hash ${await memoryHash(core, state.lasting())}`,
      ...(plan.feed ? [] : [await hashOf("data", plan.data)]),
      ...(validationData && !isSource(validationData) ? [await hashOf("validation", plan.validation!.data)] : []),
      `epoch ${at.epoch}, batch ${at.batch}`,
    ];
    await this.#talk.compare(
      lines,
      "all ranks need the same model (give it a seed), trainer, options, data and version of the library",
    );
  }
}

/** Makes the updates of a `fit`, one after another. */
class Updates {
  readonly budget: YieldBudget;
  readonly #state: TrainerState;
  readonly #plan: FitPlan;
  readonly #at: TrainingPosition;
  readonly #talk: RankTalk;
  readonly #calls: CallbackCalls | undefined;
  readonly #wishes: Wishes;
  readonly #workspace: Workspace;
  readonly #tree: GradientTree;
  readonly #sums: PassSums;
  readonly #states: RunningStates;
  readonly #passes: SeparatePasses;

  constructor(
    state: TrainerState,
    plan: FitPlan,
    at: TrainingPosition,
    talk: RankTalk,
    calls: CallbackCalls | undefined,
    wishes: Wishes,
  ) {
    const { model } = state;
    const { core } = model;
    const { trainingProgram, accumulate } = plan;
    const { program } = trainingProgram;
    this.#state = state;
    this.#plan = plan;
    this.#at = at;
    this.#talk = talk;
    this.#calls = calls;
    this.#wishes = wishes;
    this.budget = new YieldBudget(core.executor.runner(program), plan.yieldEvery);
    this.#workspace = new Workspace(core.arena, "fit");
    const gradient = { address: model.run.address + model.gradientOffset(), bytes: model.run.bytes };
    this.#tree = new GradientTree(core, this.#workspace, talk.group, gradient, accumulate);
    this.#states = new RunningStates(model);
    this.#sums = new PassSums(trainingProgram, this.#states.length);
    this.#passes = new SeparatePasses(program);
    if (at.batch > 0) this.#passes.shuffle(model.seed, program.counters.epochs);
  }

  release(): void {
    this.#passes.end();
    this.#workspace.free();
  }

  /** Makes the next one. Returns whether the epoch ends with it. */
  async make(): Promise<boolean> {
    const state = this.#state;
    const at = this.#at;
    const { trainingProgram, accumulate } = this.#plan;
    const { program } = trainingProgram;
    const start = state.counters;
    if (at.batch === 0) {
      program.counters = start;
      this.#passes.shuffle(state.model.seed, start.epochs);
    }
    const row = this.#passes.row;
    const its = { batches: 0, rows: 0, over: false };
    this.#sums.begin(at.batch === 0);
    try {
      const failed = await this.#runPasses(row, start.passes, its);
      const { batches, rows, over } = its;
      const rate = failed ? 0 : this.#rate();
      const head = Float64Array.of(batches, rows, rate, Number(over), this.#wishes.wish());
      const said = await this.#talk.meet("update", joined(head, this.#sums.pack()), failed);
      const heads = said.map((bytes) => new Float64Array(bytes.slice(0, HEAD).buffer));
      this.#refuseOthers(heads);
      state.passing = true;
      await this.#tree.sum(batches);
      // what may throw on one rank alone comes once nobody waits for it
      const { logs, states } = this.#sums.merge(
        said.map((bytes) => bytes.subarray(HEAD)),
        (rank) => passesOf(rank, this.#talk.group.size, accumulate, batches),
      );
      this.#update(batches, start.updates, rate);
      this.#states.merge(states);
      program.counters = {
        updates: start.updates + 1,
        passes: start.passes + batches,
        epochs: start.epochs + Number(over),
      };
      this.#passes.setRow(over ? 0 : row + rows);
      state.count(program.counters);
      this.#wishes.take(heads.map(([, , , , wish]) => wish!));
      state.passing = false;
      await this.#tell(logs);
      return over;
    } catch (error) {
      if (state.updates === start.updates) this.#undo(row, start);
      throw error;
    } finally {
      state.passing = false;
    }
  }

  /** The loss of each batch goes to the epoch's, and to the callbacks. */
  async #tell(logs: Float64Array): Promise<void> {
    const at = this.#at;
    for (let row = 0; row < logs.length; row += LOG_FIELDS) at.sum.add(logs, row);
    for (let row = 0; row < logs.length; row += LOG_FIELDS) {
      at.batch++;
      const loss = batchLoss(this.#state.loss, logs, row);
      if (this.#calls?.everyBatch) await this.#calls.call("onBatchEnd", at.batch - 1, { loss });
    }
  }

  /** Goes through the batches of an update, of which this rank runs its own. Returns what was thrown, if anything was. */
  async #runPasses(
    from: number,
    passesBefore: number,
    its: { batches: number; rows: number; over: boolean },
  ): Promise<{ thrown: unknown; pass: number } | undefined> {
    const { accumulate, feed, trainingProgram, batchSize, batches, rows } = this.#plan;
    const [first, end] = this.#tree.own;
    try {
      for (; its.batches < accumulate && !its.over; its.batches++) {
        const pass = its.batches;
        const batch = this.#at.batch + pass;
        if (this.#calls?.everyBatch) await this.#calls.call("onBatchBegin", batch);
        const row = from + its.rows;
        this.#passes.begin(row, passesBefore + pass);
        if (feed) {
          await feed.load(trainingProgram, batch);
          this.#passes.begin(row, passesBefore + pass); // it begins an epoch by itself
        }
        its.rows += feed ? trainingProgram.program.rows : Math.min(batchSize, rows - row);
        if (pass >= first && pass < end) await this.#runPass(pass);
        its.over = feed ? await feed.ended() : batch + 1 === batches;
      }
      return undefined;
    } catch (thrown) {
      return { thrown, pass: its.batches };
    }
  }

  async #runPass(pass: number): Promise<void> {
    const state = this.#state;
    const { trainingProgram } = this.#plan;
    const { program, gathered } = trainingProgram;
    this.#sums.reset();
    state.passing = true;
    try {
      if ((await this.budget.run(1, true)) < 1) throw diagnose("fit", state, trainingProgram, gathered);
      this.#sums.take(this.#states.read());
      this.#tree.add(pass);
    } finally {
      program.restoreState(); // each begins with that from before the update
      state.passing = false;
    }
    await this.budget.yield();
  }

  /** The rate of this update: that of its first pass. */
  #rate(): number {
    const state = this.#state;
    return state.schedule?.rates?.(state, 0, this.#at.batch, this.#plan)() ?? state.learningRate;
  }

  #update(batches: number, updates: number, rate: number): void {
    const state = this.#state;
    const { core, run } = state.model;
    // other ranks' passes have touched other rows of tables
    for (const { touched } of run.parameters) if (touched) core.arena.writeWords(touched.address, [ALL_ROWS]);
    if (this.#passes.update(batches, updates, rate)) return;
    throw badSum(state, this.#plan.trainingProgram.program.haltedBy === "the update");
  }

  /** Everything is as it was before the update. */
  #undo(row: number, counters: TrainerState["counters"]): void {
    this.#tree.clear();
    this.#sums.undo();
    this.#plan.trainingProgram.program.counters = counters;
    this.#passes.setRow(row);
    this.#state.count(counters);
  }

  /** Refuses ranks whose sources give other batches, or whose rate is another. */
  #refuseOthers(heads: readonly Float64Array[]): void {
    const [batches, rows, rate, over] = heads[0]!;
    const last = (isOver: number | undefined): string => (isOver ? ", the last of the epoch," : "");
    heads.forEach(([itsBatches, itsRows, itsRate, itsOver], rank) => {
      if (itsBatches === batches && itsRows === rows && itsRate === rate && itsOver === over) return;
      const [theirs, first] =
        itsRate === rate
          ? [`${itsBatches} batches of ${itsRows} rows${last(itsOver)}`, `${batches} of ${rows}${last(over)}`]
          : [`the learning rate ${itsRate}`, rate];
      throw new Error(
        `fit: rank ${rank} has ${theirs} for update ${this.#state.updates + 1}, where rank 0 has ${first}; all ranks need the same data, and callbacks and ` +
          "schedules that do the same",
      );
    });
  }
}

/** Bytes of the numbers that every rank says first of an update: its batches, their rows, the rate, whether the epoch ends, and what it wants. */
const HEAD = 40;
/** In the place of a table's touched rows: any may have a gradient (assembly/nn/optimizers/gradientRows.ts). */
const ALL_ROWS = 0xffffffff;

/** The error for a sum of gradients that no update can be made of. */
function badSum(state: TrainerState, isTooLarge: boolean): NonFiniteError {
  if (isTooLarge) return tooLarge("fit", state);
  const { model, updates } = state;
  const offset = model.gradientOffset();
  const bad = model.run.parameters.find((p) => firstNonFinite(model.core, p.slot + offset, p.size) >= 0)!;
  const { layer, tensor } = gradientOf(model, bad);
  return failure(
    `fit: a gradient became NaN or infinite in step ${updates + 1}, first in ${tensor} of layer "${layer}". Likely causes: a learning rate that is too large ` +
      `(it was ${state.learningRate}), or inputs that are not scaled (to about 0 to 1, or mean 0 and deviation 1)`,
    updates,
    layer,
    tensor,
  );
}

/** Numbers, and then bytes. */
function joined(numbers: Float64Array, bytes: Uint8Array): Uint8Array {
  const all = new Uint8Array(numbers.byteLength + bytes.length);
  all.set(bytesOf(numbers));
  all.set(bytes, numbers.byteLength);
  return all;
}
