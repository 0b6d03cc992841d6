import { describe, expect, test } from "vitest";
import * as abi from "../../../../build/abi.js";
import { sequenceCrossEntropy } from "../../../../src/nn/losses/sequenceCrossEntropy.ts";
import { expectSameBits } from "../../../support/bits.ts";
import { normal, uniform, wholes } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();

interface Batch {
  readonly rows: number;
  readonly steps: number;
  readonly classes: number;
  readonly x: Float32Array;
  readonly labels: Float32Array;
  readonly weights?: Float32Array;
  readonly sum?: boolean;
  readonly classWeights?: readonly number[];
  readonly labelSmoothing?: number;
}

function run({ rows, steps, classes, x, labels, weights, sum = false, classWeights, labelSmoothing = 0 }: Batch) {
  const count = rows * steps * classes;
  const loss = sequenceCrossEntropy({ labelSmoothing, ...(classWeights && { classWeights }) });
  const place = {
    x: bench.floats(x, 2 * count),
    target: bench.floats(labels, 2 * rows * steps),
    dx: bench.room(count),
    value: bench.room(4),
    weight: weights ? bench.floats(weights) : 0,
    each: bench.room(rows * steps),
    reduction: sum ? abi.REDUCTION_SUM : abi.REDUCTION_MEAN,
  };
  const own = loss.args({ shape: [steps, classes], constants: (values: number[]) => bench.floats(values) } as never);
  bench.run("sequenceCrossEntropyLoss", { perRow: steps * classes, rows }, { ...place, ...own });
  bench.expectVectorGuard(place.dx, count, "dx");
  bench.expectGuard(place.each, rows * steps, "each");
  const [total, divisor] = bench.readDoubles(place.value, 2);
  return {
    dx: bench.read(place.dx, count),
    each: bench.read(place.each, rows * steps),
    total: total!,
    divisor: divisor!,
  };
}

/** The loss, step by step, in float64. */
function plain({ rows, steps, classes, x, labels, weights, sum = false, classWeights, labelSmoothing = 0 }: Batch) {
  const dx = new Float64Array(rows * steps * classes);
  let total = 0;
  let counted = 0;
  for (let s = 0; s < rows * steps; s++) {
    const label = labels[s]!;
    const w = weights ? weights[Math.floor(s / steps)]! : 1;
    if (label < 0) continue;
    const z = Array.from(x.subarray(s * classes, (s + 1) * classes));
    const top = Math.max(...z);
    const terms = z.map((value) => Math.exp(value - top));
    const all = terms.reduce((a, b) => a + b, 0);
    const target = terms.map((_, j) => {
      const share = Number(j === label) * (1 - labelSmoothing) + labelSmoothing / classes;
      return share * (classWeights?.[j] ?? 1);
    });
    const mass = target.reduce((a, b) => a + b, 0);
    total += w * target.reduce((loss, t, j) => loss + t * (Math.log(all) - (z[j]! - top)), 0);
    counted += w * (classWeights?.[label] ?? 1);
    terms.forEach((term, j) => (dx[s * classes + j] = w * ((mass * term) / all - target[j]!)));
  }
  const divisor = sum ? 1 : counted;
  return { total, divisor, dx: dx.map((value) => (divisor > 0 ? value / divisor : 0)) };
}

const batchOf = (rows: number, steps: number, classes: number): Batch => ({
  rows,
  steps,
  classes,
  x: normal(rows * steps * classes, { seed: 1, deviation: 3 }),
  labels: Float32Array.from(wholes(rows * steps, { seed: 2, below: classes + 1 }), (label) => label - 1),
});

describe("sequenceCrossEntropy", () => {
  for (const [rows, steps, classes] of [
    [1, 1, 2],
    [2, 3, 3],
    [3, 5, 4],
    [2, 7, 9],
    [5, 2, 17],
  ] as const) {
    for (const sum of [false, true]) {
      for (const weighted of [false, true]) {
        test(`${rows} rows of ${steps} steps, ${classes} classes, ${sum ? "sum" : "mean"}${weighted ? ", weighted" : ""}`, () => {
          const weights = weighted ? { weights: uniform(rows, { seed: 3, low: 0, high: 2 }) } : {};
          const batch = { ...batchOf(rows, steps, classes), sum, ...weights };
          const made = run(batch);
          const right = plain(batch);
          expect(made.total).toBeCloseTo(right.total, 4);
          expect(made.divisor).toBeCloseTo(right.divisor, 6);
          made.dx.forEach((value, i) => expect(Math.abs(value - right.dx[i]!)).toBeLessThanOrEqual(1e-6));
        });
      }
    }
  }

  test.each([
    { classWeights: [0.5, 0, 2, 3, 1] },
    { labelSmoothing: 0.2 },
    { classWeights: [0.5, 1, 2, 3, 1], labelSmoothing: 0.1, sum: true },
  ])("%o", (options) => {
    const batch = { ...batchOf(3, 4, 5), ...options, weights: uniform(3, { seed: 3, low: 0, high: 2 }) };
    const made = run(batch);
    const right = plain(batch);
    expect(made.total).toBeCloseTo(right.total, 4);
    expect(made.divisor).toBeCloseTo(right.divisor, 6);
    made.dx.forEach((value, i) => expect(Math.abs(value - right.dx[i]!)).toBeLessThanOrEqual(2e-6));
  });

  test("steps that don't count have loss and gradient 0; where none counts, everything is 0", () => {
    const batch = batchOf(2, 3, 4);
    const { total, divisor, dx, each } = run({ ...batch, labels: new Float32Array(6).fill(-1) });
    expect([total, divisor]).toEqual([0, 0]);
    expect([...dx, ...each].every((value) => value === 0)).toBe(true);
  });

  test("each step has the bits that it has alone", () => {
    const batch = { ...batchOf(2, 3, 5), sum: true, labels: Float32Array.of(4, 0, 1, 2, 3, 3) };
    const all = run(batch);
    for (let s = 0; s < 6; s++) {
      const alone = run({
        rows: 1,
        steps: 1,
        classes: 5,
        sum: true,
        x: batch.x.slice(s * 5, s * 5 + 5),
        labels: batch.labels.slice(s, s + 1),
      });
      expectSameBits(alone.dx, all.dx.slice(s * 5, s * 5 + 5), `step ${s}`);
    }
  });
});
