// Timing: a warm-up, short bursts in turns with others, their median and the best of them.
import { cpus } from "node:os";
import { takeTurn } from "./turns.ts";

export interface Result {
  readonly workload: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly n: number;
  readonly node: string;
  readonly cpu: string;
  /** What must be the same whoever computes it: a loss, or a sum of all results. */
  readonly check?: number;
  /** After how many updates the check was taken, if not after all. */
  readonly updates?: number;
  /** The check after each update. */
  readonly checks?: readonly number[];
  /** Why the work differs by its nature. */
  readonly other?: string;
  readonly [more: string]: unknown;
}

const round = (value: number): number => Number(value.toPrecision(5));

export function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

export function result(workload: string, unit: string, values: readonly number[], more: object = {}): Result {
  return {
    workload,
    unit,
    median: round(middle(values)),
    min: round(Math.min(...values)),
    max: round(Math.max(...values)),
    n: values.length,
    node: process.version,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    ...more,
  };
}

/** Milliseconds that a burst is to take: long enough for the clock, short enough for much else to come between two of them. */
export const BURST = 20;
/** How many bursts a figure is made of. */
export const BURSTS = 60;
/** What is slow is repeated less often: no more than this in total, once there are three. */
const MOST_MILLISECONDS = 3000;

/** Milliseconds of each burst, after one as a warm-up. `run` may say its own time, as `{ ms }`. `before` is not timed. */
export async function repeat(bursts: number, run: () => unknown, before: () => unknown = () => {}): Promise<number[]> {
  const times: number[] = [];
  let spent = 0;
  for (let i = -1; i < bursts && (i < 3 || spent < MOST_MILLISECONDS); i++) {
    await before();
    (globalThis as { gc?: () => void }).gc?.();
    if (i >= 0) takeTurn();
    const start = performance.now();
    const own = await run();
    const whole = performance.now() - start;
    const time = (own as { readonly ms?: number } | undefined)?.ms ?? whole;
    spent += time;
    if (i >= 0) times.push(time);
  }
  return times;
}

/** How many of `all` units of work, which took so many milliseconds, a burst has. */
export const burstOf = (all: number, ms: number): number => Math.max(1, Math.min(all, Math.round((all * BURST) / ms)));

/** How often to run something so that it takes about the given time. */
export async function turnsFor(milliseconds: number, run: () => unknown): Promise<number> {
  let turns = 0;
  let start = performance.now();
  for (let i = 0; i < 5 && performance.now() - start < milliseconds; i++) await run();
  start = performance.now();
  while (performance.now() - start < milliseconds / 2) {
    await run();
    turns++;
  }
  return Math.max(1, Math.ceil((turns * milliseconds) / (performance.now() - start)));
}

/** The rate at which a product is computed, in operations. */
export async function productRate([m, k, n]: readonly number[], run: () => unknown): Promise<number[]> {
  const turns = await turnsFor(BURST / 2, run);
  const times = await repeat(BURSTS / 2, async () => {
    for (let i = 0; i < turns; i++) await run();
  });
  return times.map((ms) => (2 * m! * k! * n! * turns) / ms / 1e6);
}

/** The sum of the absolute values, by which two computations of the same are compared. */
export function sizeOfAll(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.abs(values[i]!);
  return sum;
}
