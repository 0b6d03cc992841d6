// Timing: a warm-up, several repetitions, and the middle of them.
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

/** Milliseconds that each of several repetitions took, after a warm-up. `before` is not timed. */
export async function repeat(
  repetitions: number,
  run: () => void | Promise<void>,
  before: () => void | Promise<void> = () => {},
): Promise<number[]> {
  const times: number[] = [];
  for (let i = -1; i < repetitions; i++) {
    await before();
    (globalThis as { gc?: () => void }).gc?.();
    const start = performance.now();
    await run();
    if (i >= 0) times.push(performance.now() - start);
  }
  return times;
}

/** How often to run something so that it takes about the given time. */
export function turnsFor(milliseconds: number, run: () => void): number {
  for (let i = 0; i < 5; i++) run();
  let turns = 0;
  const start = performance.now();
  while (performance.now() - start < milliseconds / 2) {
    run();
    turns++;
  }
  return Math.max(1, Math.ceil((turns * milliseconds) / (performance.now() - start)));
}
