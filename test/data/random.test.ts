// Random numbers in JavaScript: those of the core, to the bit.
import { expect, test } from "vitest";
import {
  cos,
  ln,
  permutation,
  randomAt,
  randomBits,
  randomNormal,
  randomUniform,
  shuffled,
  sin,
} from "../../src/data/random.ts";
import { extraFunction } from "../../src/runtime/extraFunction.ts";
import { seedWords } from "../../src/runtime/record.ts";
import { expectSameBits } from "../support/bits.ts";
import { bitsOf, permutationOf } from "../support/philox.ts";
import { Workbench } from "../support/workbench.ts";

const bench = await Workbench.create();
const SEEDS = [0, 1, 5, 2 ** 32 - 1, 2 ** 32, 0x123456789abcd, 2 ** 53 - 1];
const STREAM = 0x40000;
const take = (count: number, next: () => number): number[] => Array.from({ length: count }, () => next());

for (const seed of SEEDS) {
  const [low, high] = seedWords(seed);

  test(`seed ${seed}: Philox's bits, and what is made of them`, () => {
    const bits = bitsOf(1000, [low, high, STREAM, 0]);
    expect(take(1000, randomBits(seed, STREAM))).toEqual(bits);
    expect(take(1000, randomUniform(seed, STREAM))).toEqual(bits.map((n) => n / 2 ** 32));
    expect([...permutation(500, seed, STREAM)]).toEqual(permutationOf(500, [low, high, STREAM, 0]));
  });

  test(`seed ${seed}: the normal numbers of the core`, () => {
    bench.clear();
    const count = 20_000;
    const [out, scratch] = [bench.room(count), bench.room(16)];
    extraFunction(bench.core, "randomNormal")(out, count, 0, 1, low, high, STREAM, scratch);
    expectSameBits(Float32Array.from(take(count, randomNormal(seed, STREAM))), bench.read(out, count));
  });
}

test("logarithms are within a few bits of an engine's, down to the smallest normal number", () => {
  const random = randomUniform(3, STREAM);
  for (let i = 0; i < 5000; i++) {
    const x = Math.max(random() * 2 ** -(i % 1000), 2 ** -1022);
    expect(Math.abs(ln(x) - Math.log(x))).toBeLessThanOrEqual(4e-16 * Math.max(1, -Math.log(x)));
  }
  for (const x of [1 - 1e-15, 1 - 1e-9, 0.999]) expect(ln(x) / Math.log(x)).toBeCloseTo(1, 14);
  expect([ln(1), ln(0.5)]).toEqual([0, -Math.LN2]);
});

test("numbers in an order by chance: each once, and every order as often", () => {
  expect(Array.from(shuffled(5, randomBits(1, STREAM)))).not.toEqual([0, 1, 2, 3, 4]);
  const often = new Map<string, number>();
  const bits = randomBits(7, STREAM);
  for (let i = 0; i < 6000; i++) {
    const order = Array.from(shuffled(3, bits)).join("");
    often.set(order, (often.get(order) ?? 0) + 1);
  }
  expect([...often.keys()].toSorted()).toEqual(["012", "021", "102", "120", "201", "210"]);
  for (const count of often.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  expect([shuffled(0, bits).length, ...shuffled(1, bits)]).toEqual([0, 0]);
});

test("sine and cosine are within 3e-16 of an engine's over two turns", () => {
  for (let i = -2000; i <= 2000; i++) {
    const x = (i / 1000) * 2 * Math.PI;
    expect(Math.abs(cos(x) - Math.cos(x))).toBeLessThan(3e-16);
    expect(Math.abs(sin(x) - Math.sin(x))).toBeLessThan(1e-15);
  }
  expect([cos(0), sin(1.5707963267948966)]).toEqual([1, 1]);
});

test("the numbers of a place are those of its epoch and index", () => {
  const [seed, epoch, index] = [0x123456789abcd, 3, 5];
  const bits = bitsOf(8, [...seedWords(seed), STREAM, epoch + index * 2 ** 32]);
  const random = (): ReturnType<typeof randomAt> => randomAt(seed, STREAM, epoch, index);
  expect(take(8, random().uniform)).toEqual(bits.map((n) => n / 2 ** 32));
  expect(random().uniform(-3, 5)).toBe(-3 + 8 * (bits[0]! / 2 ** 32));
  const { integer, normal } = random();
  expect(integer(1000)).toBe(Math.floor((bits[0]! * 1000) / 2 ** 32));
  expect(integer(1)).toBe(0);
  const z = Math.sqrt(-2 * Math.log((bits[2]! + 0.5) / 2 ** 32)) * Math.cos((2 * Math.PI * bits[3]!) / 2 ** 32);
  expect(normal(10, 2)).toBeCloseTo(10 + 2 * z, 12);
  expect(() => integer(0)).toThrow("random.integer: count must be a whole number of 1 or more, got 0");
});
