import { DX, DY, float, pointer, wholeVectors, X, Y } from "../../runtime/record";

const SLOPE: usize = 4;

/** y = x > 0 ? x : slope x */
export function leakyReluForward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let y = pointer(record, Y);
  const slope = f32x4.splat(float(record, SLOPE));
  const zero = f32x4.splat(0);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, y += 16) {
    const value = v128.load(x);
    v128.store(y, v128.bitselect(value, f32x4.mul(value, slope), f32x4.gt(value, zero)));
  }
}

/** dx = x > 0 ? dy : slope dy; at 0 the slope counts. */
export function leakyReluBackward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  const slope = f32x4.splat(float(record, SLOPE));
  const zero = f32x4.splat(0);
  const end = dx + wholeVectors(record, rows);
  for (; dx < end; x += 16, dx += 16, dy += 16) {
    const gradient = v128.load(dy);
    v128.store(dx, v128.bitselect(gradient, f32x4.mul(gradient, slope), f32x4.gt(v128.load(x), zero)));
  }
}
