// How numbers lie: counts in 40 equal parts of a range around zero, and what is said of them in words.

export interface Bins {
  readonly counts: readonly number[];
  /** The range is -limit to limit. */
  readonly limit: number;
  readonly total: number;
  readonly mean: number;
  /** Standard deviation. */
  readonly spread: number;
  /** Share of exact zeros. */
  readonly zeros: number;
  /** Share that lies beyond the range: they are counted in the outermost bins. */
  readonly beyond: number;
}

export const BINS = 40;
/** Of the sizes, so that one outlier doesn't squeeze all others into one bin. */
const SHOWN = 0.995;

/** The next of 1, 2, 5, 10, ...: a range that stays put while numbers wander. */
export function round125(v: number): number {
  if (!(v > 0) || !Number.isFinite(v)) return 1;
  let unit = 1;
  while (unit < v) unit *= 10;
  while (unit >= 10 * v) unit /= 10;
  for (const step of [0.1, 0.2, 0.5, 1]) if (unit * step >= v * (1 - 1e-9)) return unit * step;
  return unit;
}

export function binsOf(values: Float32Array): Bins {
  const finite = values.filter((v) => Number.isFinite(v));
  const n = finite.length;
  const mean = n === 0 ? 0 : finite.reduce((sum, v) => sum + v, 0) / n;
  const spread = n === 0 ? 0 : Math.sqrt(finite.reduce((sum, v) => sum + (v - mean) * (v - mean), 0) / n);
  const sizes = finite.map(Math.abs).toSorted();
  const limit = round125(sizes[Math.ceil(SHOWN * n) - 1] ?? 1);
  const counts = Array.from({ length: BINS }, () => 0);
  let beyond = values.length - n;
  let zeros = 0;
  for (const v of finite) {
    if (Math.abs(v) > limit) beyond++;
    if (v === 0) zeros++;
    counts[Math.max(0, Math.min(BINS - 1, Math.floor(((v + limit) / (2 * limit)) * BINS)))]!++;
  }
  const total = values.length;
  return { counts, limit, total, mean, spread, zeros: zeros / (total || 1), beyond: beyond / (total || 1) };
}
