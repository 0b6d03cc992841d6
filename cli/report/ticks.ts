// Round values along an axis, and what is written at them.
import { decimals, magnitude } from "./numbers.ts";

export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** The power of ten, as it is written. */
const tenTo = (power: number): number => Number(`1e${power}`);

const UNITS = [
  { from: 1e9, by: 1e9, sign: "bn" },
  { from: 1e6, by: 1e6, sign: "M" },
  { from: 1e5, by: 1e3, sign: "k" },
] as const;

/** Labels of values that are a step apart. */
function labelsOf(values: readonly number[], step: number): string[] {
  const largest = Math.max(...values.map(Math.abs));
  if (largest >= 1e13 || (largest > 0 && largest < 1e-5)) {
    const digits = Math.min(8, Math.max(0, magnitude(largest) - magnitude(step)));
    return values.map((v) => (v === 0 ? "0" : v.toExponential(digits).replace("e+", "e").replaceAll("-", "−")));
  }
  const unit = UNITS.find(({ from }) => largest >= from);
  const by = unit?.by ?? 1;
  const digits = Math.max(0, -magnitude((step / by) * 1.000001));
  return values.map((value) => decimals(value / by, digits) + (value === 0 || !unit ? "" : unit.sign));
}

/** Round values between two, about as many as are wanted: steps of 1, 2 or 5. */
export function ticks(from: number, to: number, wanted: number): Tick[] {
  const span = to - from;
  if (!(span > 0) || !Number.isFinite(span)) return [{ value: from, label: labelsOf([from], Math.abs(from) || 1)[0]! }];
  const rough = span / Math.max(1, wanted);
  const ten = tenTo(magnitude(rough));
  const step = [1, 2, 5, 10].map((n) => n * ten).find((each) => each >= rough * 0.999)!;
  const values: number[] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9 && values.length < 50; i++) {
    values.push(Number((i * step).toPrecision(12)) + 0); // no minus zero
  }
  const labels = labelsOf(values, step);
  return values.map((value, i) => ({ value, label: labels[i]! }));
}

/** Whole values alone: of epochs, of rows. */
export const wholeTicks = (from: number, to: number, wanted: number): Tick[] =>
  ticks(from, to, Math.max(1, Math.min(wanted, Math.floor(to - from)))).filter(({ value }) => Number.isInteger(value));

/** A range that holds values and ends at round ones. */
export function roundRange(values: readonly number[], { zero = false } = {}): readonly [number, number] {
  const finite = values.filter((value) => Number.isFinite(value));
  let low = zero ? 0 : Infinity;
  let high = zero ? 0 : -Infinity;
  for (const value of finite) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(low <= high)) return [0, 1];
  if (low === high) {
    const by = Math.abs(low) / 2 || 1;
    return zero ? (low < 0 ? [low, 0] : [0, high || 1]) : [low - by, high + by];
  }
  const rough = (high - low) / 4;
  const ten = tenTo(magnitude(rough));
  const step = [1, 2, 5, 10].map((n) => n * ten).find((each) => each >= rough * 0.999)!;
  const ends = [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step] as const;
  return Number.isFinite(ends[0]) && Number.isFinite(ends[1]) && ends[1] > ends[0] ? ends : [low, high];
}

/** A range of bars, which begin at 0: those below it don't take more room than they need. */
export function barRange(values: readonly number[]): readonly [number, number] {
  const [, high] = roundRange(values, { zero: true });
  const low = Math.min(0, ...values.filter((value) => Number.isFinite(value)));
  return low < 0 ? [low - Math.max(high, -low) * 0.03, high] : [0, high];
}

const DAY = 86_400_000;
const two = (n: number): string => String(n).padStart(2, "0");

/** Beginnings of years, months, days or hours between two times in milliseconds; at most so many. */
export function timeTicks(from: number, to: number, most: number): Tick[] {
  const span = to - from;
  const fits = (found: readonly Tick[]): boolean => found.length > 0 && found.length <= most;
  if (span < most * DAY) {
    for (const hours of [1, 3, 6, 12]) {
      const step = (hours * DAY) / 24;
      if (span / step > 200) continue;
      const found: Tick[] = [];
      for (let time = Math.ceil(from / step) * step; time <= to; time += step) {
        const at = new Date(time);
        const hour = `${two(at.getUTCHours())}:00`;
        found.push({
          value: time,
          label: span < DAY ? hour : `${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())} ${hour}`,
        });
      }
      if (fits(found)) return found;
    }
  }
  for (const days of [1, 2, 7, 14]) {
    if (span > 100 * days * DAY) continue;
    const found: Tick[] = [];
    for (let time = Math.ceil(from / (days * DAY)) * days * DAY; time <= to; time += days * DAY) {
      found.push({ value: time, label: new Date(time).toISOString().slice(0, 10) });
    }
    if (fits(found)) return found;
  }
  const first = new Date(from).getUTCFullYear();
  for (const months of [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200]) {
    const found: Tick[] = [];
    for (let month = Math.floor((first * 12) / months) * months; found.length <= most; month += months) {
      const time = new Date(0).setUTCFullYear(Math.floor(month / 12), month % 12, 1);
      if (!(time <= to)) break;
      const year = String(Math.floor(month / 12));
      if (time >= from) found.push({ value: time, label: months < 12 ? `${year}-${two((month % 12) + 1)}` : year });
    }
    if (fits(found)) return found;
  }
  return [];
}
