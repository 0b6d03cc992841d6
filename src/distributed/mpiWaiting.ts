// Waiting for other processes: first without letting go, then between turns of the event loop, then rarely, and not forever.
import type * as timers from "node:timers";
import { nodeModule } from "../util/node.ts";

/** Milliseconds after which it asks once a millisecond: the processor is for those who compute. */
const RARELY = 50;
/** Milliseconds that count between two questions, at most: in a process that was stopped itself, nobody has waited. */
const GAP = 1000;

/** Who waits, and for how many seconds at most. */
interface Waiter {
  readonly rank: number;
  readonly size: number;
  readonly timeout: number;
  /** There are fewer processors than ranks: who waits leaves them to the others at once. */
  readonly crowded: boolean;
}

/**
 * Gives what waits until `isDone`: for so many milliseconds (`atOnce`) it asks again and again, and returns if that was enough; otherwise it
 * gives a promise.
 */
export function waiterOf({ rank, size, timeout, crowded }: Waiter) {
  const { setImmediate, setTimeout } = nodeModule<typeof timers>("node:timers")!;
  const poll = async (isDone: () => boolean): Promise<void> => {
    let waited = 0;
    let last = performance.now();
    while (!isDone()) {
      const now = performance.now();
      waited += Math.min(now - last, GAP);
      last = now;
      if (waited > timeout * 1000) {
        throw new Error(
          `mpi: rank ${rank} of ${size} has waited ${timeout} s for the others: one of them hangs, was stopped, has ended, hasn't called fit or ` +
            "evaluate with the group as this one has, or computes for longer than that. Look at the ranks that don't report this; if they only take their time, give them more, " +
            `mpi({ timeout: ${timeout * 2} })`,
        );
      }
      await new Promise<void>((go) => void (waited < RARELY && !crowded ? setImmediate(go) : setTimeout(go, 1)));
    }
  };
  return (isDone: () => boolean, atOnce: number): void | Promise<void> => {
    const end = performance.now() + (crowded ? 0 : atOnce);
    do {
      if (isDone()) return;
    } while (performance.now() < end);
    return poll(isDone);
  };
}
