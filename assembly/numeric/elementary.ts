// Elementary functions of four float32 at once, for the kernels. Only +, -, *, /, sqrt and bit operations, in a fixed order: the
// same bits in every engine. Coefficients: minimax fits of the functions themselves, rounded to float32; the largest errors over
// all float32 inputs are asserted in test/assembly/numeric/elementary.test.ts and stated here in ulp (units in the last place).

// Constants are stored in memory, one float32 each, and are read where they are needed ("load and splat", one operation): written as
// constants, V8 builds each of them again in three operations at every use, which made e^x 1.7 times slower. They are one array, as
// each would have a header of its own in the binary.
const CONSTANTS = memory.data<f32>(
  [
    1,
    0.5,
    2,
    12582912,
    1.7796490496925177e-43, // of which the bits are 127
    1.44269504,
    0.693359375,
    -2.1219444e-4,
    -104,
    89,
    -25,
    0.4999999403953552,
    0.1666652113199234,
    0.04166838899254799,
    0.008368716575205326,
    0.001381459878757596,
    1.17549435e-38,
    8388608,
    0.7071067690849304, // sqrt(1/2)
    0.3333333134651184,
    -0.2500081956386566,
    0.20001225173473358,
    -0.1662335991859436,
    0.14201802015304565,
    -0.13160210847854614,
    0.12761296331882477,
    -0.07634075731039047,
    0.666664183139801,
    0.4002152681350708,
    0.2800179123878479,
    0.28012046217918396,
    -0.3333328068256378,
    0.13331441581249237,
    -0.053739726543426514,
    0.020639119669795036,
    -0.005705023650079966,
    0.625,
  ],
  4,
);
const ONE = CONSTANTS;
export const HALF = CONSTANTS + 4;
const TWO = CONSTANTS + 8;
/** 1.5 * 2^23: adding it rounds a small float32 to an integer, which is then in the low bits. */
const ROUND = CONSTANTS + 12;
/** 127: the exponent of 1. */
const BIAS = CONSTANTS + 16;
const LOG2_E = CONSTANTS + 20;
/** 9 bits of significand: integers up to 2^15 times it are exact. */
const LN2_HIGH = CONSTANTS + 24;
const LN2_LOW = CONSTANTS + 28;
/** Below, e^x rounds to 0; above, it overflows. Both bounds suit the scaling in two steps. */
const EXP_LOWEST = CONSTANTS + 32;
const EXP_HIGHEST = CONSTANTS + 36;
/** Below, e^x - 1 rounds to -1. */
const EXPM1_LOWEST = CONSTANTS + 40;
/** Coefficients of e^r, r^2 to r^6. */
const EXP = CONSTANTS + 44;
const SMALLEST_NORMAL = CONSTANTS + 64;
const TWO_TO_23 = CONSTANTS + 68;
/** Bits of sqrt(1/2). */
const ROOT_HALF_BITS = CONSTANTS + 72;
/** Coefficients of ln(1 + f), f^3 to f^10. */
const LN = CONSTANTS + 76;
/** Coefficients of 2 artanh s, s^3 to s^9. */
const LOG1P = CONSTANTS + 108;
/** Coefficients of tanh x, x^3 to x^11. */
const TANH = CONSTANTS + 124;
const TANH_SMALL = CONSTANTS + 144;

/** The constant at an address, in all lanes. */
export function all(address: usize): v128 {
  return v128.load_splat<f32>(address);
}

/** 1 in all lanes, as a value that V8 keeps in a register. */
export function ones(): v128 {
  return all(ONE);
}

/** p x + the constant at an address: a step of Horner's rule. */
export function horner(p: v128, x: v128, address: usize): v128 {
  return f32x4.add(f32x4.mul(p, x), all(address));
}

/** x * 2^n, in two steps, so that subnormal results are rounded once and overflow gives infinity. */
function scale(x: v128, n: v128): v128 {
  const half = i32x4.shr_s(n, 1);
  const bias = all(BIAS);
  const a = i32x4.shl(i32x4.add(half, bias), 23);
  const b = i32x4.shl(i32x4.add(i32x4.sub(n, half), bias), 23);
  return f32x4.mul(f32x4.mul(x, a), b);
}

/** e^r - 1 for |r| <= ln(2) / 2. */
function expm1Reduced(r: v128): v128 {
  let p = all(EXP + 16);
  p = horner(p, r, EXP + 12);
  p = horner(p, r, EXP + 8);
  p = horner(p, r, EXP + 4);
  p = horner(p, r, EXP);
  return f32x4.add(f32x4.mul(f32x4.mul(r, r), p), r);
}

/** e^x. At most 1 ulp. -infinity gives 0, infinity gives infinity, NaN gives NaN. */
export function exp(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, all(EXP_HIGHEST)), all(EXP_LOWEST));
  const round = all(ROUND);
  const rounded = f32x4.add(f32x4.mul(x, all(LOG2_E)), round);
  const n = f32x4.sub(rounded, round);
  let r = f32x4.sub(x, f32x4.mul(n, all(LN2_HIGH)));
  r = f32x4.sub(r, f32x4.mul(n, all(LN2_LOW)));
  return scale(f32x4.add(all(ONE), expm1Reduced(r)), i32x4.sub(rounded, round));
}

/** e^x - 1 for x <= 0, precise near 0. At most 1 ulp. */
export function expm1Negative(x: v128): v128 {
  x = f32x4.pmax(x, all(EXPM1_LOWEST));
  const round = all(ROUND);
  const rounded = f32x4.add(f32x4.mul(x, all(LOG2_E)), round);
  const n = f32x4.sub(rounded, round);
  let r = f32x4.sub(x, f32x4.mul(n, all(LN2_HIGH)));
  r = f32x4.sub(r, f32x4.mul(n, all(LN2_LOW)));
  const power = i32x4.shl(i32x4.add(i32x4.sub(rounded, round), all(BIAS)), 23);
  return f32x4.add(f32x4.mul(expm1Reduced(r), power), f32x4.sub(power, all(ONE)));
}

/** ln x. At most 1 ulp. 0 gives -infinity, negative numbers and NaN give NaN, infinity gives infinity. */
export function ln(x: v128): v128 {
  const subnormal = f32x4.lt(x, all(SMALLEST_NORMAL));
  const normal = v128.bitselect(f32x4.mul(x, all(TWO_TO_23)), x, subnormal);
  // normal = m * 2^e with m in [sqrt(1/2), sqrt(2))
  let e = i32x4.shr_s(i32x4.sub(normal, all(ROOT_HALF_BITS)), 23);
  const f = f32x4.sub(i32x4.sub(normal, i32x4.shl(e, 23)), all(ONE));
  e = i32x4.sub(e, v128.and(subnormal, i32x4.splat(23)));
  const n = f32x4.convert_i32x4_s(e);
  let p = all(LN + 28);
  p = horner(p, f, LN + 24);
  p = horner(p, f, LN + 20);
  p = horner(p, f, LN + 16);
  p = horner(p, f, LN + 12);
  p = horner(p, f, LN + 8);
  p = horner(p, f, LN + 4);
  p = horner(p, f, LN);
  const f2 = f32x4.mul(f, f);
  let y = f32x4.mul(f32x4.mul(f, f2), p);
  y = f32x4.add(y, f32x4.mul(n, all(LN2_LOW)));
  y = f32x4.sub(y, f32x4.mul(f2, all(HALF)));
  y = f32x4.add(f32x4.add(f, y), f32x4.mul(n, all(LN2_HIGH)));
  const zero = f32x4.splat(0);
  const infinity = f32x4.splat(Infinity);
  y = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, zero));
  y = v128.bitselect(x, y, f32x4.eq(x, infinity));
  // negative, or NaN: not (x >= 0)
  return v128.bitselect(y, f32x4.splat(NaN), f32x4.ge(x, zero));
}

/** ln(1 + x) for x in [0, 1]: 2 artanh(x / (2 + x)). At most 2 ulp. */
export function log1p(x: v128): v128 {
  const s = f32x4.div(x, f32x4.add(x, all(TWO)));
  const u = f32x4.mul(s, s);
  let p = all(LOG1P + 12);
  p = horner(p, u, LOG1P + 8);
  p = horner(p, u, LOG1P + 4);
  p = horner(p, u, LOG1P);
  return f32x4.add(f32x4.add(s, s), f32x4.mul(f32x4.mul(s, u), p));
}

/** 1 / (1 + e^-x). At most 2 ulp. */
export function sigmoid(x: v128): v128 {
  const one = all(ONE);
  const negative = f32x4.lt(x, f32x4.splat(0));
  const e = exp(f32x4.neg(f32x4.abs(x)));
  const d = f32x4.add(one, e);
  const s = f32x4.div(v128.bitselect(e, one, negative), d);
  // what 1 + e lost to rounding is taken off again: s (1 - lost / d)
  const lost = f32x4.sub(e, f32x4.sub(d, one));
  const inverse = v128.bitselect(f32x4.sub(one, s), s, negative);
  return f32x4.sub(s, f32x4.mul(f32x4.mul(s, lost), inverse));
}

/** ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|). At most 3 ulp. */
export function softplus(x: v128): v128 {
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), log1p(exp(f32x4.neg(f32x4.abs(x)))));
}

/** tanh x. At most 1.5 ulp. */
export function tanh(x: v128): v128 {
  const a = f32x4.abs(x);
  const u = f32x4.mul(a, a);
  let p = all(TANH + 16);
  p = horner(p, u, TANH + 12);
  p = horner(p, u, TANH + 8);
  p = horner(p, u, TANH + 4);
  p = horner(p, u, TANH);
  const small = f32x4.add(a, f32x4.mul(f32x4.mul(a, u), p));
  const one = all(ONE);
  const e = exp(f32x4.add(a, a));
  const large = f32x4.sub(one, f32x4.div(all(TWO), f32x4.add(e, one)));
  const y = v128.bitselect(small, large, f32x4.lt(a, all(TANH_SMALL)));
  return v128.or(y, v128.and(x, f32x4.splat(-0.0)));
}
