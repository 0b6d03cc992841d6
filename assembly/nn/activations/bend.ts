// elu, selu and celu: a line for positive numbers, a curve of e^x that levels off for the others.
import { expm1Negative } from "../../numeric/elementary";
import { DX, DY, pointer, wholeVectors, X, Y } from "../../runtime/record";

/** low (e^(rate x) - 1) where x <= 0; `rate` above 0 */
function curve(x: v128, low: v128, rate: v128): v128 {
  return f32x4.mul(low, expm1Negative(f32x4.pmin(f32x4.mul(x, rate), f32x4.splat(0))));
}

/** y = x > 0 ? above x : below (e^(inner x) - 1) */
export function bendForward(record: usize, rows: u32, above: f32, below: f32, inner: f32): void {
  let x = pointer(record, X);
  let y = pointer(record, Y);
  const scale = f32x4.splat(above);
  const low = f32x4.splat(below);
  const rate = f32x4.splat(inner);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, y += 16) {
    const value = v128.load(x);
    const line = f32x4.mul(value, scale);
    v128.store(y, v128.bitselect(line, curve(value, low, rate), f32x4.gt(value, f32x4.splat(0))));
  }
}

/**
 * dx = dy (x > 0 ? above : inner (y + below)). The sign of x is that of y, unless a factor is negative, or one below 1 made 0 of the
 * smallest x: then x is read, and y computed again.
 */
export function bendBackward(record: usize, rows: u32, above: f32, below: f32, inner: f32): void {
  const again = above < 1 || below < 0;
  let from = pointer(record, again ? X : Y);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  const scale = f32x4.splat(above);
  const low = f32x4.splat(below);
  const rate = f32x4.splat(inner);
  const end = dx + wholeVectors(record, rows);
  for (; dx < end; from += 16, dx += 16, dy += 16) {
    const value = v128.load(from);
    const y = again ? curve(value, low, rate) : value;
    const bent = f32x4.mul(f32x4.add(y, low), rate);
    const slope = v128.bitselect(scale, bent, f32x4.gt(value, f32x4.splat(0)));
    v128.store(dx, f32x4.mul(v128.load(dy), slope));
  }
}
