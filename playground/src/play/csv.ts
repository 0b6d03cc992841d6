// A pasted table becomes points: the delimiter, the header and the decimal sign are guessed and can be changed; what is no number is
// listed with its line, and left out only when the user says so.
import { labelEncoder } from "wasmgrad/datasets";
import Papa from "papaparse";
import type { Text } from "../shell/text.ts";
import { MOST_CLASSES } from "../shell/codec.ts";

const DELIMITERS = ["\t", ";", "|", ",", " "] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** How a text is read; what isn't given is guessed. */
export interface Reading {
  readonly delimiter?: Delimiter | undefined;
  readonly header?: boolean | undefined;
  readonly decimal?: "." | "," | undefined;
}

/** A column of a table. */
export interface Column {
  readonly name: string;
  /** Cells that are numbers. */
  readonly numbers: number;
  /** Different cells, counted up to 100. */
  readonly distinct: number;
}

export interface Table extends Required<{ [K in keyof Reading]: NonNullable<Reading[K]> }> {
  readonly columns: readonly Column[];
  /** The cells, without the header and without empty lines. */
  readonly rows: readonly (readonly string[])[];
  /** Each row's line in the text, from 1. */
  readonly lines: readonly number[];
}

/** What is made of a table. */
export interface Choice {
  /** The columns of x: one or two, or more, of which the first two principal components are taken. */
  readonly x: readonly number[];
  readonly label: number;
  /** Labels are names of classes, or values to be met. */
  readonly task: "classes" | "values";
  readonly normalise: boolean;
  /** The user has seen the bad cells, and their rows may be left out. */
  readonly leaveOut: boolean;
}

/** A cell that can't be used. */
export interface BadCell {
  readonly line: number;
  readonly column: string;
  readonly cell: string;
  readonly why: Text;
}

/** Points of a table. */
export interface TablePoints {
  /** x1 and x2 of each, in turns. */
  readonly x: Float32Array;
  /** The class of each from 0, or its value. */
  readonly y: Float32Array;
  /** Classes' names by their numbers; none of values. */
  readonly names: readonly string[];
  /** What was done to the numbers, a sentence each. */
  readonly said: readonly Text[];
}

export type Outcome =
  | { readonly bad: readonly BadCell[]; readonly points: TablePoints }
  | { readonly bad: readonly BadCell[]; readonly problem: Text };

/** As many points as the page draws and trains with well. */
export const MOST_ROWS = 5000;
/** The eigenvectors of more columns would take the page's breath away. */
const MOST_COLUMNS = 64;
/** Rows that are looked at to guess. */
const LOOKED_AT = 200;

const POINT = /^[+\-−]?(\d+\.?\d*|\.\d+)(e[+\-−]?\d+)?$/i;
const COMMA = /^[+\-−]?(\d+,?\d*|,\d+)(e[+\-−]?\d+)?$/i;

/** The number of a cell; NaN if it is none. */
export function numberOf(cell: string, decimal: "." | "," = "."): number {
  const text = cell.trim();
  if (!(decimal === "," ? COMMA : POINT).test(text)) return Number.NaN;
  return Number(text.replace(",", ".").replaceAll("−", "-"));
}

/** Why a text can't be a table at all; undefined if it may be one. */
export function unreadable(text: string): Text | undefined {
  if (text.trim() === "") {
    return {
      en: "There is nothing to read yet. Paste rows of numbers, one point a line: x1, x2, label.",
      zh: "还没有可读的内容。请粘贴数据，每行一个点：x1, x2, 标签。",
    };
  }
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  if (text.slice(0, 4096).includes("\0") || (text.slice(0, 4096).match(/\uFFFD/g)?.length ?? 0) > 8) {
    return {
      en: "This is not a text file (it has bytes that are no letters). Save the table as CSV (UTF-8) in your spreadsheet program, and drop that.",
      zh: "这不是文本文件（含有不是文字的字节）。请在表格软件里另存为 CSV（UTF-8），再拖进来。",
    };
  }
  return undefined;
}

/** Reads a text as a table. */
export function readTable(text: string, given: Reading = {}): Table {
  const clean = text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  const delimiter = given.delimiter ?? guessDelimiter(clean);
  const { cells, lines } = parse(clean, delimiter);
  const decimal = given.decimal ?? guessDecimal(cells, delimiter);
  const header = given.header ?? guessHeader(cells, decimal);
  const first = header ? cells[0] : undefined;
  const rows = header ? cells.slice(1) : cells;
  const width = cells.reduce((most, row) => Math.max(most, row.length), 0);
  const columns = Array.from({ length: width }, (_, k) => ({
    name: first?.[k]?.trim() || `${k + 1}`,
    numbers: rows.reduce((n, row) => n + (Number.isFinite(numberOf(row[k] ?? "", decimal)) ? 1 : 0), 0),
    distinct: distinctIn(rows, k),
  }));
  return { delimiter, decimal, header, columns, rows, lines: header ? lines.slice(1) : lines };
}

function distinctIn(rows: readonly (readonly string[])[], k: number): number {
  const seen = new Set<string>();
  for (const row of rows) {
    seen.add((row[k] ?? "").trim());
    if (seen.size === 100) break;
  }
  return seen.size;
}

/** Cells of all lines that aren't empty, and the lines' numbers. */
function parse(text: string, delimiter: Delimiter, preview = 0): { cells: string[][]; lines: number[] } {
  // columns of figures are set with several spaces
  const source = delimiter === " " ? text.replaceAll(/^ +| +$/gm, "").replaceAll(/ +/g, " ") : text;
  const { data } = Papa.parse<string[]>(source, { delimiter, newline: "\n", preview });
  const cells: string[][] = [];
  const lines: number[] = [];
  let line = 1;
  for (const row of data) {
    if (row.some((cell) => cell.trim() !== "")) {
      cells.push(row);
      lines.push(line);
    }
    // a cell in quotes may go on in the next line
    line += 1 + row.reduce((n, cell) => n + (cell.includes("\n") ? cell.split("\n").length - 1 : 0), 0);
  }
  return { cells, lines };
}

/** The first of the delimiters by which most lines have the same number of cells, at least two; else the comma. */
function guessDelimiter(text: string): Delimiter {
  let best: Delimiter = ",";
  let most = 0;
  for (const delimiter of DELIMITERS) {
    const { cells } = parse(text, delimiter, LOOKED_AT);
    const widths = new Map<number, number>();
    for (const { length } of cells) if (length > 1) widths.set(length, (widths.get(length) ?? 0) + 1);
    const share = Math.max(0, ...widths.values()) / cells.length;
    // a few broken lines don't speak for the next one
    if (share > most + 0.1) [best, most] = [delimiter, share];
  }
  return best;
}

function guessDecimal(cells: readonly (readonly string[])[], delimiter: Delimiter): "." | "," {
  if (delimiter === ",") return ".";
  const some = cells.slice(0, LOOKED_AT).flat();
  const of = (decimal: "." | ","): number => some.filter((cell) => Number.isFinite(numberOf(cell, decimal))).length;
  return of(",") > of(".") ? "," : ".";
}

/** A header has no number at the top of a column of numbers. */
function guessHeader(cells: readonly (readonly string[])[], decimal: "." | ","): boolean {
  const [first = [], ...others] = cells.slice(0, LOOKED_AT);
  const isNumber = (cell: string | undefined): boolean => !Number.isNaN(numberOf(cell ?? "", decimal));
  if (first.some((cell) => isNumber(cell))) return false;
  return (
    others.length === 0 || first.some((_, k) => 2 * others.filter((row) => isNumber(row[k])).length > others.length)
  );
}

const LABEL = /^(label|class|target|species|type|category|y|t|group|标签|类别|目标)$/i;

/** What the columns seem to be. */
export function guessChoice({ columns, rows }: Table): Choice {
  const numeric = columns.map(({ numbers }) => 2 * numbers > rows.length);
  const named = columns.findIndex(({ name }) => LABEL.test(name));
  const words = columns.findLastIndex(({ distinct }, k) => !numeric[k] && distinct <= MOST_CLASSES);
  const label = named >= 0 ? named : words >= 0 ? words : columns.length - 1;
  const x = columns.flatMap((_, k) => (numeric[k] && k !== label ? [k] : [])).slice(0, 2);
  const { distinct = 0 } = columns[label] ?? {};
  const task = numeric[label] && distinct > MOST_CLASSES ? "values" : "classes";
  return { x, label, task, normalise: true, leaveOut: false };
}

const NO_NUMBER: Text = { en: "is no number", zh: "不是数" };
const MISSING: Text = { en: "is missing", zh: "缺失" };
const TOO_LARGE: Text = { en: "is not finite as a 32-bit number", zh: "作为 32 位数不是有限值" };

/** Points of a table: or the bad cells, and why there are none. */
export function pointsOf(table: Table, choice: Choice): Outcome {
  const { columns, decimal } = table;
  const none = (en: string, zh: string, bad: readonly BadCell[] = []): Outcome => ({ bad, problem: { en, zh } });
  if (table.rows.length === 0) {
    return none(
      "There is a header, but no row below it. Paste at least two rows.",
      "只有表头，下面没有数据。请至少粘贴两行数据。",
    );
  }
  if (choice.x.length === 0 || columns[choice.label] === undefined) {
    return none(
      "Two columns of numbers (x1, x2) and one of labels are needed. Choose them, or another separator above.",
      "需要两列数（x1, x2）和一列标签。请选择这些列，或在上面换一个分隔符。",
    );
  }
  if (choice.x.includes(choice.label)) {
    const { name } = columns[choice.label]!;
    return none(
      `Column "${name}" is chosen as x and as the label: the answer would be among the questions. Choose another.`,
      `“${name}”列同时被选作 x 和标签：答案会混进问题里。请另选一列。`,
    );
  }
  if (choice.x.length > MOST_COLUMNS) {
    return none(
      `${choice.x.length} columns are chosen; principal components are taken of at most ${MOST_COLUMNS}.`,
      `选了 ${choice.x.length} 列；主成分最多取自 ${MOST_COLUMNS} 列。`,
    );
  }
  const bad: BadCell[] = [];
  const good: number[] = [];
  table.rows.forEach((row, i) => {
    const before = bad.length;
    const needed = choice.task === "values" ? [...choice.x, choice.label] : choice.x;
    for (const k of needed) {
      const cell = row[k]?.trim() ?? "";
      const number = numberOf(cell, decimal);
      const why =
        cell === ""
          ? MISSING
          : Number.isNaN(number)
            ? NO_NUMBER
            : Number.isFinite(Math.fround(number))
              ? undefined
              : TOO_LARGE;
      if (why) bad.push({ line: table.lines[i]!, column: columns[k]!.name, cell, why });
    }
    if (choice.task === "classes" && (row[choice.label]?.trim() ?? "") === "")
      bad.push({ line: table.lines[i]!, column: columns[choice.label]!.name, cell: "", why: MISSING });
    if (bad.length === before) good.push(i);
  });
  if (bad.length > 0 && !choice.leaveOut) {
    const rows = table.rows.length - good.length;
    return none(
      `${rows} of ${table.rows.length} rows ${rows === 1 ? "has a cell" : "have cells"} that can't be used. Mend them in the text, or leave these rows out.`,
      `${table.rows.length} 行中有 ${rows} 行含有不能用的单元格。请在文本里改正，或略去这些行。`,
      bad,
    );
  }
  if (good.length < 2) {
    return none(
      `${good.length === 1 ? "Only one row can" : "No row can"} be used, and at least two are needed: a net learns from differences.`,
      `${good.length === 1 ? "只有一行可用" : "没有一行可用"}，至少需要两行：网络从差别中学习。`,
      bad,
    );
  }
  const labels = good.map((i) => table.rows[i]![choice.label]!.trim());
  const encoder = choice.task === "classes" ? labelEncoder(labels) : undefined;
  if (encoder && encoder.names.length === 1) {
    return none(
      `All rows are of one class, "${encoder.names[0]}": there is nothing to tell apart. Choose another column as the label, or add rows of another class.`,
      `所有行都属于同一类“${encoder.names[0]}”：没有可区分的东西。请另选标签列，或添加另一类的数据。`,
      bad,
    );
  }
  if (encoder && encoder.names.length > MOST_CLASSES) {
    const { name } = columns[choice.label]!;
    return none(
      `Column "${name}" has ${encoder.names.length} different labels; up to ${MOST_CLASSES} classes can be told apart on the screen. Choose another column, or take its numbers as values.`,
      `“${name}”列有 ${encoder.names.length} 种标签；屏幕上最多能区分 ${MOST_CLASSES} 类。请另选一列，或把数当作数值。`,
      bad,
    );
  }

  const said: Text[] = [];
  // evenly over the whole table: a table that is sorted by its label keeps all its classes
  const every = Math.ceil(good.length / MOST_ROWS);
  const kept = every === 1 ? good : good.filter((_, i) => i % every === 0);
  if (every > 1) {
    said.push({
      en: `${good.length} rows are more than this page draws: every ${every}th is used, ${kept.length} in all.`,
      zh: `${good.length} 行超出本页能画的数量：每 ${every} 行取一行，共 ${kept.length} 行。`,
    });
  }
  const inputs = choice.x.map((k) => kept.map((i) => numberOf(table.rows[i]![k]!, decimal)));
  const names = choice.x.map((k) => columns[k]!.name);
  if (choice.normalise) inputs.forEach((values, k) => normalise(values, names[k]!, said));
  const [x1, x2] = inputs.length > 2 ? principal(inputs, said) : [inputs[0]!, inputs[1] ?? inputs[0]!.map(() => 0)];
  if (inputs.length === 1) {
    said.push({ en: "x2 is 0: only one column is chosen.", zh: "x2 为 0：只选了一列。" });
  }
  const x = Float32Array.from({ length: 2 * kept.length }, (_, i) => (i % 2 === 0 ? x1 : x2)[i >> 1]!);
  const values = encoder
    ? encoder.encode(kept.map((i) => table.rows[i]![choice.label]!.trim()))
    : kept.map((i) => numberOf(table.rows[i]![choice.label]!, decimal));
  if (!encoder) scaleValues(values as number[], columns[choice.label]!.name, said);
  return { bad, points: { x, y: Float32Array.from(values), names: encoder?.names ?? [], said } };
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v / values.length, 0);
const shortly = (v: number): string => String(Number(v.toPrecision(4)));

/** Takes the mean away and divides by the standard deviation, in place. */
function normalise(values: number[], name: string, said: Text[]): void {
  const middle = mean(values);
  const spread = Math.sqrt(mean(values.map((v) => (v - middle) * (v - middle))));
  values.forEach((v, i) => (values[i] = spread > 0 ? (v - middle) / spread : 0));
  said.push(
    spread > 0
      ? {
          en: `${name}: ${shortly(middle)} (its mean) is subtracted, then divided by ${shortly(spread)} (its standard deviation).`,
          zh: `${name}：减去均值 ${shortly(middle)}，再除以标准差 ${shortly(spread)}。`,
        }
      : {
          en: `${name}: every row has ${shortly(middle)}, so it is 0 here and tells nothing.`,
          zh: `${name}：每一行都是 ${shortly(middle)}，这里记作 0，不含信息。`,
        },
  );
}

/** Brings values to be met into -1 to 1, where the field's colours are, in place. */
function scaleValues(values: number[], name: string, said: Text[]): void {
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const middle = (low + high) / 2;
  const half = (high - low) / 2 || 1;
  values.forEach((v, i) => (values[i] = (v - middle) / half));
  said.push({
    en: `${name}: ${shortly(low)} to ${shortly(high)} are shown as −1 to 1.`,
    zh: `${name}：${shortly(low)} 到 ${shortly(high)} 显示为 −1 到 1。`,
  });
}

/** The first two principal components, by Jacobi's rotations: square roots alone, so that every engine gives the same bits. */
function principal(inputs: readonly (readonly number[])[], said: Text[]): [number[], number[]] {
  const k = inputs.length;
  const centred = inputs.map((values) => {
    const middle = mean(values);
    return values.map((v) => v - middle);
  });
  const a = centred.map((p) => centred.map((q) => mean(p.map((v, i) => v * q[i]!))));
  const vectors = centred.map((_, i) => centred.map((__, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < k; p++) for (let q = p + 1; q < k; q++) off += a[p]![q]! * a[p]![q]!;
    if (off < 1e-24 * a.reduce((sum, row, i) => sum + row[i]! * row[i]!, 0) || off === 0) break;
    for (let p = 0; p < k; p++) {
      for (let q = p + 1; q < k; q++) {
        if (a[p]![q] === 0) continue;
        const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const s = t * c;
        const turn = (row: number[]): void => {
          const [u, v] = [row[p]!, row[q]!];
          row[p] = c * u - s * v;
          row[q] = s * u + c * v;
        };
        for (const row of a) turn(row);
        const [rowP, rowQ] = [[...a[p]!], [...a[q]!]];
        for (let i = 0; i < k; i++) {
          a[p]![i] = c * rowP[i]! - s * rowQ[i]!;
          a[q]![i] = s * rowP[i]! + c * rowQ[i]!;
        }
        for (const row of vectors) turn(row);
      }
    }
  }
  const variances = a.map((row, i) => row[i]!);
  const order = variances.map((_, i) => i).toSorted((i, j) => variances[j]! - variances[i]!);
  const total = variances.reduce((sum, v) => sum + v, 0) || 1;
  const share = Math.round((100 * (variances[order[0]!]! + variances[order[1]!]!)) / total);
  said.push({
    en: `x1 and x2 are the first two principal components of ${k} columns: they keep ${share} % of the variance.`,
    zh: `x1 和 x2 是 ${k} 列的前两个主成分：保留了 ${share} % 的方差。`,
  });
  const along = (component: number): number[] => {
    const vector = vectors.map((row) => row[component]!);
    // a direction and its opposite are the same component: the largest part is made positive
    const largest = vector.reduce((best, v) => (Math.abs(v) > Math.abs(best) + 1e-9 ? v : best), 0);
    return inputs[0]!.map(
      (_, i) => centred.reduce((sum, column, j) => sum + column[i]! * vector[j]!, 0) * (largest < 0 ? -1 : 1),
    );
  };
  return [along(order[0]!), along(order[1]!)];
}

/** Points as a table that this page, and others, read again. */
export function csvOf(x: ArrayLike<number>, y: ArrayLike<number>, names: readonly string[] = []): string {
  const lines = Array.from({ length: y.length }, (_, i) => [x[2 * i], x[2 * i + 1], names[y[i]!] ?? y[i]]);
  return `${Papa.unparse([["x1", "x2", "label"], ...lines], { newline: "\n" })}\n`;
}
