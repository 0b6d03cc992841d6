import { describe, expect, test } from "vitest";
import * as abi from "../../../../build/abi.js";
import { ctc } from "../../../../src/nn/losses/ctc.ts";
import { ctcTargets } from "../../../../src/nn/losses/ctcRows.ts";
import { expectSameBits } from "../../../support/bits.ts";
import { normal } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();

interface Batch {
  readonly steps: number;
  readonly classes: number;
  readonly blank: number;
  readonly x: Float32Array;
  readonly labels: readonly (readonly number[])[];
  readonly maxLabels: number;
  readonly lengths?: readonly number[];
  readonly weights?: readonly number[];
  readonly sum?: boolean;
}

function run(batch: Batch) {
  const { steps, classes, blank, x, labels, maxLabels, lengths, weights, sum = false } = batch;
  const rows = labels.length;
  const count = rows * steps * classes;
  const loss = ctc({ blank, maxLabels, lengths: lengths !== undefined });
  const scratch = { address: 0, words: 0 };
  const workspace = {
    allocate(bytes: number) {
      const address = bench.room(bytes / 4);
      Object.assign(scratch, { address, words: bytes / 4 });
      return address;
    },
  };
  const place = {
    x: bench.floats(x),
    target: bench.floats(ctcTargets(labels, { maxLabels, ...(lengths && { lengths }) })),
    dx: bench.room(count),
    value: bench.room(4),
    weight: weights ? bench.floats(weights) : 0,
    each: bench.room(rows),
    reduction: sum ? abi.REDUCTION_SUM : abi.REDUCTION_MEAN,
  };
  const own = loss.args({ shape: [steps, classes], parts: { workspace } } as never);
  bench.run("ctcLoss", { perRow: steps * classes, rows }, { ...place, ...own });
  bench.expectVectorGuard(place.dx, count, "dx");
  bench.expectVectorGuard(place.each, rows, "each");
  bench.expectGuard(scratch.address, scratch.words, "scratch");
  const [total, divisor] = bench.readDoubles(place.value, 2);
  const result = {
    dx: bench.read(place.dx, count),
    each: bench.read(place.each, rows),
    total: total!,
    divisor: divisor!,
  };
  bench.clear();
  return result;
}

/** A row's loss and gradient in float64, from every path that there is. */
function everyPath(x: Float32Array, labels: readonly number[], { steps, classes, blank }: Batch, all: number) {
  const p = Array.from({ length: steps }, (_, t) => {
    const z = Array.from(x.subarray(t * classes, (t + 1) * classes));
    const terms = z.map((v) => Math.exp(v - Math.max(...z)));
    const sum = terms.reduce((a, b) => a + b, 0);
    return terms.map((term) => term / sum);
  });
  const inClass = p.map((row) => row.map(() => 0));
  let probability = 0;
  const path: number[] = [];
  const go = (share: number): void => {
    if (path.length < steps) {
      for (let c = 0; c < classes; c++) {
        path.push(c);
        go(share * p[path.length - 1]![c]!);
        path.pop();
      }
      return;
    }
    const said = path.filter((c, t) => c !== blank && c !== path[t - 1]);
    if (said.join() !== labels.join()) return;
    probability += share;
    path.forEach((c, t) => (inClass[t]![c]! += share));
  };
  go(1);
  if (probability === 0) return { loss: 0, gradient: Array<number>(all * classes).fill(0) };
  const gradient = p.flatMap((row, t) => row.map((v, c) => v - inClass[t]![c]! / probability));
  return { loss: -Math.log(probability), gradient: [...gradient, ...Array<number>((all - steps) * classes).fill(0)] };
}

/** The softmax in float32 and the rounded result: 4 units of numbers up to 1. */
const CLOSE = 2.5e-7;

function compare(batch: Batch): void {
  const { steps, classes, labels, lengths, weights, sum } = batch;
  const made = run(batch);
  const size = steps * classes;
  const weight = (r: number): number => Math.fround(weights?.[r] ?? 1);
  const divisor = sum ? 1 : labels.reduce((all, _, r) => all + weight(r), 0);
  const right = labels.map((row, r) =>
    everyPath(batch.x.subarray(r * size, (r + 1) * size), row, { ...batch, steps: lengths?.[r] ?? steps }, steps),
  );
  expect(made.divisor).toBeCloseTo(divisor, 10);
  right.forEach(({ loss, gradient }, r) => {
    expect(Math.abs(made.each[r]! - weight(r) * loss)).toBeLessThanOrEqual(CLOSE * (1 + weight(r) * loss));
    gradient.forEach((v, i) => {
      const got = made.dx[r * size + i]! * (divisor || 1);
      expect(Math.abs(got - weight(r) * v), `row ${r}, number ${i}: ${got}, ${v}`).toBeLessThanOrEqual(CLOSE * 2);
    });
  });
  expect(made.total).toBeCloseTo(
    right.reduce((all, { loss }, r) => all + weight(r) * loss, 0),
    5,
  );
}

const batchOf = (steps: number, classes: number, labels: readonly (readonly number[])[], blank = 0): Batch => ({
  steps,
  classes,
  blank,
  labels,
  maxLabels: Math.max(1, ...labels.map((row) => row.length)),
  x: normal(labels.length * steps * classes, { seed: steps * 10 + classes, deviation: 2 }),
});

describe("ctc against every path there is", () => {
  const cases: Record<string, Batch> = {
    "one step": batchOf(1, 2, [[1], []]),
    "two classes": batchOf(5, 2, [[1], [1, 1], [1, 1, 1], []]),
    "labels that repeat": batchOf(6, 3, [[1, 1], [2, 2, 2], [1, 2, 1], [1, 2, 2, 1]]),
    "labels that just fit": batchOf(5, 4, [[1, 2, 3, 1, 2], [1, 1, 2, 2], [3, 3, 3]]),
    "the blank in the middle": batchOf(5, 4, [[0, 1], [3, 3], [0]], 2),
    "the blank at the end": batchOf(5, 3, [[0, 1], [1, 1, 0], [0]], 2),
    "more classes than a vector": batchOf(4, 5, [[1, 2], [4, 4], [3]]),
    "steps that don't count": { ...batchOf(5, 3, [[1, 2], [2], [1, 1], []]), lengths: [5, 1, 3, 2] },
    "labels that need more steps": { ...batchOf(3, 3, [[1, 1, 1], [1, 2], [1, 1]]), lengths: [3, 3, 2] },
  }; // prettier-ignore

  test.each(Object.entries(cases))("%s", (_, batch) => {
    compare(batch);
    compare({ ...batch, sum: true });
    compare({ ...batch, weights: batch.labels.map((_row, r) => (r === 1 ? 0 : 0.5 + r)) });
  });
});

test("rows have the bits that they have alone", () => {
  const batch = { ...batchOf(7, 6, [[1, 2, 2], [5], [3, 4, 3]]), sum: true };
  const all = run(batch);
  batch.labels.forEach((labels, r) => {
    const alone = run({ ...batch, labels: [labels], x: batch.x.slice(r * 42, (r + 1) * 42) });
    expectSameBits(alone.dx, all.dx.slice(r * 42, (r + 1) * 42), `row ${r}`);
    expect(alone.each[0]).toBe(all.each[r]);
  });
});

test("answers that are certain and wrong have a finite loss and its gradient", () => {
  // every step says class 2 with e^-200 for all others, over 50 steps; the labels are 1, 1, 3
  const [steps, classes] = [50, 4];
  const x = Float32Array.from({ length: steps * classes }, (_, i) => (i % classes === 2 ? 200 : 0));
  const { total, dx } = run({ steps, classes, blank: 0, x, labels: [[1, 1, 3]], maxLabels: 3 });
  expect(Math.abs(total - 50 * 200)).toBeLessThan(50); // less the logarithm of the number of paths
  expect(dx.every(Number.isFinite)).toBe(true);
  for (let t = 0; t < steps; t++) {
    expect(dx[t * classes + 2]).toBe(1);
    const others = dx[t * classes]! + dx[t * classes + 1]! + dx[t * classes + 3]!;
    expect(Math.abs(others + 1)).toBeLessThan(1e-6);
  }
});

test("a NaN makes the total NaN", () => {
  const batch = batchOf(4, 3, [[1, 2]]);
  for (let i = 0; i < 12; i++) expect(run({ ...batch, x: batch.x.with(i, NaN) }).total).toBeNaN();
});
