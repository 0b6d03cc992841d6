// A counter-based generator: number i of a stream depends on (seed, stream, sequence, i) and on nothing else, so any
// range of any stream can be made at any time, by any thread. Philox4x32-10.
// see: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
//
// key = the seed's two halves; counter = (block, the sequence's lower half, stream, its upper half); number i is word i mod 4 of
// block floor(i / 4).
import { mathCosPair, mathLogPair } from "../numeric/math";

const MULTIPLIER_0: u32 = 0xd2511f53;
const MULTIPLIER_1: u32 = 0xcd9e8d57;
const WEYL_0: u32 = 0x9e3779b9;
const WEYL_1: u32 = 0xbb67ae85;
/** Bytes of sixteen numbers. */
const SIXTEEN: usize = 64;

/** Numbers 16 g to 16 g + 15 of a stream, as u32, to `out`: four blocks at once, one per lane. */
export function sixteen(out: usize, group: u32, seedLow: u32, seedHigh: u32, stream: u32, sequence: u64): void {
  const m0 = i32x4.splat(MULTIPLIER_0);
  const m1 = i32x4.splat(MULTIPLIER_1);
  let c0 = i32x4.add(i32x4.splat(group << 2), i32x4(0, 1, 2, 3));
  let c1 = i32x4.splat(<u32>sequence);
  let c2 = i32x4.splat(stream);
  let c3 = i32x4.splat(<u32>(sequence >> 32));
  for (let round = 0; round < 10; round++) {
    const low0 = i64x2.extmul_low_i32x4_u(c0, m0);
    const high0 = i64x2.extmul_high_i32x4_u(c0, m0);
    const low1 = i64x2.extmul_low_i32x4_u(c2, m1);
    const high1 = i64x2.extmul_high_i32x4_u(c2, m1);
    c0 = v128.xor(v128.xor(v128.shuffle<u32>(low1, high1, 1, 3, 5, 7), c1), i32x4.splat(seedLow));
    c2 = v128.xor(v128.xor(v128.shuffle<u32>(low0, high0, 1, 3, 5, 7), c3), i32x4.splat(seedHigh));
    c1 = v128.shuffle<u32>(low1, high1, 0, 2, 4, 6);
    c3 = v128.shuffle<u32>(low0, high0, 0, 2, 4, 6);
    seedLow += WEYL_0;
    seedHigh += WEYL_1;
  }
  const a = v128.shuffle<u32>(c0, c1, 0, 4, 1, 5);
  const b = v128.shuffle<u32>(c2, c3, 0, 4, 1, 5);
  const c = v128.shuffle<u32>(c0, c1, 2, 6, 3, 7);
  const d = v128.shuffle<u32>(c2, c3, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<u64>(a, b, 0, 2));
  v128.store(out, v128.shuffle<u64>(a, b, 1, 3), 16);
  v128.store(out, v128.shuffle<u64>(c, d, 0, 2), 32);
  v128.store(out, v128.shuffle<u64>(c, d, 1, 3), 48);
}

/** Numbers 0 to count - 1 of a stream as u32. The capacity of `out` must be a multiple of 16 numbers. */
export function randomBits(out: usize, count: u32, seedLow: u32, seedHigh: u32, stream: u32, sequence: u64): void {
  const groups = (count + 15) >> 4;
  for (let g: u32 = 0; g < groups; g++, out += SIXTEEN) sixteen(out, g, seedLow, seedHigh, stream, sequence);
}

/**
 * count float32, uniform: low + (high - low) u, where u = (number >> 8) / 2^24 is in [0, 1). The sum is rounded, so that
 * `high` itself can come out.
 * The capacity of `out` must be a multiple of 16 numbers; what is after the last is set to 0.
 */
export function randomUniform(
  out: usize,
  count: u32,
  low: f32,
  high: f32,
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
): void {
  randomBits(out, count, seedLow, seedHigh, stream, 0);
  const scale = f32x4.splat((high - low) * <f32>5.9604644775390625e-8);
  const offset = f32x4.splat(low);
  const end = out + (((count + 15) >> 4) << 6);
  for (let p = out; p < end; p += 16) {
    const whole = f32x4.convert_i32x4_u(i32x4.shr_u(v128.load(p), 8));
    v128.store(p, f32x4.add(f32x4.mul(whole, scale), offset));
  }
  for (let p = out + ((<usize>count) << 2); p < end; p += 4) store<f32>(p, 0);
}

/**
 * count float32, normal with the given mean and standard deviation (Box and Muller): number i is made of numbers 2i and
 * 2i + 1 of the stream, sqrt(-2 ln u) mathCos(2 pi v) with u = (n + 1/2) / 2^32, in float64.
 * The capacity of `scratch` must be 16 numbers.
 */
export function randomNormal(
  out: usize,
  count: u32,
  mean: f64,
  deviation: f64,
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
  scratch: usize,
): void {
  const half = f64x2.splat(0.5);
  for (let i: u32 = 0; i < count; i += 8, out += 32) {
    sixteen(scratch, i >> 3, seedLow, seedHigh, stream, 0);
    for (let from = scratch, to = scratch; from < scratch + SIXTEEN; from += 16, to += 8) {
      const bits = v128.load(from);
      const whole = f64x2.convert_low_i32x4_u(v128.shuffle<u32>(bits, bits, 0, 2, 0, 2));
      const u = f64x2.mul(f64x2.add(whole, half), f64x2.splat(2.3283064365386963e-10));
      const turns = f64x2.convert_low_i32x4_u(v128.shuffle<u32>(bits, bits, 1, 3, 1, 3));
      const v = f64x2.mul(turns, f64x2.splat(1.4629180792671596e-9)); // 2 pi / 2^32
      const radius = f64x2.sqrt(f64x2.mul(f64x2.splat(-2), mathLogPair(u)));
      const value = f64x2.mul(f64x2.mul(f64x2.splat(deviation), radius), mathCosPair(v));
      v128.store64_lane(to, f32x4.demote_f64x2_zero(f64x2.add(f64x2.splat(mean), value)), 0);
    }
    memory.copy(out, scratch, min<u32>(count - i, 8) << 2);
  }
}

/**
 * A permutation of 0 to count - 1 as u32 (Fisher and Yates, from the last place down): place i changes with place
 * floor(n (i + 1) / 2^32), n being number i of the stream. The capacity of `out` must be a multiple of 16 numbers, and
 * 64 bytes more.
 */
export function randomPermutation(
  out: usize,
  count: u32,
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
  sequence: u64,
): void {
  for (let i: u32 = 0; i < count; i++) store<u32>(out + ((<usize>i) << 2), i);
  const numbers = out + (((<usize>count + 15) >> 4) << 6);
  let group = u32.MAX_VALUE;
  for (let i = count - 1; i != 0 && i < count; i--) {
    if (i >> 4 != group) {
      group = i >> 4;
      sixteen(numbers, group, seedLow, seedHigh, stream, sequence);
    }
    const other = <u32>((<u64>load<u32>(numbers + ((i & 15) << 2)) * (<u64>i + 1)) >> 32);
    const p = out + ((<usize>i) << 2);
    const q = out + ((<usize>other) << 2);
    const swapped = load<u32>(p);
    store<u32>(p, load<u32>(q));
    store<u32>(q, swapped);
  }
}

/**
 * count bytes, 1 with the given probability (number < floor(probability 2^32)), else 0. The capacity of `out` must be
 * a multiple of 16 bytes, that of `scratch` 16 numbers.
 */
export function randomMask(
  out: usize,
  count: u32,
  probability: f64,
  seedLow: u32,
  seedHigh: u32,
  stream: u32,
  sequence: u64,
  scratch: usize,
): void {
  const threshold = <u64>(probability * 4294967296.0);
  // number < threshold, written as number <= threshold - 1 because 2^32 isn't a u32; below 1 nothing passes
  const limit = i32x4.splat(<u32>(threshold - 1));
  const ones = i8x16.splat(threshold == 0 ? 0 : 1);
  const groups = (count + 15) >> 4;
  for (let g: u32 = 0; g < groups; g++, out += 16) {
    sixteen(scratch, g, seedLow, seedHigh, stream, sequence);
    const a = i32x4.le_u(v128.load(scratch), limit);
    const b = i32x4.le_u(v128.load(scratch, 16), limit);
    const c = i32x4.le_u(v128.load(scratch, 32), limit);
    const d = i32x4.le_u(v128.load(scratch, 48), limit);
    const bytes = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
    v128.store(out, v128.and(bytes, ones));
  }
}
