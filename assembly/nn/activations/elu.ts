import { expm1Negative, ones } from "../../numeric/elementary";
import { DX, DY, float, pointer, wholeVectors, X, Y } from "../../runtime/record";

const ALPHA: usize = 4;

/** y = x > 0 ? x : alpha (e^x - 1) */
export function eluForward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let y = pointer(record, Y);
  const alpha = f32x4.splat(float(record, ALPHA));
  const zero = f32x4.splat(0);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, y += 16) {
    const value = v128.load(x);
    const below = f32x4.mul(alpha, expm1Negative(f32x4.pmin(value, zero)));
    v128.store(y, v128.bitselect(value, below, f32x4.gt(value, zero)));
  }
}

/** dx = dy (y > 0 ? 1 : y + alpha) */
export function eluBackward(record: usize, rows: u32): void {
  let y = pointer(record, Y);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  const alpha = f32x4.splat(float(record, ALPHA));
  const one = ones();
  const zero = f32x4.splat(0);
  const end = dx + wholeVectors(record, rows);
  for (; dx < end; y += 16, dx += 16, dy += 16) {
    const value = v128.load(y);
    const slope = v128.bitselect(one, f32x4.add(value, alpha), f32x4.gt(value, zero));
    v128.store(dx, f32x4.mul(v128.load(dy), slope));
  }
}
