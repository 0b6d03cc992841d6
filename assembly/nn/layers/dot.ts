// Dot products along the last axis. Sums are float64, of the numbers at even places and of those at odd ones.
import { DX, DY, integer, pointer, X, Y } from "../../runtime/record";

const OTHER: usize = 4;
const D_OTHER: usize = 5;
/** Vectors per row. */
const BLOCKS: usize = 6;
/** Numbers of a vector. */
const N: usize = 7;

/** The least length that cosines are divided by, as in PyTorch. */
const LEAST: f64 = 1e-8;

/** y = sum of x other */
export function dotForward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  let x = pointer(record, X);
  let y = pointer(record, Y);
  let other = pointer(record, OTHER);
  const end = y + ((<usize>rows * integer(record, BLOCKS)) << 2);
  for (; y < end; y += 4, x += n << 2, other += n << 2) store<f32>(y, <f32>dotOf(x, other, n));
}

/** dx = dy other, dOther = dy x */
export function dotBackward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const blocks = <usize>rows * integer(record, BLOCKS);
  let x = pointer(record, X);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  let other = pointer(record, OTHER);
  let dOther = pointer(record, D_OTHER);
  for (let b: usize = 0; b < blocks; b++, dy += 4, x += n << 2, other += n << 2) {
    const slope = load<f32>(dy);
    if (dx) {
      combine(slope, other, 0, x, dx, n);
      dx += n << 2;
    }
    if (dOther) {
      combine(slope, x, 0, other, dOther, n);
      dOther += n << 2;
    }
  }
}

/** y = sum of x other / (|x| |other|), with lengths of 1e-8 at least */
export function dotCosineForward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  let x = pointer(record, X);
  let y = pointer(record, Y);
  let other = pointer(record, OTHER);
  const end = y + ((<usize>rows * integer(record, BLOCKS)) << 2);
  for (; y < end; y += 4, x += n << 2, other += n << 2)
    store<f32>(y, <f32>(dotOf(x, other, n) / (lengthOf(x, n) * lengthOf(other, n))));
}

/** dx = dy (other / (|x| |other|) - y x / |x|^2), and so for the other; where a length is 1e-8, that is a constant */
export function dotCosineBackward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const blocks = <usize>rows * integer(record, BLOCKS);
  let x = pointer(record, X);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  let other = pointer(record, OTHER);
  let dOther = pointer(record, D_OTHER);
  for (let b: usize = 0; b < blocks; b++, dy += 4, x += n << 2, other += n << 2) {
    const a = lengthOf(x, n);
    const o = lengthOf(other, n);
    const slope = <f64>load<f32>(dy) / (a * o);
    const along = slope * dotOf(x, other, n);
    if (dx) {
      combine(<f32>slope, other, a > LEAST ? <f32>(-along / (a * a)) : 0, x, dx, n);
      dx += n << 2;
    }
    if (dOther) {
      combine(<f32>slope, x, o > LEAST ? <f32>(-along / (o * o)) : 0, other, dOther, n);
      dOther += n << 2;
    }
  }
}

/** The sum of a b. */
function dotOf(a: usize, b: usize, n: usize): f64 {
  let two = f64x2.splat(0);
  const end = a + (n << 2);
  for (; a + 8 <= end; a += 8, b += 8) {
    const factor = f64x2.promote_low_f32x4(v128.load64_zero(a));
    two = f64x2.add(two, f64x2.mul(factor, f64x2.promote_low_f32x4(v128.load64_zero(b))));
  }
  const sum = f64x2.extract_lane(two, 0) + f64x2.extract_lane(two, 1);
  return a < end ? sum + <f64>load<f32>(a) * <f64>load<f32>(b) : sum;
}

/** The length of a vector, at least LEAST. */
function lengthOf(a: usize, n: usize): f64 {
  return max<f64>(sqrt<f64>(dotOf(a, a, n)), LEAST);
}

/** to = p a + q b */
function combine(p: f32, a: usize, q: f32, b: usize, to: usize, n: usize): void {
  const ps = f32x4.splat(p);
  const qs = f32x4.splat(q);
  const end = a + (n << 2);
  for (; a + 16 <= end; a += 16, b += 16, to += 16)
    v128.store(to, f32x4.add(f32x4.mul(ps, v128.load(a)), f32x4.mul(qs, v128.load(b))));
  for (; a < end; a += 4, b += 4, to += 4) store<f32>(to, p * load<f32>(a) + q * load<f32>(b));
}
