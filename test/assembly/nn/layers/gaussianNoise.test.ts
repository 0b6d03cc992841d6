import { loadSequence } from "../../../../build/binaries.js";
import { beforeEach, describe, expect, test } from "vitest";
import * as abi from "../../../../build/abi.js";
import { gaussianNoise } from "../../../../src/nn/layers/gaussianNoise.ts";
import { expectClose } from "../../../support/golden.ts";
import { bitsOf } from "../../../support/philox.ts";
import { uniform } from "../../../support/seeded.ts";
import { Workbench } from "../../../support/workbench.ts";

const bench = await Workbench.create();
await loadSequence(bench.core);
const { program } = bench;
beforeEach(() => {
  bench.clear();
  program.setSeed(0x1234 + 0x5678 * 2 ** 32);
  program.set(abi.PROGRAM_PASS, 3);
});

/** What is added to rows of n zeros, or to x. */
function noise(
  n: number,
  rows: number,
  { deviation = 1, index = 0, x }: { deviation?: number; index?: number; x?: Float32Array } = {},
): Float32Array {
  const count = n * rows;
  const at = { x: bench.floats(x ?? new Float32Array(count)), y: bench.room(count), dx: 0, dy: 0 };
  const args = { ...at, ...gaussianNoise(deviation).args!(bench.context(rows, { index }), [n], [n]) };
  bench.run("gaussianNoiseForward", { perRow: n, rows }, args);
  bench.expectVectorGuard(at.y, count, "y");
  return bench.read(at.y, count);
}

/** Box and Muller in float64: of eight words, four are u and four v, which give four cosines and then four sines. */
function expectedNoise(count: number, index: number): number[] {
  const words = bitsOf(Math.ceil(count / 16) * 16, [0x1234, 0x5678, abi.STREAM_MASK + index, 3]);
  return Array.from({ length: count }, (_, i) => {
    const first = (i >> 3) * 8 + (i & 3);
    const radius = Math.sqrt(-2 * Math.log((words[first]! + 0.5) / 2 ** 32));
    const angle = (2 * Math.PI * words[first + 4]!) / 2 ** 32;
    return radius * ((i & 4) === 0 ? Math.cos(angle) : Math.sin(angle));
  });
}

describe("gaussianNoiseForward", () => {
  test.each([1, 3, 4, 5, 8, 17, 333])("3 rows of %s: normal numbers of (seed, layer, pass)", (n) => {
    // u has 24 bits: near 1, the radius has fewer digits
    expectClose("noise", noise(n, 3, { index: 2 }), expectedNoise(3 * n, 2), { rtol: 1e-6, atol: 1e-6 });
  });

  test("times the deviation, added to x", () => {
    const x = uniform(51, { seed: 1 });
    const expected = expectedNoise(51, 0).map((v, i) => x[i]! + Math.fround(0.3) * v);
    expectClose("y", noise(17, 3, { deviation: 0.3, x }), expected, { rtol: 1e-6, atol: 1e-6 });
    expect(noise(17, 3, { deviation: 0, x })).toEqual(x);
  });

  test("in place: the same bits", () => {
    const x = uniform(51, { seed: 1 });
    const address = bench.floats(x);
    const args = gaussianNoise(1).args!(bench.context(3, {}), [17], [17]);
    bench.run("gaussianNoiseForward", { perRow: 17, rows: 3 }, { x: address, y: address, dx: 0, dy: 0, ...args });
    expect(bench.read(address, 51)).toEqual(noise(17, 3, { x }));
  });

  test("another layer, another pass and another seed have other numbers; fewer rows have the first ones", () => {
    const first = noise(50, 2);
    expect(noise(50, 2)).toEqual(first);
    expect(noise(50, 1)).toEqual(first.subarray(0, 50));
    expect(noise(50, 2, { index: 1 })).not.toEqual(first);
    program.set(abi.PROGRAM_PASS, 4);
    expect(noise(50, 2)).not.toEqual(first);
    program.set(abi.PROGRAM_PASS, 3);
    program.setSeed(1);
    expect(noise(50, 2)).not.toEqual(first);
  });

  test("many numbers: the moments of the normal distribution, and what is in the tails", () => {
    const count = 200_000;
    const values = noise(count, 1);
    const moment = (k: number): number => values.reduce((sum, v) => sum + v ** k, 0) / count;
    // 5 standard deviations of each moment's mean: sqrt of (2k - 1)!! - moment^2, over the numbers
    for (const [k, value, variance] of [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ] as const)
      expect(Math.abs(moment(k) - value), `moment ${k}`).toBeLessThan(5 * Math.sqrt(variance / count));
    const beyond = values.filter((v) => Math.abs(v) > 3).length / count;
    expect(Math.abs(beyond - 0.0026998)).toBeLessThan(5 * Math.sqrt(0.0027 / count));
    // a cosine and the sine that goes with it: no correlation
    let products = 0;
    for (let i = 0; i < count; i += 8) for (let j = i; j < i + 4; j++) products += values[j]! * values[j + 4]!;
    expect(Math.abs(products / (count / 2))).toBeLessThan(5 / Math.sqrt(count / 2));
  });
});

test.each([1, 5, 17])("gaussianNoiseBackward: dx is dy, rows of %s", (n) => {
  const values = uniform(3 * n, { seed: 2 });
  const at = { x: 0, y: 0, dx: bench.room(3 * n), dy: bench.floats(values) };
  const args = { ...at, ...gaussianNoise(1).args!(bench.context(3, {}), [n], [n]) };
  bench.run("gaussianNoiseBackward", { perRow: n, rows: 3 }, args);
  expect(bench.read(at.dx, 3 * n)).toEqual(values);
  bench.expectVectorGuard(at.dx, 3 * n, "dx");
  bench.run("gaussianNoiseBackward", { perRow: n, rows: 3 }, { ...args, dx: at.dy });
  expect(bench.read(at.dy, 3 * n)).toEqual(values);
});
