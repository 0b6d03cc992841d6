// A program whose control block a test writes and reads word by word: how kernels are tested alone.
import type { Core } from "../../src/runtime/core.ts";
import type { Workspace } from "../../src/runtime/arena.ts";
import * as abi from "../../build/abi.js";
import { LOG_ROWS, Program } from "../../src/runtime/program.ts";
import { type RecordRange, seedWords } from "../../src/runtime/record.ts";

/** Float64 numbers of a row of the log. */
export const LOG_FIELDS = abi.LOG_BYTES / 8;

export class ControlBlock extends Program {
  constructor(core: Core, workspace: Workspace) {
    super(core, workspace, 0);
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

  /** Runs records. Returns the address of the one that halted the run, or 0. */
  override run(range: RecordRange, rows: number): number {
    const stopped = this.core.exports.run(this.address, range.first, range.last, rows) >>> 0;
    return stopped === range.last ? 0 : stopped;
  }

  /** The log as it is in memory: one row per pass. */
  get log(): Float64Array {
    return this.core.arena.doubles(this.address + abi.PROGRAM_BYTES, LOG_ROWS * LOG_FIELDS);
  }
}
