// What each column shows by itself: cells that are missing, nothing to learn from, odd numbers.
import { counted, shortNumber, thousands } from "../data/columns.ts";
import { quantile, sortedValues } from "../data/statistics.ts";
import type { Column, Table } from "../data/tableTypes.ts";
import { valueText } from "../util/check.ts";
import { about, findingsOf, type Item, isUsable, type Part, percent } from "./qualityFindings.ts";
import type { Finding } from "./results.ts";

/** From this share of missing cells on it is a warning. */
const MANY_MISSING = 0.3;
const MANY_ADVICE = "much of what a model sees would be filled in; find out why";
const WORD_ADVICE = `if such a word is a value of its own, say which ones aren't (missing: [""])`;

/** Cells that are no numbers or dates in columns of them, by what was said when the columns were inferred. */
function odd({ name, reason, type }: Column): { readonly item: Item; readonly count: number } | undefined {
  const found =
    /([\d,]+) cells? with (?:words|something else) (?:is|are) taken as missing(?:: (.*?))?; all but these are /.exec(
      reason,
    );
  if (!found) return undefined;
  const count = Number(found[1]!.replaceAll(",", ""));
  const words = found[2] === undefined ? "" : `: ${found[2]} of the table`;
  const is = count === 1 ? "is" : "are";
  const what = `${counted(count, "cell")} that ${is} no ${type === "date" ? "date" : "number"}${count === 1 || type === "date" ? "" : "s"}`;
  const [word] = /"(?:[^"\\]|\\.)*"/.exec(found[2] ?? "") ?? [];
  const say = word === undefined ? "" : `, or if such a word stands for what isn't known, say so (missing: [${word}])`;
  const message = `${valueText(name)} has ${what} and ${is} taken as missing${words}: mend ${count === 1 ? "it" : "them"}${say}`;
  return { count, item: { column: name, figure: count, message, short: counted(count, "cell") + words } };
}

/** Columns with cells that are missing; the target's are rows that can't be learnt from. */
export function missing(train: Table, target: string | undefined): Finding[] {
  const findings: Finding[] = [];
  const few: Item[] = [];
  const many: Item[] = [];
  const malformed: Item[] = [];
  const { rows } = train;
  for (const column of train.columns) {
    const { name, missing: count } = column;
    const wrong = odd(column);
    if (wrong) malformed.push(wrong.item);
    if (count === 0 || isEmpty(column, rows)) continue;
    const share = count / rows;
    const written = /(?:is|are) missing \((.*?)\);/.exec(column.reason)?.[1]?.replaceAll(/[\d,]+ (?=["e])/g, "");
    const as = written === undefined ? "" : `; written ${written}`;
    const of = `${valueText(name)} is missing in ${thousands(count)} of ${counted(rows, "row")} (${percent(share)}${as})`;
    if (name === target) {
      const severity = share >= MANY_MISSING ? "warning" : "note";
      const message = `${of}: rows without a target are neither learnt from nor tested`;
      findings.push({ kind: "missing", severity, column: name, message, figure: share });
    } else if (column.type !== "text" && column.type !== "identifier" && count > (wrong?.count ?? 0)) {
      const item = (advice: string): Item => ({
        column: name,
        figure: share,
        message: `${of}: ${advice}`,
        short: `${percent(share)}${as}`,
      });
      if (share < MANY_MISSING) few.push(item("what is filled in for them is a guess; ask why they are missing"));
      else many.push(item(`${written === undefined ? MANY_ADVICE : WORD_ADVICE}, or leave the column out`));
    }
  }
  findings.push(
    ...findingsOf({
      kind: "missing",
      severity: "warning",
      items: malformed,
      head: (count) => `${count} columns have cells that are no numbers or dates and are taken as missing`,
      advice: "mend them, or say which words stand for what isn't known (missing: [...])",
    }),
    ...findingsOf({
      kind: "missing",
      severity: "warning",
      items: many,
      head: (count) => `${count} columns are missing in ${percent(MANY_MISSING)} of the rows or more`,
      advice: `${many.some(({ short }) => short.includes("written")) ? WORD_ADVICE : MANY_ADVICE}, or leave the columns out`,
    }),
    ...findingsOf({
      kind: "missing",
      severity: "note",
      items: few,
      head: (count) => `${count} columns have missing cells`,
      advice: "what is filled in for them is a guess; ask why they are missing",
    }),
  );
  return findings;
}

const isEmpty = (column: Column, rows: number): boolean => rows > 0 && column.missing === rows;

/** Is every cell the same, and none missing; or all missing? */
function isConstant(column: Column, rows: number): boolean {
  if (rows < 2) return false;
  if (isEmpty(column, rows)) return true;
  const cells = column.values ?? column.codes!;
  return cells.every((cell) => cell === cells[0]);
}

/** Columns that tell nothing: the same everywhere, different everywhere, text. */
export function useless(train: Table, target: string | undefined): Finding[] {
  const { rows } = train;
  const constant: Item[] = [];
  const identifiers: Item[] = [];
  const texts: Item[] = [];
  for (const column of train.columns) {
    const { name, type } = column;
    if (name === target) continue;
    const quoted = valueText(name);
    if (isConstant(column, rows)) {
      const empty = isEmpty(column, rows);
      const value = empty ? "empty" : cellText(column, 0);
      const message = `${quoted} is ${value} in all ${counted(rows, "row")} to train on: there is nothing to learn from it, and it isn't used`;
      constant.push({ column: name, figure: rows, message, short: value });
    } else if (type === "identifier") {
      const message = `${quoted} is an identifier: it names rows, tells nothing about new ones, and isn't used`;
      identifiers.push({ column: name, figure: rows, message, short: "all different" });
    } else if (type === "text") {
      const different = presentWords(column).length;
      const many = `${thousands(different)} different texts`;
      const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted;
      const kinds = different > rows / 2 ? "" : `, or say that its texts are kinds (types: { ${key}: "category" })`;
      const message = `${quoted} is text (${many}), which isn't used; make columns of what matters in it${kinds}`;
      texts.push({ column: name, figure: different, message, short: many });
    }
  }
  return [
    ...findingsOf({
      kind: "constant",
      severity: "note",
      items: constant,
      head: (count) => `${count} columns have the same value in every row to train on`,
      advice: "there is nothing to learn from them, and they aren't used",
    }),
    ...findingsOf({
      kind: "identifier",
      severity: "note",
      items: identifiers,
      head: (count) => `${count} columns are identifiers`,
      advice: "they name rows, tell nothing about new ones, and aren't used",
    }),
    ...findingsOf({
      kind: "text",
      severity: "note",
      items: texts,
      head: (count) => `${count} columns are text`,
      advice: "they aren't used; make columns of what matters in them",
    }),
  ];
}

function cellText(column: Column, row: number): string {
  const value = column.at(row);
  return value === null ? "missing" : typeof value === "object" ? value.toISOString().slice(0, 10) : valueText(value);
}

/** How often each word comes that does. */
function presentWords({ codes, words }: Column): number[] {
  const counts = new Uint32Array(words?.length ?? 0);
  for (const code of codes ?? []) if (code >= 0) counts[code]!++;
  return Array.from(counts).filter((count) => count > 0);
}

/** Categories of more words than this are noted, and of more than FEW_WORDS if many come once. */
const MANY_WORDS = 100;
const FEW_WORDS = 20;
/** Unless there are so many rows of each word, on average; but not of more words than are ever few. */
const ENOUGH_ROWS = 50;
const VERY_MANY_WORDS = 1000;
/** Words that come once: their share of a column's words, and of its cells, that are worth saying. */
const ONCE_OF_WORDS = 0.3;
const ONCE_OF_CELLS = 0.02;

/** Categories with very many words, or many that come once. */
export function manyWords(train: Table, target: string | undefined): Finding[] {
  const items: Item[] = [];
  for (const column of train.columns) {
    if (column.type !== "category" || column.name === target) continue;
    const counts = presentWords(column);
    const once = counts.filter((count) => count === 1).length;
    const rare = counts.length > FEW_WORDS && once > ONCE_OF_WORDS * counts.length && once > ONCE_OF_CELLS * train.rows;
    const thin = counts.length > MANY_WORDS && train.rows < ENOUGH_ROWS * counts.length;
    if (!thin && !rare && counts.length <= VERY_MANY_WORDS) continue;
    const words = `${thousands(counts.length)} different words${once > 0 ? `, ${thousands(once)} of them once` : ""}`;
    const message = `${valueText(column.name)} has ${words}: from the few rows of each little is learnt; join those that mean the same, or leave the column out`;
    items.push({ column: column.name, figure: counts.length, message, short: words });
  }
  return findingsOf({
    kind: "high-cardinality",
    severity: "note",
    items,
    head: (count) => `${count} columns have many words`,
    advice: "from the few rows of each little is learnt; join those that mean the same, or leave the columns out",
  });
}

/** A number is an outlier beyond so many standard deviations of a normal distribution with the same quartiles. */
const FAR = 8;
/** More than this share of a column are no outliers, but how it is. */
const MOST_FAR = 0.05;
/** From the median to a quartile of a normal distribution, in standard deviations. */
const QUARTILE = 0.6744897501960817;
/** Columns with at most so many different numbers have none. */
const FEW_NUMBERS = 10;

/** The range within which numbers are usual: by quartiles, and where none is negative, by those of fourth roots, too. */
function fences(sorted: Float64Array): readonly [low: number, high: number] | undefined {
  let body = sorted;
  if (quantile(body, 0.25) === quantile(body, 0.75)) {
    // more than half are the same: those that aren't show what is usual
    const usual = quantile(body, 0.5);
    body = body.filter((value) => value !== usual);
    if (body.length < FEW_WORDS || quantile(body, 0.25) === quantile(body, 0.75)) return undefined;
  }
  const [q1, median, q3] = [quantile(body, 0.25), quantile(body, 0.5), quantile(body, 0.75)];
  const spread = (q3 - q1) / (2 * QUARTILE);
  let [low, high] = [median - FAR * spread, median + FAR * spread];
  low = Math.min(low, sorted === body ? low : quantile(sorted, 0.5));
  high = Math.max(high, sorted === body ? high : quantile(sorted, 0.5));
  if (sorted[0]! >= 0) {
    // long tails to one side are usual for amounts; a fourth root is nearly a logarithm, and has one of 0
    const root = (value: number): number => Math.sqrt(Math.sqrt(value));
    const far = root(median) + (FAR * (root(q3) - root(q1))) / (2 * QUARTILE);
    high = Math.max(high, far * far * far * far);
  }
  return [low, high];
}

/** Numbers far from all others, and those that are likely to stand for something else, such as 999. */
export function outliers({ table: train, sample }: Part): Finding[] {
  const far: Item[] = [];
  const marks: Item[] = [];
  for (const column of train.columns) {
    if (column.type !== "number") continue;
    const sorted = sortedValues(sample.column(column.name).values!);
    if (sorted.length < FEW_WORDS || fewDifferent(sorted)) continue;
    const range = fences(sorted);
    if (!range) continue;
    const found = beyond(column.values!, range);
    if (found.count === 0) continue;
    const name = valueText(column.name);
    const filled = train.rows - column.missing;
    const share = found.count / filled;
    if (share > MOST_FAR) continue;
    const mark = found.different === 1 && found.count >= 3 && isMark(found.first);
    if (mark) {
      const value = about(found.first);
      const message = `${name} is ${value} in ${counted(found.count, "row")}, far from all other numbers (${shortNumber(found.least)} to ${shortNumber(found.most)}): if it stands for something that isn't known, say so (missing: ["${String(found.first)}"])`;
      marks.push({ column: column.name, figure: share, message, short: `${value} in ${counted(found.count, "row")}` });
      continue;
    }
    const numbers = found.rows.map((row) => shortNumber(column.values![row]!)).join(", ");
    const rows = `${numbers} in row${found.rows.length === 1 ? "" : "s"} ${found.rows.join(", ")} of training`;
    const and = found.count > found.rows.length ? " and so on" : "";
    const [low, high] = range;
    const usual =
      found.below === 0
        ? `above ${shortNumber(high)}`
        : found.below === found.count
          ? `below ${shortNumber(low)}`
          : `outside ${shortNumber(low)} to ${shortNumber(high)}`;
    const message = `${name} has ${counted(found.count, "number")} far from the others (${percent(share)}; ${usual}: ${rows}${and}): look whether ${found.count === 1 ? "it is right; if so, log1p or robustScale keeps it" : "they are right; if so, log1p or robustScale keep them"} from outweighing the rest`;
    far.push({
      column: column.name,
      figure: share,
      message,
      short: `${percent(share)}, such as ${shortNumber(column.values![found.rows[0]!]!)}`,
    });
  }
  return [
    ...findingsOf({
      kind: "outliers",
      severity: "warning",
      items: marks,
      head: (count) => `${count} columns have one number far from all others again and again`,
      advice: "if it stands for something that isn't known, say so (missing: [...])",
    }),
    ...findingsOf({
      kind: "outliers",
      severity: "note",
      items: far,
      head: (count) => `${count} columns have numbers far from the others`,
      advice: "look whether they are right; if so, log1p or robustScale keep them from outweighing the rest",
    }),
  ];
}

/** 99, 999, -1, -999, 9999.99 and the like. */
const isMark = (value: number): boolean => /^-?9{2,}(?:\.9+)?$|^-1$|^-?[18]{3,}$|^-?9{2,}8$/.test(String(value));

function fewDifferent(sorted: Float64Array): boolean {
  let different = 1;
  for (let i = 1; i < sorted.length && different <= FEW_NUMBERS; i++) if (sorted[i] !== sorted[i - 1]) different++;
  return different <= FEW_NUMBERS;
}

interface Beyond {
  readonly count: number;
  readonly below: number;
  /** Whether they are one number, or more. */
  readonly different: 1 | 2;
  readonly first: number;
  /** The range of the others. */
  readonly least: number;
  readonly most: number;
  /** Some, the farthest first. */
  readonly rows: readonly number[];
}

function beyond(values: Float64Array, [low, high]: readonly [number, number]): Beyond {
  let [count, below, first] = [0, 0, NaN];
  let different: 1 | 2 = 1;
  let [least, most] = [Infinity, -Infinity];
  const distance = (row: number): number => Math.max(low - values[row]!, values[row]! - high);
  let rows: number[] = [];
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (value >= low && value <= high) {
      if (value < least) least = value;
      if (value > most) most = value;
    } else if (value === value) {
      if (count++ === 0) first = value;
      if (value < low) below++;
      if (value !== first) different = 2;
      if (rows.length < 3 || distance(row) > distance(rows[2]!)) {
        rows = [...rows, row].toSorted((a, b) => distance(b) - distance(a) || a - b).slice(0, 3);
      }
    }
  }
  return { count, below, different, first, least, most, rows };
}

/** How many numbers of a row the columns make, about: one of numbers, one of each word. */
export function featuresOf(train: Table, target: string | undefined): number {
  let count = 0;
  for (const column of train.columns) {
    if (column.name === target || !isUsable(column)) continue;
    count += column.type === "category" ? presentWords(column).length : 1;
  }
  return count;
}
