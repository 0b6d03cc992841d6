// Parts of dates as numbers: points on circles, days of the week, the time that goes by.
import { cos, sin } from "../random.ts";
import { dateText } from "../columns.ts";
import { meanAndDeviation } from "../statistics.ts";

/** The parts that there are. */
export const PARTS = [
  "trend",
  "dayOfWeek",
  "weekend",
  "month",
  "dayOfYear",
  "dayOfMonth",
  "hour",
  "monthDay",
  "weekdayOfMonth",
] as const;

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
export type ListedPart = "dayOfWeek" | "month" | "hour" | "monthDay" | "weekdayOfMonth";

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
  monthDay: "day",
  weekdayOfMonth: "weekday",
};
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = "January February March April May June July August September October November December".split(" ");

const wholeDays = (time: number): number => Math.floor(time / DAY);
const dayOfWeek = (time: number): number => (((wholeDays(time) + 4) % 7) + 7) % 7;
const month = (time: number): number => new Date(time).getUTCMonth();
const timeOfDay = (time: number): number => time / DAY - wholeDays(time);

/** Values of listed parts are below these. */
export const LISTED: Readonly<Record<ListedPart, number>> = {
  dayOfWeek: 7,
  month: 12,
  hour: 24,
  monthDay: 12 * 31,
  weekdayOfMonth: 12 * 7 * 6,
};
/** Of the weekdays of a month: the first to fifth are 0 to 4, the last one is this, too. */
const LAST = 5;

/**
 * A value of a part that is listed: a day from Sunday, 0; a month from 0; an hour; a day of a month, 31 for each; a weekday of a month, 6
 * for each weekday, such as the second Monday of May.
 */
export function listedValue(part: ListedPart, time: number): number {
  if (part === "dayOfWeek") return dayOfWeek(time);
  if (part === "month") return month(time);
  if (part === "hour") return Math.floor(timeOfDay(time) * 24);
  const day = new Date(time).getUTCDate() - 1;
  return part === "monthDay" ? month(time) * 31 + day : weekdayValue(time, Math.floor(day / 7));
}

const weekdayValue = (time: number, place: number): number => (month(time) * 7 + dayOfWeek(time)) * 6 + place;

/** Of the last one of a weekday in its month: the value that says so; else -1. */
function lastWeekdayValue(time: number): number {
  const date = new Date(time);
  const length = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.getUTCDate() + 7 > length ? weekdayValue(time, LAST) : -1;
}

/** The share of a circle, from 0 up to 1. */
function shareOfCircle(part: CircledPart, time: number): number {
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

/** Days that come every year, such as holidays, are told apart if they come this often, and rows aren't too many for so many features. */
const YEARS = 8;
const MOST_ROWS = 20_000;

/** Parts that tell rows apart which are so far from each other. */
export function usualParts(
  { first, last, days, hours, months, midnights, firsts, different }: Times,
  rows: number,
): PartName[] {
  const parts: PartName[] = [];
  if (different > 2) parts.push("trend");
  if (!midnights && hours.length > 1) parts.push("hour");
  if (!firsts && days.length > 1) parts.push("dayOfWeek");
  if (last - first >= 365 * DAY && months.length > 1) parts.push(firsts ? "month" : "dayOfYear");
  const daily = midnights && days.length === 7 && rows > (0.5 * (last - first)) / DAY;
  if (daily && last - first >= YEARS * 365 * DAY && rows <= MOST_ROWS) parts.push("monthDay", "weekdayOfMonth");
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
    if (part === "monthDay" || part === "weekdayOfMonth") return { part, values: seenValues(part, values) };
    const listed = part === "dayOfWeek" ? cyclic !== true : (part === "month" || part === "hour") && cyclic === false;
    if (listed) {
      const own = { dayOfWeek: times.days, month: times.months, hour: times.hours };
      return { part: part as keyof typeof own, values: own[part as keyof typeof own] };
    }
    const turns = part === "dayOfYear" || part === "hour" || (part === "month" && times.firsts) ? 2 : 1;
    return { part, turns };
  });
}

/** The values that come in training rows at least twice. */
function seenValues(part: "monthDay" | "weekdayOfMonth", times: Float64Array): number[] {
  const counts = new Uint32Array(LISTED[part]);
  for (const time of times) {
    if (time !== time) continue;
    counts[listedValue(part, time)]!++;
    const last = part === "weekdayOfMonth" ? lastWeekdayValue(time) : -1;
    if (last >= 0) counts[last]!++;
  }
  return Array.from(counts.keys()).filter((value) => counts[value]! > 1);
}

const PLACES = ["1st", "2nd", "3rd", "4th", "5th", "last"];

/** A value of a listed part in words. */
function listedText(part: ListedPart, value: number): string {
  if (part === "dayOfWeek") return DAYS[value]!;
  if (part === "month") return MONTHS[value]!;
  if (part === "hour") return String(value);
  if (part === "monthDay") return `${MONTHS[Math.floor(value / 31)]} ${(value % 31) + 1}`;
  return `${PLACES[value % 6]} ${DAYS[Math.floor(value / 6) % 7]} of ${MONTHS[Math.floor(value / 42)]}`;
}

/** The names of a part's numbers. */
export function partFeatures(name: string, part: FittedPart): string[] {
  const own = `${name}: ${WORDS[part.part]}`;
  if ("values" in part) return part.values.map((value) => `${own}=${listedText(part.part, value)}`);
  if (!("turns" in part)) return [own];
  return Array.from({ length: part.turns }, (_, i) => [
    `${own} sin${i === 0 ? "" : ` ${i + 1}`}`,
    `${own} cos${i === 0 ? "" : ` ${i + 1}`}`,
  ]).flat();
}

/** What a part is, in words. */
export function partText(part: FittedPart): string {
  const own = WORDS[part.part];
  if (part.part === "monthDay") return `${part.values.length} days of the year, one-hot`;
  if (part.part === "weekdayOfMonth")
    return `${part.values.length} weekdays of months, such as the last Monday of May, one-hot`;
  if ("values" in part) return `${own}, one-hot`;
  if ("turns" in part) return `${own}, ${part.turns === 1 ? "a circle" : `${part.turns} circles`}`;
  if (part.part === "weekend") return own;
  return `${own} from ${dateText(part.first)} to ${dateText(part.last)}`;
}

/** Writes a part of one time. Returns 1 if it was held. */
export function writePart(part: FittedPart, time: number, x: Float32Array, at: number): number {
  if ("values" in part) {
    const value = listedValue(part.part, time);
    const last = part.part === "weekdayOfMonth" ? lastWeekdayValue(time) : -1;
    for (let i = 0; i < part.values.length; i++) {
      const own = part.values[i]!;
      x[at + i] = own === value || own === last ? 1 : 0;
    }
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
