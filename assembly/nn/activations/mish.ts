import { exp, ones, sigmoid } from "../../numeric/elementary";
import { DX, DY, pointer, wholeVectors, X, Y } from "../../runtime/record";

/**
 * tanh(ln(1 + e^x)) without cancellation or overflow: with e = e^-|x|,
 * e (e + 2) / (e (e + 2) + 2) for x < 0, (1 + 2e) / (1 + 2e + 2e^2) else.
 */
function tanhSoftplus(x: v128): v128 {
  const e = exp(f32x4.neg(f32x4.abs(x)));
  const one = ones();
  const two = f32x4.splat(2);
  const negative = f32x4.lt(x, f32x4.splat(0));
  const top = v128.bitselect(f32x4.mul(e, f32x4.add(e, two)), f32x4.add(one, f32x4.add(e, e)), negative);
  const rest = v128.bitselect(two, f32x4.mul(two, f32x4.mul(e, e)), negative);
  return f32x4.div(top, f32x4.add(top, rest));
}

/** y = x tanh(ln(1 + e^x)) */
export function mishForward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let y = pointer(record, Y);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, y += 16) {
    const value = v128.load(x);
    v128.store(y, f32x4.mul(value, tanhSoftplus(value)));
  }
}

/** dx = dy (t + x (1 - t^2) sigmoid(x)), t = tanh(ln(1 + e^x)) */
export function mishBackward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  const end = dx + wholeVectors(record, rows);
  const one = ones();
  for (; dx < end; x += 16, dx += 16, dy += 16) {
    const value = v128.load(x);
    const t = tanhSoftplus(value);
    const sech2 = f32x4.mul(f32x4.sub(one, t), f32x4.add(one, t));
    const slope = f32x4.add(t, f32x4.mul(f32x4.mul(value, sech2), sigmoid(value)));
    v128.store(dx, f32x4.mul(v128.load(dy), slope));
  }
}
