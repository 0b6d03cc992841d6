// Passes that take longer than a slice of time, left between records. Fetched when there is one: most programs have none.
import * as abi from "../../build/abi.js";
import type { Arena } from "./arena.ts";
import type { CoreExports } from "./kernels.ts";
import { performance } from "./timers.ts";

/** Says when the event loop is to have its turn. */
export interface Pace {
  /** Milliseconds of a slice of time. */
  slice: number;
  /** Passes are known to take longer. */
  readonly long: boolean;
  /** Lets the event loop have its turn if less than so many milliseconds are left of the slice. */
  yield(needed: number): Promise<void>;
}

/** What is run: a program. */
interface LongProgram {
  readonly core: { readonly arena: Arena };
  readonly address: number;
}

/** Milliseconds that each record took, by its address. */
const costs = new WeakMap<LongProgram, Map<number, number>>();

/**
 * Runs passes as the core's `runPasses` does, and returns what it returns, but lets the event loop have its turn between records.
 * An update isn't left: who looks at the weights in between sees those of a whole step.
 */
export async function runLong(
  program: LongProgram,
  exports: Pick<CoreExports, "run" | "runBegin" | "runEnd">,
  passes: number,
  pace: Pace,
): Promise<number> {
  const { address } = program;
  const read = (at: number): number => program.core.arena.u32[at / 4]!; // memory may grow in between
  const cost = costs.get(program) ?? new Map<number, number>();
  costs.set(program, cost);
  /** Exchanges what layers have as state, such as running statistics, with the copy from before the pass: others see that meanwhile. */
  const exchange = (): void => {
    const { u8 } = program.core.arena;
    const [state, bytes, copy] = [abi.PROGRAM_STATE, abi.PROGRAM_STATE_BYTES, abi.PROGRAM_STATE_COPY].map((field) =>
      read(address + field),
    ) as [number, number, number];
    const now = u8.slice(state, state + bytes);
    u8.copyWithin(state, copy, copy + bytes);
    u8.set(now, copy);
  };
  /** Runs something that took so long the last time. */
  const timed = async <T>(key: number, run: () => T): Promise<T> => {
    if (key > 0) exchange();
    await pace.yield(Math.min(cost.get(key) ?? 0, 0.9 * pace.slice));
    if (key > 0) exchange();
    const start = performance.now();
    const result = run();
    cost.set(key, performance.now() - start);
    return result;
  };
  const first = read(address + abi.PROGRAM_PASS_FIRST);
  const last = read(address + abi.PROGRAM_PASS_LAST);
  for (let done = 0, log = read(address + abi.PROGRAM_LOG); done < passes; done++, log += abi.LOG_BYTES) {
    const rows = await timed(0, () => exports.runBegin(address));
    for (let at = first; at < last;) {
      const next = at + read(at + abi.RECORD_BYTES);
      const stopped = await timed(at, () => exports.run(address, at, next, rows) >>> 0);
      if (stopped !== next) return done;
      at = next;
    }
    if (!(await timed(last, () => exports.runEnd(address, rows, log)))) return done;
  }
  return passes;
}
