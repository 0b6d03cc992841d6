// The error function and the normal distribution in float64, from their textbook expansions, for comparison only.
// see: Abramowitz, Stegun, "Handbook of mathematical functions", 7.1.6 (series) and 7.1.14 (continued fraction)

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

/** From here on the continued fraction is used; the series would need many terms, and 1 - erf x would lose digits. */
const FRACTION_FROM = 2;
/** Levels of the continued fraction: from 2 on, what is cut off is below 1e-15 of the value. */
const LEVELS = 120;

/** 2/sqrt(pi) e^(-x^2) (x + 2 x^3/3 + 4 x^5/15 + ...): every term is positive, so nothing cancels. */
function series(x: number): number {
  const square = x * x;
  let term = x;
  let sum = x;
  for (let n = 3; Math.abs(term) > Math.abs(sum) * 1e-17; n += 2) {
    term *= (2 * square) / n;
    sum += term;
  }
  return TWO_OVER_ROOT_PI * Math.exp(-square) * sum;
}

/** 1 - erf x for x >= FRACTION_FROM: e^(-x^2)/sqrt(pi) 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + ...)))). */
function fraction(x: number): number {
  let below = x;
  for (let k = x > 6 ? 40 : LEVELS; k > 0; k--) below = x + k / 2 / below;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * below);
}

export function erf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (Math.abs(x) < FRACTION_FROM) return series(x);
  return Math.sign(x) * (Math.abs(x) < 6 ? 1 - fraction(Math.abs(x)) : 1); // from 6 on it is 1 in float64
}

/** 1 - erf x, with a small relative error in the upper tail. */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x < FRACTION_FROM) return 1 - erf(x);
  return x > 30 ? 0 : fraction(x);
}

/** (1 + erf(x / sqrt 2)) / 2 */
export function normalCdf(x: number): number {
  return erfc(-x * Math.SQRT1_2) / 2;
}

/** e^(-x^2 / 2) / sqrt(2 pi) */
export function normalDensity(x: number): number {
  return Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
}
