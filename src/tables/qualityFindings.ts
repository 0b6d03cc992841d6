// Findings about data: how they are worded, and put together where many columns have the same.
import { ln } from "../data/random.ts";
import type { Column, Table } from "../data/tableTypes.ts";
import { valueText } from "../util/check.ts";
import type { Finding } from "./results.ts";

/** Rows to train on, to choose by, or to test with. */
export interface Part {
  readonly name: "training" | "validation" | "test";
  readonly table: Table;
  /** All of its rows, or some by chance if there are very many. */
  readonly sample: Table;
}

/** What was found in a column. */
export interface Item {
  readonly column: string;
  readonly figure: number;
  /** The whole message, if few columns have the same. */
  readonly message: string;
  /** What is said behind the column's name, if many have. */
  readonly short: string;
}

/** Columns in which the same was found. */
export interface Group {
  readonly kind: Finding["kind"];
  readonly severity: Finding["severity"];
  readonly items: readonly Item[];
  /** Before the list of columns: `12 columns have missing cells`. */
  readonly head: (count: number) => string;
  /** What to do. */
  readonly advice: string;
}

/** Each column has a finding of its own up to this number; more are one finding. */
const MOST_ALONE = 3;
/** Columns that one finding names. */
const MOST_NAMED = 5;

/** The findings of a group. */
export function findingsOf({ kind, severity, items, head, advice }: Group): Finding[] {
  if (items.length <= MOST_ALONE) {
    return items.map(({ column, figure, message }) => ({ kind, severity, column, message, figure }));
  }
  const sorted = items.toSorted((a, b) => b.figure - a.figure);
  const names = sorted.slice(0, MOST_NAMED).map(({ column, short }) => `${valueText(column)} (${short})`);
  const more = items.length - names.length;
  const list = more > 0 ? `${names.join(", ")} and ${more} more` : names.join(", ");
  const message = `${head(items.length)}: ${list}; ${advice}`;
  return [{ kind, severity, columns: sorted.map(({ column }) => column), message, figure: sorted[0]!.figure }];
}

/** `30 %`, `0.4 %`; never 0 % of something, nor 100 % of less than all. */
export function percent(share: number): string {
  const value = share * 100;
  if (share > 0 && value < 0.1) return "less than 0.1 %";
  if (share < 1 && value > 99.9) return "more than 99.9 %";
  return value < 10 || value > 90 ? `${Number(value.toFixed(1))} %` : `${value.toFixed(0)} %`;
}

/** A number in at most 4 digits. */
export const about = (value: number): string => String(Number(value.toPrecision(4)));

/** A figure in three decimals, 1 only if it is. */
export const figure = (value: number): string => (value < 1 && value >= 0.9995 ? "0.999" : value.toFixed(3));

/** A column that holds cells of numbers or dates. */
export const isNumeric = (column: Column): boolean => column.values !== undefined;

/** What models use as it is: no identifier, no text, not the same everywhere. */
export const isUsable = ({ type }: Column): boolean => type !== "identifier" && type !== "text" && type !== "constant";

/** What is chosen to leave a column out: `leave it out (columns: { id: "drop" } or --drop id)`. */
export function leaveOut(name: string): string {
  const plain = /^[A-Za-z_$][\w$]*$/.test(name);
  const quoted = valueText(name);
  return `leave it out (columns: { ${plain ? name : quoted}: "drop" } or --drop ${plain ? name : quoted})`;
}

/** Findings come by chance in one of this many reports at most. */
const REPORTS = 1000;

/** How likely each of a number of tests may find something by chance. */
export const levelOf = (tests: number): number => Math.max(2 ** -33, 1 / (REPORTS * Math.max(1, tests)));

/** A distance from the mean in standard deviations that a normal number has with at most this probability, in either direction. */
export const normalLimit = (level: number): number => Math.sqrt(-2 * ln(level));

/** How many of sorted numbers are below a value; `orEqual`: or equal to it. */
export function countBelow(sorted: Float64Array, value: number, orEqual: boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const here = sorted[middle]!;
    if (here < value || (orEqual && here === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
