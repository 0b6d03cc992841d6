import { beforeEach, describe, expect, test } from "vitest";
import * as abi from "../../../../build/abi.js";
import type { KernelArgs } from "../../../../src/runtime/record.ts";
import { dropout } from "../../../../src/nn/layers/dropout.ts";
import { expectClose } from "../../../support/golden.ts";
import { bitsOf, type Choice } from "../../../support/philox.ts";
import { uniform } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
const { program } = bench;
beforeEach(() => {
  bench.clear();
  program.setSeed(0x1234 + 0x5678 * 2 ** 32);
  program.set(abi.PROGRAM_PASS, 3);
});

/** The layer's arguments for rows of n elements. */
function tailOf(
  rate: number,
  n: number,
  capacity: number,
  addresses: KernelArgs,
  index = 0,
): KernelArgs & { readonly mask: number } {
  const args = dropout(rate).args!(bench.context(capacity, { index }), [n], [n]);
  return { x: 0, y: 0, dx: 0, dy: 0, ...addresses, ...args, mask: args["mask"] as number };
}

function maskOf(rate: number, n: number, rows: number, index = 0): number[] {
  const args = tailOf(rate, n, rows, {}, index);
  bench.run("dropoutMask", { perRow: n, rows }, args);
  return Array.from(bench.core.arena.u8.subarray(args.mask, args.mask + n * rows));
}

/** 1 where the number of (seed, layer, pass) is below the share that is kept. */
function expectedMask(rate: number, count: number, choice: Choice): number[] {
  return bitsOf(count, choice).map((number) => (number < Math.fround(1 - rate) * 2 ** 32 ? 1 : 0));
}

describe("dropoutMask", () => {
  test.each([1, 3, 4, 5, 8, 17])("3 rows of %s: the numbers of (seed, layer, pass)", (n) => {
    for (const rate of [0, 0.1, 0.5, 0.9]) {
      const choice: Choice = [0x1234, 0x5678, abi.STREAM_MASK + 2, 3];
      expect(maskOf(rate, n, 3, 2), `rate ${rate}`).toEqual(expectedMask(rate, 3 * n, choice));
    }
  });

  test("another layer, another pass and another seed have other masks", () => {
    const first = maskOf(0.5, 50, 2, 0).join();
    expect(maskOf(0.5, 50, 2, 0).join()).toBe(first);
    expect(maskOf(0.5, 50, 2, 1).join()).not.toBe(first);
    program.set(abi.PROGRAM_PASS, 4);
    expect(maskOf(0.5, 50, 2, 0).join()).not.toBe(first);
    program.set(abi.PROGRAM_PASS, 3);
    program.setSeed(1);
    expect(maskOf(0.5, 50, 2, 0).join()).not.toBe(first);
  });

  test("fewer rows have the beginning of the mask", () => {
    expect(maskOf(0.5, 7, 2)).toEqual(maskOf(0.5, 7, 5).slice(0, 14));
  });

  test("nothing is written after the mask's capacity", () => {
    const args = tailOf(0.5, 17, 3, {});
    bench.run("dropoutMask", { perRow: 17, rows: 3 }, args);
    bench.expectGuard(args.mask, Math.ceil((3 * 17) / 16) * 4, "mask");
  });
});

describe.each([
  ["dropoutForward", "x", "y"],
  ["dropoutBackward", "dy", "dx"],
] as const)("%s", (kernel, from, to) => {
  /** Runs the kernel with a mask given by hand. */
  function run(rate: number, n: number, rows: number, values: Float32Array, mask: readonly number[], inPlace = false) {
    const input = bench.floats(values, (rows + 2) * n);
    const output = inPlace ? input : bench.room((rows + 2) * n);
    const args = tailOf(rate, n, rows + 2, { [from]: input, [to]: output });
    const slots = Object.fromEntries(["x", "y", "dx", "dy"].map((key) => [key, args[key]!]));
    bench.core.arena.u8.set(mask, args.mask);
    bench.run(kernel, { perRow: n, rows }, { ...args, ...slots });
    if (!inPlace) bench.expectVectorGuard(output, rows * n, to);
    return bench.read(output, rows * n);
  }

  test.each([1, 3, 4, 5, 8, 17])("3 rows of %s: divided by 1 - rate where the mask is 1, 0 elsewhere", (n) => {
    const values = uniform(3 * n, { seed: n });
    const mask = expectedMask(0.5, 3 * n, [n, 0, 0, 0]);
    for (const rate of [0, 0.2, 0.5, 0.9]) {
      const scale = Math.fround(1 / Math.fround(1 - rate));
      const expected = Array.from(values, (x, i) => Math.fround(x * (mask[i]! * scale))); // exact: one rounding
      const actual = run(rate, n, 3, values, mask);
      expectClose(`rate ${rate}`, actual, expected, { rtol: 0, atol: 0 });
    }
  });

  test("in place: the same bits", () => {
    const values = uniform(51, { seed: 9 });
    const mask = expectedMask(0.5, 51, [9, 0, 0, 0]);
    expect(run(0.3, 17, 3, values, mask, true)).toEqual(run(0.3, 17, 3, values, mask));
  });

  test("a NaN stays a NaN, kept or dropped", () => {
    const values = Float32Array.of(NaN, 1, NaN, 2, 3);
    const actual = run(0.5, 5, 1, values, [1, 1, 0, 0, 1]);
    expect([...actual]).toEqual([NaN, 2, NaN, 0, 6]);
  });
});

test("the mean of many outputs is that of the inputs", () => {
  const count = 40_000;
  for (const rate of [0.1, 0.5, 0.8]) {
    const mask = maskOf(rate, count, 1);
    const kept = mask.reduce((sum, m) => sum + m, 0) / count;
    // the share of ones, 5 standard deviations
    expect(Math.abs(kept / (1 - rate) - 1)).toBeLessThan(5 * Math.sqrt(rate / (1 - rate) / count));
  }
});
