import { extraFunction } from "../../../src/runtime/extraFunction.ts";
import { beforeEach, describe, expect, test } from "vitest";
import { expectSameBits } from "../../support/bits.ts";
import { normal } from "../../support/seeded.ts";
import { Workbench } from "../../support/workbench.ts";

const bench = await Workbench.create();
const randomOrthogonal = extraFunction(bench.core, "randomOrthogonal");
const randomOrthogonalScratch = extraFunction(bench.core, "randomOrthogonalScratch");
beforeEach(() => bench.clear());

interface Sizes {
  readonly count: number;
  readonly length: number;
  /** The vectors are columns; otherwise rows. */
  readonly columns: boolean;
}

const indexOf = ({ count, length, columns }: Sizes, v: number, i: number): number =>
  columns ? i * count + v : v * length + i;

function run(values: Float32Array, sizes: Sizes, gain = 1): Float32Array {
  const { count, length, columns } = sizes;
  const address = bench.floats(values);
  const words = randomOrthogonalScratch(count, length) / 4;
  const scratch = bench.room(words);
  randomOrthogonal(address, count, length, columns ? 1 : length, columns ? count : 1, gain, scratch);
  bench.expectGuard(address, values.length, "randomOrthogonal");
  bench.expectGuard(scratch, words, "randomOrthogonal's scratch memory");
  return bench.read(address, values.length);
}

/** Gram and Schmidt's method vector by vector, each cleaned twice, in float64. */
function reference(values: Float32Array, sizes: Sizes, gain: number): Float32Array {
  const { count, length } = sizes;
  const vectors = Array.from({ length: count }, (_v, v) =>
    Float64Array.from({ length }, (_i, i) => values[indexOf(sizes, v, i)]!),
  );
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const result = new Float32Array(values.length);
  vectors.forEach((vector, v) => {
    for (let pass = 0; pass < 2; pass++) {
      for (const other of vectors.slice(0, v)) {
        const factor = dot(vector, other);
        for (let i = 0; i < length; i++) vector[i]! -= factor * other[i]!;
      }
    }
    const norm = Math.sqrt(dot(vector, vector));
    for (let i = 0; i < length; i++) {
      vector[i]! /= norm;
      result[indexOf(sizes, v, i)] = gain * vector[i]!;
    }
  });
  return result;
}

/** The largest distance of two vectors' product from 0, and of a square from 1. */
function farthest(values: Float32Array, sizes: Sizes): number {
  const { count, length } = sizes;
  let largest = 0;
  for (let a = 0; a < count; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let i = 0; i < length; i++) sum += values[indexOf(sizes, a, i)]! * values[indexOf(sizes, b, i)]!;
      largest = Math.max(largest, Math.abs(sum - (a === b ? 1 : 0)));
    }
  }
  return largest;
}

/** All sizes around a line of the cache, a pair of vectors and a block, and around a chunk of a vector. */
const SIZES = [
  [1, 1],
  [1, 9],
  [2, 3],
  [7, 7],
  [8, 8],
  [9, 17],
  [31, 31],
  [32, 40],
  [33, 33],
  [34, 255],
  [63, 64],
  [65, 257],
  [70, 600],
  [100, 100],
] as const;

describe("randomOrthogonal", () => {
  for (const [count, length] of SIZES) {
    for (const columns of [false, true]) {
      test(`${count} ${columns ? "columns" : "rows"} of ${length}: the bits of the method in float64`, () => {
        const sizes = { count, length, columns };
        const values = normal(count * length, { seed: count });
        // errors in the 13th digit, which the rounding to seven hides
        expectSameBits(run(values, sizes, 1.3), reference(values, sizes, 1.3));
      });
    }
  }

  test("a vector is made of those before it alone", () => {
    const values = normal(80 * 90, { seed: 4 });
    const all = run(values, { count: 80, length: 90, columns: false });
    for (const count of [1, 32, 45]) {
      const first = run(values.slice(0, count * 90), { count, length: 90, columns: false });
      expectSameBits(first, all.slice(0, count * 90), `${count} vectors`);
    }
  });

  test("what was in the scratch memory before doesn't matter", () => {
    const sizes = { count: 35, length: 37, columns: true };
    const values = normal(35 * 37, { seed: 5 });
    const once = run(values, sizes);
    bench.clear();
    run(normal(60 * 61, { seed: 6 }), { count: 60, length: 61, columns: false });
    bench.clear();
    expectSameBits(run(values, sizes), once);
  });

  const LENGTH = 50;
  for (const [name, spoil] of [
    ["zeros", (vector: Float32Array) => vector.fill(0)],
    ["the same as the first", (vector: Float32Array, all: Float32Array) => vector.set(all.subarray(0, LENGTH))],
    [
      "the first two together",
      (vector: Float32Array, all: Float32Array) => vector.set(vector.map((_, i) => all[i]! + all[LENGTH + i]!)),
    ],
    [
      "the first but for a millionth",
      (vector: Float32Array, all: Float32Array) => vector.set(vector.map((x, i) => all[i]! + 1e-6 * x)),
    ],
  ] as const) {
    test(`vectors that are ${name} are replaced: all are orthonormal`, () => {
      for (const which of [[1], [40], [2, 3, 33, 34, 49]]) {
        const sizes = { count: LENGTH, length: LENGTH, columns: false };
        const values = normal(LENGTH * LENGTH, { seed: 7 });
        const spoilt = name === "the first two together" ? which.filter((v) => v > 1) : which;
        for (const v of spoilt) spoil(values.subarray(v * LENGTH, (v + 1) * LENGTH), values);
        expect(farthest(run(values, sizes), sizes)).toBeLessThan(1e-6); // float32
      }
    });
  }

  test("only zeros become axes", () => {
    const sizes = { count: 3, length: 5, columns: false };
    expect([...run(new Float32Array(15), sizes)]).toEqual([1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0]);
  });

  test("the scratch memory is 8 bytes a number and less than 136 a vector, whatever is asked for", () => {
    for (const [count, length] of [...SIZES, [512, 2048], [100_000, 100_000]] as const) {
      const more = randomOrthogonalScratch(count, length) - 8 * count * length;
      expect(more).toBeGreaterThan(0);
      expect(more).toBeLessThanOrEqual(136 * count + 8 * length + 8384);
    }
  });
});
