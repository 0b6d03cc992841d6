// Exponentials, logarithms and the like of numbers that are known, to float64's digits. Engines' own differ in the last ones.

/** What Math.LN2 lacks. */
const LN2_REST = 2.3190468138462996e-17;

/** A number times 2 to a whole power. */
function shifted(x: number, power: number): number {
  let result = x;
  for (let i = Math.abs(power); i > 0; i--) result *= power > 0 ? 2 : 0.5;
  return result;
}

/** The sum of a series whose terms are each the one before times `ratio` of the number of the term. */
function series(first: number, ratio: (n: number) => number, start = 1): number {
  let sum = first;
  let term = first;
  for (let n = start; n < start + 400; n++) {
    term *= ratio(n);
    const next = sum + term;
    if (next === sum) break;
    sum = next;
  }
  return sum;
}

/** e to a power. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 710) return Infinity;
  if (x < -746) return 0;
  const power = Math.round(x / Math.LN2);
  const rest = x - power * Math.LN2 - power * LN2_REST;
  return shifted(
    series(1, (n) => rest / n),
    power,
  );
}

/** The natural logarithm. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  let [mantissa, power] = [x, 0];
  for (; mantissa > Math.sqrt(2); power++) mantissa /= 2;
  for (; mantissa < Math.sqrt(0.5); power--) mantissa *= 2;
  const s = (mantissa - 1) / (mantissa + 1);
  const rest = 2 * series(s, (n) => (s * s * (2 * n - 1)) / (2 * n + 1));
  return power * Math.LN2 + rest;
}

/** 1 / (1 + e^-x) */
export const sigmoid = (x: number): number => 1 / (1 + exp(-x));

/** The hyperbolic tangent. */
export function tanh(x: number): number {
  if (Math.abs(x) > 0.3) return 1 - 2 / (exp(2 * x) + 1);
  const sinh = series(x, (n) => (x * x) / (2 * n * (2 * n + 1)));
  const cosh = series(1, (n) => (x * x) / (2 * n * (2 * n - 1)));
  return sinh / cosh;
}

/** log(1 + e^x) */
export const softplus = (x: number): number => Math.max(x, 0) + log(1 + exp(-Math.abs(x)));

/** The error function. */
export function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  return 1.1283791670955126 * exp(-x * x) * series(x, (n) => (2 * x * x) / (2 * n + 1));
}

const HALF_PI = Math.PI / 2;
/** What HALF_PI lacks. */
const HALF_PI_REST = 6.123233995736766e-17;

/** The sine; `quarters` 1: the cosine. Beyond a million it isn't known. */
export function sine(x: number, quarters = 0): number {
  if (!(Math.abs(x) < 1e6)) return NaN;
  const turns = Math.round(x / HALF_PI);
  const rest = x - turns * HALF_PI - turns * HALF_PI_REST;
  const quarter = (((turns + quarters) % 4) + 4) % 4;
  const square = rest * rest;
  const value =
    quarter % 2 === 0
      ? series(rest, (n) => -square / (2 * n * (2 * n + 1)))
      : series(1, (n) => -square / (2 * n * (2 * n - 1)));
  return quarter < 2 ? value : -value;
}
