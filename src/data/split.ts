// Parts of a table: to train on, to choose by, to test with.
import { checkKeys, checkKind, checkNumber, checkOneOf, checkWhole, valueText } from "../util/check.ts";
import { unknownText } from "../util/suggest.ts";
import { checkTable, counted, dateText, shortNumber, thousands } from "./columns.ts";
import type { Column, Table } from "./tableTypes.ts";
import { randomBits, shuffled } from "./random.ts";

/** How rows are divided. */
export type SplitBy = "random" | "stratified" | "group" | "time";

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

/** The stream of random numbers, apart from those of models and other data. */
const STREAM_SPLIT = 0x70000;

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

/** The part of each row. */
function divide(
  where: string,
  by: SplitBy,
  column: Column | undefined,
  rows: number,
  sizes: readonly number[],
  seed: number,
  notes: string[],
): Uint32Array {
  if (by === "time") return byTime(where, column!, sizes, notes);
  const order = shuffled(rows, randomBits(seed, STREAM_SPLIT));
  if (by === "group") return byGroup(where, column!, order, sizes);
  // random is one class of all rows
  const { classes, names } =
    by === "stratified" ? classesOf(where, column!) : { classes: new Uint32Array(rows), names: [""] };
  const left = allot(countsOf(classes, names.length), sizes);
  const part = new Uint32Array(names.length);
  const places = new Uint32Array(rows);
  for (const row of order) {
    const label = classes[row]!;
    while (left[label]![part[label]!] === 0) part[label]!++;
    left[label]![part[label]!]!--;
    places[row] = part[label]!;
  }
  return places;
}

/** The class of each row: its word, or its number; missing cells are a class of their own. */
function keysOf(column: Column): { classes: Uint32Array; names: string[] } {
  const { codes, values, words } = column;
  const places = new Map<number, number>();
  const names: string[] = [];
  const from = codes ?? values!;
  const classes = new Uint32Array(from.length);
  for (let row = 0; row < from.length; row++) {
    const key = from[row]!;
    let place = places.get(key); // a map finds NaN
    if (place === undefined) {
      place = names.length;
      places.set(key, place);
      const isMissing = codes ? key < 0 : Number.isNaN(key);
      names.push(
        isMissing ? "missing" : codes ? valueText(words![key]) : column.type === "date" ? dateText(key) : String(key),
      );
    }
    classes[row] = place;
  }
  return { classes, names };
}

function classesOf(where: string, column: Column): { classes: Uint32Array; names: string[] } {
  const result = keysOf(column);
  const limit = Math.max(20, Math.floor(Math.sqrt(result.classes.length)));
  if (result.names.length > limit && column.type !== "category") {
    throw new RangeError(
      `${where}: target must be a column of classes, but ${valueText(column.name)} (${column.type}) has ${thousands(result.names.length)} different values; ` +
        'by: "random" needs none',
    );
  }
  return result;
}

function countsOf(classes: Uint32Array, count: number): Uint32Array {
  const counts = new Uint32Array(count);
  for (const label of classes) counts[label]!++;
  return counts;
}

/**
 * How many rows of each class come into each part: their shares, rounded up or down so that classes and parts have exactly their sizes.
 * That is always possible; rows left over after rounding down are placed one by one, and moved on where a part is full.
 */
function allot(counts: Uint32Array, sizes: readonly number[]): number[][] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const result = Array.from(counts, (count) => sizes.map((size) => Math.floor((count * size) / total)));
  const room = sizes.map((size, part) => size - result.reduce((sum, row) => sum + row[part]!, 0));
  const extra = result.map(() => new Set<number>());
  const mayTake = (label: number, part: number): boolean =>
    !extra[label]!.has(part) && (counts[label]! * sizes[part]!) % total !== 0;
  const place = (label: number, tried: Set<number>): boolean => {
    const open = sizes.map((_, part) => part).filter((part) => mayTake(label, part) && !tried.has(part));
    // the part whose share is rounded off most comes first
    const rest = (part: number): number => (counts[label]! * sizes[part]!) % total;
    for (const part of open.toSorted((a, b) => rest(b) - rest(a))) {
      if (tried.has(part)) continue;
      tried.add(part);
      if (room[part]! > 0) {
        room[part]!--;
        extra[label]!.add(part);
        return true;
      }
      for (let other = 0; other < extra.length; other++) {
        if (!extra[other]!.has(part) || other === label) continue;
        extra[other]!.delete(part);
        if (place(other, tried)) {
          extra[label]!.add(part);
          return true;
        }
        extra[other]!.add(part);
      }
    }
    return false;
  };
  result.forEach((row, label) => {
    const left = counts[label]! - row.reduce((sum, count) => sum + count, 0);
    for (let i = 0; i < left; i++) place(label, new Set());
  });
  return result.map((row, label) => row.map((count, part) => count + (extra[label]!.has(part) ? 1 : 0)));
}

/** Groups by chance, the large ones first, each to the part that lacks most rows. */
function byGroup(where: string, column: Column, order: Uint32Array, sizes: readonly number[]): Uint32Array {
  const { classes, names } = keysOf(column);
  const parts = sizes.filter((size) => size > 0).length;
  if (names.length < parts) {
    throw new RangeError(
      `${where}: ${valueText(column.name)} has ${counted(names.length, "group")}, fewer than the ${parts} parts; a group is in one part alone`,
    );
  }
  const counts = countsOf(classes, names.length);
  const groups = [...new Set(Array.from(order, (row) => classes[row]!))];
  const partOf = new Uint32Array(names.length);
  const lack = sizes.map((size) => (size > 0 ? size : -Infinity));
  const has = sizes.map(() => 0);
  const most = sizes.length > 3 || sizes.every((size) => size === sizes[0]);
  const turn = most ? groups.toSorted((a, b) => counts[b]! - counts[a]!) : groups;
  turn.forEach((group, i) => {
    const empty = sizes.map((_, part) => part).filter((part) => sizes[part]! > 0 && has[part] === 0);
    // the last groups are for parts that have none yet
    const open = turn.length - i <= empty.length ? empty : sizes.map((_, part) => part);
    const part = open.reduce((best, each) => (lack[each]! > lack[best]! ? each : best));
    partOf[group] = part;
    lack[part]! -= counts[group]!;
    has[part]!++;
  });
  return classes.map((group) => partOf[group]!);
}

function byTime(where: string, column: Column, sizes: readonly number[], notes: string[]): Uint32Array {
  const { values, name, type, missing } = column;
  if (!values) {
    throw new RangeError(
      `${where}: time must be a column of dates or numbers, but ${valueText(name)} is ${type}: ${column.reason}`,
    );
  }
  if (missing > 0) {
    throw new RangeError(
      `${where}: ${counted(missing, "cell")} of ${valueText(name)} ${missing === 1 ? "is" : "are"} missing, and every row needs a time; leave these rows out by filterRows`,
    );
  }
  const order = Uint32Array.from(values, (_, row) => row).toSorted((a, b) => values[a]! - values[b]! || a - b);
  const timeAt = (place: number): number => values[order[place]!]!;
  const places = new Uint32Array(values.length);
  let begin = 0;
  let planned = 0;
  let moved = 0;
  sizes.forEach((size, part) => {
    if (size === 0) return;
    planned += size;
    let end = planned;
    if (planned < values.length) {
      // to the nearest place between two times
      let [down, up] = [planned, planned];
      while (down > 0 && timeAt(down) === timeAt(down - 1)) down--;
      while (up < values.length && timeAt(up) === timeAt(up - 1)) up++;
      const canDown = down > begin;
      const canUp = up < values.length;
      end = canDown && (!canUp || planned - down <= up - planned) ? down : up;
      if (!canDown && !canUp) end = begin;
    }
    if (end <= begin) {
      throw new RangeError(
        `${where}: rows of the same time stay together, and ${valueText(name)} has too few different times for the parts`,
      );
    }
    moved += Math.abs(end - planned);
    for (let i = begin; i < end; i++) places[order[i]!] = part;
    begin = end;
  });
  if (moved > 0) notes.push(`rows of the same time stay together, which moved ${moved}`);
  return places;
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
