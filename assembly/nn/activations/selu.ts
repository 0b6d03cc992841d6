import { expm1Negative } from "../../numeric/elementary";
import { DX, DY, pointer, wholeVectors, X, Y } from "../../runtime/record";

// see: Klambauer, Unterthiner, Mayr, Hochreiter, "Self-normalizing neural networks", 2017
const SCALE: f32 = 1.0507009873554805;
const SCALE_ALPHA: f32 = 1.7580993408473766;

/** y = scale (x > 0 ? x : alpha (e^x - 1)) */
export function seluForward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let y = pointer(record, Y);
  const zero = f32x4.splat(0);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, y += 16) {
    const value = v128.load(x);
    const below = f32x4.mul(f32x4.splat(SCALE_ALPHA), expm1Negative(f32x4.pmin(value, zero)));
    v128.store(y, v128.bitselect(f32x4.mul(value, f32x4.splat(SCALE)), below, f32x4.gt(value, zero)));
  }
}

/** dx = dy (y > 0 ? scale : y + scale alpha) */
export function seluBackward(record: usize, rows: u32): void {
  let y = pointer(record, Y);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  const zero = f32x4.splat(0);
  const end = dx + wholeVectors(record, rows);
  for (; dx < end; y += 16, dx += 16, dy += 16) {
    const value = v128.load(y);
    const below = f32x4.add(value, f32x4.splat(SCALE_ALPHA));
    const slope = v128.bitselect(f32x4.splat(SCALE), below, f32x4.gt(value, zero));
    v128.store(dx, f32x4.mul(v128.load(dy), slope));
  }
}
