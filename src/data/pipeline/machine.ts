// What computes a fitted pipeline: columns in, rows of numbers out.
import { counted } from "../columns.ts";
import type { ReadColumn } from "../columnReading.ts";
import type { Transformed } from "../tableTypes.ts";
import { type Encoder, encoderOf, type Tally } from "./encoder.ts";
import type { Fitted, FittedColumn, FittedTarget } from "./fitted.ts";
import { type Given, type Needed, unknownNote } from "./input.ts";
import { leftOut, targetNumbers } from "./target.ts";

/** Columns with what writes their features. */
interface Part {
  readonly column: FittedColumn;
  readonly encoder: Encoder;
  /** Where in a row of x its features begin. */
  readonly at: number;
}

/** What `transform` works with. */
export interface Machine {
  readonly fitted: Fitted;
  readonly parts: readonly Part[];
  /** Numbers of a row of x; of a series those of the target's rows before come last, from `lagsAt` on. */
  readonly width: number;
  readonly lagsAt: number;
  readonly needed: readonly Needed[];
  readonly target: Needed | undefined;
}

/** Numbers that x can have at most: 4 GB of float32. */
const MOST_NUMBERS = 2 ** 30;

/** What computes a fitted pipeline. */
export function machineOf(fitted: Fitted): Machine {
  let width = 0;
  const parts = fitted.columns.map((column): Part => {
    const encoder = encoderOf(column);
    const at = width;
    width += encoder.features.length;
    return { column, encoder, at };
  });
  const { target, series } = fitted;
  const needed: Needed[] = fitted.columns.map(({ name, reading, words }) => ({ name, reading, words }));
  if (series && !needed.some(({ name }) => name === series.time))
    needed.push({ name: series.time, reading: series.reading });
  return {
    fitted,
    parts,
    width: width + (series?.lags.length ?? 0),
    lagsAt: width,
    needed,
    // a series needs the values before
    target: target && { name: target.name, reading: target.reading, words: target.classes, optional: !series },
  };
}

/** The inputs and targets of rows that have all columns, in their own order. */
export function transformGiven(where: string, machine: Machine, given: Given, withTarget: boolean): Transformed {
  const notes: string[] = [];
  const chosen = withTarget ? targetOf(machine, given, notes) : NO_TARGET;
  const count = chosen.rows?.length ?? given.rows;
  const x = featuresOf(where, machine, given, chosen.rows, count, notes);
  return Object.freeze<Transformed>({
    x,
    y: chosen.y,
    ...(chosen.targets && { targets: chosen.targets }),
    rows: chosen.rows ?? Uint32Array.from({ length: count }, (_, i) => i),
    notes: Object.freeze(notes),
  });
}

/** Rows that are written together: of x, what the processor's cache holds. */
const ROWS = 2048;

/**
 * The features of the columns, of some rows; those of the target's rows before are 0. The `first` rows are only there for those after them,
 * and stay 0.
 */
export function featuresOf(
  where: string,
  { parts, width }: Machine,
  given: Given,
  rows: Uint32Array | undefined,
  count: number,
  notes: string[],
  first = 0,
): Float32Array {
  checkSize(where, count, width);
  const x = new Float32Array(count * width);
  const writers = parts.map(({ column, encoder, at }) => {
    const cells = given.read(column);
    const tally: Tally = { clipped: 0, missing: 0, negative: 0, held: 0 };
    return { column, cells, tally, at, write: encoder.start(cells, rows, count, tally, first) };
  });
  for (let from = first; from < count; from += ROWS) {
    const to = Math.min(from + ROWS, count);
    for (const { write, at } of writers) write(from, to, x, at, width);
  }
  for (const { column, cells, tally } of writers) notes.push(...notesOf(column, cells, tally));
  return x;
}

function checkSize(where: string, count: number, width: number): void {
  if (count * width <= MOST_NUMBERS) return;
  throw new RangeError(
    `${where}: ${counted(count, "row")} of ${counted(width, "feature")} are too many for one array; transform some rows at a time, or train with pipeline.batches`,
  );
}

/** What is known of the target. */
interface ChosenTarget {
  readonly y: Float32Array | undefined;
  /** Numbers in the target's units. */
  readonly targets: Float64Array | undefined;
  /** The rows that have one; undefined for all. */
  readonly rows: Uint32Array | undefined;
}

const NO_TARGET: ChosenTarget = { y: undefined, targets: undefined, rows: undefined };

function targetOf({ fitted: { target }, target: needed }: Machine, given: Given, notes: string[]): ChosenTarget {
  if (!target || !needed || !given.names.includes(target.name)) return NO_TARGET;
  const cells = given.read(needed);
  const numbers = targetNumbers(target, cells);
  const kept = keptRows(target, cells, numbers, notes);
  if (kept?.length === 0 && given.rows > 0 && missingIn(cells) === given.rows) {
    notes.length = 0;
    return NO_TARGET; // a column to be filled in
  }
  const own = target.scale && cells.values!;
  return {
    y: kept ? Float32Array.from(kept, (row) => numbers[row]!) : Float32Array.from(numbers),
    targets: own && (kept ? Float64Array.from(kept, (row) => own[row]!) : own.slice()),
    rows: kept,
  };
}

function missingIn({ values, codes }: ReadColumn): number {
  let count = 0;
  for (const value of values ?? []) if (value !== value) count++;
  for (const code of codes ?? []) if (code === -1) count++;
  return count;
}

function keptRows(
  target: FittedTarget,
  cells: ReadColumn,
  numbers: Float64Array,
  notes: string[],
): Uint32Array | undefined {
  const kept: number[] = [];
  for (let row = 0; row < numbers.length; row++) if (numbers[row] === numbers[row]) kept.push(row);
  if (kept.length === numbers.length) return undefined;
  const missing = missingIn(cells);
  notes.push(...leftOut(target, cells, missing, numbers.length - kept.length - missing));
  return Uint32Array.from(kept);
}

/** What was done with odd cells of a column. */
function notesOf(column: FittedColumn, cells: ReadColumn, tally: Tally): string[] {
  const { name, steps } = column;
  const last = steps.at(-1);
  const becomes =
    last?.step === "oneHot"
      ? last.other
        ? "taken as other"
        : "all its features are 0"
      : "-1 stands for a place in the order";
  const notes = unknownNote(name, cells, becomes);
  const are = (count: number): string => `${counted(count, "cell")} ${count === 1 ? "is" : "are"}`;
  if (tally.missing > 0) {
    const imputes = steps.find((step) => step.step === "impute");
    const what = imputes ? "done as the steps say" : "0 in all its features";
    notes.push(`${name}: ${are(tally.missing)} missing, ${what}, though none was in training`);
  }
  if (tally.negative > 0) notes.push(`${name}: ${are(tally.negative)} below 0 and taken as 0`);
  if (tally.clipped > 0)
    notes.push(`${name}: ${are(tally.clipped)} far beyond the training rows' and held at the bound`);
  if (tally.held > 0)
    notes.push(`${name}: ${are(tally.held)} far outside the training rows' time, where the trend is held`);
  return notes;
}
