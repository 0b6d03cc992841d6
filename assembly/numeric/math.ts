// Elementary functions in float64, without tables, for schedules, bias corrections and normal numbers. Only +, -, *, / and bit
// operations, in a fixed order: the same bits in every engine.

const LN2_HIGH: f64 = 0.69314718036912381649; // 33 bits of significand
const LN2_LOW: f64 = 1.9082149292705877e-10;

/** e^x, float64. */
export function mathExp(x: f64): f64 {
  if (!(x <= 709.782712893384)) return x * Infinity; // overflow; NaN stays NaN
  if (x < -745.2) return 0;
  const n = nearest<f64>(x * 1.4426950408889634);
  const r = x - n * LN2_HIGH - n * LN2_LOW;
  // Taylor, |r| <= ln(2)/2: the first term left out is below 2^-57 of the sum
  let p: f64 = 1 / 87178291200.0;
  p = p * r + 1 / 6227020800.0;
  p = p * r + 1 / 479001600.0;
  p = p * r + 1 / 39916800.0;
  p = p * r + 1 / 3628800.0;
  p = p * r + 1 / 362880.0;
  p = p * r + 1 / 40320.0;
  p = p * r + 1 / 5040.0;
  p = p * r + 1 / 720.0;
  p = p * r + 1 / 120.0;
  p = p * r + 1 / 24.0;
  p = p * r + 1 / 6.0;
  p = p * r + 0.5;
  p = 1 + (r + r * r * p);
  const i = <i64>n;
  const half = i >> 1;
  return p * reinterpret<f64>((half + 1023) << 52) * reinterpret<f64>((i - half + 1023) << 52);
}

/** ln x, float64: 2 artanh((m - 1) / (m + 1)) + e ln 2. */
export function mathLog(x: f64): f64 {
  if (!(x > 0)) return x == 0 ? -Infinity : NaN;
  if (x == Infinity) return x;
  let shift: i64 = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984.0; // 2^54
    shift = 54;
  }
  const bits = reinterpret<i64>(x);
  const e = (bits - 0x3fe6a09e667f3bcd) >> 52; // m in [sqrt(1/2), sqrt(2))
  const m = reinterpret<f64>(bits - (e << 52));
  const s = (m - 1) / (m + 1);
  const u = s * s;
  let p: f64 = 0;
  for (let k: f64 = 23; k >= 3; k -= 2) p = p * u + 1 / k;
  const n = <f64>(e - shift);
  return n * LN2_HIGH + (2 * s + (2 * s * u * p + n * LN2_LOW));
}

/** cos x, float64, for |x| up to 10^5. */
export function mathCos(x: f64): f64 {
  x = abs<f64>(x);
  const n = nearest<f64>(x * 0.6366197723675814); // quarter turns
  // pi / 2 as three terms; the first two have 33 bits, so integers up to 2^20 times them are exact
  const r = x - n * 1.57079632673412561417 - n * 6.0771005063039659766e-11 - n * 2.02226624879595063154e-21;
  const quarter = (<i32>n) & 3;
  const u = r * r;
  let p: f64 = 1;
  if ((quarter & 1) == 0) {
    for (let k: f64 = 18; k >= 2; k -= 2) p = 1 - (u / (k * (k - 1))) * p;
  } else {
    for (let k: f64 = 19; k >= 3; k -= 2) p = 1 - (u / (k * (k - 1))) * p;
    p *= r;
  }
  return quarter == 1 || quarter == 2 ? -p : p;
}

/** mathLog of two numbers that are neither subnormal, infinite nor NaN, and above 0: the same operations. */
export function mathLogPair(x: v128): v128 {
  const e = i64x2.shr_s(i64x2.sub(x, i64x2.splat(0x3fe6a09e667f3bcd)), 52);
  const m = i64x2.sub(x, i64x2.shl(e, 52));
  const one = f64x2.splat(1);
  const s = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one));
  const u = f64x2.mul(s, s);
  let p = f64x2.splat(1 / 23.0);
  p = f64x2.add(f64x2.mul(p, u), f64x2.splat(1 / 21.0));
  p = f64x2.add(f64x2.mul(p, u), f64x2.splat(1 / 19.0));
  p = f64x2.add(f64x2.mul(p, u), f64x2.splat(1 / 17.0));
  p = f64x2.add(f64x2.mul(p, u), f64x2.splat(1 / 15.0));
  p = f64x2.add(f64x2.mul(p, u), f64x2.splat(1 / 13.0));
  p = f64x2.add(f64x2.mul(p, u), f64x2.splat(1 / 11.0));
  p = f64x2.add(f64x2.mul(p, u), f64x2.splat(1 / 9.0));
  p = f64x2.add(f64x2.mul(p, u), f64x2.splat(1 / 7.0));
  p = f64x2.add(f64x2.mul(p, u), f64x2.splat(1 / 5.0));
  p = f64x2.add(f64x2.mul(p, u), f64x2.splat(1 / 3.0));
  const n = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(e, e, 0, 2, 0, 2));
  const twice = f64x2.add(s, s);
  const rest = f64x2.add(f64x2.mul(f64x2.mul(twice, u), p), f64x2.mul(n, f64x2.splat(LN2_LOW)));
  return f64x2.add(f64x2.mul(n, f64x2.splat(LN2_HIGH)), f64x2.add(twice, rest));
}

/** mathCos of two numbers, 0 or more: the same operations. */
export function mathCosPair(x: v128): v128 {
  const n = f64x2.nearest(f64x2.mul(x, f64x2.splat(0.6366197723675814)));
  let r = f64x2.sub(x, f64x2.mul(n, f64x2.splat(1.57079632673412561417)));
  r = f64x2.sub(r, f64x2.mul(n, f64x2.splat(6.0771005063039659766e-11)));
  r = f64x2.sub(r, f64x2.mul(n, f64x2.splat(2.02226624879595063154e-21)));
  const u = f64x2.mul(r, r);
  const one = f64x2.splat(1);
  let even = one;
  let odd = one;
  for (let k: f64 = 18; k >= 2; k -= 2) {
    even = f64x2.sub(one, f64x2.mul(f64x2.div(u, f64x2.splat(k * (k - 1))), even));
    odd = f64x2.sub(one, f64x2.mul(f64x2.div(u, f64x2.splat((k + 1) * k)), odd));
  }
  odd = f64x2.mul(odd, r);
  const whole = i32x4.trunc_sat_f64x2_s_zero(n);
  const quarter = v128.shuffle<i32>(whole, whole, 0, 0, 1, 1);
  // the last bit of the quarter chooses; where the two last bits differ, in quarters 1 and 2, the sign is turned
  const chosen = v128.bitselect(odd, even, i32x4.shr_s(i32x4.shl(quarter, 31), 31));
  const sign = v128.xor(i32x4.shl(quarter, 31), i32x4.shl(i32x4.shr_u(quarter, 1), 31));
  return v128.xor(chosen, v128.and(sign, i64x2.splat(0x8000000000000000)));
}

/** x^n, float64, by squaring. n: an integer from 0 to 2^53. */
export function mathPow(x: f64, n: f64): f64 {
  let result: f64 = 1;
  for (let left = <u64>n; left != 0; left >>= 1, x *= x) if (left & 1) result *= x;
  return result;
}
