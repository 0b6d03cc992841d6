// The error function and the normal distribution, of four float32 at once, as elementary.ts has the other functions. Apart, since most
// binaries do without its constants.
import { all, exp, horner, ones } from "./elementary";

const CONSTANTS = memory.data<f32>(
  [
    0.5, 0.7071067811865476, 0.4, 20, 0.12837916612625122, -0.3761262595653534, 0.1128358542919159,
    -0.026853812858462334, 0.005188327748328447, -0.0008010193705558777, 7.853861461626366e-5, 0.22568415105342865,
    0.22546501457691193, 0.20994572341442108, 0.15691466629505157, 0.17914526164531708, -0.07927150279283524,
    0.25411534309387207, -0.23623761534690857, 0.06426112353801727,
  ],
  4,
);
const HALF = CONSTANTS;
/** sqrt(1/2) */
const ROOT_HALF = CONSTANTS + 4;
const ERFC_SCALE = CONSTANTS + 8;
/** From here on, e^(-x^2/2) is 0. */
const GAUSS_ZERO = CONSTANTS + 12;
/** Coefficients of erf a - a, a to a^13. */
const ERF = CONSTANTS + 16;
/** Coefficients of e^(a^2) (1 - erf a), t to t^9. */
const ERFC = CONSTANTS + 44;

/** erf a for 0 <= a < 1: a + a P(a^2). */
function erfSmall(a: v128): v128 {
  const u = f32x4.mul(a, a);
  let p = all(ERF + 24);
  p = horner(p, u, ERF + 20);
  p = horner(p, u, ERF + 16);
  p = horner(p, u, ERF + 12);
  p = horner(p, u, ERF + 8);
  p = horner(p, u, ERF + 4);
  p = horner(p, u, ERF);
  return f32x4.add(a, f32x4.mul(a, p));
}

/** e^(a^2) (1 - erf a) for a >= 1: t P(t), t = 1 / (1 + 0.4 a). */
function erfcScaled(a: v128): v128 {
  const t = f32x4.div(ones(), f32x4.add(ones(), f32x4.mul(a, all(ERFC_SCALE))));
  let p = all(ERFC + 32);
  p = horner(p, t, ERFC + 28);
  p = horner(p, t, ERFC + 24);
  p = horner(p, t, ERFC + 20);
  p = horner(p, t, ERFC + 16);
  p = horner(p, t, ERFC + 12);
  p = horner(p, t, ERFC + 8);
  p = horner(p, t, ERFC + 4);
  p = horner(p, t, ERFC);
  return f32x4.mul(p, t);
}

/** e^(-factor x^2) for x >= 0; the factor is a power of 2. No digit of x^2 is lost on the way. */
export function expSquare(x: v128, factor: f32): v128 {
  x = f32x4.pmin(x, all(GAUSS_ZERO)); // infinity minus infinity is kept out
  // x^2 = high^2 + (x - high)(x + high): high has 12 bits, so its square is exact
  const high = v128.and(x, i32x4.splat(-4096));
  const f = f32x4.splat(-factor);
  const square = f32x4.mul(f, f32x4.mul(high, high));
  const rest = f32x4.mul(f, f32x4.mul(f32x4.sub(x, high), f32x4.add(x, high)));
  return f32x4.mul(exp(square), exp(rest));
}

/** erf x. At most 1.5 ulp. */
export function erf(x: v128): v128 {
  const a = f32x4.abs(x);
  const large = f32x4.sub(ones(), f32x4.mul(expSquare(a, 1), erfcScaled(a)));
  const y = v128.bitselect(erfSmall(a), large, f32x4.lt(a, ones()));
  return v128.or(y, v128.and(x, f32x4.splat(-0.0)));
}

/**
 * The normal distribution's cumulative probability, (1 + erf(x / sqrt 2)) / 2, with a small relative error in both tails: at
 * most 7 ulp. @param gauss e^(-x^2 / 2)
 */
export function normalCdf(x: v128, gauss: v128): v128 {
  const half = all(HALF);
  const a = f32x4.mul(f32x4.abs(x), all(ROOT_HALF));
  const middle = f32x4.sub(half, f32x4.mul(erfSmall(a), half));
  const tail = f32x4.mul(f32x4.mul(gauss, erfcScaled(a)), half);
  const lower = v128.bitselect(middle, tail, f32x4.lt(a, ones()));
  return v128.bitselect(lower, f32x4.sub(ones(), lower), f32x4.lt(x, f32x4.splat(0)));
}
