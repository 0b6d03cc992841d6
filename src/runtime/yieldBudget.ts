// Runs passes in time slices: control goes back to the event loop between them.
import type { Runner } from "./executor.ts";
import type { Pace } from "./longPass.ts";
import { LOG_ROWS } from "./program.ts";
import { nextTask, performance } from "./timers.ts";

/** When the event loop had its turn: a `fit` that is shorter than a slice doesn't begin another one. */
let lastYield = performance.now();

/** Runs passes in calls that end with the slice. */
export class YieldBudget implements Pace {
  readonly #run: Runner;
  slice: number;
  /** Two passes took longer than a slice: a busy machine may have made one wait. */
  long = false;
  #millis = 0;

  /**
   * @param run runs so many passes, and returns how many were finished
   * @param slice milliseconds after which control goes back to the event loop
   */
  constructor(run: Runner, slice: number) {
    this.#run = run;
    this.slice = slice;
  }

  /** Milliseconds until the event loop is to have its turn. A clock may have been turned back, as a test's is in the end. */
  get left(): number {
    return this.slice - Math.abs(performance.now() - lastYield);
  }

  /** Passes of the next call, at most. */
  get passes(): number {
    return Math.max(1, Math.min(LOG_ROWS, this.#millis && Math.floor(this.left / this.#millis)));
  }

  /** Runs passes and notes how long they took; afterwards they may be looked at. Returns how many were finished. */
  async run(passes: number, look = false): Promise<number> {
    const before = performance.now();
    await undefined; // whoever called goes on first: the first pass isn't part of the call
    const done = await this.#run(passes, look, this);
    const millis = (performance.now() - before) / passes;
    this.long = Math.min(millis, this.#millis) > this.slice;
    this.#millis = millis;
    return done;
  }

  /** Lets timers, input and painting have their turn, if it is time: if less than so many milliseconds are left. */
  async yield(needed = 0): Promise<void> {
    if (this.left > needed) return;
    await nextTask();
    lastYield = performance.now();
  }
}
