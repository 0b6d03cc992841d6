// Axes with round numbers, and numbers as people write them.

/** A number line, from values to a place between 0 and 1. */
export interface Scale {
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
  place(value: number): number;
}

/** A number in a few digits: 0.0312, 12.5, 1.2e-7. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "not a number" : value > 0 ? "infinite" : "minus infinite";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return value.toExponential(2).replace("e+", "e").replace("-", "−");
  const text = size >= 1000 ? value.toFixed(0) : value.toPrecision(size >= 1 || size === 0 ? 4 : 3);
  return text.replace("-", "−");
}

/** Beyond this a difference may be infinite. */
const LARGEST = 1e300;

/** The round step, 1, 2 or 5 times a power of ten, that divides `span` into at most `count` parts. */
function stepOf(span: number, count: number): number {
  const [mantissa, exponent] = (span / count).toExponential().split("e") as [string, string];
  const digit = [1, 2, 5].find((d) => d >= Number(mantissa)) ?? 10;
  return Number(`${digit}e${exponent}`);
}

/** Ticks of one step, with as many decimals as tell them apart. */
function tickText(value: number, step: number): string {
  const exponent = Number(step.toExponential().split("e")[1]);
  const size = Math.max(Math.abs(value), step);
  if (size >= 1e6 || exponent < -5)
    return value === 0 ? "0" : value.toExponential().replace("e+", "e").replace("-", "−");
  return value.toFixed(Math.max(0, -exponent)).replace("-", "−");
}

/** The multiples of `step` from `from` to `to`. */
function multiples(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/**
 * A scale whose ends are ticks, or the limits.
 *
 * @param count parts at most
 * @param limits values that the ends don't go beyond, such as 0 and 1 of an accuracy
 */
export function linearScale(
  least: number,
  most: number,
  count: number,
  limits: readonly [number, number] = [-Infinity, Infinity],
): Scale {
  [least, most] = [Math.max(-LARGEST, least), Math.min(LARGEST, most)];
  // one value, or values that floats can hardly tell apart, in the middle of some room
  const room = most - least > 1e-9 * Math.max(Math.abs(most), Math.abs(least)) ? 0 : Math.abs(most) / 10 || 1;
  const [low, high] = [Math.max(limits[0], least - room), Math.min(limits[1], most + room)];
  const step = stepOf(high - low || 1, count);
  const from = Math.max(limits[0], Math.floor(low / step + 1e-9) * step);
  const to = Math.min(limits[1], Math.ceil(high / step - 1e-9) * step);
  return {
    ticks: multiples(from, to, step).map((value) => ({ value, text: tickText(value, step) })),
    place: (value) => Math.min(1, Math.max(0, (value - from) / (to - from || 1))),
  };
}

/**
 * Logarithm to base 10 of a positive number, to 2^-16: enough for a place on a screen. By squaring, as Briggs made his tables: engines
 * differ in Math.log10.
 */
export function log10(value: number): number {
  const [mantissa, exponent] = value.toExponential().split("e") as [string, string];
  let m = Number(mantissa);
  let result = Number(exponent);
  for (let bit = 1 / 2; bit > 1 / 2 ** 17; bit /= 2) {
    m *= m;
    if (m >= 10) {
      m /= 10;
      result += bit;
    }
  }
  return result;
}

/** A logarithmic scale of positive values, from a power of ten to another. */
export function logScale(least: number, most: number, count: number): Scale {
  const from = Math.floor(log10(least) + 1e-4);
  const to = Math.max(from + 1, Math.ceil(log10(most) - 1e-4));
  const step = Math.ceil((to - from) / Math.max(1, count));
  const ticks = Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => {
    const value = Number(`1e${from + i * step}`);
    return { value, text: value >= 1e-4 && value < 1e6 ? String(value) : `1e${from + i * step}`.replace("-", "−") };
  });
  return { ticks, place: (value) => (log10(value) - from) / (to - from) };
}

/** Epochs: integers, the first at 0 and the last at 1; one alone in the middle. */
export function epochScale(epochs: number, count: number): Scale {
  const step = Math.max(1, stepOf(Math.max(1, epochs - 1), count));
  const list = epochs === 1 ? [1] : [...new Set([1, ...multiples(1, epochs, step)])];
  // 1 and the first multiple may be too close to be read
  const ticks = list.filter((value) => value === 1 || value - 1 >= step / 2 || step === 1);
  return {
    ticks: ticks.map((value) => ({ value, text: String(value) })),
    place: (value) => (epochs === 1 ? 1 / 2 : (value - 1) / (epochs - 1)),
  };
}
