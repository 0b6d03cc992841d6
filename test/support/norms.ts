// How the kernels of layers with parameters along the last axis are tested: against float64 loops at sizes around multiples
// of a vector.
import { loadSequence } from "../../build/binaries.js";
import { beforeEach, describe, expect, test } from "vitest";
import type { Layer } from "../../src/graph/layer.ts";
import type { KernelName } from "../../src/runtime/kernels.ts";
import { expectClose } from "./golden.ts";
import { normal } from "./seeded.ts";
import { Workbench } from "./workbench.ts";

const bench = await Workbench.create();
await loadSequence(bench.core);

/** One group's y, dx and what is added to the gradients of the parameters, in float64. */
export type Norm = (
  x: Float64Array,
  dy: Float64Array,
  parameters: Readonly<Record<string, Float32Array>>,
) => { y: Float64Array; dx: Float64Array; gradients: Readonly<Record<string, Float64Array>> };

export function normTests(name: string, layer: Layer, parameterNames: readonly string[], norm: Norm): void {
  describe(name, () => {
    beforeEach(() => bench.clear());
    for (const n of [1, 2, 3, 4, 5, 7, 8, 16, 33]) {
      for (const [rows, inner] of [
        [1, 1],
        [3, 1],
        [2, 5],
      ] as const) {
        test(`${rows} rows of ${inner} groups of ${n}`, () => {
          const count = rows * inner * n;
          const [x, dy] = [normal(count, { seed: 1 }).map((v) => 3 * v + 2), normal(count, { seed: 2 })];
          const values = Object.fromEntries(parameterNames.map((p, i) => [p, normal(n, { seed: 3 + i })]));
          const before = Object.fromEntries(parameterNames.map((p, i) => [p, normal(n, { seed: 8 + i })]));
          const parameters = Object.fromEntries(parameterNames.map((p) => [p, bench.floats(values[p]!)]));
          const gradients = Object.fromEntries(parameterNames.map((p) => [p, bench.floats(before[p]!)]));
          const at = { x: bench.floats(x), y: bench.room(count), dx: bench.room(count), dy: bench.floats(dy) };
          const input = [inner, n];
          const args = { ...at, ...layer.args!(bench.context(rows, { parameters, gradients }), input, input) };
          for (const role of ["Forward", "Backward"])
            bench.run(`${layer.kernel!}${role}` as KernelName, { perRow: inner * n, rows }, args);
          const expected = { y: new Float64Array(count), dx: new Float64Array(count) };
          const sums = Object.fromEntries(parameterNames.map((p) => [p, Float64Array.from(before[p]!)]));
          for (let o = 0; o < count; o += n) {
            const group = norm(
              Float64Array.from(x.subarray(o, o + n)),
              Float64Array.from(dy.subarray(o, o + n)),
              values,
            );
            expected.y.set(group.y, o);
            expected.dx.set(group.dx, o);
            for (const p of parameterNames) group.gradients[p]!.forEach((g, j) => (sums[p]![j]! += g));
          }
          const tolerance = { rtol: 2e-5, atol: 1e-5 };
          expectClose("y", bench.read(at.y, count), expected.y, tolerance);
          expectClose("dx", bench.read(at.dx, count), expected.dx, tolerance);
          for (const p of parameterNames) {
            expectClose(`d${p}`, bench.read(gradients[p]!, n), sums[p]!, tolerance);
            bench.expectGuard(gradients[p]!, n, `d${p}`);
          }
          bench.expectGuard(at.y, count, "y");
          bench.expectGuard(at.dx, count, "dx");
          expect(bench.read(at.x, count)).toEqual(x);
        });
      }
    }
  });
}

export const meanOf = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;
