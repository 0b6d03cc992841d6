// A program in the core's memory: builds its records, owns its control block, and runs it. Nothing else knows the block's fields.
import type { Counters, Runnable } from "./executor.ts";
import { type RecordRange, seedWords, type Sharing, type KernelArgs, wordsOf, type Written } from "./record.ts";
import * as abi from "../../build/abi.js";
import type { MemoryRange, Workspace } from "./arena.ts";
import type { Core } from "./core.ts";
import type { KernelName } from "./kernels.ts";

/** Passes that one call of the core may run: the log has a row for each. */
export const LOG_ROWS = 1024;

/** What ends a run early. */
type HaltedBy = "the loss" | "a gradient" | "a layer's state" | "the update";

const HALTED_BY: Readonly<Record<number, HaltedBy>> = {
  [abi.HALT_LOSS]: "the loss",
  [abi.HALT_GRADIENT]: "a gradient",
  [abi.HALT_STATE]: "a layer's state",
  [abi.HALT_SIZE]: "the update",
};

/** Float64 numbers of a row of the log: total, divisor and penalty of the loss, the learning rate, and a joint loss's of the epoch. */
export const LOG_FIELDS = abi.LOG_BYTES / 8;

interface RecordDescription {
  readonly kernel: KernelName;
  readonly perRow: number;
  readonly flags: number;
  readonly words: readonly number[];
  readonly sharing?: Sharing | undefined;
  readonly writes: readonly Written[];
  /** The layer's index in the model, or -1. */
  readonly layer: number;
}

/** A record in memory. */
export interface AllocatedRecord extends RecordDescription {
  readonly address: number;
  readonly end: number;
}

/** Collects records, and writes them to memory. */
export class RecordList {
  readonly #records: RecordDescription[] = [];

  get length(): number {
    return this.#records.length;
  }

  add(
    kernel: KernelName,
    perRow: number,
    args: KernelArgs,
    more: { flags?: number; writes?: readonly Written[]; layer?: number; sharing?: Sharing | undefined } = {},
  ): void {
    this.#records.push({ kernel, perRow, words: wordsOf(args), flags: 0, writes: [], layer: -1, ...more });
  }

  /** Writes the records to memory. */
  place(core: Core, workspace: Workspace): readonly AllocatedRecord[] {
    const records = this.#records.map((r) => ({ ...r, ...(r.sharing && core.executor.share?.(r.sharing, r)) }));
    const sizes = records.map((r) => Math.ceil((abi.RECORD_ARGS + r.words.length * 4) / 16) * 16);
    let address = workspace.allocate(
      sizes.reduce((sum, n) => sum + n, 0),
      "the plan",
    );
    return records.map((r, i) => {
      const record = { ...r, address, end: address + sizes[i]! };
      core.arena.writeWords(address, [
        core.kernel(r.kernel, workspace.owner),
        sizes[i]!,
        r.flags,
        r.perRow,
        ...r.words,
      ]);
      address = record.end;
      return record;
    });
  }
}

/** Builds a program: collects its records, then writes them. */
export class ProgramBuilder {
  readonly core: Core;
  readonly workspace: Workspace;
  readonly program: Program;
  records = new RecordList();
  /** Sums over an epoch, which are part of checkpoints: whoever allocates some adds them. */
  readonly sums: MemoryRange[] = [];

  /** @param seed decides the order of rows, and dropout masks */
  constructor(core: Core, workspace: Workspace, seed: number) {
    this.core = core;
    this.workspace = workspace;
    this.program = new Program(core, workspace, seed);
  }

  /** Writes the records to memory. Returns them, and what makes ranges of them by their indices; `to` is excluded. */
  finish(): {
    readonly records: readonly AllocatedRecord[];
    range(this: void, from: number, to?: number): RecordRange;
  } {
    const records = this.records.place(this.core, this.workspace);
    const at = (i: number): number => records[i]?.address ?? records.at(-1)?.end ?? 0;
    return { records, range: (from, to = records.length) => ({ first: at(from), last: at(to) }) };
  }
}

/** What a program runs on. */
export interface Run {
  /** Rows of the data. */
  readonly rows: number;
  readonly batchSize: number;
  /** Records of a pass, from this one on. */
  readonly first: number;
  /** Passes whose gradients make one update; default 1. */
  readonly accumulate?: number;
  /** Leave out a last batch that isn't full; default false. */
  readonly dropLast?: boolean;
  /** Address of the order of the rows, which is shuffled for each epoch; default: the order of the data. */
  readonly order?: number;
}

/** A program in memory. */
export class Program implements Runnable {
  readonly core: Core;
  readonly address: number;
  work = 0;

  /** @param seed decides the order of rows, and dropout masks */
  constructor(core: Core, workspace: Workspace, seed: number) {
    this.core = core;
    this.address = workspace.allocate(abi.PROGRAM_BYTES + LOG_ROWS * abi.LOG_BYTES, "the plan");
    this.#write(abi.PROGRAM_SEED_LOW, ...seedWords(seed), this.address + abi.PROGRAM_BYTES);
  }

  /** Sets where layers keep their state: it is copied before the passes of an update, for `undo`. */
  setState({ address, bytes }: MemoryRange, workspace: Workspace): void {
    const copy = bytes && workspace.allocate(bytes, "the layers' state");
    this.#write(abi.PROGRAM_STATE, address, bytes, copy);
  }

  #read(field: number): number {
    return this.core.arena.u32[(this.address + field) / 4]!;
  }

  /** Writes consecutive words of the control block: assembly/runtime/abi.ts has their order. */
  #write(field: number, ...words: number[]): void {
    this.core.arena.writeWords(this.address + field, words);
  }

  /** Sets the records of a pass and of an update, and the address of the pass's loss. */
  setRecords(pass: RecordRange, update: RecordRange, loss: number): void {
    this.#write(abi.PROGRAM_LOSS, loss, pass.first, pass.last, update.first, update.last);
  }

  get records(): RecordRange {
    return { first: this.#read(abi.PROGRAM_PASS_FIRST), last: this.#read(abi.PROGRAM_UPDATE_LAST) };
  }

  /** Prepares a run that begins at the first row. */
  begin(counters: Counters, { rows, batchSize, first, accumulate = 1, dropLast = false, order = 0 }: Run): void {
    this.counters = counters;
    this.#write(abi.PROGRAM_ROWS, rows, batchSize, accumulate, order, Number(order > 0), Number(dropLast));
    this.#write(abi.PROGRAM_PASS_FIRST, first);
  }

  get counters(): Counters {
    const count = (field: number): number => this.#read(field) + 2 ** 32 * this.#read(field + 4);
    return {
      updates: count(abi.PROGRAM_STEP),
      passes: count(abi.PROGRAM_PASS),
      epochs: count(abi.PROGRAM_EPOCH),
    };
  }

  /** The next pass begins an epoch and an update. */
  set counters({ updates, passes, epochs }: Counters) {
    const { u32 } = this.core.arena;
    let at = (this.address + abi.PROGRAM_STARTED) / 4;
    u32[at] = 0;
    for (const count of [updates, passes, epochs]) {
      u32[++at] = count; // modulo 2^32
      u32[++at] = count / 2 ** 32;
    }
    u32[++at] = u32[++at] = 0; // the first row, and no pass of the update
  }

  /**
   * Undoes what the passes of an unfinished update changed: the layers' state, and the count of passes.
   *
   * @param never also where no pass was stopped: the update will never be made
   */
  undo(never = false): void {
    if (this.#read(abi.PROGRAM_STARTED) === 0 && !never) return;
    this.restoreState();
    const { passes, ...others } = this.counters;
    this.counters = { ...others, passes: passes - this.accumulated };
  }

  /** Copies the layers' state, as a run does before the passes of an update. */
  keepState(): void {
    this.#copy(abi.PROGRAM_STATE_COPY, abi.PROGRAM_STATE);
  }

  /** Restores the layers' state from the copy. */
  restoreState(): void {
    this.#copy(abi.PROGRAM_STATE, abi.PROGRAM_STATE_COPY);
  }

  #copy(to: number, from: number): void {
    const start = this.#read(from);
    this.core.arena.u8.copyWithin(this.#read(to), start, start + this.#read(abi.PROGRAM_STATE_BYTES));
  }

  /** Passes since the last update. */
  get accumulated(): number {
    return this.#read(abi.PROGRAM_MICRO);
  }

  /** What halted the last run, if something did. */
  get haltedBy(): HaltedBy | undefined {
    return HALTED_BY[this.#read(abi.PROGRAM_HALT)];
  }

  /** Rows of the pass that was halted. */
  get rows(): number {
    return Math.min(this.#read(abi.PROGRAM_BATCH), this.#read(abi.PROGRAM_ROWS) - this.#read(abi.PROGRAM_CURSOR));
  }

  /** Runs a range of records on so many rows. */
  run(range: RecordRange, rows: number): void {
    this.core.exports.run(this.address, range.first, range.last, rows);
  }

  /** Runs so many passes on the calling thread. Returns how many were finished. */
  runPasses(passes: number): number {
    return this.core.exports.runPasses(this.address, passes) >>> 0;
  }

  /** Makes one update from the gradients in memory. Returns false if one isn't finite. */
  update(updates: number, rate: number): boolean {
    this.#write(abi.PROGRAM_STEP, ...seedWords(updates));
    this.core.arena.f64[(this.address + abi.PROGRAM_RATE) / 8] = rate;
    return Boolean(this.core.exports.runUpdate(this.address));
  }

  /** Sets the learning rates of the next passes, as many as can be computed. Returns how many, 1 or more: without any it throws. */
  setRates(passes: number, next: () => number): number {
    const rates: number[] = [];
    try {
      while (rates.length < passes) rates.push(next());
    } catch (error) {
      if (rates.length === 0) throw error;
    }
    const log = this.readLog(rates.length); // now: a schedule of one's own may have made the memory grow
    for (let i = 0; i < rates.length; i++) log[i * LOG_FIELDS + abi.LOG_RATE / 8] = rates[i]!;
    return rates.length;
  }

  /** The log of the passes that were run last: LOG_FIELDS numbers each. To be used at once: memory may grow. */
  readLog(passes: number): Float64Array {
    return this.core.arena.doubles(this.address + abi.PROGRAM_BYTES, passes * LOG_FIELDS);
  }
}

/** A program's control block, and the log of so many passes. */
export function blockOf({ address }: Program, passes: number): MemoryRange {
  return { address, bytes: abi.PROGRAM_BYTES + passes * abi.LOG_BYTES };
}

/** The penalties of a program's pass, in memory: to be read and set at once, as memory may grow. */
export const penaltyOf = ({ address, core }: Program): Float64Array =>
  core.arena.doubles(address + abi.PROGRAM_PENALTY, 1);

const wordOf = ({ address, core }: Program, field: number): number => core.arena.u32[(address + field) / 4]!;

/** The copy of the layers' state from before the passes of an update. */
export function stateCopyOf(program: Program): MemoryRange {
  return { address: wordOf(program, abi.PROGRAM_STATE_COPY), bytes: wordOf(program, abi.PROGRAM_STATE_BYTES) };
}

/**
 * Prepares a program for a pass on a batch of so many rows, where nobody knows how many batches there are.
 *
 * @param last the epoch, and the update, end with it
 * @returns rows of the epoch before it
 */
export function beginBatch(program: Program, rows: number, last: boolean): number {
  const cursor = wordOf(program, abi.PROGRAM_CURSOR);
  program.core.arena.writeWords(program.address + abi.PROGRAM_ROWS, [last ? cursor + rows : 2 ** 32 - 1, rows]);
  return cursor;
}

/** The order of the rows; of no bytes if it is that of the data. */
export function orderOf(program: Program): MemoryRange {
  const address = wordOf(program, abi.PROGRAM_ORDER);
  return { address, bytes: address && 4 * wordOf(program, abi.PROGRAM_ROWS) };
}
