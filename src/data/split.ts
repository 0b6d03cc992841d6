// Parts of a table: to train on, to choose by, to test with.
import { checkKeys, checkKind, checkNumber, checkOneOf, checkWhole, valueText } from "../util/check.ts";
import { unknownText } from "../util/suggest.ts";
import { checkTable, counted, shortNumber, thousands } from "./columns.ts";
import { classesOf, countsOf, divide, type SplitBy } from "./divide.ts";
import type { Column, Table } from "./tableTypes.ts";

/** Options of `kFold`. */
export interface FoldOptions {
  /**
   * "random" (default); "stratified": each part has its share of every class of `target`; "group": rows with the same word or number in
   * `group` stay together; "time": the last rows by `time` are the test.
   */
  readonly by?: SplitBy;
  /** The column of classes, for "stratified". */
  readonly target?: string;
  /** The column of groups, for "group". */
  readonly group?: string;
  /** The column of dates or numbers, for "time". */
  readonly time?: string;
  /** Decides which rows come into which part; default 1. */
  readonly seed?: number;
}

/** Options of `split`. */
export interface SplitOptions extends FoldOptions {
  /** The share of the rows to test with, below 1, or their number; default 0.2 if there is no `validation`, or else none. */
  readonly test?: number;
  /** The share of the rows to choose by, below 1, or their number; default none. */
  readonly validation?: number;
}

/** Parts of a table. Each has its rows in the order of the table. */
export interface Split {
  /** The rows to train on. */
  readonly train: Table;
  /** The rows to choose by, where they are asked for. */
  readonly validation?: Table;
  /** The rows to test with, where they are asked for. */
  readonly test?: Table;
  /** How many rows went where, and what was rounded, in words. */
  readonly reason: string;
}

/** Positions of the rows of the parts. */
export interface SplitRows {
  readonly train: Uint32Array;
  readonly validation: Uint32Array | undefined;
  readonly test: Uint32Array | undefined;
  readonly reason: string;
}

/** A pair of `kFold`. */
export interface Fold {
  /** The rows to train on. */
  readonly train: Table;
  /** The rows to test with. */
  readonly test: Table;
}

const BY: readonly SplitBy[] = ["random", "stratified", "group", "time"];
/** Which option names the column that a way needs. */
const COLUMN_FOR = { stratified: "target", group: "group", time: "time" } as const;

/**
 * Divides a table in two or three. A share of the rows is rounded to whole rows, which the `reason` says; "stratified" has of every class
 * its share of each part within one row. With "group" the parts come as near as whole groups allow. With "time" the last rows are the
 * test, those before them the validation; rows of the same time stay together.
 *
 * @param options.by "random" (default), "stratified", "group" or "time"
 * @param options.test the share or number of rows to test with; default 0.2 without `validation`, otherwise none
 * @param options.validation the share or number of rows to choose by; default none
 * @param options.target the column of classes, for "stratified"
 * @param options.group the column of groups, for "group"
 * @param options.time the column of dates or numbers, for "time"
 * @param options.seed decides which rows come into which part; default 1
 * @throws {TypeError | RangeError} if an option can't be used, a column isn't there, there are too few rows or groups for the parts, or
 *   cells of `time` are missing
 * @example
 * const rows = Array.from({ length: 100 }, (_, i) => ({ size: i % 7, repaid: i % 4 ? "yes" : "no" }));
 * const loans = table(rows).infer();
 * const { train, test, reason } = split(loans, { by: "stratified", target: "repaid", test: 0.3 });
 * console.log(train.rows, test?.rows, reason); // 70, 30, "100 rows: 70 to train, 30 to test"
 */
export function split(table: Table, options: SplitOptions = {}): Split {
  checkKeys("split", options, ["by", "test", "validation", "target", "group", "time", "seed"], {
    testsize: "test",
    stratify: "target",
    groups: "group",
    randomstate: "seed",
  });
  const { train, validation, test, reason } = splitRows("split", table, options);
  return {
    train: table.take(train),
    ...(validation ? { validation: table.take(validation) } : {}),
    ...(test ? { test: table.take(test) } : {}),
    reason,
  };
}

/** Refuses what is neither a share of rows nor a number of them. */
export function checkShare(where: string, name: string, value: number): void {
  const holds = typeof value === "number" && value > 0 && (value < 1 || Number.isInteger(value));
  checkNumber(holds, where, name, "a share of the rows above 0 and below 1, or a number of rows", value);
}

/** What `split` does, in the name of another function. */
export function splitRows(where: string, table: Table, options: SplitOptions): SplitRows {
  const { by, column, seed } = checkFoldOptions(where, table, options);
  const { rows } = table;
  const { validation, test = validation === undefined ? 0.2 : undefined } = options;
  const notes: string[] = [];
  const sizeOf = (name: string, value: number | undefined): number => {
    if (value === undefined) return 0;
    checkShare(where, name, value);
    const exact = value < 1 ? value * rows : value;
    const size = Math.round(exact);
    if (Math.abs(exact - size) > 1e-6) notes.push(`${shortNumber(value * 100)} % is ${shortNumber(exact)}`);
    return size;
  };
  const [tested, validated] = [sizeOf("test", test), sizeOf("validation", validation)];
  const sizes = [rows - tested - validated, validated, tested];
  const wanted = [true, validation !== undefined, test !== undefined];
  sizes.forEach((size, part) => {
    if (wanted[part] && size < 1) {
      throw new RangeError(
        `${where}: ${counted(rows, "row")} ${rows === 1 ? "is" : "are"} too few: ${counted(Math.max(0, sizes[0]!), "row")} to train, ${validated} to validate, ${tested} to test; ` +
          (sizes[0]! < 0 ? "take smaller parts: " : "") +
          "every part needs at least 1",
      );
    }
  });
  const places = divide(where, by, column, rows, sizes, seed, notes);
  const parts = partsOf(places, 3);
  const counts = parts.map(({ length }) => thousands(length));
  const text = [`${counts[0]} to train`, wanted[1] && `${counts[1]} to validate`, wanted[2] && `${counts[2]} to test`];
  const reason = [`${counted(rows, "row")}: ${text.filter((each) => each !== false).join(", ")}`, ...notes].join("; ");
  return {
    train: parts[0]!,
    validation: wanted[1] ? parts[1] : undefined,
    test: wanted[2] ? parts[2] : undefined,
    reason,
  };
}

/**
 * Divides a table into k parts of nearly the same size, and gives k pairs: each part is the test once, the others train. With "time" rows
 * are divided into k + 1 parts by their time, and each but the first is tested after training on all before it: never on what came later.
 *
 * @param k how many pairs, 2 or more
 * @param options as of `split`, without `test` and `validation`
 * @throws {TypeError | RangeError} if an option can't be used, a column isn't there, there are fewer rows or groups than parts, a class of
 *   `target` has fewer rows than k, or cells of `time` are missing
 * @example
 * const days = table({ day: Array.from({ length: 60 }, (_, i) => 2 * i), sold: Array.from({ length: 60 }, (_, i) => i % 7) }).infer();
 * for (const { train, test } of kFold(days, 5, { by: "time", time: "day" })) console.log(train.rows, test.rows); // 10 10, 20 10, ...
 */
export function kFold(table: Table, k: number, options: FoldOptions = {}): Fold[] {
  checkKeys("kFold", options, ["by", "target", "group", "time", "seed"], {
    stratify: "target",
    groups: "group",
    randomstate: "seed",
  });
  return foldRows("kFold", table, k, options).map(({ train, test }) => ({
    train: table.take(train),
    test: table.take(test),
  }));
}

/** What `kFold` does, in the name of another function: positions of rows. `name`: what `k` is called there. */
export function foldRows(
  where: string,
  table: Table,
  k: number,
  options: FoldOptions,
  name = "k",
): { readonly train: Uint32Array; readonly test: Uint32Array }[] {
  const { by, column, seed } = checkFoldOptions(where, table, options);
  checkWhole(where, name, k, 2);
  const { rows } = table;
  const parts = by === "time" ? k + 1 : k;
  if (rows < parts)
    throw new RangeError(
      `${where}: ${counted(rows, "row")} can't be divided into ${parts} parts; at most ${rows} are there`,
    );
  if (by === "stratified") {
    const { classes, names } = classesOf(where, column!);
    const counts = countsOf(classes, names.length);
    counts.forEach((count, label) => {
      if (count < k) {
        throw new RangeError(
          `${where}: class ${names[label]} of ${valueText(column!.name)} has ${counted(count, "row")}, fewer than the ${k} parts; ` +
            `take a smaller ${name}, or leave its rows out`,
        );
      }
    });
  }
  const sizes = Array.from(
    { length: parts },
    (_, i) => Math.floor((rows * (i + 1)) / parts) - Math.floor((rows * i) / parts),
  );
  const places = divide(where, by, column, rows, sizes, seed, []);
  return Array.from({ length: k }, (_, i) => {
    const tested = by === "time" ? i + 1 : i;
    const train = rowsWhere(places, (part) => (by === "time" ? part < tested : part !== tested));
    return { train, test: rowsWhere(places, (part) => part === tested) };
  });
}

function checkFoldOptions(
  where: string,
  table: Table,
  options: FoldOptions,
): { by: SplitBy; column: Column | undefined; seed: number } {
  checkTable(where, table);
  const { by = "random", seed = 1 } = options;
  checkOneOf(where, "by", by, BY);
  checkWhole(where, "seed", seed, 0, Number.MAX_SAFE_INTEGER);
  for (const [way, key] of Object.entries(COLUMN_FOR)) {
    if (options[key] !== undefined && way !== by) {
      throw new TypeError(`${where}: ${key} is for by: "${way}", but by is "${by}"; leave one out`);
    }
  }
  if (by === "random") return { by, column: undefined, seed };
  const key = COLUMN_FOR[by];
  const name = options[key];
  checkKind(typeof name === "string", where, key, `the name of a column, by: "${by}" needs it`, name);
  const names = table.columns.map((column) => column.name);
  if (!names.includes(name!)) throw new RangeError(`${where}: ${key}: ${unknownText("column", name!, names)}`);
  return { by, column: table.column(name!), seed };
}

function rowsWhere(places: Uint32Array, holds: (part: number) => boolean): Uint32Array {
  let count = 0;
  for (const part of places) if (holds(part)) count++;
  const rows = new Uint32Array(count);
  for (let row = 0, i = 0; row < places.length; row++) if (holds(places[row]!)) rows[i++] = row;
  return rows;
}

const partsOf = (places: Uint32Array, count: number): Uint32Array[] =>
  Array.from({ length: count }, (_, part) => rowsWhere(places, (each) => each === part));
