// The updates of a training on ranks: each rank runs its own passes, tells the others what they have found, and makes the update that all make.
import { GradientTree } from "../distributed/gradientTree.ts";
import { passesOf } from "../distributed/tree.ts";
import { bytesOf } from "../formats/bytes.ts";
import { Workspace } from "../runtime/arena.ts";
import { firstNonFinite } from "../runtime/coreFunctions.ts";
import { LOG_FIELDS } from "../runtime/program.ts";
import { SeparatePasses } from "../runtime/separatePasses.ts";
import { YieldBudget } from "../runtime/yieldBudget.ts";
import type { CallbackCalls } from "./callbackCalls.ts";
import type { FitSettings } from "./fitOptions.ts";
import { batchLoss } from "./lossSum.ts";
import { diagnose, failure, gradientOf, type NonFiniteError, tooLarge } from "./nonFinite.ts";
import { PassSums } from "./passSums.ts";
import type { TrainingPosition } from "./position.ts";
import type { Prepared } from "./preparedData.ts";
import type { RankTalk } from "./rankTalk.ts";
import { RunningStates } from "./runningStates.ts";
import type { DataPart, Feed, TrainerState } from "./trainerState.ts";
import type { TrainingProgram } from "./trainingProgram.ts";

/** What there is to know of a `fit` once its program is bound to its data. */
export interface FitPlan extends FitSettings {
  readonly trainingProgram: TrainingProgram;
  readonly data: Prepared;
  readonly rows: number;
  readonly batches: number;
  readonly feed?: Feed;
  readonly validation: DataPart | undefined;
}

/** How ranks hear, with every update, what the others want: to go on, or to stop. */
interface Wishes {
  /** What this rank wants, as a number. */
  wish(): number;
  /** Takes what all want, in the order of ranks. */
  take(all: readonly number[]): void;
}

/** Makes the updates of a `fit`, one after another. */
export class RankUpdates {
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
    const { batches } = plan.feed ?? plan;
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
    this.#tree = new GradientTree(
      core,
      this.#workspace,
      talk.group,
      gradient,
      accumulate,
      Math.min(accumulate, batches),
    );
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
    const { trainingProgram } = this.#plan;
    const { program } = trainingProgram;
    const start = state.counters;
    if (at.batch === 0) {
      program.counters = start;
      this.#passes.shuffle(state.model.seed, start.epochs);
    }
    const row = this.#passes.row;
    const its = { batches: 0, rows: 0, over: false, hash: 0n };
    this.#sums.begin(at.batch === 0);
    try {
      const failed = await this.#runPasses(row, start.passes, its);
      const { batches, rows, over, hash } = its;
      const rate = failed ? 0 : this.#rate();
      const head = Float64Array.of(batches, rows, rate, Number(over), Number(hash), this.#wishes.wish());
      const said = await this.#talk.meet("update", joined(head, this.#sums.pack()), failed);
      const heads = said.map((bytes) => new Float64Array(bytes.slice(0, HEAD).buffer));
      this.#refuseOthers(heads);
      state.passing = true;
      await this.#tree.sum(batches);
      const { logs, states } = await this.#merge(
        said.map((bytes) => bytes.subarray(HEAD)),
        batches,
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
      this.#wishes.take(heads.map((numbers) => numbers.at(-1)!));
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

  /** Puts together what all passes have found. A merge of the user's may throw on one rank alone: all hear of it before they make the update. */
  async #merge(said: readonly Uint8Array[], batches: number): Promise<ReturnType<PassSums["merge"]>> {
    const { size } = this.#talk.group;
    const merge = (): ReturnType<PassSums["merge"]> =>
      this.#sums.merge(said, (rank) => passesOf(rank, size, this.#plan.accumulate, batches));
    if (!this.#sums.isCustom) return merge();
    let merged: ReturnType<PassSums["merge"]> | undefined;
    let failed: { thrown: unknown; pass: number } | undefined;
    try {
      merged = merge();
    } catch (thrown) {
      failed = { thrown, pass: Infinity };
    }
    await this.#talk.meet("update", new Uint8Array(0), failed);
    return merged!;
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
    its: { batches: number; rows: number; over: boolean; hash: bigint },
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
          its.hash = this.#hashOf(feed, its.hash);
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

  /** A hash of the first numbers of a batch: what every rank draws from a source has to be the same. */
  #hashOf({ ranges }: Feed, before: bigint): bigint {
    const { exports } = this.#state.model.core;
    const hash = ranges.reduce(
      (its, { address, bytes }) => exports.hashWords(address, Math.min(bytes >>> 2, HASHED), its),
      before,
    );
    return BigInt.asUintN(52, hash); // as a float64
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
    // that of a rank's last pass would be part of its state, and another one on each rank
    const { core, run } = this.#state.model;
    const gradient = run.address + this.#state.model.gradientOffset();
    core.arena.u8.fill(0, gradient, gradient + run.bytes);
    this.#plan.trainingProgram.program.counters = counters;
    this.#passes.setRow(row);
    this.#state.count(counters);
  }

  /** Refuses ranks whose sources give other batches, or whose rate is another. */
  #refuseOthers(heads: readonly Float64Array[]): void {
    const first = heads[0]!;
    const rank = heads.findIndex((its) => its.subarray(0, -1).some((value, i) => value !== first[i]));
    if (rank < 0) return;
    const [batches, rows, rate, over] = heads[rank]!;
    const last = (isOver: number | undefined): string => (isOver ? " (the last of the epoch)" : "");
    let differs = ["other numbers in its batches", "others"];
    if (rate !== first[2]) differs = [`the learning rate ${rate}`, String(first[2])];
    else if (batches !== first[0] || rows !== first[1] || over !== first[3]) {
      differs = [`${batches} batches of ${rows} rows${last(over)}`, `${first[0]} of ${first[1]}${last(first[3])}`];
    }
    throw new Error(
      `fit: rank ${rank} has ${differs[0]} for update ${this.#state.updates + 1}, where rank 0 has ${differs[1]}; all ranks need the same data, and callbacks and ` +
        "schedules that do the same",
    );
  }
}

/** Bytes of the numbers that every rank says first of an update: its batches, their rows, the rate, whether the epoch ends, a hash of them, and what it wants. */
const HEAD = 48;
/** Words of a batch's inputs, targets and weights that are compared. */
const HASHED = 256;
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
