import { exp, ln } from "../../numeric/elementary";
import { DX, DY, integer, perRow, pointer, X, Y } from "../../runtime/record";
import { lanesBelow, storeLanes, sumLanes } from "../../numeric/simd";
import { rowExp, rowMax } from "./softmax";

const N: usize = 4;

/** y = x - ln(sum of e^x) over the last axis, n numbers. */
export function logSoftmaxForward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const row = n << 2;
  let x = pointer(record, X);
  let y = pointer(record, Y);
  const end = x + ((<usize>rows * perRow(record)) << 2);
  for (; x < end; x += row, y += row) {
    const top = rowMax(x, n);
    const log = ln(f32x4.splat(rowExp(x, n, top, 0)));
    for (let o: usize = 0; o < row; o += 16) {
      const value = f32x4.sub(f32x4.sub(v128.load(x + o), f32x4.splat(top)), log);
      storeLanes(y + o, value, min((row - o) >> 2, 4));
    }
  }
}

/** dx = dy - e^y (sum of dy over the last axis) */
export function logSoftmaxBackward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const row = n << 2;
  let y = pointer(record, Y);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  const end = y + ((<usize>rows * perRow(record)) << 2);
  for (; y < end; y += row, dx += row, dy += row) {
    let sum = f32x4.splat(0);
    for (let o: usize = 0; o < row; o += 16) {
      sum = f32x4.add(sum, v128.and(v128.load(dy + o), lanesBelow((row - o) >> 2)));
    }
    const total = f32x4.splat(sumLanes(sum));
    for (let o: usize = 0; o < row; o += 16) {
      const value = f32x4.sub(v128.load(dy + o), f32x4.mul(exp(v128.load(y + o)), total));
      storeLanes(dx + o, value, min((row - o) >> 2, 4));
    }
  }
}
