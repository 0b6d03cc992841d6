// Which rows of a table are trained on, which choose when to stop, and which measure the result.
import { counted } from "../data/columns.ts";
import { split, type SplitBy } from "../data/split.ts";
import type { Table, Task } from "../data/tableTypes.ts";
import { valueText } from "../util/check.ts";

/** How a table is divided. */
export interface PartsOptions {
  /** The share of the rows to choose by, or their number. */
  readonly validation: number;
  /** The share of the rows to test with, or their number; undefined for none. */
  readonly test: number | undefined;
  /** Undefined: by the task. */
  readonly by: SplitBy | undefined;
  readonly group: string | undefined;
  readonly time: string | undefined;
  readonly seed: number;
}

/** Parts of a table, and how many rows have no target. */
export interface Parts {
  /** All rows that have a target. */
  readonly all: Table;
  readonly train: Table;
  readonly validation: Table;
  readonly test: Table | undefined;
  readonly left: number;
  readonly how: string;
}

/** The fewest rows that are divided. */
const FEWEST = 10;

/** The rows that have a target. */
export function withTarget(table: Table, target: string): Table {
  const { values, codes } = table.column(target);
  const known: number[] = [];
  for (let row = 0; row < table.rows; row++) {
    if (values ? !Number.isNaN(values[row]!) : codes![row]! >= 0) known.push(row);
  }
  return known.length === table.rows ? table : table.take(known);
}

/** Divides the rows that have a target: by class, at random, or by time where it is a series. */
export function partsOf(where: string, table: Table, target: string, task: Task, options: PartsOptions): Parts {
  const all = withTarget(table, target);
  const left = table.rows - all.rows;
  if (all.rows < FEWEST) {
    const few = `${counted(all.rows, "row")} with a ${valueText(target)} ${all.rows === 1 ? "is" : "are"}`;
    throw new RangeError(`${where}: ${few} too few to learn from; at least ${FEWEST} are needed`);
  }
  const { validation, test, seed, group, time } = options;
  const by = options.by ?? (task === "classification" ? "stratified" : task === "series" ? "time" : "random");
  const divided = split(all, {
    by,
    ...(by === "stratified" ? { target } : {}),
    ...(by === "group" && group !== undefined ? { group } : {}),
    ...(by === "time" && time !== undefined ? { time } : {}),
    validation,
    ...(test === undefined ? {} : { test }),
    seed,
  });
  const ways = {
    random: "at random",
    stratified: "at random, of each class its share",
    group: `whole groups of ${valueText(group)}`,
    time: `by ${valueText(time)}, the last rows ${test === undefined ? "to validate" : "to test"}`,
  };
  const unknown = left === 0 ? "" : `; ${counted(left, "row")} without ${valueText(target)} left out`;
  return {
    all,
    train: divided.train,
    validation: divided.validation!,
    test: divided.test,
    left,
    how: `${divided.reason}; ${ways[by]}${unknown}`,
  };
}
