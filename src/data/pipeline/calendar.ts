// Parts of dates as numbers: points on circles, days of the week, the time that goes by.
import { cos, sin } from "../random.ts";
import { dateText } from "../columns.ts";
import { meanAndDeviation } from "./statistics.ts";

/** The parts that there are. */
export const PARTS = ["trend", "dayOfWeek", "weekend", "month", "dayOfYear", "dayOfMonth", "hour"] as const;

/** A part of a date. */
export type PartName = (typeof PARTS)[number];

/** A part as it is computed. */
export type FittedPart =
  | {
      readonly part: "trend";
      readonly first: number;
      readonly last: number;
      readonly mean: number;
      readonly deviation: number;
    }
  | { readonly part: "weekend" }
  /** Points on a circle: sine and cosine of 1 to `turns` times the angle. */
  | { readonly part: CircledPart; readonly turns: number }
  /** A feature for each of these values. */
  | { readonly part: ListedPart; readonly values: readonly number[] };

export type CircledPart = "dayOfWeek" | "month" | "dayOfYear" | "dayOfMonth" | "hour";
export type ListedPart = "dayOfWeek" | "month" | "hour";

export const DAY = 86400000;
const TURN = 6.283185307179586;
const WORDS: Readonly<Record<PartName, string>> = {
  trend: "trend",
  dayOfWeek: "day of week",
  weekend: "weekend",
  month: "month",
  dayOfYear: "day of year",
  dayOfMonth: "day of month",
  hour: "hour",
};
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = "January February March April May June July August September October November December".split(" ");

const wholeDays = (time: number): number => Math.floor(time / DAY);
const dayOfWeek = (time: number): number => (((wholeDays(time) + 4) % 7) + 7) % 7;
const month = (time: number): number => new Date(time).getUTCMonth();
const timeOfDay = (time: number): number => time / DAY - wholeDays(time);

/** A value of a part that is listed: a day from Sunday, 0; a month from 0; an hour. */
export function listedValue(part: ListedPart, time: number): number {
  if (part === "dayOfWeek") return dayOfWeek(time);
  return part === "month" ? month(time) : Math.floor(timeOfDay(time) * 24);
}

/** The share of a circle, from 0 up to 1. */
export function shareOfCircle(part: CircledPart, time: number): number {
  if (part === "dayOfWeek") return dayOfWeek(time) / 7;
  if (part === "month") return month(time) / 12;
  if (part === "hour") return timeOfDay(time);
  const date = new Date(time);
  const [year, of] = [date.getUTCFullYear(), date.getUTCMonth()];
  const [from, to] =
    part === "dayOfYear" ? [Date.UTC(year, 0), Date.UTC(year + 1, 0)] : [Date.UTC(year, of), Date.UTC(year, of + 1)];
  return (wholeDays(time) - from / DAY) / ((to - from) / DAY);
}

/** What times are like: the time between them, and how long they go on. */
export interface Times {
  readonly first: number;
  readonly last: number;
  /** The different days of the week, months and hours that there are. */
  readonly days: readonly number[];
  readonly months: readonly number[];
  readonly hours: readonly number[];
  /** Whether all are midnights, and first days of a month. */
  readonly midnights: boolean;
  readonly firsts: boolean;
  /** How many days are different, counted up to 3. */
  readonly different: number;
}

/** Looks at all times; NaN are left out. */
export function timesOf(times: Float64Array): Times {
  let [first, last, midnights, firsts] = [Infinity, -Infinity, true, true];
  const [days, months, hours, different] = [new Set<number>(), new Set<number>(), new Set<number>(), new Set<number>()];
  let before = NaN;
  for (const time of times) {
    if (time !== time || time === before) continue;
    before = time;
    if (time < first) first = time;
    if (time > last) last = time;
    if (midnights && time % DAY !== 0) midnights = false;
    if (firsts && new Date(time).getUTCDate() !== 1) firsts = false;
    if (days.size < 7) days.add(dayOfWeek(time));
    if (months.size < 12) months.add(month(time));
    if (hours.size < 24) hours.add(listedValue("hour", time));
    if (different.size < 3) different.add(wholeDays(time));
  }
  const list = (set: ReadonlySet<number>): number[] => [...set].toSorted((a, b) => a - b);
  return {
    first,
    last,
    days: list(days),
    months: list(months),
    hours: list(hours),
    midnights,
    firsts,
    different: different.size,
  };
}

/** Parts that tell rows apart which are so far from each other. */
export function usualParts({ first, last, days, hours, months, midnights, firsts, different }: Times): PartName[] {
  const parts: PartName[] = [];
  if (different > 2) parts.push("trend");
  if (!midnights && hours.length > 1) parts.push("hour");
  if (!firsts && days.length > 1) parts.push("dayOfWeek");
  if (last - first >= 365 * DAY && months.length > 1) parts.push(firsts ? "month" : "dayOfYear");
  return parts;
}

/** The parts with what of the training rows they need. */
export function fitParts(
  values: Float64Array,
  times: Times,
  parts: readonly PartName[],
  cyclic: boolean | undefined,
): FittedPart[] {
  return parts.map((part): FittedPart => {
    if (part === "weekend") return { part };
    if (part === "trend") {
      const { mean, deviation } = meanAndDeviation(values);
      const { first, last } = times;
      return { part, first, last, mean, deviation: Math.max(deviation, 1) }; // a millisecond at least
    }
    const listed = part === "dayOfWeek" ? cyclic !== true : (part === "month" || part === "hour") && cyclic === false;
    if (listed) {
      const own = { dayOfWeek: times.days, month: times.months, hour: times.hours };
      return { part: part as ListedPart, values: own[part as ListedPart] };
    }
    const turns = part === "dayOfYear" || part === "hour" || (part === "month" && times.firsts) ? 2 : 1;
    return { part, turns };
  });
}

/** The names of a part's numbers. */
export function partFeatures(name: string, part: FittedPart): string[] {
  const own = `${name}: ${WORDS[part.part]}`;
  if ("values" in part) {
    const texts = { dayOfWeek: DAYS, month: MONTHS, hour: undefined };
    return part.values.map((value) => `${own}=${texts[part.part]?.[value] ?? value}`);
  }
  if (!("turns" in part)) return [own];
  return Array.from({ length: part.turns }, (_, i) => [
    `${own} sin${i === 0 ? "" : ` ${i + 1}`}`,
    `${own} cos${i === 0 ? "" : ` ${i + 1}`}`,
  ]).flat();
}

/** What a part is, in words. */
export function partText(part: FittedPart): string {
  const own = WORDS[part.part];
  if ("values" in part) return `${own}, one-hot`;
  if ("turns" in part) return `${own}, ${part.turns === 1 ? "a circle" : `${part.turns} circles`}`;
  if (part.part === "weekend") return own;
  return `${own} from ${dateText(part.first)} to ${dateText(part.last)}`;
}

/** Writes a part of one time. Returns 1 if it was held. */
export function writePart(part: FittedPart, time: number, x: Float32Array, at: number): number {
  if ("values" in part) {
    const value = listedValue(part.part, time);
    for (let i = 0; i < part.values.length; i++) x[at + i] = part.values[i] === value ? 1 : 0;
    return 0;
  }
  if ("turns" in part) {
    const angle = TURN * shareOfCircle(part.part, time);
    for (let i = 0; i < part.turns; i++) {
      x[at + 2 * i] = sin((i + 1) * angle);
      x[at + 2 * i + 1] = cos((i + 1) * angle);
    }
    return 0;
  }
  if (part.part === "weekend") {
    const day = dayOfWeek(time);
    x[at] = day === 0 || day === 6 ? 1 : 0;
    return 0;
  }
  const beyond = (part.last - part.first) / 10;
  const held = Math.min(Math.max(time, part.first - beyond), part.last + beyond);
  x[at] = (held - part.mean) / part.deviation;
  return held === time ? 0 : 1;
}
