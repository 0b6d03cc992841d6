import { exp } from "../../numeric/elementary";
import { DX, DY, integer, perRow, pointer, X, Y } from "../../runtime/record";
import { lanesBelow, maxLanes, storeLanes, sumLanes } from "../../numeric/simd";

const N: usize = 4;

/** The largest of n numbers. NaN if one of them is. */
export function rowMax(x: usize, n: usize): f32 {
  let top = f32x4.splat(-Infinity);
  let j: usize = 0;
  for (; j + 4 <= n; j += 4, x += 16) top = f32x4.max(top, v128.load(x));
  if (j < n) top = f32x4.max(top, v128.bitselect(v128.load(x), f32x4.splat(-Infinity), lanesBelow(n - j)));
  return maxLanes(top);
}

/** The sum of e^(x - shift) over n numbers; the terms go to `out`, which may be x, unless it is 0. */
export function rowExp(x: usize, n: usize, shift: f32, out: usize): f32 {
  const s = f32x4.splat(shift);
  let sum = f32x4.splat(0);
  let j: usize = 0;
  for (; j + 4 <= n; j += 4, x += 16) {
    const e = exp(f32x4.sub(v128.load(x), s));
    sum = f32x4.add(sum, e);
    if (out) {
      v128.store(out, e);
      out += 16;
    }
  }
  if (j < n) {
    const e = exp(f32x4.sub(v128.load(x), s));
    sum = f32x4.add(sum, v128.and(e, lanesBelow(n - j)));
    if (out) storeLanes(out, e, n - j);
  }
  return sumLanes(sum);
}

/** y = e^x / sum of e^x over the last axis, n numbers. */
export function softmaxForward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const row = n << 2;
  let x = pointer(record, X);
  let y = pointer(record, Y);
  const end = x + ((<usize>rows * perRow(record)) << 2);
  for (; x < end; x += row, y += row) {
    const share = <f32>1 / rowExp(x, n, rowMax(x, n), y);
    for (let o: usize = 0; o < row; o += 16) {
      storeLanes(y + o, f32x4.mul(v128.load(y + o), f32x4.splat(share)), min((row - o) >> 2, 4));
    }
  }
}

/** dx = y (dy - sum of dy y over the last axis) */
export function softmaxBackward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const row = n << 2;
  let y = pointer(record, Y);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  const end = y + ((<usize>rows * perRow(record)) << 2);
  for (; y < end; y += row, dx += row, dy += row) {
    let sum = f32x4.splat(0);
    for (let o: usize = 0; o < row; o += 16) {
      const product = f32x4.mul(v128.load(y + o), v128.load(dy + o));
      sum = f32x4.add(sum, v128.and(product, lanesBelow((row - o) >> 2)));
    }
    const total = f32x4.splat(sumLanes(sum));
    for (let o: usize = 0; o < row; o += 16) {
      const value = f32x4.mul(v128.load(y + o), f32x4.sub(v128.load(dy + o), total));
      storeLanes(dx + o, value, min((row - o) >> 2, 4));
    }
  }
}
