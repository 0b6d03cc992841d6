// How the kernels of an activation are tested: against float64, at odd sizes, in place, at extreme inputs, with NaN.
import { describe, expect, test } from "vitest";
import type { Layer } from "../../src/graph/layer.ts";
import type { KernelName } from "../../src/runtime/kernels.ts";
import { expectClose, type Tolerance } from "./golden.ts";
import { normal } from "./seeded.ts";
import { Workbench } from "./workbench.ts";

export interface Batch {
  readonly x: Float32Array;
  readonly dy: Float32Array;
  /** Numbers on the last axis. */
  readonly n: number;
  /** Vectors of them per row; default 1. */
  readonly inner?: number;
  readonly rows: number;
  /** Rows that the plan has capacity for; after the used ones comes the guard. */
  readonly capacity?: number;
  /** y is written over x, and dx over dy. */
  readonly inPlace?: boolean;
}

/** Elements per row: around a vector and two. */
export const SIZES = [1, 3, 4, 5, 8, 17];

/** Sizes and signs at which a formula may overflow, cancel or be cut. */
const EXTREMES = [
  0, 1e-45, 1e-30, 1e-8, 1e-3, 0.5, 1, 2.5, 3, 5, 6, 9, 20, 25, 40, 87, 88, 89, 100, 104, 1000, 1e4, 1e10, 1e19, 1e30, 1e38,
]; // prettier-ignore
export const EXTREME = Float32Array.from(EXTREMES.flatMap((x) => [x, -x]));

/** Forward and backward of one activation. */
export function runActivation(bench: Workbench, layer: Layer, batch: Batch): { y: Float32Array; dx: Float32Array } {
  const { n, inner = 1, rows, capacity = rows, inPlace = false } = batch;
  const perRow = inner * n;
  const [count, room] = [rows * perRow, capacity * perRow];
  const x = bench.floats(batch.x, room);
  const y = inPlace ? bench.floats(batch.x, room) : bench.room(room);
  const dy = bench.floats(batch.dy, room);
  const dx = inPlace ? dy : bench.room(room);
  const shape = inner === 1 ? [n] : [inner, n];
  const own = layer.args!(bench.context(capacity, {}), shape, shape);
  const forward = `${layer.kernel!}Forward` as KernelName;
  const backward = `${layer.kernel!}Backward` as KernelName;
  bench.run(forward, { perRow, rows }, { x: inPlace ? y : x, y, dx: 0, dy: 0, ...own });
  // what the kernel needs is there, the other one has been overwritten in the meantime
  const other = bench.room(room);
  const kept = layer.backwardReads === "input" ? { x, y: other } : { x: other, y };
  bench.run(backward, { perRow, rows }, { ...kept, dx, dy, ...own });
  bench.expectVectorGuard(y, count, "y");
  bench.expectVectorGuard(dx, count, "dx");
  return { y: bench.read(y, count), dx: bench.read(dx, count) };
}

/** What holds for every activation, element-wise or not. */
export function commonTests(bench: Workbench, layer: Layer): void {
  test("in place: the same bits", () => {
    const batch = { x: normal(51, { seed: 1, deviation: 3 }), dy: normal(51, { seed: 2 }), n: 17, rows: 3 };
    expect(runActivation(bench, layer, { ...batch, inPlace: true })).toEqual(runActivation(bench, layer, batch));
  });

  test("fewer rows than there is room for: the same bits, whatever lies behind", () => {
    for (const n of SIZES) {
      const batch = { x: normal(3 * n, { seed: n }), dy: normal(3 * n, { seed: n + 1 }), n, rows: 3 };
      const roomy = runActivation(bench, layer, { ...batch, capacity: 7 });
      expect(roomy, `${n} a row`).toEqual(runActivation(bench, layer, batch));
    }
  });

  test("extreme inputs: outputs and gradients are finite", () => {
    for (const sign of [1, -1]) {
      const dy = new Float32Array(EXTREME.length).fill(sign);
      const { y, dx } = runActivation(bench, layer, { x: EXTREME, dy, n: EXTREME.length, rows: 1 });
      EXTREME.forEach((x, i) => {
        expect(Number.isFinite(y[i]!), `y at ${x} is ${y[i]}`).toBe(true);
        expect(Number.isFinite(dx[i]!), `dx at ${x} is ${dx[i]}`).toBe(true);
      });
    }
  });
}

export interface ElementWise {
  readonly layer: Layer;
  /** y, in float64. */
  value(x: number): number;
  /** dy/dx, in float64. */
  slope(x: number): number;
  /** How far y may be from `value`. */
  readonly forward: Tolerance;
  /** How far dx may be from dy times `slope`; dy is up to about 4. */
  readonly backward: Tolerance;
}

/** All tests of an element-wise activation. */
export function elementWiseTests(name: string, { layer, value, slope, forward, backward }: ElementWise): void {
  describe(name, async () => {
    const bench = await Workbench.create();
    await layer.load?.(bench.core);

    function compare(x: Float32Array, dy: Float32Array, n: number, rows: number): void {
      bench.clear();
      const { y, dx } = runActivation(bench, layer, { x, dy, n, rows });
      expectClose("y", y, Array.from(x, value), forward);
      const slopes = Array.from(x, (at, i) => dy[i]! * slope(at));
      expectClose("dx", dx, slopes, backward);
    }

    test.each(SIZES)("1 and 3 rows of %s against float64", (n) => {
      for (const rows of [1, 3]) {
        const count = rows * n;
        compare(normal(count, { seed: n, deviation: 3 }), normal(count, { seed: n + 100 }), n, rows);
      }
    });

    test("extreme inputs against float64", () => {
      compare(EXTREME, normal(EXTREME.length, { seed: 7 }), EXTREME.length, 1);
    });

    test("a NaN gives a NaN, and leaves its neighbours alone", () => {
      const x = normal(9, { seed: 3 });
      const dy = new Float32Array(9).fill(1);
      const clean = runActivation(bench, layer, { x, dy, n: 9, rows: 1 }).y;
      for (let place = 0; place < 9; place++) {
        const { y } = runActivation(bench, layer, { x: x.with(place, NaN), dy, n: 9, rows: 1 });
        expect(y, `NaN at ${place}`).toEqual(clean.with(place, NaN));
      }
    });

    commonTests(bench, layer);
  });
}
