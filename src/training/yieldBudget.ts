// Runs passes in time slices: control goes back to the event loop between them.
import type { Runner } from "../runtime/executor.ts";
import { LOG_ROWS } from "../runtime/program.ts";
import { nextTask, performance } from "../runtime/timers.ts";

/** Control goes back to the event loop after about this many milliseconds. */
const SLICE = 16;

/** When the event loop had its turn: a `fit` that is shorter than a slice doesn't begin another one. */
let lastYield = performance.now();

/** Runs passes in calls of about a slice each. */
export class YieldBudget {
  readonly #run: Runner;
  readonly #slice: number;
  #millisPerPass = 0;

  /** @param run runs so many passes, and returns how many were finished */
  constructor(run: Runner, slice = SLICE) {
    this.#run = run;
    this.#slice = slice;
  }

  /** Passes of the next call, at most. */
  get passes(): number {
    const affordable = this.#millisPerPass === 0 ? 1 : Math.floor(this.#slice / this.#millisPerPass);
    return Math.min(LOG_ROWS, Math.max(1, affordable));
  }

  /** Runs passes and notes how long they took; afterwards they may be looked at. Returns how many were finished. */
  async run(passes: number, look = false): Promise<number> {
    const before = performance.now();
    await undefined; // whoever called goes on first: the first pass isn't part of the call
    const done = await this.#run(passes, look);
    this.#millisPerPass = (performance.now() - before) / passes;
    return done;
  }

  /** Lets timers, input and painting have their turn, if it is time. */
  async yield(): Promise<void> {
    if (performance.now() - lastYield < SLICE) return;
    await nextTask();
    lastYield = performance.now();
  }
}
