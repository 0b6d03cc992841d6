// How a loss kernel is tested: each loss, the gradient and the sum against float64, with every reduction and with weights.
import { describe, expect, test } from "vitest";
import { REDUCTION_BATCH_MEAN, REDUCTION_MEAN, REDUCTION_SUM } from "../../build/abi.js";
import type { Loss, LossParts } from "../../src/nn/losses/loss.ts";
import { expectClose, type Tolerance } from "./golden.ts";
import { normal, uniform, wholes } from "./seeded.ts";
import { Workbench } from "./workbench.ts";

export const REDUCTIONS = { mean: REDUCTION_MEAN, sum: REDUCTION_SUM, batchMean: REDUCTION_BATCH_MEAN };
type ReductionName = keyof typeof REDUCTIONS;

export interface LossBatch {
  readonly x: Float32Array;
  /** As many as x, or one label per row. */
  readonly target: Float32Array | Int32Array;
  /** Outputs per row. */
  readonly n: number;
  readonly rows: number;
  /** One per row. */
  readonly weights?: Float32Array | undefined;
  readonly reduction?: ReductionName;
  /** Rows that the plan has capacity for; after the used ones comes the guard. */
  readonly capacity?: number;
}

export interface LossResult {
  /** Weighted losses, one per element or one per row. */
  readonly each: Float32Array;
  readonly dx: Float32Array;
  readonly total: number;
  readonly divisor: number;
}

export function runLoss(bench: Workbench, loss: Loss, batch: LossBatch): LossResult {
  const { n, rows, weights, reduction = "mean", capacity = rows } = batch;
  const labels = batch.target instanceof Int32Array;
  const target = labels ? bench.words(batch.target, capacity) : bench.floats(batch.target, capacity * n);
  const value = bench.doubles([NaN, NaN]);
  const dx = bench.room(capacity * n);
  const perRow = loss.each === "rows" ? 1 : n;
  const each = bench.room(capacity * perRow);
  bench.run(
    `${loss.kernel === undefined ? loss.type : loss.kernel}Loss`,
    { perRow: n, rows },
    {
      x: bench.floats(batch.x, capacity * n),
      target,
      dx,
      value,
      weight: weights ? bench.floats(weights, capacity) : 0,
      each,
      reduction: REDUCTIONS[reduction],
      ...loss.args({
        core: bench.core,
        labels,
        constants: (values) => bench.floats(values),
        shape: [n],
        parts: NO_PARTS,
      }),
    },
  );
  bench.expectVectorGuard(dx, rows * n, "dx");
  bench.expectVectorGuard(each, rows * perRow, "each");
  bench.expectGuard(value, 4, "value");
  const [total, divisor] = bench.readDoubles(value, 2);
  return { each: bench.read(each, rows * perRow), dx: bench.read(dx, rows * n), total: total!, divisor: divisor! };
}

/** Losses that combine others are tested with them. */
const NO_PARTS = new Proxy({}, { get: () => expect.unreachable("parts of a loss") }) as LossParts;

/** Outputs per row: around a vector and two. */
export const SIZES = [1, 3, 4, 5, 8, 17];
const ROWS = [1, 3, 8];

/** Weights from 0 to 2, one of them 0. */
export function rowWeights(rows: number, seed: number): Float32Array {
  return uniform(rows, { seed, low: 0.1, high: 2 }).with(Math.floor(rows / 2), rows > 1 ? 0 : 0.5);
}

/** The total is the sum of all losses in float64; only the order of that sum is open: 1e-14 of the largest partial sum. */
export function expectTotal({ each, total }: LossResult): void {
  const sum = each.reduce((a, b) => a + b, 0);
  const size = each.reduce((a, b) => a + Math.abs(b), 0);
  expect(Math.abs(total - sum), `total ${total}, sum of all ${sum}`).toBeLessThanOrEqual(1e-14 * size);
}

export interface ElementLoss {
  readonly loss: Loss;
  readonly value: (x: number, target: number) => number;
  /** The derivative of `value` by x. */
  readonly slope: (x: number, target: number) => number;
  readonly inputs?: (count: number, seed: number) => Float32Array;
  readonly targets: (count: number, seed: number) => Float32Array;
  /** How far a loss may be from `value`, and a derivative from `slope`. */
  readonly forward: Tolerance;
  readonly backward: Tolerance;
  /** Inputs with targets, at the points where the formula changes. */
  readonly special: readonly (readonly [x: number, target: number])[];
}

/** Roundings that weighting and scaling add: by the weight, by one over the divisor, and of that itself. */
const SCALING = 3 * 2 ** -24;

/** All tests of a loss that is computed per element. */
export function elementLossTests(name: string, of: ElementLoss): void {
  const { loss, value, slope, inputs = (count, seed) => normal(count, { seed, deviation: 2 }), targets } = of;

  describe(name, async () => {
    const bench = await Workbench.create();

    function compare(batch: LossBatch): void {
      bench.clear();
      const { x, target, n, rows, weights, reduction = "mean" } = batch;
      const weight = (i: number): number => weights?.[Math.floor(i / n)] ?? 1;
      const result = runLoss(bench, loss, batch);
      const sum = weights ? weights.reduce((a, b) => a + b, 0) : rows;
      const divisor = { mean: sum * n, sum: 1, batchMean: sum }[reduction];
      expect(Math.abs(result.divisor / divisor - 1), `divisor ${result.divisor} for ${divisor}`).toBeLessThan(1e-12); // float64
      const most = weights ? 2 : 1;
      const each = Array.from(x, (at, i) => weight(i) * value(at, target[i]!));
      expectClose("each", result.each, each, { rtol: of.forward.rtol + SCALING, atol: of.forward.atol * most });
      expectTotal(result);
      const dx = Array.from(x, (at, i) => weight(i) * slope(at, target[i]!));
      const scaled = result.dx.map((d) => d * divisor);
      expectClose("dx", scaled, dx, { rtol: of.backward.rtol + SCALING, atol: of.backward.atol * most });
    }

    const batchOf = (n: number, rows: number) => ({
      x: inputs(n * rows, n),
      target: targets(n * rows, n + 1),
      n,
      rows,
    });

    describe.each(Object.keys(REDUCTIONS) as ReductionName[])("%s", (reduction) => {
      test.each(SIZES)("rows of %s against float64", (n) => {
        for (const rows of ROWS) compare({ ...batchOf(n, rows), reduction });
      });

      test.each(SIZES)("weighted rows of %s", (n) => {
        for (const rows of ROWS) compare({ ...batchOf(n, rows), reduction, weights: rowWeights(rows, n) });
      });
    });

    test("where the formula changes", () => {
      const x = Float32Array.from(of.special, ([at]) => at);
      const target = Float32Array.from(of.special, ([, at]) => at);
      compare({ x, target, n: of.special.length, rows: 1, reduction: "sum" });
    });

    test("fewer rows than there is room for: the same bits, whatever lies behind", () => {
      for (const n of SIZES) {
        for (const weights of [undefined, rowWeights(3, n)]) {
          const batch = { ...batchOf(n, 3), weights };
          expect(runLoss(bench, loss, { ...batch, capacity: 7 })).toEqual(runLoss(bench, loss, batch));
        }
      }
    });

    test("a NaN makes the total NaN, wherever it is", () => {
      const batch = batchOf(5, 2);
      const target = batch.target.map((t) => t || 1); // at 0 some losses don't look at x
      for (let place = 0; place < 10; place++) {
        const { total } = runLoss(bench, loss, { ...batch, target, x: batch.x.with(place, NaN) });
        expect(total, `NaN at ${place}`).toBeNaN();
      }
    });
  });
}

export interface ClassLoss {
  readonly loss: Loss;
  /** A row's loss and gradient, and what its class weighs in a mean. */
  readonly row: (
    x: readonly number[],
    target: number | readonly number[],
  ) => { loss: number; gradient: readonly number[]; mass: number };
  /** Targets for so many rows: labels, or probabilities. */
  readonly targets: (rows: number, n: number, seed: number) => Float32Array | Int32Array;
  readonly inputs?: (rows: number, n: number, seed: number) => Float32Array;
  readonly forward: Tolerance;
  readonly backward: Tolerance;
}

export const labels = (rows: number, n: number, seed: number): Int32Array => wholes(rows, { seed, below: n });

/** All tests of a class loss, for n classes; class weights must fit n. */
export function classLossTests(name: string, n: number, of: ClassLoss): void {
  const { loss, row, targets, inputs = (rows, _n, seed) => normal(rows * n, { seed, deviation: 3 }) } = of;

  describe(`${name}, ${n} classes`, async () => {
    const bench = await Workbench.create();

    function compare(batch: LossBatch): void {
      bench.clear();
      const { x, target, rows, weights, reduction = "mean" } = batch;
      const targetOf = (r: number): number | number[] =>
        target instanceof Int32Array ? target[r]! : [...target.subarray(r * n, (r + 1) * n)];
      const expected = Array.from({ length: rows }, (_, r) => row([...x.subarray(r * n, (r + 1) * n)], targetOf(r)));
      const weight = (r: number): number => weights?.[r] ?? 1;
      const mass = expected.reduce((sum, at, r) => sum + at.mass * weight(r), 0);
      const divisor = reduction === "sum" ? 1 : mass;
      const result = runLoss(bench, loss, batch);
      // float64, but class weights are rounded to float32 before
      expect(Math.abs(result.divisor / divisor - 1), `divisor ${result.divisor} for ${divisor}`).toBeLessThan(6e-8);
      const each = expected.map((at, r) => weight(r) * at.loss);
      expectClose("each", result.each, each, { rtol: of.forward.rtol + SCALING, atol: of.forward.atol * 2 });
      expectTotal(result);
      const dx = expected.flatMap((at, r) => at.gradient.map((d) => d * weight(r)));
      const scaled = result.dx.map((d) => d * divisor);
      expectClose("dx", scaled, dx, { rtol: of.backward.rtol + SCALING, atol: of.backward.atol * 2 });
    }

    const batchOf = (rows: number) => ({ x: inputs(rows, n, rows), target: targets(rows, n, rows + 1), n, rows });

    describe.each(["mean", "sum"] as const)("%s", (reduction) => {
      test("1, 3, 8 and 17 rows against float64", () => {
        for (const rows of [1, 3, 8, 17]) compare({ ...batchOf(rows), reduction });
      });

      test("weighted rows", () => {
        for (const rows of [1, 3, 8, 17]) compare({ ...batchOf(rows), reduction, weights: rowWeights(rows, rows) });
      });
    });

    test("fewer rows than there is room for: the same bits, whatever lies behind", () => {
      for (const weights of [undefined, rowWeights(3, 5)]) {
        const batch = { ...batchOf(3), weights };
        expect(runLoss(bench, loss, { ...batch, capacity: 7 })).toEqual(runLoss(bench, loss, batch));
      }
    });

    test("a row has the same loss and gradient alone and in a batch", () => {
      const batch = batchOf(5);
      const together = runLoss(bench, loss, { ...batch, reduction: "sum" });
      const width = batch.target.length / 5;
      for (let r = 0; r < 5; r++) {
        const x = batch.x.subarray(r * n, (r + 1) * n);
        const target = batch.target.slice(r * width, (r + 1) * width);
        const alone = runLoss(bench, loss, { x, target, n, rows: 1, reduction: "sum" });
        expect([...alone.dx]).toEqual([...together.dx.subarray(r * n, (r + 1) * n)]);
        expect(alone.each[0]).toBe(together.each[r]);
      }
    });
  });
}
