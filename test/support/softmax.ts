// How activations over the last axis are tested: softmax and its logarithm.
import { describe, expect, test } from "vitest";
import type { Layer } from "../../src/graph/layer.ts";
import { commonTests, runActivation, SIZES } from "./activations.ts";
import { expectClose, type Tolerance } from "./golden.ts";
import { rowWise } from "./rows.ts";
import { normal } from "./seeded.ts";
import { Workbench } from "./workbench.ts";

const bench = await Workbench.create();

export interface SoftmaxCase {
  readonly layer: Layer;
  /** One row in float64. */
  value(x: readonly number[]): number[];
  gradient(x: readonly number[], dy: readonly number[]): number[];
  readonly forward: Tolerance;
  readonly backward: Tolerance;
}

/** y and dx of rows of n numbers. */
export const run = (layer: Layer, batch: Parameters<typeof runActivation>[2]): ReturnType<typeof runActivation> =>
  runActivation(bench, layer, batch);

export function softmaxTests(name: string, { layer, value, gradient, forward, backward }: SoftmaxCase): void {
  function compare(x: Float32Array, dy: Float32Array, n: number, rows: number, inner = 1): void {
    bench.clear();
    const actual = runActivation(bench, layer, { x, dy, n, rows, inner });
    expectClose("y", actual.y, rowWise(n, value, x), forward);
    expectClose("dx", actual.dx, rowWise(n, gradient, x, dy), backward);
  }

  describe(name, async () => {
    await layer.load?.(bench.core);

    test.each([...SIZES, 2, 100])("rows of %s against float64", (n) => {
      for (const rows of [1, 3, 8]) {
        compare(normal(rows * n, { seed: n, deviation: 3 }), normal(rows * n, { seed: n + 1 }), n, rows);
      }
    });

    test("over the last axis of several", () => {
      for (const n of SIZES) compare(normal(6 * n, { seed: n }), normal(6 * n, { seed: n + 1 }), n, 2, 3);
    });

    test.each([
      ["large numbers", [1e4, 1e4 - 1, 1e4 - 2, 1e4 - 200, -1e4]],
      ["very large numbers", [1e38, -1e38, 0, 1e38, 1]],
      ["small numbers", [-1e4, -1e4 - 1, -1e4 + 1, -1e4, -1e30]],
      ["numbers around the range of e^x", [88, 88.7, 89, 100, -104]],
      ["equal numbers", [-3, -3, -3, -3, -3]],
      ["tiny differences", [1e-8, -1e-8, 0, 1e-30, -1e-45]],
    ])("%s", (_, row) => {
      compare(Float32Array.from(row), Float32Array.of(1, -2, 0.5, 3, -1), 5, 1);
    });

    test("a NaN gives a row of NaNs, and leaves the other rows alone", () => {
      const x = normal(15, { seed: 3 });
      const batch = { dy: new Float32Array(15), n: 5, rows: 3 };
      const clean = runActivation(bench, layer, { ...batch, x }).y;
      for (let place = 5; place < 10; place++) {
        const { y } = runActivation(bench, layer, { ...batch, x: x.with(place, NaN) });
        expect([...y]).toEqual([...clean].fill(NaN, 5, 10));
      }
    });

    commonTests(bench, layer);
  });
}
