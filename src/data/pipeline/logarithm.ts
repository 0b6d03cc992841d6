// Logarithms and exponentials in float64, by operations that IEEE 754 fixes: the same bits in every engine. As assembly/numeric/math.ts.

const LN2_HIGH = 0.6931471803691238; // 33 bits of significand
const LN2_LOW = 1.9082149292705877e-10;

/** Powers of two that a number is divided by on its way to 1. */
const HALVINGS = [512, 256, 128, 64, 32, 16, 8, 4, 2, 1].map((e) => [e, powerOfTwo(e)] as const);

/** 2^n for whole n, from -1022 to 1023. */
function powerOfTwo(n: number): number {
  let [power, base] = [1, n < 0 ? 0.5 : 2];
  for (let left = Math.abs(n); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power *= base;
    base *= base;
  }
  return power;
}

/** ln x of a finite number above 0: 2 artanh((m - 1) / (m + 1)) + e ln 2. */
export function ln(x: number): number {
  let [m, e] = [x, 0];
  if (m < 1) {
    for (const [n, power] of HALVINGS) {
      if (m * power < 2) {
        m *= power;
        e -= n;
      }
    }
    if (m < 1) {
      m *= 2; // subnormal ones
      e--;
    }
  } else {
    for (const [n, power] of HALVINGS) {
      if (m >= power) {
        m /= power;
        e += n;
      }
    }
  }
  if (m > 1.4142135623730951) {
    m /= 2;
    e++;
  }
  const s = (m - 1) / (m + 1);
  const u = s * s;
  let p = 0;
  for (let k = 23; k >= 3; k -= 2) p = p * u + 1 / k;
  return e * LN2_HIGH + (2 * s + (2 * s * u * p + e * LN2_LOW));
}

/** e^x of a finite number, Infinity beyond 709.78. */
export function exp(x: number): number {
  if (x > 709.782712893384) return Infinity;
  if (x < -708) return 0;
  const n = Math.round(x * 1.4426950408889634);
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
