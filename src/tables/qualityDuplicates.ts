// Rows that are there twice: in training, and in training and another part.
import { counted } from "../data/columns.ts";
import type { Column, Table } from "../data/tableTypes.ts";
import { type Part, percent } from "./qualityFindings.ts";
import { sampleOf } from "./qualitySample.ts";
import type { Finding } from "./results.ts";

/** Of what share of a part on equal rows are a warning. */
const MANY_IN_TRAINING = 0.05;
const MANY_IN_OTHERS = 0.01;
/** A row may well be there twice by chance, if as many pairs as this share of those found are expected of columns that don't depend on each other. */
const BY_CHANCE = 0.05;

/** Rows that are equal in all columns but identifiers. Nothing is said where columns of few values make equal rows likely. */
export function duplicates(parts: readonly Part[]): Finding[] {
  const train = parts[0]!.table;
  const columns = train.columns.filter(({ type }) => type !== "identifier");
  const others = train.columns.length - columns.length;
  if (columns.length === 0 || train.rows === 0) return [];
  const seen = new Rows(columns, train.rows);
  const own = seen.addAll();
  const found: {
    readonly part: Part;
    readonly rows: readonly number[];
    readonly count: number;
    readonly like: number;
  }[] = [];
  if (own.count > 0) found.push({ part: parts[0]!, ...own });
  for (const part of parts.slice(1)) {
    if (!columns.every(({ name }) => part.table.columns.some((column) => column.name === name))) continue;
    const same = seen.find(
      columns.map(({ name }) => part.table.column(name)),
      part.table.rows,
    );
    if (same.count > 0) found.push({ part, ...same });
  }
  if (found.length === 0) return [];
  const chance = chanceOfPair(columns, train);
  return found.flatMap(({ part: { name, table }, rows, count, like }): Finding[] => {
    const pairs = name === "training" ? (train.rows * (train.rows - 1)) / 2 : train.rows * table.rows;
    if (chance * pairs > BY_CHANCE * count) return [];
    const share = count / table.rows;
    const but = others > 0 ? " but identifiers" : "";
    const rich = columns.some((column) => isRich(column));
    const doubt = rich ? "" : "; they may be different cases that look alike, as every column has few values";
    const example = `row ${rows[0]!} is row ${like}`;
    const equal = (whose: string): string =>
      `${counted(count, "row")} of ${whose} (${percent(share)}) ${count === 1 ? "is" : "are"} equal in all columns${but} to`;
    const [severity, message]: [Finding["severity"], string] =
      name === "training"
        ? [
            rich && share >= MANY_IN_TRAINING ? "warning" : "note",
            `${equal("training")} a row before (${example})${doubt}: remove what was entered twice before the table is divided, or it counts twice and comes into two parts`,
          ]
        : [
            rich && count > 1 && share >= MANY_IN_OTHERS ? "warning" : "note",
            `${equal(`the ${name}`)} one of training (${example} of training)${doubt}: what is known by heart makes the figures too good; remove duplicates before the table is divided, or keep what belongs together in one part (by: "group")`,
          ];
    return [{ kind: "duplicates", severity, message, figure: share }];
  });
}

/** Has a column so many values that equal rows are no chance? */
function isRich(column: Column): boolean {
  const cells = column.values ?? column.codes!;
  const most = Math.min(50, cells.length / 4);
  const different = new Set<number>();
  for (const cell of cells) {
    if (cell === cell && different.add(cell).size > most) return true;
  }
  return false;
}

/** How likely two rows are equal, if columns don't depend on each other. */
function chanceOfPair(columns: readonly Column[], train: Table): number {
  const sample = sampleOf(train, 10_000);
  let chance = 1;
  for (const { name } of columns) {
    const column = sample.column(name);
    const counts = new Map<number, number>();
    for (const cell of column.values ?? column.codes!) counts.set(cell, (counts.get(cell) ?? 0) + 1);
    const { rows } = sample;
    // pairs of different rows: a column of numbers that are all different has none
    let pairs = 0;
    for (const count of counts.values()) pairs += count * (count - 1);
    chance *= rows < 2 ? 0 : pairs / (rows * (rows - 1));
  }
  return chance;
}

/** A table of rows by their hashes. */
class Rows {
  readonly #columns: readonly Column[];
  readonly #hashes: Uint32Array;
  /** The first row of each hash, and 1 more; 0 where there is none. */
  readonly #places: Int32Array;

  constructor(columns: readonly Column[], rows: number) {
    this.#columns = columns;
    this.#hashes = hashesOf(columns, rows);
    let size = 16;
    while (size < 1.5 * rows) size *= 2;
    this.#places = new Int32Array(size);
  }

  /** Puts all rows in, and says which are equal to one before. */
  addAll(): { count: number; rows: number[]; like: number } {
    const hashes = this.#hashes;
    const rows: number[] = [];
    let [count, like] = [0, -1];
    for (let row = 0; row < hashes.length; row++) {
      const place = this.#placeOf(hashes[row]!, this.#columns, row);
      const first = this.#places[place]!;
      if (first === 0) this.#places[place] = row + 1;
      else {
        if (count++ === 0) like = first - 1;
        if (rows.length < 3) rows.push(row);
      }
    }
    return { count, rows, like };
  }

  /** Which rows of another table are equal to one of these. */
  find(columns: readonly Column[], count: number): { count: number; rows: number[]; like: number } {
    const hashes = hashesOf(columns, count);
    const rows: number[] = [];
    let [found, like] = [0, -1];
    for (let row = 0; row < count; row++) {
      const first = this.#places[this.#placeOf(hashes[row]!, columns, row)]!;
      if (first === 0) continue;
      if (found++ === 0) like = first - 1;
      if (rows.length < 3) rows.push(row);
    }
    return { count: found, rows, like };
  }

  /** Where an equal row is, or would be. */
  #placeOf(hash: number, columns: readonly Column[], row: number): number {
    const places = this.#places;
    const mask = places.length - 1;
    let place = hash & mask;
    for (; places[place]! !== 0; place = (place + 1) & mask) {
      const first = places[place]! - 1;
      if (this.#hashes[first] === hash && this.#isEqual(first, columns, row)) break;
    }
    return place;
  }

  #isEqual(own: number, columns: readonly Column[], row: number): boolean {
    return this.#columns.every((column, i) => {
      const other = columns[i]!;
      const [values, others] = [column.values, other.values];
      if (values && others) {
        const [a, b] = [values[own]!, others[row]!];
        return a === b || (a !== a && b !== b);
      }
      if (values || others) return false;
      const [a, b] = [column.codes![own]!, other.codes![row]!];
      if (a < 0 || b < 0) return a < 0 && b < 0;
      return column.words === other.words ? a === b : column.words![a] === other.words![b];
    });
  }
}

/** A hash of 32 bits of each row (the mixing of MurmurHash3). */
function hashesOf(columns: readonly Column[], rows: number): Uint32Array {
  const hashes = new Uint32Array(rows);
  const number = new Float64Array(1);
  const bits = new Uint32Array(number.buffer);
  for (const { values, codes, words } of columns) {
    if (values) {
      for (let row = 0; row < rows; row++) {
        const value = values[row]!;
        let [low, high] = [0, 0x7ff80000]; // missing
        if (value === value) {
          number[0] = value === 0 ? 0 : value; // of -0, too
          low = bits[0]!;
          high = bits[1]!;
        }
        hashes[row] = mixed(mixed(hashes[row]!, low), high);
      }
    } else {
      const own = Uint32Array.from(words!, hashOfText);
      for (let row = 0; row < rows; row++) hashes[row] = mixed(hashes[row]!, codes![row]! < 0 ? 1 : own[codes![row]!]!);
    }
  }
  for (let row = 0; row < rows; row++) hashes[row] = spread(hashes[row]!);
  return hashes;
}

function hashOfText(text: string): number {
  let hash = text.length;
  for (let i = 0; i < text.length; i++) hash = mixed(hash, text.charCodeAt(i));
  return spread(hash);
}

function mixed(hash: number, value: number): number {
  let k = Math.imul(value, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) >>> 0;
}

function spread(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
