// Executors run programs: on the calling thread, or on several threads.
import type { Arena, MemoryRange } from "./arena.ts";
import type { Pace } from "./longPass.ts";
import type { RecordParts, RecordRange, Sharing } from "./record.ts";
import type { CoreExports } from "./kernels.ts";

/** How far a training has come. */
export interface Counters {
  /** Updates made so far: they number the steps of optimizers. */
  readonly updates: number;
  /** Passes made so far: they number the dropout masks. */
  readonly passes: number;
  /** Epochs finished so far: they number the orders of rows. */
  readonly epochs: number;
}

/** What executors use of a program. */
export interface Runnable {
  readonly core: { readonly arena: Arena };
  readonly address: number;
  /** The records of a pass and of an update. */
  readonly records: RecordRange;
  counters: Counters;
  /** Operations of a pass, about. */
  readonly work: number;
}

/** Operations of a pass that may take longer than a slice: 8 ms of a processor half as fast as those of today. */
const LONG = 1e8;

/**
 * Runs so many passes of a program. Returns how many were finished: fewer, if a number was not finite.
 *
 * @param look afterwards, metrics and parameters are looked at
 * @param pace a pass on the calling thread that takes longer than its slice, or has so many operations, is left between records
 */
export type Runner = (passes: number, look: boolean, pace: Pace) => number | Promise<number>;

/** Runs programs. */
export interface Executor {
  /** The binary whose kernels it runs. Both give the same bits. */
  readonly binary: "strict" | "threads";
  /** Threads that there is scratch memory for. */
  readonly threads: number;
  /** Why one thread runs programs; undefined if several do. */
  readonly reason: string | undefined;
  /** What threads need to know of a record, if it is worth distributing: flags, and words after its arguments. */
  share?(sharing: Sharing, record: RecordParts): RecordParts | undefined;
  /**
   * Makes the function that runs a program.
   *
   * @param changes what an update changes: it is restored if a thread ends in the middle of one
   * @param off leaves the calling thread free, if other threads can run it
   */
  runner(program: Runnable, changes?: readonly MemoryRange[], off?: boolean): Runner;
}

/** Runs programs on the calling thread. */
export function callingThread(
  exports: Pick<CoreExports, "run" | "runBegin" | "runEnd" | "runPasses">,
  reason: string,
): Executor {
  return {
    binary: "strict",
    threads: 1,
    reason,
    runner: (program) => (passes, _look, pace) => {
      const whole = (): number => exports.runPasses(program.address, passes) >>> 0;
      return pace.long || program.work > LONG
        ? import("./longPass.ts").then((m) => m.runLong(program, exports, passes, pace), whole) // without the file, passes aren't left
        : whole();
    },
  };
}
