// The kernel machine's penalty against float64.
import { loadExtra } from "../../../../build/loadExtra.js";
import { beforeEach, describe, expect, test } from "vitest";
import { PROGRAM_PENALTY } from "../../../../build/abi.js";
import { Workspace } from "../../../../src/runtime/arena.ts";
import { f32 } from "../../../../src/runtime/record.ts";
import { rbfNorm } from "../../../../src/nn/regularizers/rbfNorm.ts";
import { expectClose } from "../../../support/golden.ts";
import { normal } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
loadExtra(bench.core);
const [LAMBDA, GAMMA] = [0.25, 0.5];

describe("rbfNormPenalty", () => {
  beforeEach(() => {
    bench.clear();
    bench.program.setDouble(PROGRAM_PENALTY, 0);
  });

  function run(centres: Float32Array, alpha: Float32Array, units: number, gradient?: Float32Array): number {
    const p = bench.padded(alpha);
    const padded = Math.ceil(alpha.length / 4) * 4;
    const g = gradient ? bench.padded(gradient) : 0;
    const parameter = { name: "dense1.weight", shape: [alpha.length / units, units] };
    const workspace = new Workspace(bench.core.arena, "test");
    const own = rbfNorm({ centres, gamma: GAMMA, lambda: LAMBDA }).args!(workspace, parameter);
    const args = { p, g, program: bench.program.address, lambda: f32(LAMBDA), ...own };
    bench.run("rbfNormPenalty", { perRow: padded, rows: 1 }, args);
    workspace.free();
    bench.expectGuard(p, padded, "the parameter");
    expect(bench.read(p, alpha.length)).toEqual(alpha);
    if (g === 0) return 0;
    bench.expectGuard(g, padded, "the gradient");
    const after = bench.read(g, padded);
    expect([...after.subarray(alpha.length)].every((value) => value === 0)).toBe(true);
    gradient!.set(after.subarray(0, alpha.length));
    return g;
  }
  const penalty = (): number => bench.program.getDouble(PROGRAM_PENALTY);

  for (const [count, n, units] of [
    [1, 1, 1],
    [3, 2, 1],
    [4, 2, 1],
    [5, 3, 2],
    [8, 4, 4],
    [9, 5, 5],
    [33, 7, 1],
    [40, 2, 9],
  ] as const) {
    test(`${count} centres of ${n} numbers, ${units} units: half of lambda p K p, and lambda K p is added to the gradient`, () => {
      const centres = normal(count * n, { seed: 1 });
      const alpha = normal(count * units, { seed: 2 });
      const before = normal(count * units, { seed: 3 });
      const gradient = before.slice();
      run(centres, alpha, units, gradient);
      const gram = (i: number, j: number): number => {
        let square = 0;
        for (let k = 0; k < n; k++) square += (centres[i * n + k]! - centres[j * n + k]!) ** 2;
        return Math.exp(-GAMMA * square);
      };
      const slope = Array.from(alpha, (_, at) => {
        let sum = 0;
        for (let j = 0; j < count; j++) sum += gram(Math.floor(at / units), j) * alpha[j * units + (at % units)]!;
        return LAMBDA * sum;
      });
      const expected = slope.reduce((sum, value, at) => sum + 0.5 * value * alpha[at]!, 0);
      // the kernel's float32 numbers have a relative error of up to 4e-6; the sums are float64
      expect(Math.abs(penalty() - expected)).toBeLessThanOrEqual(4e-6 * Math.max(1, expected));
      expectClose(
        "gradient",
        gradient,
        slope.map((v, at) => v + before[at]!),
        { rtol: 2e-6, atol: 2e-6 },
      );
    });
  }

  test("large weights of both signs: what is left of the sum is kept", () => {
    // two equal centres, weights 3e6 and -3e6 and a third: in float32 the sum would have lost it
    const centres = Float32Array.of(0, 0, 50);
    const gradient = new Float32Array(3);
    run(centres, Float32Array.of(3e6, -3e6 + 0.25, 1), 1, gradient);
    expect([...gradient]).toEqual([0.25 * LAMBDA, 0.25 * LAMBDA, LAMBDA]);
    expect(penalty()).toBe((LAMBDA / 2) * (0.25 * 0.25 + 1));
  });

  test("without a gradient only the value is added; penalties add up", () => {
    run(Float32Array.of(1, 2), Float32Array.of(2), 1);
    run(Float32Array.of(1, 2), Float32Array.of(1), 1);
    expect(penalty()).toBe((LAMBDA / 2) * (4 + 1));
  });
});
