// Fits what a series needs: how its rows follow each other, which rows before are features, what the target is relative to.
import { checkKind, valueText } from "../../util/check.ts";
import { unknownText } from "../../util/suggest.ts";
import { shortNumber, thousands } from "../columns.ts";
import type { ColumnReading } from "../columnReading.ts";
import type { Column, Table } from "../tableTypes.ts";
import { DAY, timesOf, usualParts } from "./calendar.ts";
import { encoderOf } from "./encoder.ts";
import { type ChosenStep, fitColumn } from "./fitColumn.ts";
import type { Fitted, FittedColumn, FittedSeries } from "./fitted.ts";
import { beforeOf, filledGaps, gapNotes, historyOf, leveled, orderByTime, usualStep } from "./seriesRows.ts";
import { meanAndDeviation } from "../statistics.ts";
import { fitNumbers } from "./target.ts";
import { usualSteps } from "./usualSteps.ts";

/** Values before of columns that aren't the target. */
const OTHER_LAGS = 3;
/** Rows that a series must have, besides its history. */
const FEWEST_ROWS = 10;

/** What a series is fitted to. */
export interface SeriesOptions {
  readonly table: Table;
  readonly target: Column;
  readonly time: string | undefined;
  readonly horizon: number;
  readonly given: ReadonlyMap<string, readonly ChosenStep[] | "drop">;
  readonly readingOf: (column: Column) => ColumnReading;
}

/** A fitted series. */
export function fitSeries({ table, target, time: wanted, horizon, given, readingOf }: SeriesOptions): Fitted {
  const time = timeColumn("fit", table, wanted, target.name);
  const order = orderByTime("fit", time.name, time.values!, time.type === "date");
  const rows = table.take(order);
  const own = rows.column(target.name);
  const { target: fittedTarget } = fitNumbers(own, readingOf(own), undefined);
  const notes = gapNotes(time.name, rows.column(time.name).values!, 1, time.type === "date");
  const { filled, gaps } = filledGaps(own.values!);
  if (gaps > 0) notes.push(`${target.name}: where it is missing, the last value before stands for it in the history`);
  const times = timesOf(time.values!);
  const step = usualStep(rows.column(time.name).values!);
  const rhythm = time.type === "date" ? rhythmOf(step, times.days.length) : rhythmOfNumbers(time.values!);
  const known = filled.filter((value) => value === value);
  const { series, scale, told } = fitTarget(known, horizon, rhythm, target.name, {
    time: time.name,
    reading: readingOf(time),
  });
  notes.push(...told);
  const columns: FittedColumn[] = [];
  const dropped: { name: string; reason: string }[] = [];
  for (const column of rows.columns) {
    if (column.name === target.name) continue;
    const steps = given.get(column.name) ?? seriesSteps(column, column.name === time.name, horizon, rows.rows);
    if (typeof steps === "string") {
      dropped.push({ name: column.name, reason: steps === "drop" ? "as options say" : steps });
    } else columns.push(fitColumn(column, readingOf(column), steps, { horizon }));
  }
  checkHistory(columns, series, known.length);
  return { task: "series", target: { ...fittedTarget, scale }, series, columns, dropped, notes };
}

/** The column of dates, or of whole numbers that is named, that the rows of a series follow. */
export function timeColumn(where: string, table: Table, wanted: string | undefined, target: string): Column {
  const dates = table.columns.filter((column) => column.type === "date" && column.name !== target);
  const names = dates.map(({ name }) => name).join(", ");
  if (wanted === undefined) {
    if (dates.length === 1) return dates[0]!;
    throw new RangeError(
      dates.length === 0
        ? `${where}: task "series" needs a column of dates, but there is none; say how they are written where types are inferred: types: { when: { type: "date", format: "dd/mm/yyyy" } }`
        : `${where}: task "series" needs the column of dates that its rows follow, and there are several; give time: one of ${names}`,
    );
  }
  const all = table.columns.map((column) => column.name);
  checkKind(typeof wanted === "string", where, "time", "the name of a column of dates or whole numbers", wanted);
  if (!all.includes(wanted)) throw new RangeError(`${where}: time: ${unknownText("column", wanted, all)}`);
  const column = table.column(wanted);
  const rule = "time must be a column of dates or whole numbers";
  const others = names === "" ? "" : `; there is ${names}`;
  if (wanted === target) throw new RangeError(`${where}: ${rule}, but ${valueText(wanted)} is the target${others}`);
  if (!column.values) throw new RangeError(`${where}: ${rule}, but ${valueText(wanted)} is a ${column.type}${others}`);
  const broken = column.type === "date" ? -1 : column.values.findIndex((value) => value % 1 !== 0 && value === value);
  if (broken >= 0) {
    throw new RangeError(
      `${where}: ${rule}, but ${valueText(wanted)}, row ${broken} is ${column.values[broken]}${others}`,
    );
  }
  return column;
}

/** After how many rows a series repeats itself, and how many rows before are features. */
interface Rhythm {
  readonly seasons: readonly number[];
  /** So many rows before, from the horizon on. */
  readonly length: number;
  readonly what: string;
}

/** By the time between rows, and the different days of the week. */
function rhythmOf(step: number, days: number): Rhythm {
  const inDays = step / DAY;
  if (inDays >= 359) return { seasons: [], length: 5, what: "yearly" };
  if (inDays >= 85) return { seasons: [4], length: 7, what: "quarterly" };
  if (inDays >= 27) return { seasons: [12], length: 15, what: "monthly" };
  if (inDays >= 6.5 && inDays <= 7.5) return { seasons: [52], length: 8, what: "weekly" };
  if (inDays === 1) return { seasons: [Math.max(2, days)], length: 2 * Math.max(2, days) + 1, what: "daily" };
  const daily = Math.round(1 / inDays);
  if (inDays < 1 && daily <= 1440 && daily * step === DAY) {
    return {
      seasons: [daily, 7 * daily],
      length: Math.min(daily, 12),
      what: `${shortNumber(step / 60000)} minutes apart`,
    };
  }
  return { seasons: [], length: 12, what: "without a calendar's rhythm" };
}

/** Of whole numbers: years, or steps of any length. */
function rhythmOfNumbers(times: Float64Array): Rhythm {
  if (times.every((time) => time >= 1000 && time <= 2999)) return { seasons: [], length: 5, what: "yearly" };
  return { seasons: [], length: 12, what: "without a calendar's rhythm" };
}

/** Rows before that are features: the last ones, and those around each season. */
function lagsOf({ seasons, length }: Rhythm, horizon: number, most: number): number[] {
  const lags = new Set(Array.from({ length }, (_, i) => horizon + i));
  for (const season of seasons) {
    const own = Math.ceil(horizon / season) * season;
    for (const lag of [own - 1, own, own + 1]) if (lag >= horizon) lags.add(lag);
  }
  const all = [...lags].toSorted((a, b) => a - b);
  const some = all.filter((lag) => lag <= most);
  return some.length > 0 ? some : all.slice(0, 1);
}

function fitTarget(
  values: Float64Array,
  horizon: number,
  rhythm: Rhythm,
  name: string,
  common: Pick<FittedSeries, "time" | "reading">,
): {
  readonly series: FittedSeries;
  readonly scale: { readonly log: boolean; readonly mean: number; readonly deviation: number };
  readonly told: string[];
} {
  const most = Math.max(horizon, Math.floor(values.length / 4));
  const candidates = [horizon, ...rhythm.seasons.map((season) => Math.ceil(horizon / season) * season)].filter(
    (lag) => lag <= most,
  );
  if (candidates.length === 0 || values.length < horizon + FEWEST_ROWS) {
    throw new RangeError(
      `fit: a series of ${thousands(values.length)} rows is too short for a horizon of ${horizon}; ${horizon + FEWEST_ROWS} are needed at least`,
    );
  }
  const least = values.reduce((low, value) => Math.min(low, value), Infinity);
  const log = least > 0 && growsWithLevel(values, candidates.at(-1)!);
  const levels = values.map((value) => leveled({ log, least }, value));
  const before = nearest(levels, candidates);
  const lags = lagsOf(rhythm, horizon, most).filter((lag) => lag !== before);
  const draft: FittedSeries = { ...common, horizon, lags, lagMean: 0, lagDeviation: 1, before, log, least };
  const start = historyOf(draft);
  const count = Math.max(0, levels.length - start);
  const changes = Float64Array.from(
    { length: count },
    (_, i) => levels[start + i]! - beforeOf(draft, levels, start + i),
  );
  const { mean, deviation } = meanAndDeviation(changes);
  const all = new Float64Array(count * lags.length);
  for (let i = 0; i < count; i++) {
    for (const [place, lag] of lags.entries()) {
      all[i * lags.length + place] = levels[start + i - lag]! - beforeOf(draft, levels, start + i);
    }
  }
  const ofLags = lags.length === 0 ? { mean: 0, deviation: 1 } : meanAndDeviation(all);
  const series = { ...draft, lagMean: ofLags.mean, lagDeviation: ofLags.deviation || 1 };
  const why = log ? "its logarithm, as it is above 0 and varies more where it is larger" : "as it is";
  const against =
    before === 0
      ? "standardized: it returns to its mean"
      : `less the value ${before} ${before === 1 ? "row" : "rows"} before, to which it is nearest; then standardized`;
  const told = [`target ${name}, ${rhythm.what}: ${why}, ${against}`];
  return { series, scale: { log: false, mean, deviation: deviation || 1 }, told };
}

/** What a value is nearest to, by the mean square: its mean (0), or one of the values so many rows before. */
function nearest(levels: Float64Array, candidates: readonly number[]): number {
  const start = Math.max(...candidates);
  const same = levels.subarray(start);
  let best = 0;
  let least = meanAndDeviation(same).deviation;
  least *= least;
  for (const lag of candidates) {
    let squares = 0;
    for (let i = start; i < levels.length; i++)
      squares += (levels[i]! - levels[i - lag]!) * (levels[i]! - levels[i - lag]!);
    if (squares / same.length < least) [best, least] = [lag, squares / same.length];
  }
  return best;
}

/**
 * Is the size of changes rather a share of the values than the same for all? In ten parts of the rows, one after another, the mean size
 * of the changes is compared: whether it varies less once it is divided by the mean of the values.
 */
function growsWithLevel(values: Float64Array, lag: number): boolean {
  const parts = Math.min(10, Math.floor((values.length - lag) / 5));
  if (parts < 3) return false;
  const [sizes, levels, shares] = [new Float64Array(parts), new Float64Array(parts), new Float64Array(parts)];
  for (let part = 0; part < parts; part++) {
    const from = lag + Math.floor(((values.length - lag) * part) / parts);
    const to = lag + Math.floor(((values.length - lag) * (part + 1)) / parts);
    const mean = meanAndDeviation(values.subarray(from, to)).mean;
    const changes = Float64Array.from({ length: to - from }, (_, i) => values[from + i]! - values[from + i - lag]!);
    sizes[part] = meanAndDeviation(changes).deviation;
    levels[part] = mean;
    shares[part] = sizes[part]! / mean;
  }
  const [low, high] = [Math.min(...levels), Math.max(...levels)];
  const ratio = (numbers: Float64Array): number => {
    const { mean, deviation } = meanAndDeviation(numbers);
    return deviation / mean;
  };
  return high > 1.5 * low && ratio(shares) < 0.9 * ratio(sizes);
}

/** The steps of a column that isn't the target, or the reason why it is left out. */
function seriesSteps(column: Column, isTime: boolean, horizon: number, rows: number): readonly ChosenStep[] | string {
  if (isTime) {
    if (column.type !== "date") return "the order of the rows";
    const parts = usualParts(timesOf(column.values!), column.values!.length).filter((part) => part !== "trend");
    if (parts.length === 0) return "the order of the rows; no part of its dates repeats itself";
    return [{ step: "dateParts", parts, cyclic: undefined }];
  }
  if (column.type !== "number") {
    const usual = usualSteps(column);
    if (typeof usual === "string") return usual;
    return `${column.type}: its value isn't known ${horizon === 1 ? "a row" : `${horizon} rows`} ahead; if it is, give its steps in columns`;
  }
  const usual = usualSteps(column);
  if (typeof usual === "string") return usual;
  const steps = Array.from({ length: OTHER_LAGS }, (_, i) => horizon + i).filter((lag) => lag <= rows / 4);
  if (steps.length === 0) return "there are too few rows for values before";
  return [...usual, { step: "lag", steps }];
}

function checkHistory(columns: readonly FittedColumn[], series: FittedSeries, rows: number): void {
  const history = columns.reduce((most, column) => Math.max(most, encoderOf(column).history), historyOf(series));
  if (rows - history >= FEWEST_ROWS) return;
  throw new RangeError(
    `fit: ${thousands(rows)} rows with a target are too few, as ${history} before each are features; ${history + FEWEST_ROWS} are needed at least`,
  );
}
