// Where a program stands in its epoch: for checkpoints, and trainings that go on from one.
import * as abi from "../../build/abi.js";
import { orderOf, type Program, stateCopyOf } from "./program.ts";
import { seedWords } from "./record.ts";

/** What the control block has besides the counters. */
export interface ProgramPosition {
  /** Rows of the epoch that are done. */
  readonly row: number;
  /** Passes whose gradients are in the sum. */
  readonly accumulated: number;
  /** The layers' state from before the unfinished update; empty if there is none. */
  readonly before: Uint8Array;
}

/** Where it stands. */
export function positionOf(program: Program): ProgramPosition {
  const { u32, u8 } = program.core.arena;
  const { accumulated } = program;
  const { address, bytes } = stateCopyOf(program);
  return {
    row: u32[(program.address + abi.PROGRAM_CURSOR) / 4]!,
    accumulated,
    before: u8.slice(address, address + (accumulated > 0 ? bytes : 0)),
  };
}

/** Lets a program that is ready to begin go on from a position. */
export function goTo(program: Program, seed: number, { row, accumulated, before }: ProgramPosition): void {
  const { arena, exports } = program.core;
  // the core makes the order of the rows when it begins an epoch
  const { address, bytes } = orderOf(program);
  const [low, high] = seedWords(seed) as [number, number];
  if (row > 0 && bytes > 0) {
    exports.randomPermutation(address, bytes / 4, low, high, abi.STREAM_ORDER, BigInt(program.counters.epochs));
  }
  arena.writeWords(program.address + abi.PROGRAM_CURSOR, [row, accumulated]);
  arena.writeBytes(stateCopyOf(program).address, before);
}
