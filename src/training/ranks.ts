// Training on the ranks of a group: the passes of every update are shared out, and everyone makes the same update from
// the sum of their gradients. Fetched when `fit` is first given a group.
import type { TrainingData } from "../data/dataset.ts";
import { isSource, type Source } from "../data/sources.ts";
import { checkGroup } from "../distributed/group.ts";
import { packValue, unpackValue } from "../formats/packedValue.ts";
import { LIBRARY } from "../io/checkpointFile.ts";
import type { Logs, Measured } from "../nn/metrics/metric.ts";
import { memoryHash } from "../runtime/memoryHash.ts";
import { KEEPS } from "./callbacks.ts";
import type { CallbackCalls } from "./callbackCalls.ts";
import { checkStore } from "./checkpointStore.ts";
import { checkFit, type FitOptions, type FitSettings } from "./fitOptions.ts";
import type { Keeper } from "./keeper.ts";
import { measure } from "./evaluate.ts";
import { figuresText, measureTogether, refuseParts, SOURCES } from "./measureTogether.ts";
import type { History, TrainingPosition } from "./position.ts";
import { type Prepared, rangesOf } from "./preparedData.ts";
import { progressLine, type ProgressLine } from "./progress.ts";
import { RankTalk } from "./rankTalk.ts";
import { type FitPlan, RankUpdates } from "./rankUpdates.ts";
import type { DataPart, TrainerState } from "./trainerState.ts";
import { linesOf } from "./trainingLines.ts";
import { readMetrics, resetMetrics } from "./trainingProgram.ts";

type Releases = (() => unknown)[];
type Validate = (() => Promise<Logs>) | undefined;

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
    const weights = await memoryHash(state.model.core, state.model.run.ranges);
    await talk.end(`weights at the end, hash ${weights}`, SAME);
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

/** What callbacks must keep to. */
const SAME = "callbacks and functions of your own must do the same on all ranks";

/** What a rank may want. */
const STOP = 1;
const ABORT = 2;

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

  async measure(part: DataPart, batchSize: number, yieldEvery: number): Promise<Measured> {
    const where = "fit";
    if (!part.feed) return measureTogether(this.#state, part, this.#talk, { batchSize, yieldEvery, where });
    const measured = await measure(this.#state, part, batchSize, yieldEvery, where);
    await this.#talk.compare([figuresText(measured)], `validationData: ${SOURCES}`, "figures");
    return measured;
  }

  readonly run: Run = async (state, plan, at, validate, releases, calls, keeper) => {
    const { epochs, trainingProgram } = plan;
    await this.#compare(plan, at);
    const updates = new RankUpdates(state, { ...plan, accumulate: this.accumulate }, at, this.#talk, calls, {
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
    this.#state.epochs++; // first: what follows may throw on some ranks alone
    const logs: { loss: number } & Record<string, number> = { loss: at.sum.take(), ...readMetrics(trainingProgram) };
    Object.assign(logs, await validate?.());
    for (const [name, value] of Object.entries(logs)) (at.history[name] ??= []).push(value);
    progress?.end(logs);
    running.observe?.(schedule!.monitored?.(logs) ?? logs["validationLoss"] ?? logs["loss"]!);
    await calls?.call("onEpochEnd", at.epoch, logs);
    at.epoch++;
    at.batch = 0;
  }

  /**
   * Hears whether all want to go on, and whether some want to hear that after every update. Refuses ranks whose
   * weights, at the end of an epoch, aren't those of rank 0.
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
      "all ranks need the same model and seed, trainer, options, data and version of the library",
    );
  }
}
