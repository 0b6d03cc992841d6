// A program in the core's memory: its control block, its records, and running them.
import { type RecordRange, seedWords, type Split, type Tail, wordsOf, type Written } from "./record.ts";
import * as abi from "../../build/abi.js";
import type { Workspace } from "./arena.ts";
import type { Core } from "./core.ts";
import type { KernelName } from "./kernels.ts";

/** Passes that one call of the core may run: the log has a row for each. */
export const LOG_ROWS = 1024;

/** Float64 numbers of a row of the log. */
export const LOG_FIELDS = abi.LOG_BYTES / 8;

interface PlannedRecord {
  readonly kernel: KernelName;
  readonly perRow: number;
  readonly flags: number;
  readonly words: readonly number[];
  readonly split: Split | undefined;
  readonly writes: readonly Written[];
  /** The layer's place in the model, or -1. */
  readonly layer: number;
}

/** A record in memory. */
export interface PlacedRecord extends PlannedRecord {
  readonly address: number;
  readonly end: number;
}

/** Records while they are being collected. */
export class RecordList {
  readonly #records: PlannedRecord[] = [];

  get length(): number {
    return this.#records.length;
  }

  add(
    kernel: KernelName,
    perRow: number,
    tail: Tail,
    more: { flags?: number; writes?: readonly Written[]; layer?: number; split?: Split | undefined } = {},
  ): void {
    this.#records.push({
      kernel,
      perRow,
      words: wordsOf(tail),
      split: more.split,
      flags: more.flags ?? 0,
      writes: more.writes ?? [],
      layer: more.layer ?? -1,
    });
  }

  /** Writes the records to memory. */
  place(core: Core, workspace: Workspace): readonly PlacedRecord[] {
    const records = this.#records.map((r) => ({ ...r, ...(r.split && core.executor.share?.(r.split, r)) }));
    const sizes = records.map((r) => Math.ceil((abi.RECORD_ARGS + r.words.length * 4) / 16) * 16);
    let address = workspace.allocate(
      sizes.reduce((sum, n) => sum + n, 0),
      "the plan",
    );
    const { u32 } = core.arena;
    return records.map((r, i) => {
      const place = { ...r, address, end: address + sizes[i]! };
      const at = address / 4;
      u32[at + abi.RECORD_KERNEL / 4] = core.kernel(r.kernel);
      u32[at + abi.RECORD_BYTES / 4] = sizes[i]!;
      u32[at + abi.RECORD_FLAGS / 4] = r.flags;
      u32[at + abi.RECORD_PER_ROW / 4] = r.perRow;
      u32.set(r.words, at + abi.RECORD_ARGS / 4);
      address = place.end;
      return place;
    });
  }
}

/** The control block of a program. */
export class Program {
  readonly core: Core;
  readonly address: number;

  constructor(core: Core, workspace: Workspace) {
    this.core = core;
    this.address = workspace.allocate(abi.PROGRAM_BYTES + LOG_ROWS * abi.LOG_BYTES, "the plan");
    this.set(abi.PROGRAM_LOG, this.address + abi.PROGRAM_BYTES);
    this.set(abi.PROGRAM_ACCUMULATE, 1);
  }

  get(field: number): number {
    return this.core.arena.u32[(this.address + field) / 4]!;
  }

  set(field: number, value: number): void {
    this.core.arena.u32[(this.address + field) / 4] = value;
  }

  getDouble(field: number): number {
    return this.core.arena.f64[(this.address + field) / 8]!;
  }

  setDouble(field: number, value: number): void {
    this.core.arena.f64[(this.address + field) / 8] = value;
  }

  setSeed(seed: number): void {
    const [low, high] = seedWords(seed);
    this.set(abi.PROGRAM_SEED_LOW, low);
    this.set(abi.PROGRAM_SEED_HIGH, high);
  }

  /** Runs a range of records. Returns the address of the record that halted it, or 0. */
  run(range: RecordRange, rows: number): number {
    const stopped = this.core.exports.run(this.address, range.first, range.last, rows) >>> 0;
    return stopped === range.last ? 0 : stopped;
  }

  /** The log as it is in memory: a row a pass. To be used at once: memory may grow. */
  get log(): Float64Array {
    const from = (this.address + abi.PROGRAM_BYTES) / 8;
    return this.core.arena.f64.subarray(from, from + LOG_ROWS * LOG_FIELDS);
  }
}
