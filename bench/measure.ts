// Timing: a warm-up, several repetitions, and their median.
import { cpus } from "node:os";

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

/** What is slow is repeated less often: no more than this in total, once there are two. */
const MOST_MILLISECONDS = 1000;

/** Milliseconds that each of several repetitions took, after a warm-up. `before` is not timed. */
export async function repeat(
  repetitions: number,
  run: () => unknown,
  before: () => unknown = () => {},
): Promise<number[]> {
  const times: number[] = [];
  let spent = 0;
  for (let i = -1; i < repetitions && (i < 2 || spent < MOST_MILLISECONDS); i++) {
    await before();
    (globalThis as { gc?: () => void }).gc?.();
    const start = performance.now();
    await run();
    const time = performance.now() - start;
    spent += time;
    if (i >= 0) times.push(time);
  }
  return times;
}

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
export async function productRate(
  [m, k, n]: readonly number[],
  run: () => unknown,
  milliseconds = 30,
): Promise<number[]> {
  const turns = await turnsFor(milliseconds, run);
  const times = await repeat(5, async () => {
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
