// Which part each row comes into: by chance, by class, by whole groups, or by time.
import { valueText } from "../util/check.ts";
import { counted, dateText, thousands } from "./columns.ts";
import { randomBits, shuffled } from "./random.ts";
import type { Column } from "./tableTypes.ts";

/** How rows are divided. */
export type SplitBy = "random" | "stratified" | "group" | "time";

/** The stream of random numbers, apart from those of models and other data. */
const STREAM_SPLIT = 0x70000;

/** The part of each row. */
export function divide(
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

export function classesOf(where: string, column: Column): { classes: Uint32Array; names: string[] } {
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

export function countsOf(classes: Uint32Array, count: number): Uint32Array {
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
