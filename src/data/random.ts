// The core's random numbers in JavaScript, for data sets that are there before any memory: the same bits, by the operations of
// assembly/runtime/random.ts and assembly/numeric/math.ts in their order. Only +, -, *, / and square roots, which IEEE 754 fixes.

import { checkWhole } from "../util/check.ts";

const WORD = 2 ** 32;

/** The upper half of a product of two 32-bit numbers. */
function upperHalf(a: number, b: number): number {
  const [a0, a1, b0, b1] = [a & 65535, a >>> 16, b & 65535, b >>> 16];
  const middle = a1 * b0 + ((a0 * b0) >>> 16);
  const other = a0 * b1 + (middle & 65535);
  return a1 * b1 + (middle >>> 16) + (other >>> 16);
}

/**
 * The numbers of a stream, from 0 up, as 32-bit integers: number i is word i mod 4 of block floor(i / 4). Philox4x32-10.
 *
 * @param sequence two 32-bit numbers, by which one stream has many sequences
 * @see Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011
 */
export function randomBits(
  seed: number,
  stream: number,
  sequence: readonly [low: number, high: number] = [0, 0],
): () => number {
  const words = new Uint32Array(4);
  let block = 0;
  let next = 4;
  return () => {
    if (next === 4) {
      philox(words, block++, stream, sequence, seed);
      next = 0;
    }
    return words[next++]!;
  };
}

function philox(
  words: Uint32Array,
  block: number,
  stream: number,
  [low, high]: readonly [number, number],
  seed: number,
): void {
  let [c0, c1, c2, c3] = [block, low, stream, high];
  let key0 = seed % WORD;
  let key1 = Math.floor(seed / WORD);
  for (let round = 0; round < 10; round++) {
    const before = c0;
    c0 = (upperHalf(c2, 0xcd9e8d57) ^ c1 ^ key0) >>> 0;
    c1 = Math.imul(c2, 0xcd9e8d57);
    c2 = (upperHalf(before, 0xd2511f53) ^ c3 ^ key1) >>> 0;
    c3 = Math.imul(before, 0xd2511f53);
    key0 = (key0 + 0x9e3779b9) % WORD;
    key1 = (key1 + 0xbb67ae85) % WORD;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

/** Numbers in [0, 1), of 32 bits. */
export function randomUniform(seed: number, stream: number): () => number {
  const bits = randomBits(seed, stream);
  return () => bits() / WORD;
}

/** Normal numbers with mean 0 and standard deviation 1, float64. */
export function randomNormal(seed: number, stream: number): () => number {
  const bits = randomBits(seed, stream);
  return () => normalOf(bits);
}

/** A normal number of the next two of a stream (Box and Muller): sqrt(-2 ln u) cos(2 pi v). */
function normalOf(bits: () => number): number {
  const radius = Math.sqrt(-2 * ln((bits() + 0.5) * 2.3283064365386963e-10));
  return radius * cos(bits() * 1.4629180792671596e-9); // 2 pi / 2^32
}

/**
 * Random numbers for data that is made while training, in a function of `batches`, `rows` or `map`. They are counted, not drawn: the model's
 * seed, the epoch and the batch decide them, so that they are the same in every engine, and however late a batch comes. The generator is
 * the core's, Philox4x32-10.
 *
 * @see Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011
 */
export interface Random {
  /** From `low` up to but not including `high`, as float64 of 32 random bits; default 0 to 1. */
  uniform(low?: number, high?: number): number;
  /** Normal, as float64; default mean 0 and standard deviation 1. */
  normal(mean?: number, deviation?: number): number;
  /**
   * A whole number from 0 to `count` - 1.
   *
   * @throws {TypeError | RangeError} if `count` is no whole number from 1 to 2^30
   */
  integer(count: number): number;
}

/** The random numbers of a place, such as a batch of an epoch: those of another place share none with them. */
export function randomAt(seed: number, stream: number, epoch: number, index = 0): Random {
  const bits = randomBits(seed, stream, [epoch >>> 0, index >>> 0]);
  return {
    uniform: (low = 0, high = 1) => low + (high - low) * (bits() / WORD),
    normal: (mean = 0, deviation = 1) => mean + deviation * normalOf(bits),
    integer(count) {
      checkWhole("random.integer", "count", count);
      return Math.floor((bits() * count) / WORD);
    },
  };
}

/** A permutation of 0 to count - 1: the core's up to a count of 2^20, in which number i of the stream decides of place i. */
export function permutation(count: number, seed: number, stream: number): Uint32Array {
  const numbers = Array.from({ length: count }, randomBits(seed, stream));
  return shuffled(count, (place) => numbers[place]!);
}

/** 0 to count - 1 in an order by chance (Fisher and Yates, from the last place down): 32 random bits for each place. */
export function shuffled(count: number, bits: (place: number) => number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor((bits(i) * (i + 1)) / WORD);
    const row = order[i]!;
    order[i] = order[other]!;
    order[other] = row;
  }
  return order;
}

/** ln x for x from 2^-1022 to 1: 2 artanh((m - 1) / (m + 1)) + e ln 2. */
export function ln(x: number): number {
  let [m, e] = [x, 0];
  for (; m < Math.sqrt(0.5); m *= 2) e--;
  const s = (m - 1) / (m + 1);
  const u = s * s;
  let p = 0;
  for (let k = 23; k >= 3; k -= 2) p = p * u + 1 / k;
  const rest = 2 * s * u * p + e * 1.9082149292705877e-10;
  return e * 0.6931471803691238 + (2 * s + rest);
}

/** cos x for |x| up to 10^5. */
export function cos(x: number): number {
  const size = Math.abs(x);
  const n = size * 0.6366197723675814 + 6755399441055744 - 6755399441055744; // the nearest quarter turn: 3 * 2^51 leaves no bits below 1
  const r = size - n * 1.5707963267341256 - n * 6.077100506303966e-11 - n * 2.0222662487959506e-21;
  const quarter = n % 4;
  const u = r * r;
  let p = 1;
  const odd = quarter % 2;
  for (let k = 18 + odd; k >= 2 + odd; k -= 2) p = 1 - (u / (k * (k - 1))) * p;
  if (odd) p *= r;
  return quarter === 1 || quarter === 2 ? -p : p;
}

/** sin x for |x| up to 10^5. */
export const sin = (x: number): number => cos(x - 1.5707963267948966);
