import { exp } from "../../numeric/elementary";
import { DX, DY, float, integer, perRow, pointer, X, Y } from "../../runtime/record";
import { lanesBelow, storeLanes } from "../../numeric/simd";

/** [count, n] */
const CENTRES: usize = 4;
/** Numbers of a centre: those of the input's last axis. */
const N: usize = 5;
const COUNT: usize = 6;
const GAMMA: usize = 7;
/** Memory for one value per centre, up to whole vectors. */
const SCRATCH: usize = 8;

/** The squares of four of the differences between x and a centre, added to a sum. */
function add(sum: v128, x: v128, c: usize): v128 {
  const d = f32x4.sub(x, v128.load(c));
  return f32x4.add(sum, f32x4.mul(d, d));
}

/** The same with the lanes of the mask alone. */
function addMasked(sum: v128, x: v128, c: usize, mask: v128): v128 {
  const d = v128.and(f32x4.sub(x, v128.load(c)), mask);
  return f32x4.add(sum, f32x4.mul(d, d));
}

/**
 * y[j] = e^(-gamma |x - c_j|^2) for the rows c_j of [count, n]. The distance is the sum of the squared differences itself: what
 * |x|^2 - 2 x c + |c|^2 would lose to cancellation near a centre is kept.
 */
export function gaussians(x: usize, centres: usize, n: usize, count: usize, gamma: f32, y: usize): void {
  const row = n << 2;
  const whole = row & ~15;
  const mask = lanesBelow(n & 3);
  const factor = f32x4.splat(-gamma);
  const zero = f32x4.splat(0);
  for (let j: usize = 0; j < count; j += 4) {
    const left = count - j;
    const c0 = centres + j * row;
    // after the last centre, the last one again: its result isn't stored
    const c1 = left > 1 ? c0 + row : c0;
    const c2 = left > 2 ? c1 + row : c0;
    const c3 = left > 3 ? c2 + row : c0;
    let s0 = zero;
    let s1 = zero;
    let s2 = zero;
    let s3 = zero;
    for (let o: usize = 0; o < whole; o += 16) {
      const v = v128.load(x + o);
      s0 = add(s0, v, c0 + o);
      s1 = add(s1, v, c1 + o);
      s2 = add(s2, v, c2 + o);
      s3 = add(s3, v, c3 + o);
    }
    if (whole < row) {
      const v = v128.load(x + whole);
      s0 = addMasked(s0, v, c0 + whole, mask);
      s1 = addMasked(s1, v, c1 + whole, mask);
      s2 = addMasked(s2, v, c2 + whole, mask);
      s3 = addMasked(s3, v, c3 + whole, mask);
    }
    // one lane per centre: (lane 0 + lane 2) + (lane 1 + lane 3)
    const a = f32x4.add(v128.shuffle<f32>(s0, s1, 0, 4, 1, 5), v128.shuffle<f32>(s0, s1, 2, 6, 3, 7));
    const b = f32x4.add(v128.shuffle<f32>(s2, s3, 0, 4, 1, 5), v128.shuffle<f32>(s2, s3, 2, 6, 3, 7));
    const distance = f32x4.add(v128.shuffle<f32>(a, b, 0, 1, 4, 5), v128.shuffle<f32>(a, b, 2, 3, 6, 7));
    storeLanes(y + (j << 2), exp(f32x4.mul(factor, distance)), left);
  }
}

/** y_j = e^(-gamma |x - c_j|^2), over groups of n numbers. */
export function rbfForward(record: usize, rows: u32): void {
  const centres = pointer(record, CENTRES);
  const n = <usize>integer(record, N);
  const count = <usize>integer(record, COUNT);
  const gamma = float(record, GAMMA);
  const groups = (<usize>rows * perRow(record)) / count;
  let x = pointer(record, X);
  let y = pointer(record, Y);
  for (let i: usize = 0; i < groups; i++, x += n << 2, y += count << 2) gaussians(x, centres, n, count, gamma, y);
}

/** dx = 2 gamma times the sum over j of dy_j y_j (c_j - x) */
export function rbfBackward(record: usize, rows: u32): void {
  let dx = pointer(record, DX);
  if (!dx) return;
  const centres = pointer(record, CENTRES);
  const n = <usize>integer(record, N);
  const count = <usize>integer(record, COUNT);
  const factor = f32x4.splat(2 * float(record, GAMMA));
  const weights = pointer(record, SCRATCH);
  const groups = (<usize>rows * perRow(record)) / count;
  let x = pointer(record, X);
  let y = pointer(record, Y);
  let dy = pointer(record, DY);
  for (let i: usize = 0; i < groups; i++, x += n << 2, dx += n << 2, y += count << 2, dy += count << 2) {
    for (let o: usize = 0; o < count << 2; o += 16)
      v128.store(weights + o, f32x4.mul(v128.load(dy + o), v128.load(y + o)));
    for (let k: usize = 0; k < n; k += 4) {
      const v = v128.load(x + (k << 2));
      let sum = f32x4.splat(0);
      for (let j: usize = 0, c = centres + (k << 2); j < count; j++, c += n << 2)
        sum = f32x4.add(sum, f32x4.mul(v128.load_splat<f32>(weights + (j << 2)), f32x4.sub(v128.load(c), v)));
      storeLanes(dx + (k << 2), f32x4.mul(factor, sum), n - k);
    }
  }
}
