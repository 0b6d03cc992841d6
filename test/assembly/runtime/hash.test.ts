import { beforeEach, expect, test } from "vitest";
import { wholes } from "../../support/seeded.ts";
import { Workbench } from "../../support/workbench.ts";

const bench = await Workbench.create();
beforeEach(() => bench.clear());

/** FNV-1a's offset basis and prime for 64 bits. see: www.isthe.com/chongo/tech/comp/fnv */
const BASIS = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;

/** FNV-1a with 32-bit words in place of bytes. */
function fnv(words: ArrayLike<number>, hash = BASIS): bigint {
  for (const word of Array.from(words)) hash = BigInt.asUintN(64, (hash ^ BigInt(word)) * PRIME);
  return hash;
}

function hashOf(words: ArrayLike<number>, hash = BASIS): bigint {
  const { hashWords } = bench.core.exports;
  return BigInt.asUintN(64, hashWords(bench.words(words), words.length, hash));
}

const bitsOf = (...values: number[]): Uint32Array => new Uint32Array(Float32Array.from(values).buffer);
/** Words that are no NaN: the sign and the exponent's highest bit are 0. */
const someWords = (count: number, seed: number): Int32Array => wholes(count, { seed, below: 2 ** 30 });

test("a word by hand", () => {
  expect(hashOf([0])).toBe(0xaf63bd4c8601b7dfn); // FNV-1a of the byte 0 is the same: the basis times the prime
  expect(hashOf([])).toBe(BASIS);
});

test.each([1, 2, 3, 4, 5, 17, 1000])("%s words: FNV-1a", (count) => {
  const words = someWords(count, count);
  expect(hashOf(words)).toBe(fnv(words));
});

test("numbers of every kind that are no NaN keep their bits", () => {
  const words = bitsOf(0, -0, 1, -1, 1e-45, -1e-40, 3.4e38, -3.4e38, Infinity, -Infinity);
  expect(hashOf(words)).toBe(fnv(words));
  expect(hashOf(bitsOf(0))).not.toBe(hashOf(bitsOf(-0)));
});

test("every NaN counts as 0x7fc00000", () => {
  const canonical = fnv([0x7fc00000, 1]);
  for (const nan of [0x7fc00000, 0xffc00000, 0x7f800001, 0xff800001, 0x7fffffff, 0xffffffff, 0x7fabcdef])
    expect(hashOf([nan, 1]), nan.toString(16)).toBe(canonical);
});

test("a hash can be continued", () => {
  const words = someWords(100, 3);
  for (const cut of [0, 1, 50, 99, 100])
    expect(hashOf(words.subarray(cut), hashOf(words.subarray(0, cut)))).toBe(fnv(words));
});

test("one changed bit, or two words that changed places, give another hash", () => {
  const words = someWords(50, 4);
  const before = hashOf(words);
  for (let i = 0; i < 50; i++) expect(hashOf(words.with(i, words[i]! ^ (1 << (i % 30))))).not.toBe(before);
  const [first, second, ...rest] = words;
  expect(hashOf([second!, first!, ...rest])).not.toBe(before);
});
