import { DX, DY, float, pointer, wholeVectors, X, Y } from "../../runtime/record";

const THRESHOLD: usize = 4;
const BIAS: usize = 5;

/** y = x > threshold ? x - bias : x < -threshold ? x + bias : 0 */
export function shrinkForward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let y = pointer(record, Y);
  const threshold = f32x4.splat(float(record, THRESHOLD));
  const bias = f32x4.splat(float(record, BIAS));
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, y += 16) {
    const value = v128.load(x);
    const size = f32x4.abs(value);
    const nearer = f32x4.sub(value, v128.xor(bias, v128.xor(value, size))); // the bias has the sign of x
    v128.store(y, v128.andnot(nearer, f32x4.le(size, threshold)));
  }
}

/** dx = dy where x < -threshold or x > threshold, else 0. */
export function shrinkBackward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  const threshold = f32x4.splat(float(record, THRESHOLD));
  const end = dx + wholeVectors(record, rows);
  for (; dx < end; x += 16, dx += 16, dy += 16) {
    v128.store(dx, v128.andnot(v128.load(dy), f32x4.le(f32x4.abs(v128.load(x)), threshold)));
  }
}
