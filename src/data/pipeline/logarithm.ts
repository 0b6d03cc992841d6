// Logarithms and exponentials in float64, by operations that IEEE 754 fixes: the same bits in every engine. As assembly/numeric/math.ts.

const LN2_HIGH = 0.6931471803691238; // 33 bits of significand
const LN2_LOW = 1.9082149292705877e-10;

/** 2^n for whole n, from -1022 to 1023. */
function powerOfTwo(n: number): number {
  let [power, base] = [1, n < 0 ? 0.5 : 2];
  for (let left = Math.abs(n); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power *= base;
    base *= base;
  }
  return power;
}

const bits = new Float64Array(1);
const halves = new Uint32Array(bits.buffer);
/** Which half of a float64 has its exponent. */
const UPPER = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/** 1 / k of the series, from 1 / 23 down to 1 / 3. */
const INVERSE = Float64Array.from({ length: 11 }, (_, i) => 1 / (23 - 2 * i));

/** ln x of a finite number above 0: 2 artanh((m - 1) / (m + 1)) + e ln 2. */
export function ln(x: number): number {
  let e = 0;
  bits[0] = x;
  if (x < 2.2250738585072014e-308) {
    bits[0] = x * 18014398509481984; // 2^54
    e = -54;
  }
  const upper = halves[UPPER]!;
  // m in [sqrt(1/2), sqrt(2))
  const shift = (upper - 0x3fe6a09e) >> 20;
  halves[UPPER] = upper - (shift << 20);
  e += shift;
  const m = bits[0];
  const s = (m - 1) / (m + 1);
  const u = s * s;
  let p = 0;
  for (let i = 0; i < 11; i++) p = p * u + INVERSE[i]!;
  return e * LN2_HIGH + (2 * s + (2 * s * u * p + e * LN2_LOW));
}

/** e^x of a finite number, Infinity beyond 709.78. */
export function exp(x: number): number {
  if (x > 709.782712893384) return Infinity;
  if (x < -708) return 0;
  const n = Math.round(x / Math.LN2);
  const r = x - n * LN2_HIGH - n * LN2_LOW;
  let p = 1;
  for (let k = 14; k >= 1; k--) p = 1 + (r / k) * p; // Taylor, |r| <= ln(2) / 2
  const half = Math.floor(n / 2);
  return p * powerOfTwo(half) * powerOfTwo(n - half);
}

/**
 * ln(1 + x) of a finite number from 0 up, also where 1 + x loses digits of x.
 *
 * @see Goldberg, "What every computer scientist should know about floating-point arithmetic", 1991, theorem 4
 */
export function log1p(x: number): number {
  const sum = 1 + x;
  return sum === 1 ? x : (ln(sum) * x) / (sum - 1);
}

/** e^x - 1 of a finite number. */
export function expm1(x: number): number {
  const power = exp(x);
  if (power === 1) return x;
  if (power < 0.5 || power > 2) return power - 1;
  return ((power - 1) * x) / ln(power);
}
