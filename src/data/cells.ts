// The cells of a column as they are read: numbers, and words by their place in a list of the different ones.
import { checkKind, isRecord, kindOf, valueText } from "../util/check.ts";

/** A column as it was read. */
export interface Cells {
  /** How many cells there are. */
  readonly count: number;
  /** The numbers, NaN where a cell is a word; undefined if no cell is a number. They are joined when they are first read. */
  readonly numbers: Float64Array | undefined;
  /** What the numbers are like. */
  readonly steps: Steps;
  /** The different words, in the order in which they came; the empty cell is word 0. */
  readonly words: readonly string[];
  /** How many cells are each word. */
  readonly counts: Uint32Array;
  /** The rows whose cells are words, from the first to the last; undefined if all are. */
  readonly wordRows: Uint32Array | undefined;
  /** The word in each of these rows. */
  readonly wordCodes: Int32Array;
  /** How many numbers were written with a point, and how many of them could be thousands: one to three digits, a point and three more. */
  readonly points: readonly [all: number, ofThousands: number];
  /** The rows of those that are whole numbers all the same, `2.000`. */
  readonly wholeRows: Uint32Array;
}

/** Cells of the first chunk, and of all later ones at most: a column grows by chunks, which are never copied while it does. */
const FIRST_CHUNK = 64;
const LARGEST_CHUNK = 16384;

/** From here to twice as much, float64 stand for words: no cell is such a number, as it is far beyond float32. */
const FIRST_WORD = 2 ** 1000;
const PER_WORD = 2 ** 968; // FIRST_WORD / 2^32

/** The largest number of different words that a `Map` can hold. */
const MOST_WORDS = 2 ** 24 - 1;

const OF_THOUSANDS = /^[+-]?[1-9]\d{0,2}\.\d{3}$/;

const POWERS = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/**
 * Takes the cells of a column one after another. As long as all are words, their codes are kept as int32: half of what numbers take.
 */
export class CellStore {
  readonly #name: string;
  /** The function that errors name. */
  readonly #where: string;
  /** How many cells the first chunk has room for. */
  readonly #room: number;
  /** Codes of words, as long as there is nothing else. */
  #codeChunks: Int32Array[] = [];
  #codeChunk: Int32Array = new Int32Array(0);
  readonly #chunks: Float64Array[] = [];
  #chunk: Float64Array = new Float64Array(0);
  #place = 0;
  #count = 0;
  #wordCells = 0;
  readonly #codes = new Map<string, number>([["", 0]]);
  readonly #words = [""];
  readonly #counts = [0];
  #points = 0;
  #ofThousands = 0;
  #wholeRows: number[] = [];
  /** The word that came last: it often comes again. */
  #lastWord = "";
  #lastCode = 0;

  constructor(name: string, where = "table", room = FIRST_CHUNK) {
    this.#name = name;
    this.#where = where;
    this.#room = Math.max(1, Math.min(room, LARGEST_CHUNK));
  }

  /** Adds empty cells until there are as many as `count`. */
  fill(count: number): void {
    while (this.#count < count) this.#addWord("");
  }

  /** Adds the cell of each row that stands at a place. */
  addRows(rows: readonly (readonly unknown[])[], place: number): void {
    for (const row of rows) this.add(row[place]);
  }

  /**
   * Adds a cell: a number, a text, a boolean, a date or nothing.
   *
   * @throws {TypeError} if it is anything else
   */
  add(cell: unknown): void {
    if (typeof cell === "string") this.#addText(cell);
    else if (typeof cell === "number") this.#addNumber(cell);
    else if (cell === null || cell === undefined) this.#addWord("");
    else if (typeof cell === "boolean") this.#addWord(String(cell));
    else if (typeof cell === "bigint") this.#addText(String(cell));
    else {
      const kind = "a number, a string, true or false, a Date or null";
      checkKind(
        kindOf(cell) === "Date",
        this.#where,
        `column ${valueText(this.#name)}, row ${this.#count},`,
        kind,
        cell,
        Array.isArray(cell) || isRecord(cell) ? partsAdvice(this.#where, this.#name) : undefined,
      );
      const date = cell as Date;
      this.#addWord(Number.isNaN(date.getTime()) ? "" : date.toISOString());
    }
  }

  /** What there is, laid out for reading; the store is empty afterwards. */
  finish(): Cells {
    const wordRows = this.#wordCells < this.#count ? new Uint32Array(this.#wordCells) : undefined;
    const wordCodes = wordRows
      ? new Int32Array(this.#wordCells)
      : joinedChunks(this.#codeChunks, this.#count, Int32Array);
    let found = 0;
    let row = 0;
    for (const chunk of this.#chunks) {
      const end = Math.min(chunk.length, this.#count - row);
      for (let i = 0; i < end; i++, row++) {
        const value = chunk[i]!;
        if (value < FIRST_WORD) continue;
        chunk[i] = NaN;
        wordRows![found] = row;
        wordCodes[found++] = (value - FIRST_WORD) / PER_WORD;
      }
    }
    const count = this.#count;
    let chunks = [...this.#chunks];
    let joined: Float64Array | undefined;
    this.#chunks.length = 0;
    this.#chunk = new Float64Array(0);
    this.#codeChunks = [];
    this.#codeChunk = new Int32Array(0);
    this.#place = 0;
    return {
      count,
      get numbers() {
        if (chunks.length > 0) {
          joined = joinedChunks(chunks, count, Float64Array);
          chunks = [];
        }
        return joined;
      },
      steps: stepsOf(chunks, count),
      words: this.#words,
      counts: Uint32Array.from(this.#counts),
      wordRows,
      wordCodes,
      points: [this.#points, this.#ofThousands],
      wholeRows: Uint32Array.from(this.#wholeRows),
    };
  }

  #putCode(code: number): void {
    if (this.#chunks.length > 0) return void this.#put(FIRST_WORD + code * PER_WORD);
    if (this.#place === this.#codeChunk.length) {
      this.#codeChunk = new Int32Array(this.#size());
      this.#codeChunks.push(this.#codeChunk);
      this.#place = 0;
    }
    this.#codeChunk[this.#place++] = code;
    this.#count++;
  }

  /** Cells of the next chunk. */
  #size(): number {
    return Math.min(LARGEST_CHUNK, Math.max(this.#room, this.#count));
  }

  /** Lays out the codes that there are as numbers are. */
  #mix(): void {
    for (const codes of this.#codeChunks)
      this.#chunks.push(Float64Array.from(codes, (code) => FIRST_WORD + code * PER_WORD));
    if (this.#codeChunks.length > 0) this.#chunk = this.#chunks.at(-1)!;
    this.#codeChunks = [];
    this.#codeChunk = new Int32Array(0);
  }

  #put(value: number): void {
    if (this.#codeChunks.length > 0) this.#mix();
    if (this.#place === this.#chunk.length) {
      this.#chunk = new Float64Array(this.#size());
      this.#chunks.push(this.#chunk);
      this.#place = 0;
    }
    this.#chunk[this.#place++] = value;
    this.#count++;
  }

  #addNumber(value: number): void {
    if (Number.isNaN(value)) this.#addWord("");
    else if (fitsFloat32(value)) this.#put(value);
    else this.#addWord(String(value));
  }

  #addText(cell: string): void {
    const text = trimmed(cell);
    const value = plainNumber(text);
    if (value === undefined || !fitsFloat32(value)) {
      this.#addWord(text);
      return;
    }
    const point = text.indexOf(".");
    if (point >= 0) {
      this.#points++;
      // most cells are told by their length alone
      if (text.length - point === 4 && point < 5 && OF_THOUSANDS.test(text)) {
        this.#ofThousands++;
        if (Number.isInteger(value)) this.#wholeRows.push(this.#count);
      }
    }
    this.#put(value);
  }

  #addWord(word: string): void {
    let code = word === this.#lastWord ? this.#lastCode : this.#codes.get(word);
    if (code === undefined) {
      code = this.#words.length;
      if (code > MOST_WORDS) {
        throw new RangeError(
          `${this.#where}: column ${valueText(this.#name)} has more than ${MOST_WORDS} different texts; leave it out`,
        );
      }
      const own = copied(word);
      this.#codes.set(own, code);
      this.#words.push(own);
      this.#counts.push(0);
    }
    this.#lastWord = this.#words[code]!;
    this.#lastCode = code;
    this.#counts[code]!++;
    this.#wordCells++;
    this.#putCode(code);
  }
}

/** What to do with a cell that has parts of its own. */
function partsAdvice(where: string, name: string): string {
  const drop = where === "table" ? `leave the column out, { drop: [${valueText(name)}] }, or ` : "";
  return `; ${drop}join its parts to a text`;
}

function joinedChunks<A extends Float64Array | Int32Array>(
  chunks: readonly A[],
  count: number,
  Kind: new (length: number) => A,
): A {
  if (chunks.length === 1 && chunks[0]!.length === count) return chunks[0]!;
  const all = new Kind(count);
  let row = 0;
  for (const chunk of chunks) {
    all.set(chunk.subarray(0, count - row), row);
    row += chunk.length;
  }
  return all;
}

/** What numbers are like, leaving out NaN. */
export interface Steps {
  readonly least: number;
  readonly most: number;
  /** Whether all are whole numbers. */
  readonly whole: boolean;
  /** Whether none is missing, and each is 1 more than the one before. */
  readonly counting: boolean;
}

/** Looks at the first `count` numbers of arrays that follow each other. */
export function stepsOf(chunks: readonly Float64Array[], count: number): Steps {
  let [least, most, whole, counting] = [Infinity, -Infinity, true, true];
  let row = 0;
  let before = NaN;
  for (const chunk of chunks) {
    const end = Math.min(chunk.length, count - row);
    for (let i = 0; i < end; i++, row++) {
      const value = chunk[i]!;
      if (row > 0 && value !== before + 1) counting = false;
      before = value;
      if (value < least) least = value;
      if (value > most) most = value;
      if (whole && value === value && !Number.isInteger(value)) whole = false;
    }
  }
  return { least, most, whole, counting };
}

/** Does a number stay finite as float32? */
export const fitsFloat32 = (value: number): boolean => Number.isFinite(Math.fround(value));

/** Without spaces on both sides; most texts have none. */
function trimmed(text: string): string {
  const { length } = text;
  if (length === 0 || (isInk(text.charCodeAt(0)) && isInk(text.charCodeAt(length - 1)))) return text;
  return text.trim();
}

const isInk = (unit: number): boolean => unit > 32 && unit < 127;

/** A text of its own: a part of a longer one would keep all of it in memory. */
const copied = (text: string): string => (text.length < 13 ? text : `${text} `.slice(0, -1));

/**
 * The number that a text is, written with digits, a sign, a point and an exponent. Of what a number wouldn't keep, undefined: zeros
 * before other digits (`007`), and whole numbers of more than 15 digits. They are codes more often than not.
 */
export function plainNumber(text: string): number | undefined {
  const { length } = text;
  let i = 0;
  const sign = text.charCodeAt(0);
  if (sign === 45 || sign === 43) i++;
  const begin = i;
  let value = 0;
  let unit = 0;
  for (; i < length && (unit = text.charCodeAt(i)) >= 48 && unit <= 57; i++) value = value * 10 + (unit - 48);
  const whole = i - begin;
  if (whole > 1 && text.charCodeAt(begin) === 48) return undefined;
  if (whole > 15) return i < length ? numberOf(text) : undefined;
  if (i === length) return whole === 0 ? undefined : sign === 45 ? -value : value;
  if (unit !== 46) return whole > 0 && (unit === 69 || unit === 101) ? numberOf(text) : undefined;
  const point = i++;
  for (; i < length && (unit = text.charCodeAt(i)) >= 48 && unit <= 57; i++) value = value * 10 + (unit - 48);
  const decimals = i - point - 1;
  if (whole + decimals === 0) return undefined;
  // both are exact, so that the quotient is rounded once
  if (i < length || whole + decimals > 15) return numberOf(text);
  value /= POWERS[decimals]!;
  return sign === 45 ? -value : value;
}

const numberOf = (text: string): number | undefined =>
  /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
