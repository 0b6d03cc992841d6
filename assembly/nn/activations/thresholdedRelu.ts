import { DX, DY, float, pointer, wholeVectors, X, Y } from "../../runtime/record";

const THRESHOLD: usize = 4;

/** y = x > threshold ? x : 0 */
export function thresholdedReluForward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let y = pointer(record, Y);
  const threshold = f32x4.splat(float(record, THRESHOLD));
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, y += 16) {
    const value = v128.load(x);
    v128.store(y, v128.andnot(value, f32x4.le(value, threshold)));
  }
}

/** dx = dy where x > threshold, else 0. */
export function thresholdedReluBackward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  const threshold = f32x4.splat(float(record, THRESHOLD));
  const end = dx + wholeVectors(record, rows);
  for (; dx < end; x += 16, dx += 16, dy += 16) {
    v128.store(dx, v128.andnot(v128.load(dy), f32x4.le(v128.load(x), threshold)));
  }
}
