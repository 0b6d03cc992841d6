// Which rows of a table are trained on, which choose when to stop, and which measure the result.
import { counted, filledRows } from "../data/columns.ts";
import type { SplitBy } from "../data/divide.ts";
import { type FoldOptions, foldRows, splitRows } from "../data/split.ts";
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

/** Parts of a table: their rows by their positions in it, and how many rows have no target. */
export interface Parts {
  /** All rows that have a target. */
  readonly all: Uint32Array;
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
  readonly test: Uint32Array | undefined;
  readonly left: number;
  readonly how: string;
}

/** The fewest rows that are divided. */
const FEWEST = 10;

/** Divides the rows that have a target: by class, at random, or by time where it is a series. */
export function partsOf(where: string, table: Table, target: string, task: Task, options: PartsOptions): Parts {
  const all = filledRows(table.column(target));
  const left = table.rows - all.length;
  if (all.length < FEWEST) {
    const few = `${counted(all.length, "row")} with a ${valueText(target)} ${all.length === 1 ? "is" : "are"}`;
    throw new RangeError(`${where}: ${few} too few to learn from; at least ${FEWEST} are needed`);
  }
  const { validation, test } = options;
  const way = wayOf(target, task, options);
  const divided = splitRows(where, left === 0 ? table : table.take(all), {
    ...way,
    validation,
    ...(test === undefined ? {} : { test }),
  });
  const ways = {
    random: "at random",
    stratified: "at random, of each class its share",
    group: `whole groups of ${valueText(options.group)}`,
    time: `by ${valueText(options.time)}, the last rows ${test === undefined ? "to validate" : "to test"}`,
  };
  const unknown = left === 0 ? "" : `; ${counted(left, "row")} without ${valueText(target)} left out`;
  const given = (rows: Uint32Array): Uint32Array => rows.map((row) => all[row]!);
  return {
    all,
    train: given(divided.train),
    validation: given(divided.validation!),
    test: divided.test && given(divided.test),
    left,
    // without what was rounded: whole rows are what counts
    how: `${divided.reason.split(";")[0]}; ${ways[way.by]}${unknown}`,
  };
}

/** Rows to train on and to choose by, and those to test with, of each fold of a cross-validation. */
export function foldsOf(
  where: string,
  table: Table,
  k: number,
  target: string,
  task: Task,
  options: PartsOptions,
  name: string,
): { readonly parts: Parts; readonly rows: Table; readonly test: Table }[] {
  const all = filledRows(table.column(target));
  const known = all.length === table.rows ? table : table.take(all);
  return foldRows(where, known, k, wayOf(target, task, options), name).map(({ train, test }) => {
    if (train.length < FEWEST) {
      throw new RangeError(
        `${where}: with ${name}: ${k} a network is trained on ${counted(train.length, "row")}, which are too few to learn from; at least ${FEWEST} are needed`,
      );
    }
    const rows = known.take(train);
    return { parts: partsOf(where, rows, target, task, options), rows, test: known.take(test) };
  });
}

/** How rows are divided: as the options say, or by the task. */
function wayOf(
  target: string,
  task: Task,
  { by: given, group, time, seed }: PartsOptions,
): FoldOptions & { readonly by: SplitBy } {
  const by = given ?? (task === "classification" ? "stratified" : task === "series" ? "time" : "random");
  return {
    by,
    ...(by === "stratified" ? { target } : {}),
    ...(by === "group" ? { group: group! } : {}),
    ...(by === "time" ? { time: time! } : {}),
    seed,
  };
}
