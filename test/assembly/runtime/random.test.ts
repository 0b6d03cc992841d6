import { extraFunction } from "../../../src/runtime/extraFunction.ts";
import { beforeEach, describe, expect, test } from "vitest";
import { expectSameBits } from "../../support/bits.ts";
import { bitsOf, type Choice, permutationOf, philox } from "../../support/philox.ts";
import { expectClose } from "../../support/golden.ts";
import { generator } from "../../support/seeded.ts";
import { Workbench } from "../../support/workbench.ts";

const bench = await Workbench.create();
const { randomBits, randomPermutation, randomUniform, table } = bench.core.exports;
const randomMask = table.get(bench.core.places.get("randomMask")!) as (
  out: number,
  count: number,
  keep: number,
  ...choice: [...ReturnType<typeof choose>, scratch: number]
) => void;
const randomNormal = extraFunction(bench.core, "randomNormal");
beforeEach(() => bench.clear());

const CHOICE: Choice = [0x12345678, 0x9abcdef0, 7, 3];
/** The sequence has 64 bits in the core. */
const choose = ([low, high, stream, sequence]: Choice) => [low, high, stream, BigInt(sequence)] as const;
const sixteens = (count: number): number => Math.ceil(count / 16) * 16;

function bits(count: number, choice: Choice): number[] {
  const out = bench.room(sixteens(count));
  randomBits(out, count, ...choose(choice));
  bench.expectGuard(out, sixteens(count), "randomBits");
  return [...bench.bits(out, count)];
}

function uniform(count: number, low: number, high: number, [seedLow, seedHigh, stream]: Choice): Float32Array {
  const out = bench.room(sixteens(count));
  randomUniform(out, count, low, high, seedLow, seedHigh, stream);
  bench.expectGuard(out, sixteens(count), "randomUniform");
  const after = bench.bits(out, sixteens(count)).subarray(count);
  expect([...after], "what is after the last number").toEqual([...after].fill(0));
  return bench.read(out, count);
}

function normal(count: number, mean: number, deviation: number, [seedLow, seedHigh, stream]: Choice): Float32Array {
  const out = bench.room(count);
  const scratch = bench.room(16);
  randomNormal(out, count, mean, deviation, seedLow, seedHigh, stream, scratch);
  bench.expectGuard(out, count, "randomNormal");
  bench.expectGuard(scratch, 16, "randomNormal's scratch memory");
  return bench.read(out, count);
}

function permutation(count: number, choice: Choice): number[] {
  const words = sixteens(count) + 16;
  const out = bench.room(words);
  randomPermutation(out, count, ...choose(choice));
  bench.expectGuard(out, words, "randomPermutation");
  return [...bench.bits(out, count)];
}

function mask(count: number, probability: number, choice: Choice): number[] {
  const out = bench.room(sixteens(count) / 4);
  const scratch = bench.room(16);
  randomMask(out, count, probability, ...choose(choice), scratch);
  bench.expectGuard(out, sixteens(count) / 4, "randomMask");
  bench.expectGuard(scratch, 16, "randomMask's scratch memory");
  return Array.from(bench.core.arena.u8.subarray(out, out + count));
}

const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;
const variance = (values: ArrayLike<number>): number => {
  const centre = mean(values);
  return mean(Array.from(values, (x) => (x - centre) ** 2));
};

describe("the reference", () => {
  // see: Random123's kat_vectors, philox4x32, 10 rounds
  test("gives Random123's known answers", () => {
    expect(philox([0, 0, 0, 0], [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
    const ones = 0xffffffff;
    expect(philox([ones, ones, ones, ones], [ones, ones])).toEqual([0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
    expect(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toEqual([
      0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
    ]);
  });
});

describe("randomBits", () => {
  test("Random123's known answer for counter 0 and key 0", () => {
    expect(bits(4, [0, 0, 0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  });

  const next = generator(5);
  const word = (): number => Math.floor(next() * 2 ** 32);
  const choices: Choice[] = [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 1],
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [1, 2, 3, 2 ** 32],
    [1, 2, 3, 2 ** 53 - 1],
    ...Array.from({ length: 8 }, (): Choice => [word(), word(), word(), word()]),
  ];
  test.each(choices)("Philox4x32-10 for seed %s, %s, stream %s, sequence %s", (...choice) => {
    expect(bits(40, choice)).toEqual(bitsOf(40, choice));
  });

  test("a longer fill begins with the shorter one", () => {
    const long = bits(100, CHOICE);
    for (const count of [0, 1, 2, 3, 4, 15, 16, 17, 31, 32, 33, 64]) {
      expect(bits(count, CHOICE), `${count} numbers`).toEqual(long.slice(0, count));
    }
  });

  test("each part of the choice gives other numbers", () => {
    const seen = new Set(choices.map((choice) => bits(4, choice).join()));
    expect(seen.size).toBe(choices.length);
  });
});

describe("randomUniform", () => {
  test.each([0, 1, 3, 15, 16, 17, 100])("%s numbers: low + (high - low) (number >> 8) / 2^24", (count) => {
    const [low, high] = [-0.25, 1.5];
    const scale = Math.fround(Math.fround(high - low) * 2 ** -24);
    const numbers = bitsOf(count, [CHOICE[0], CHOICE[1], CHOICE[2], 0]);
    const expected = numbers.map((n) => Math.fround(Math.fround((n >>> 8) * scale) + low));
    expect([...uniform(count, low, high, CHOICE)]).toEqual(expected);
  });

  test("10^5 numbers: from 0 up to 1, mean 1/2 and variance 1/12", () => {
    const count = 100_000;
    const values = uniform(count, 0, 1, CHOICE);
    expect(values.every((x) => x >= 0 && x < 1)).toBe(true);
    // 5 standard deviations of the mean and of the variance of so many uniform numbers
    expect(Math.abs(mean(values) - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / count));
    expect(Math.abs(variance(values) - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / count));
  });

  test.each([
    [-0.3, 0.7],
    [1000, 1001], // where float32 numbers are 2^-14 apart: the largest values round up to the upper bound
  ])("10^5 numbers from %s to %s are all between", (low, high) => {
    const values = uniform(100_000, low, high, CHOICE);
    expect(values.filter((x) => x < Math.fround(low)).length, "below").toBe(0);
    expect(values.filter((x) => x > Math.fround(high)).length, "above").toBe(0);
  });
});

describe("randomNormal", () => {
  test.each([0, 1, 2, 7, 8, 9, 50])("%s numbers: sqrt(-2 ln u) cos(2 pi v), u = (n + 1/2) / 2^32", (count) => {
    const numbers = bitsOf(2 * count, [CHOICE[0], CHOICE[1], CHOICE[2], 0]);
    const expected = Array.from({ length: count }, (_, i) => {
      const u = (numbers[2 * i]! + 0.5) / 2 ** 32;
      const v = numbers[2 * i + 1]! / 2 ** 32;
      return 0.5 + 2 * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
    });
    const actual = normal(count, 0.5, 2, CHOICE);
    // one rounding to float32, 6e-8 of the value, and the last bits of 2 pi v near the cosine's zeros
    expectClose("normal", actual, expected, { rtol: 6e-8, atol: 1e-14 });
  });

  test("a longer fill begins with the shorter one", () => {
    const long = normal(40, 0, 1, CHOICE);
    for (const count of [1, 7, 8, 9, 16, 39])
      expect([...normal(count, 0, 1, CHOICE)]).toEqual([...long.subarray(0, count)]);
  });

  test("two at a time, with the bits of one at a time", () => {
    const count = 100_000;
    const mathLog = extraFunction(bench.core, "mathLog");
    const mathCos = extraFunction(bench.core, "mathCos");
    const numbers = bitsOf(2 * count, [CHOICE[0], CHOICE[1], CHOICE[2], 0]);
    const expected = Float32Array.from({ length: count }, (_, i) => {
      const u = (numbers[2 * i]! + 0.5) * 2.3283064365386963e-10;
      const v = numbers[2 * i + 1]! * 1.4629180792671596e-9;
      return 0.1 + 1.7 * Math.sqrt(-2 * mathLog(u)) * mathCos(v);
    });
    expectSameBits(normal(count, 0.1, 1.7, CHOICE), expected);
  });

  test("10^5 numbers: the moments of the normal distribution", () => {
    const count = 100_000;
    const values = normal(count, 3, 0.5, CHOICE).map((x) => (x - 3) / 0.5);
    // 5 standard deviations each: of the mean, of the mean square, cube and fourth power
    expect(Math.abs(mean(values))).toBeLessThan(5 / Math.sqrt(count));
    expect(Math.abs(mean(values.map((x) => x ** 2)) - 1)).toBeLessThan(5 * Math.sqrt(2 / count));
    expect(Math.abs(mean(values.map((x) => x ** 3)))).toBeLessThan(5 * Math.sqrt(15 / count));
    expect(Math.abs(mean(values.map((x) => x ** 4)) - 3)).toBeLessThan(5 * Math.sqrt(96 / count));
    // neighbours share no number
    const products = Array.from(values.subarray(1), (x, i) => x * values[i]!);
    expect(Math.abs(mean(products))).toBeLessThan(5 / Math.sqrt(count));
  });
});

describe("randomPermutation", () => {
  test.each([0, 1, 2, 3, 15, 16, 17, 33, 1000])("%s places: Fisher and Yates with the stream's numbers", (count) => {
    const order = permutation(count, CHOICE);
    expect(order).toEqual(permutationOf(count, CHOICE));
    expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  test("the same choice gives the same order, another sequence another one", () => {
    const [seedLow, seedHigh, stream] = CHOICE;
    const orders = [0, 1, 2, 3].map((sequence) => permutation(50, [seedLow, seedHigh, stream, sequence]).join());
    expect(permutation(50, [seedLow, seedHigh, stream, 2]).join()).toBe(orders[2]);
    expect(new Set(orders).size).toBe(4);
  });

  test("all 6 orders of 3 are equally frequent over 6000 sequences", () => {
    const counts = new Map<string, number>();
    for (let sequence = 0; sequence < 6000; sequence++) {
      bench.clear();
      const key = permutation(3, [1, 2, 3, sequence]).join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // 5 standard deviations of a count with chance 1/6
    for (const n of counts.values()) expect(Math.abs(n - 1000)).toBeLessThan(5 * Math.sqrt((6000 * 5) / 36));
  });
});

describe("randomMask", () => {
  test.each([1, 15, 16, 17, 100])("%s bytes: 1 where the number is below probability 2^32", (count) => {
    for (const probability of [0, 0.25, 0.5, 0.8, 1 - 2 ** -24]) {
      const expected = bitsOf(count, CHOICE).map((n) => (n < probability * 2 ** 32 ? 1 : 0));
      expect(mask(count, probability, CHOICE), `probability ${probability}`).toEqual(expected);
    }
  });

  test.each([0.1, 0.5, 0.9])("10^5 bytes: the share of ones is near %s", (probability) => {
    const share = mean(mask(100_000, probability, CHOICE));
    // 5 standard deviations
    expect(Math.abs(share - probability)).toBeLessThan(5 * Math.sqrt((probability * (1 - probability)) / 100_000));
  });

  test("probability 0 gives no ones, probability 1 nothing else", () => {
    expect(mask(1000, 0, CHOICE)).toEqual(Array.from({ length: 1000 }, () => 0));
    expect(mask(1000, 1, CHOICE)).toEqual(Array.from({ length: 1000 }, () => 1));
  });

  test("probability 1 gives a one even where the number is the largest, 2^32 - 1", () => {
    const choice: Choice = [0, 0, 0, 8175178]; // found by looking through the sequences
    expect(bits(975, choice)[974]).toBe(0xffffffff);
    expect(mask(975, 1, choice)[974]).toBe(1);
  });
});
