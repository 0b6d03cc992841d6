import { ones, tanh } from "../../numeric/elementary";
import { expSquare, normalCdf } from "../../numeric/erf";
import { DX, DY, integer, pointer, wholeVectors, X, Y } from "../../runtime/record";

const TANH: usize = 4;

const ROOT_2_OVER_PI: f32 = 0.7978845608028654;
const CUBIC: f32 = 0.044715;
const ONE_OVER_ROOT_2_PI: f32 = 0.3989422804014327;

/** tanh of sqrt(2 / pi) (x + 0.044715 x^3) */
function tanhPart(x: v128): v128 {
  const cubic = f32x4.mul(f32x4.mul(f32x4.mul(x, x), x), f32x4.splat(CUBIC));
  return tanh(f32x4.mul(f32x4.splat(ROOT_2_OVER_PI), f32x4.add(x, cubic)));
}

/** y = x P(x), P the normal distribution's cumulative probability; or, in the tanh form, y = x/2 (1 + tanh(...)). */
export function geluForward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let y = pointer(record, Y);
  const end = x + wholeVectors(record, rows);
  const one = ones();
  if (integer(record, TANH)) {
    for (; x < end; x += 16, y += 16) {
      const value = v128.load(x);
      v128.store(y, f32x4.mul(f32x4.mul(value, f32x4.splat(0.5)), f32x4.add(one, tanhPart(value))));
    }
  } else {
    for (; x < end; x += 16, y += 16) {
      const value = v128.load(x);
      // at -20 the probability is 0; the bound keeps -infinity times 0 out
      const bounded = f32x4.pmax(value, f32x4.splat(-20));
      v128.store(y, f32x4.mul(bounded, normalCdf(value, expSquare(f32x4.abs(value), 0.5))));
    }
  }
}

/** dx = dy (P(x) + x p(x)), p the normal density; or the derivative of the tanh form. */
export function geluBackward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  const end = dx + wholeVectors(record, rows);
  const one = ones();
  const half = f32x4.splat(0.5);
  if (integer(record, TANH)) {
    for (; dx < end; x += 16, dx += 16, dy += 16) {
      const value = v128.load(x);
      const t = tanhPart(value);
      const square = f32x4.mul(value, value);
      const inner = f32x4.mul(f32x4.splat(ROOT_2_OVER_PI), f32x4.add(one, f32x4.mul(square, f32x4.splat(3 * CUBIC))));
      const sech2 = f32x4.mul(f32x4.sub(one, t), f32x4.add(one, t));
      // where tanh is flat its factor is 0, but x^3 may be infinite: 0, not 0 times infinity
      const curved = v128.and(f32x4.mul(f32x4.mul(value, sech2), inner), f32x4.gt(sech2, f32x4.splat(0)));
      v128.store(dx, f32x4.mul(v128.load(dy), f32x4.mul(half, f32x4.add(f32x4.add(one, t), curved))));
    }
  } else {
    for (; dx < end; x += 16, dx += 16, dy += 16) {
      const value = v128.load(x);
      const gauss = expSquare(f32x4.abs(value), 0.5);
      // beyond 20 the density is 0; the bound keeps infinity times 0 out
      const bounded = f32x4.pmax(f32x4.pmin(value, f32x4.splat(20)), f32x4.splat(-20));
      const density = f32x4.mul(gauss, f32x4.splat(ONE_OVER_ROOT_2_PI));
      v128.store(dx, f32x4.mul(v128.load(dy), f32x4.add(normalCdf(value, gauss), f32x4.mul(bounded, density))));
    }
  }
}
