// What one thread of this processor can do with SIMD128: the yardstick of the products. Compiled by bench/roof.ts.
import { setSteps, tile, wideTile } from "../assembly/matmul/tile";

/**
 * Twelve sums in registers, each with a product of two others: 24 operations per turn, no memory, and chains of one product and
 * one sum per turn, which twelve of them hide. Returns something that depends on all of it.
 */
export function registerLoop(turns: u32): f32 {
  const b = f32x4.splat(1 / <f32>(turns + 1)); // not a constant: V8 would build it again at every use
  let c0 = f32x4.splat(1),
    c1 = f32x4.splat(0.1),
    c2 = f32x4.splat(0.2),
    c3 = f32x4.splat(0.3);
  let c4 = f32x4.splat(0.4),
    c5 = f32x4.splat(0.5),
    c6 = f32x4.splat(0.6),
    c7 = f32x4.splat(0.7);
  let c8 = f32x4.splat(0.8),
    c9 = f32x4.splat(0.9),
    c10 = f32x4.splat(1.1),
    c11 = f32x4.splat(1.2);
  for (let i: u32 = 0; i < turns; i++) {
    c0 = f32x4.add(b, f32x4.mul(c0, b));
    c1 = f32x4.add(b, f32x4.mul(c1, b));
    c2 = f32x4.add(b, f32x4.mul(c2, b));
    c3 = f32x4.add(b, f32x4.mul(c3, b));
    c4 = f32x4.add(b, f32x4.mul(c4, b));
    c5 = f32x4.add(b, f32x4.mul(c5, b));
    c6 = f32x4.add(b, f32x4.mul(c6, b));
    c7 = f32x4.add(b, f32x4.mul(c7, b));
    c8 = f32x4.add(b, f32x4.mul(c8, b));
    c9 = f32x4.add(b, f32x4.mul(c9, b));
    c10 = f32x4.add(b, f32x4.mul(c10, b));
    c11 = f32x4.add(b, f32x4.mul(c11, b));
  }
  c0 = f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3));
  c4 = f32x4.add(f32x4.add(c4, c5), f32x4.add(c6, c7));
  c8 = f32x4.add(f32x4.add(c8, c9), f32x4.add(c10, c11));
  return f32x4.extract_lane(f32x4.add(f32x4.add(c0, c4), c8), 0);
}
/** Operations per turn: twelve products and sums of four numbers. */
export const REGISTER_FLOPS: u32 = 96;

/** 4 x 8 tiles of depth k, over and over the same data: A by rows, and in a panel. */
export function rowsLoop(turns: u32, k: u32, a: usize, row: usize, b: usize, c: usize): void {
  setSteps(k, 4, 32, k << 5);
  for (let i: u32 = 0; i < turns; i++) tile(a, row, 2 * row, b, c, 32, c, 32);
}
export function panelLoop(turns: u32, k: u32, a: usize, b: usize, c: usize): void {
  setSteps(k, 16, 32, k << 5);
  for (let i: u32 = 0; i < turns; i++) tile(a, 4, 8, b, c, 32, c, 32);
}

/** 4 x 16 tiles, for engines that pair vector operations. */
export function wideLoop(turns: u32, k: u32, a: usize, row: usize, b: usize, c: usize): void {
  setSteps(k, 4, 32, k << 5);
  for (let i: u32 = 0; i < turns; i++) wideTile(a, row, 2 * row, b, c, 64, c, 64);
}

/** Eight products of integers, each of the one before: 3 cycles each on every x86-64 and ARM core of the last ten years. */
export function clockLoop(turns: u32, factor: u32): u32 {
  let x = factor;
  for (let i: u32 = 0; i < turns; i++) {
    x *= factor;
    x *= factor;
    x *= factor;
    x *= factor;
    x *= factor;
    x *= factor;
    x *= factor;
    x *= factor;
  }
  return x;
}
/** Cycles per turn of `clockLoop`. */
export const CLOCK_CYCLES: u32 = 24;

/** Twelve independent bit operations per turn: how many vector operations per cycle the processor can begin at all. */
export function issueLoop(turns: u32, p: usize): u32 {
  const b = v128.load(p);
  let c0 = v128.load(p, 16),
    c1 = v128.load(p, 32),
    c2 = v128.load(p, 48),
    c3 = v128.load(p, 64);
  let c4 = v128.load(p, 80),
    c5 = v128.load(p, 96),
    c6 = v128.load(p, 112),
    c7 = v128.load(p, 128);
  let c8 = v128.load(p, 144),
    c9 = v128.load(p, 160),
    c10 = v128.load(p, 176),
    c11 = v128.load(p, 192);
  for (let i: u32 = 0; i < turns; i++) {
    c0 = v128.xor(c0, b);
    c1 = v128.xor(c1, b);
    c2 = v128.xor(c2, b);
    c3 = v128.xor(c3, b);
    c4 = v128.xor(c4, b);
    c5 = v128.xor(c5, b);
    c6 = v128.xor(c6, b);
    c7 = v128.xor(c7, b);
    c8 = v128.xor(c8, b);
    c9 = v128.xor(c9, b);
    c10 = v128.xor(c10, b);
    c11 = v128.xor(c11, b);
  }
  c0 = v128.or(v128.or(v128.or(c0, c1), v128.or(c2, c3)), v128.or(v128.or(c4, c5), v128.or(c6, c7)));
  return i32x4.extract_lane(v128.or(c0, v128.or(v128.or(c8, c9), v128.or(c10, c11))), 0);
}
/** Operations per turn of `issueLoop`. */
export const ISSUE_OPERATIONS: u32 = 12;
