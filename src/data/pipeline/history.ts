// Rows that a series' pipeline remembers: those that come right after them are predicted from the first on.
import type { ReadColumn } from "../columnReading.ts";
import type { FittedHistory } from "./fitted.ts";
import type { Given, Needed } from "./input.ts";
import type { Machine } from "./machine.ts";
import { historyOf, orderByTime, usualStep } from "./seriesRows.ts";

/** Rows that are remembered besides those that the next one needs: for rows that were among the last of them. */
const MORE = 500;

/** How many rows before one it needs. */
export const neededBefore = ({ fitted, parts }: Machine): number =>
  parts.reduce((most, { encoder }) => Math.max(most, encoder.history), historyOf(fitted.series!));

/** What is remembered of rows: the last of them, their numbers and times. */
export function historyFrom(where: string, machine: Machine, given: Given): FittedHistory {
  const { series } = machine.fitted;
  const needed = neededColumns(machine);
  const times = given.read({ name: series!.time, reading: series!.reading }).values!;
  const order = orderByTime(where, series!.time, times);
  const last = order.subarray(Math.max(0, order.length - neededBefore(machine) - MORE));
  const columns = needed.flatMap(({ name, read }) => {
    const { values } = read(given);
    return values ? [{ name, values: Array.from(last, (row) => numberOrNull(values[row]!)) }] : [];
  });
  return { rows: last.length, columns };
}

const numberOrNull = (value: number): number | null => (value === value ? value : null);

/** The columns whose rows before are looked at, each once. */
function neededColumns({ fitted, needed, target }: Machine): { name: string; read: (given: Given) => ReadColumn }[] {
  const { time, reading } = fitted.series!;
  const all: Needed[] = [{ name: time, reading }, target!, ...needed.filter(({ name }) => name !== time)];
  return all.map((each) => ({ name: each.name, read: (given) => given.read(each) }));
}

/** Rows with those that are remembered before them: how many these are. */
export interface AfterHistory {
  readonly given: Given;
  readonly rows: number;
}

/** Puts what is remembered before rows: what is earlier than the first of them, if it comes right before it. */
export function afterHistory(where: string, { fitted }: Machine, given: Given): AfterHistory {
  const { series, history } = fitted;
  const none = { given, rows: 0 };
  if (!series || !history || given.rows === 0) return none;
  const times = given.read({ name: series.time, reading: series.reading }).values!;
  orderByTime(where, series.time, times); // refuses rows by their own numbers
  const first = times.reduce((least, time) => (time < least ? time : least), Infinity);
  const remembered = Float64Array.from(history.columns.find(({ name }) => name === series.time)!.values, valueOf);
  const end = remembered.findIndex((time) => time >= first);
  const rows = end < 0 ? remembered.length : end;
  if (rows === 0 || first - remembered[rows - 1]! > 1.5 * usualStep(remembered)) return none;
  const own = new Map(history.columns.map(({ name, values }) => [name, values]));
  return {
    rows,
    given: {
      rows: rows + given.rows,
      names: given.names,
      read(needed) {
        const { values, codes, unknown } = given.read(needed);
        if (!values) return { codes: Int32Array.of(...new Int32Array(rows).fill(-1), ...codes!), unknown };
        const all = new Float64Array(rows + given.rows);
        const before = own.get(needed.name) ?? [];
        for (let row = 0; row < rows; row++) all[row] = valueOf(before[row] ?? null);
        all.set(values, rows);
        return { values: all, unknown };
      },
    },
  };
}

const valueOf = (value: number | null): number => value ?? NaN;
