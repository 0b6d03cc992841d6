// Rows that a series' pipeline remembers: those that come right after them are predicted from the first on.
import type { ReadColumn } from "../columnReading.ts";
import type { FittedHistory } from "./fitted.ts";
import type { Given, Needed } from "./input.ts";
import type { Machine } from "./machine.ts";
import { historyOf, orderByTime, usualStep } from "./seriesRows.ts";

/** Rows that are remembered besides those that the next one needs: for rows that were among the last of them. */
export const MORE_REMEMBERED = 500;

/** How many rows before one it needs. */
const neededBefore = ({ fitted, parts }: Machine): number =>
  parts.reduce((most, { encoder }) => Math.max(most, encoder.history), historyOf(fitted.series!));

/** What is remembered of rows: the last of them, their times, and the columns of which rows before are looked at. */
export function historyFrom(where: string, machine: Machine, given: Given): FittedHistory {
  const { time, reading } = machine.fitted.series!;
  const order = orderByTime(where, time, given.read({ name: time, reading }).values!, reading.as === "date");
  const last = order.subarray(Math.max(0, order.length - neededBefore(machine) - MORE_REMEMBERED));
  const columns = rememberedColumns(machine).map((needed) => {
    const { values, codes } = given.read(needed);
    return { name: needed.name, values: Array.from(last, (row) => plainNumber((values ?? codes)![row]!)) };
  });
  return { rows: last.length, columns };
}

/** A number as JSON keeps it: of a missing cell null, and no 0 with a sign. */
const plainNumber = (value: number): number | null => (value === value ? value + 0 : null);

/** The times, the target, and columns whose rows before are looked at. */
function rememberedColumns({ fitted, parts, needed, target }: Machine): Needed[] {
  const { time, reading } = fitted.series!;
  const lagged = new Set(parts.flatMap(({ column, encoder }) => (encoder.history > 0 ? [column.name] : [])));
  return [{ name: time, reading }, target!, ...needed.filter(({ name }) => name !== time && lagged.has(name))];
}

/** Rows with those that are remembered before them: how many these are. */
export interface AfterHistory {
  readonly given: Given;
  readonly rows: number;
}

/** Puts what is remembered before rows: what is earlier than the first of them, if they come right after it. */
export function afterHistory(where: string, { fitted }: Machine, given: Given): AfterHistory {
  const { series, history } = fitted;
  const none = { given, rows: 0 };
  if (!series || !history || given.rows === 0) return none;
  const times = given.read({ name: series.time, reading: series.reading }).values!;
  orderByTime(where, series.time, times, series.reading.as === "date"); // refuses rows by their own numbers
  const first = times.reduce((least, time) => (time < least ? time : least), Infinity);
  const own = new Map(history.columns.map(({ name, values }) => [name, values]));
  const remembered = Float64Array.from(own.get(series.time)!, (time) => time!);
  const later = remembered.findIndex((time) => time >= first);
  const rows = later < 0 ? remembered.length : later;
  if (rows === 0 || first - remembered[rows - 1]! > longestStep(remembered)) return none;
  return {
    rows,
    given: {
      rows: rows + given.rows,
      names: given.names,
      read: (needed) => joined(own.get(needed.name), rows, given.read(needed)),
    },
  };
}

/** How far apart rows may be that follow each other: as some that are remembered are, such as those about a weekend. */
function longestStep(times: Float64Array): number {
  let longest = 1.5 * usualStep(times);
  for (let i = 1; i < times.length; i++) longest = Math.max(longest, times[i]! - times[i - 1]!);
  return longest;
}

/** A column of the first of some remembered rows, and of those after them. */
function joined(
  before: readonly (number | null)[] | undefined,
  rows: number,
  { values, codes, unknown }: ReadColumn,
): ReadColumn {
  if (values) {
    const all = new Float64Array(rows + values.length);
    for (let row = 0; row < rows; row++) all[row] = before?.[row] ?? NaN;
    all.set(values, rows);
    return { values: all, unknown };
  }
  const all = new Int32Array(rows + codes!.length);
  for (let row = 0; row < rows; row++) all[row] = before?.[row] ?? -1;
  all.set(codes!, rows);
  return { codes: all, unknown };
}
