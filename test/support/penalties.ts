// How a penalty's kernel is tested: its value and its gradient against float64.
import { beforeEach, describe, expect, test } from "vitest";
import { PROGRAM_PENALTY } from "../../build/abi.js";
import { f32 } from "../../src/runtime/record.ts";
import type { PenaltyStem } from "../../src/runtime/kernels.ts";
import { expectClose } from "./golden.ts";
import { normal } from "./seeded.ts";
import { Workbench } from "./workbench.ts";

/** @param value of one number; the penalty is lambda times their sum. @param slope its derivative */
export function penaltyTests(stem: PenaltyStem, value: (p: number) => number, slope: (p: number) => number): void {
  describe(`${stem}Penalty`, async () => {
    const bench = await Workbench.create();
    beforeEach(() => {
      bench.clear();
      bench.program.setDouble(PROGRAM_PENALTY, 0);
    });

    /** Adds the penalty of the numbers; without a gradient, only the value. */
    function run(numbers: ArrayLike<number>, lambda: number, gradient?: ArrayLike<number>): Float32Array {
      const count = Math.ceil(numbers.length / 4) * 4;
      const p = bench.padded(numbers);
      const g = gradient ? bench.padded(gradient) : 0;
      const args = { p, g, program: bench.program.address, lambda: f32(lambda) };
      bench.run(`${stem}Penalty`, { perRow: count, rows: 1 }, args);
      bench.expectGuard(p, count, "the parameter");
      expect([...bench.read(p, numbers.length)]).toEqual(Array.from(numbers));
      if (g === 0) return new Float32Array();
      bench.expectGuard(g, count, "the gradient");
      expect(
        [...bench.read(g, count)].slice(numbers.length).every((x) => x === 0),
        "padding",
      ).toBe(true);
      return bench.read(g, numbers.length);
    }
    const penalty = (): number => bench.program.getDouble(PROGRAM_PENALTY);

    test.each([1, 3, 4, 5, 8, 17, 1000])("%s numbers: lambda times the sum, and the gradient is added to", (count) => {
      for (const lambda of [0.01, 0.5, 0]) {
        bench.program.setDouble(PROGRAM_PENALTY, 0);
        const p = normal(count, { seed: count });
        const g = normal(count, { seed: count + 1 });
        const added = run(p, lambda, g);
        const factor = Math.fround(lambda);
        const expected = factor * p.reduce((sum, x) => sum + value(x), 0);
        // each term is rounded to float32 once, the sum is float64
        expect(Math.abs(penalty() - expected)).toBeLessThanOrEqual(6e-8 * expected);
        // a product of up to 4 and a sum of up to 8 are rounded, 2^-24 each
        const gradients = Array.from(p, (x, i) => g[i]! + factor * slope(x));
        expectClose("gradient", added, gradients, { rtol: 6e-8, atol: 2.4e-7 });
      }
    });

    test("zeros cost nothing and have no gradient", () => {
      expect([...run([0, -0, 0, -0, 0], 1, [1, 2, 3, 4, 5])]).toEqual([1, 2, 3, 4, 5]);
      expect(penalty()).toBe(0);
    });

    test("without a gradient only the value is added; penalties add up", () => {
      run([1, -2, 3], 0.5);
      run([4], 0.25);
      expect(penalty()).toBe(0.5 * (value(1) + value(-2) + value(3)) + 0.25 * value(4));
    });

    test("a NaN makes the penalty NaN", () => {
      run([1, 2, 3, 4, NaN], 0.5);
      expect(penalty()).toBeNaN();
    });
  });
}
