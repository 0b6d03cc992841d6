// Tables whose columns have types, and views of some of their rows and columns.
import { checkKind, checkWhole, isNumbers, isRecord, valueText } from "../util/check.ts";
import { unknownText } from "../util/suggest.ts";
import type { ColumnReading } from "./columnReading.ts";
import type { Column, ColumnType, FitTableOptions, Pipeline, Table, Value } from "./tableTypes.ts";

/** What a column is made of: those of all rows. */
export interface ColumnParts {
  readonly name: string;
  readonly type: ColumnType;
  readonly reason: string;
  readonly values?: Float64Array;
  readonly codes?: Int32Array;
  readonly words?: readonly string[];
  /** How its cells were read; undefined of what wasn't read of cells. */
  readonly reading?: ColumnReading;
}

/** Fits a pipeline; it is given to tables, which don't know of pipelines. */
export type FitTable = (
  table: Table,
  readings: ReadonlyMap<string, ColumnReading>,
  options: FitTableOptions,
) => Pipeline;

/** Some of the rows that there are: from one on, or at positions; undefined for all. */
type Choice = Uint32Array | { readonly from: number; readonly count: number } | undefined;

/** The table of columns that are laid out. `fit` fits its pipelines. */
export function tableOf(rows: number, columns: readonly ColumnParts[], fit: FitTable): Table {
  return new View(rows, columns, undefined, fit);
}

/** The table in which the cells of one column stand in another order; the other columns are shared. */
export function withColumnOrder(table: Table, name: string, order: Uint32Array): Table {
  const parts = table.columns.map((column): ColumnParts => {
    const { type, reason, values, codes, words } = column;
    const choice = column.name === name ? order : undefined;
    return {
      name: column.name,
      type,
      reason,
      ...(values && { values: chosen(values, choice) }),
      ...(codes && { codes: chosen(codes, choice) }),
      ...(words && { words }),
    };
  });
  // what is fitted on a column doesn't depend on the order of its cells
  return tableOf(table.rows, parts, (_table, _readings, options) => table.fit(options));
}

/** The positions of the rows in which a column's cell isn't missing. */
export function filledRows({ values, codes }: Column): Uint32Array {
  const rows = new Uint32Array((values ?? codes!).length);
  let count = 0;
  for (let row = 0; row < rows.length; row++) {
    if (values ? !Number.isNaN(values[row]!) : codes![row]! >= 0) rows[count++] = row;
  }
  return rows.slice(0, count);
}

/** Refuses what isn't a table with types. */
export function checkTable(where: string, table: Table): void {
  const isTable =
    typeof table === "object" && table !== null && typeof table.take === "function" && Array.isArray(table.columns);
  const advice = isRecord(table) ? "; call infer()" : "";
  checkKind(isTable, where, "table", "a table with types, made by table(...).infer()", table, advice);
}

class ColumnView implements Column {
  readonly #parts: ColumnParts;
  readonly #choice: Choice;
  #values: Float64Array | undefined;
  #codes: Int32Array | undefined;
  #missing = -1;

  constructor(parts: ColumnParts, choice: Choice) {
    this.#parts = parts;
    this.#choice = choice;
  }

  get name(): string {
    return this.#parts.name;
  }

  get type(): ColumnType {
    return this.#parts.type;
  }

  get reason(): string {
    return this.#parts.reason;
  }

  get words(): readonly string[] | undefined {
    return this.#parts.words;
  }

  get values(): Float64Array | undefined {
    if (this.#values === undefined) {
      const all = this.#parts.values;
      this.#values = all && chosen(all, this.#choice);
    }
    return this.#values;
  }

  get codes(): Int32Array | undefined {
    this.#codes ??= this.#parts.codes && chosen(this.#parts.codes, this.#choice);
    return this.#codes;
  }

  get missing(): number {
    if (this.#missing < 0) {
      let count = 0;
      for (const value of this.values ?? []) if (value !== value) count++;
      for (const code of this.codes ?? []) if (code < 0) count++;
      this.#missing = count;
    }
    return this.#missing;
  }

  at(row: number): Value {
    const position = placeOf(row, this.#choice);
    const { type, values, codes, words } = this.#parts;
    if (values) {
      const value = values[position] ?? NaN;
      return Number.isNaN(value) ? null : type === "date" ? new Date(value) : value;
    }
    const code = codes?.[position] ?? -1;
    return code < 0 ? null : type === "boolean" ? code === 1 : words![code]!;
  }
}

class View implements Table {
  readonly rows: number;
  readonly columns: readonly Column[];
  readonly #parts: readonly ColumnParts[];
  readonly #choice: Choice;
  readonly #byName: ReadonlyMap<string, Column>;
  readonly #fit: FitTable;

  constructor(rows: number, parts: readonly ColumnParts[], choice: Choice, fit: FitTable) {
    this.rows = rows;
    this.#parts = parts;
    this.#choice = choice;
    this.columns = Object.freeze(parts.map((each) => new ColumnView(each, choice)));
    this.#byName = new Map(this.columns.map((column) => [column.name, column]));
    this.#fit = fit;
    Object.freeze(this);
  }

  column(name: string): Column {
    return this.#byName.get(name) ?? this.#refuse("column", name);
  }

  select(names: readonly string[]): Table {
    checkKind(Array.isArray(names), "select", "names", "an array of columns' names", names);
    const parts = Array.from(names, (name, i) => {
      if (names.indexOf(name) < i) throw new RangeError(`select: column ${valueText(name)} is named twice`);
      return this.#parts.find((each) => each.name === name) ?? this.#refuse("select", name);
    });
    return new View(this.rows, parts, this.#choice, this.#fit);
  }

  take(rows: ArrayLike<number>): Table {
    checkKind(isNumbers(rows), "take", "rows", "an array of positions from 0", rows);
    const { length } = rows;
    let consecutive = length > 0;
    for (let i = 0; i < length; i++) {
      const row = rows[i]!;
      if (!(row >= 0 && row < this.rows && Number.isInteger(row))) {
        const rule = this.rows === 0 ? "a row's, but there are none" : `a whole number from 0 to ${this.rows - 1}`;
        throw new RangeError(`take: position ${i} must be ${rule}, got ${valueText(row)}`);
      }
      consecutive &&= i === 0 || row === rows[i - 1]! + 1;
    }
    const choice = this.#choice;
    if (consecutive && !isList(choice)) {
      return new View(length, this.#parts, { from: placeOf(rows[0]!, choice), count: length }, this.#fit);
    }
    return new View(
      length,
      this.#parts,
      Uint32Array.from({ length }, (_, i) => placeOf(rows[i]!, choice)),
      this.#fit,
    );
  }

  filterRows(keep: (row: Readonly<Record<string, Value>>, position: number) => boolean): Table {
    checkKind(typeof keep === "function", "filterRows", "keep", "a function of a row", keep);
    const kept: number[] = [];
    for (let row = 0; row < this.rows; row++) if (keep(this.#row(row), row)) kept.push(row);
    return this.take(kept);
  }

  fit(options: FitTableOptions = {}): Pipeline {
    const read = this.#parts.flatMap(({ name, reading }) => (reading ? [[name, reading] as const] : []));
    return this.#fit(this, new Map(read), options);
  }

  toString(width = 80): string {
    checkWhole("toString", "width", width, 40);
    return tableText(this, width);
  }

  *[Symbol.iterator](): Iterator<Record<string, Value>> {
    for (let row = 0; row < this.rows; row++) yield this.#row(row);
  }

  #row(row: number): Record<string, Value> {
    return Object.fromEntries(this.columns.map((column) => [column.name, column.at(row)]));
  }

  #refuse(where: string, name: unknown): never {
    checkKind(typeof name === "string", where, "the name", "a column's name", name);
    throw new RangeError(`${where}: ${unknownText("column", name as string, [...this.#byName.keys()])}`);
  }
}

const isList = (choice: Choice): choice is Uint32Array => choice !== undefined && !("from" in choice);

const placeOf = (row: number, choice: Choice): number =>
  choice === undefined ? row : isList(choice) ? (choice[row] ?? -1) : choice.from + row;

function chosen<A extends Float64Array | Int32Array>(all: A, choice: Choice): A {
  if (choice === undefined) return all;
  if (!isList(choice)) return all.subarray(choice.from, choice.from + choice.count) as A;
  const some = new (all.constructor as new (length: number) => A)(choice.length);
  for (let i = 0; i < some.length; i++) some[i] = all[choice[i]!]!;
  return some;
}

/** A whole number with commas: 4,454. */
export const thousands = (count: number): string => count.toLocaleString("en-US");

/** `1 row`, `4,454 rows`. */
export const counted = (count: number, what: string): string => `${thousands(count)} ${what}${count === 1 ? "" : "s"}`;

/** A number in at most 6 digits. */
export const shortNumber = (value: number): string => String(Number(value.toPrecision(6)));

/** A date as text: without the time if it is midnight. */
export const dateText = (milliseconds: number): string =>
  new Date(milliseconds)
    .toISOString()
    .replace("T00:00:00.000Z", "")
    .replace(/:00\.000Z$|\.000Z$/, "")
    .replace("T", " ");

/** Its range, or its most frequent words. */
function contents(column: Column): string {
  if (column.values) {
    let [least, most] = [Infinity, -Infinity];
    for (const value of column.values) {
      if (value < least) least = value;
      if (value > most) most = value;
    }
    if (least > most) return "";
    const text = column.type === "date" ? dateText : shortNumber;
    return least === most ? text(least) : `${text(least)} to ${text(most)}`;
  }
  const counts = new Uint32Array(column.words!.length);
  for (const code of column.codes!) if (code >= 0) counts[code]!++;
  const present = Array.from(counts.keys()).filter((code) => counts[code]! > 0);
  const first = present.toSorted((a, b) => counts[b]! - counts[a]! || a - b).slice(0, 4);
  return `${first.map((code) => column.words![code]).join(", ")}${present.length > 4 ? ", ..." : ""}`;
}

function tableText(table: Table, width: number): string {
  const head = ["column", "type", "missing", "values"];
  const lines = table.columns.map((column) => [
    column.name,
    column.type,
    thousands(column.missing),
    contents(column).replaceAll(/\s+/g, " "),
  ]);
  const names = Math.min(Math.floor(width / 4), Math.max(6, ...lines.map(([name]) => widthOf(name!))));
  const rest = width - names - 2 - 10 - 2 - 9 - 2;
  const line = ([name, type, missing, values]: readonly string[]): string =>
    `${cut(name!, names)}  ${cut(type!, 10)}  ${missing!.padStart(9)}  ${cut(values!, rest)}`.trimEnd();
  const text = [`${counted(table.rows, "row")}, ${counted(table.columns.length, "column")}`, "", line(head)];
  for (const [i, each] of lines.entries()) text.push(line(each), ...wrapped(table.columns[i]!.reason, width));
  return text.join("\n");
}

/** How many columns of a terminal a character takes: Chinese ones two. */
const widthOfSign = (sign: string): number =>
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u.test(
    sign,
  )
    ? 2
    : 1;

export const widthOf = (text: string): number => [...text].reduce((sum, sign) => sum + widthOfSign(sign), 0);

/** A text filled up or cut to a width. */
export function cut(text: string, width: number): string {
  const own = widthOf(text);
  if (own <= width) return text + " ".repeat(width - own);
  let result = "";
  let used = 0;
  for (const sign of text) {
    used += widthOfSign(sign);
    if (used > width - 3) break;
    result += sign;
  }
  return `${result}...${" ".repeat(width - 3 - widthOf(result))}`;
}

/** A text in lines, each two columns to the right; words that are longer than a line are cut. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    const fitting = widthOf(word) > width - 2 ? cut(word, width - 2) : word;
    if (line !== "" && widthOf(line) + 1 + widthOf(fitting) > width - 2) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? fitting : ` ${fitting}`;
  }
  return [...lines, line].map((each) => `  ${each}`);
}
