// Parts that are not alike: what is learnt of one doesn't hold for the other.
import { counted, dateText, thousands } from "../data/columns.ts";
import { ln } from "../data/random.ts";
import { quantile, sortedValues } from "../data/statistics.ts";
import type { Column } from "../data/tableTypes.ts";
import { valueText } from "../util/check.ts";
import {
  about,
  findingsOf,
  type Item,
  isNumeric,
  levelOf,
  normalLimit,
  type Part,
  percent,
} from "./qualityFindings.ts";
import type { Finding } from "./results.ts";

/** Differences (of distributions from 0 to 1) from these on are a note, a warning. */
const SOME = 0.1;
const LARGE = 0.2;
const NOTE_ADVICE = "the figures of the two may differ for this alone";
const ADVICE =
  'what is learnt may not hold there; find out why, and if rows come in time, divide by: "time" to see how much it matters';
const LATER_ADVICE =
  "these rows are later, and what is learnt may not hold for them; learn from recent rows, or give changes instead of amounts";
/** A part with fewer rows isn't compared. */
const LEAST_ROWS = 10;

/** Where two distributions differ most: the statistic of Kolmogorov and Smirnov of two sorted samples. */
export function ksOf(a: Float64Array, b: Float64Array): number {
  let [i, j, most] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i] === value) i++;
    while (j < b.length && b[j] === value) j++;
    most = Math.max(most, Math.abs(i / a.length - j / b.length));
  }
  return most;
}

/** What differs between training and another part. */
interface Difference {
  readonly column: string;
  readonly part: Part["name"];
  readonly size: number;
  readonly how: string;
  readonly short: string;
}

/** Columns that differ between training and the other parts, by more than chance and so much that it matters. */
export function drift(parts: readonly Part[], target: string | undefined): Finding[] {
  const train = parts[0]!;
  const findings: Finding[] = [];
  const found: Difference[] = [];
  const unknown: Difference[] = [];
  const later = new Set<Part["name"]>();
  const level = levelOf((parts.length - 1) * 2 * train.table.columns.length);
  for (const own of train.sample.columns) {
    const { name, type } = own;
    if (type === "identifier" || type === "text") continue;
    const sorted = own.values && sortedValues(own.values);
    for (const part of parts.slice(1)) {
      if (!part.table.columns.some((column) => column.name === name)) continue;
      const other = part.sample.column(name);
      if (isNumeric(own) !== isNumeric(other)) {
        const message = `${valueText(name)} is ${own.type} in training, but ${other.type} in the ${part.name} (${other.reason}): read both with the same types`;
        findings.push({ kind: "drift", severity: "warning", column: name, message });
        continue;
      }
      if (sorted && isLater(own, sorted, other)) later.add(part.name);
      const difference =
        Math.min(train.table.rows, part.table.rows) < LEAST_ROWS
          ? []
          : [
              sorted ? ofNumbers(own, sorted, other, part.name, level) : ofWords(own, other, part.name, level),
              ofGaps(own, other, train.sample.rows, part, level),
            ];
      found.push(...difference.filter((each) => each !== undefined));
      if (!sorted && name !== target) {
        const strange = newWords(train.table.column(name), part.table.column(name), part.name, level);
        if (strange) unknown.push(strange);
      }
    }
  }
  // where new words are all that differs, they are said once
  const isToldByWords = ({ column, part, size }: Difference): boolean =>
    size < LARGE && unknown.some((each) => each.column === column && each.part === part);
  for (const severity of ["warning", "note"] as const) {
    const fits = ({ size }: Difference): boolean => size >= LARGE === (severity === "warning");
    for (const { name } of parts.slice(1)) {
      const advice = severity === "note" ? NOTE_ADVICE : later.has(name) ? LATER_ADVICE : ADVICE;
      findings.push(
        ...findingsOf({
          kind: "drift",
          severity,
          items: found
            .filter((each) => each.part === name && fits(each) && !isToldByWords(each))
            .map((each) => itemOf(each, advice, target)),
          head: (count) => `${count} columns differ between training and ${name}`,
          advice,
        }),
      );
    }
  }
  for (const { name } of parts.slice(1)) {
    for (const severity of ["warning", "note"] as const) {
      const advice = "a model knows nothing about them; join rare words, or learn from more rows";
      findings.push(
        ...findingsOf({
          kind: "drift",
          severity,
          items: unknown
            .filter((each) => each.part === name && each.size >= NEW_WORDS === (severity === "warning"))
            .map(({ column, size, how, short }) => ({ column, figure: size, message: `${how}: ${advice}`, short })),
          head: (count) => `${count} columns have words in the ${name} that training hasn't`,
          advice,
        }),
      );
    }
  }
  return findings;
}

const itemOf = ({ column, part, size, how, short }: Difference, advice: string, target: string | undefined): Item => ({
  column,
  figure: size,
  message: `${valueText(column)}${column === target ? ", the target," : ""} differs between training and ${part} (${how}): ${advice}`,
  short,
});

function ofNumbers(
  own: Column,
  sorted: Float64Array,
  other: Column,
  part: Part["name"],
  level: number,
): Difference | undefined {
  const others = sortedValues(other.values!);
  if (sorted.length < LEAST_ROWS || others.length < LEAST_ROWS) return undefined;
  const text = own.type === "date" ? dateText : about;
  if (isLater(own, sorted, other)) return undefined;
  const size = ksOf(sorted, others);
  const limit = Math.sqrt((-ln(level / 2) / 2) * (1 / sorted.length + 1 / others.length));
  if (size <= limit || size < SOME) return undefined;
  const median = (some: Float64Array): string =>
    text(own.type === "date" ? Math.round(quantile(some, 0.5)) : quantile(some, 0.5));
  const how = `KS ${size.toFixed(2)}; median ${median(sorted)} in training, ${median(others)} in ${part}`;
  return { column: own.name, part, size, how, short: `KS ${size.toFixed(2)}` };
}

/** Are all rows of a part at the same time or later than those to train on, as where parts are by time? */
function isLater(own: Column, sorted: Float64Array, other: Column): boolean {
  return own.type === "date" && other.values!.every((value) => !(value < sorted.at(-1)!));
}

/** Whether cells are missing more often in one of the parts. */
function ofGaps(
  own: Column,
  other: Column,
  rows: number,
  { name, sample }: Part,
  level: number,
): Difference | undefined {
  const [a, b] = [own.missing / rows, other.missing / sample.rows];
  const all = (own.missing + other.missing) / (rows + sample.rows);
  const deviation = Math.sqrt(all * (1 - all) * (1 / rows + 1 / sample.rows));
  const size = Math.abs(a - b);
  if (size < SOME || size <= normalLimit(level) * deviation) return undefined;
  const how = `${percent(a)} of the cells are missing in training, ${percent(b)} in ${name}`;
  return { column: own.name, part: name, size, how, short: `missing ${percent(a)} and ${percent(b)}` };
}

/** How often each word comes in both, by the first one's codes; words of the second alone follow. */
function countsOf(
  own: Column,
  other: Column,
): { readonly words: readonly string[]; readonly a: Float64Array; readonly b: Float64Array } {
  const same = own.words === other.words;
  const words = [...own.words!];
  const codes = new Map(same ? [] : words.map((word, code) => [word, code]));
  const places = same ? undefined : other.words!.map((word) => codes.get(word) ?? words.push(word) - 1);
  const [a, b] = [new Float64Array(words.length), new Float64Array(words.length)];
  for (const code of own.codes!) if (code >= 0) a[code]!++;
  for (const code of other.codes!) if (code >= 0) b[places ? places[code]! : code]!++;
  return { words, a, b };
}

const sum = (counts: Float64Array): number => counts.reduce((total, count) => total + count, 0);

/** Total variation of words, where the chi-square test of both samples says that it is no chance. */
function ofWords(own: Column, other: Column, part: Part["name"], level: number): Difference | undefined {
  const { words, a, b } = countsOf(own, other);
  const [n, m] = [sum(a), sum(b)];
  if (n < LEAST_ROWS || m < LEAST_ROWS) return undefined;
  let [size, most, chi, cells] = [0, 0, 0, 0];
  let which = -1;
  let [restA, restB] = [0, 0];
  const add = (x: number, y: number): number => {
    const difference = x / n - y / m;
    size += Math.abs(difference) / 2;
    chi += (n * m * difference * difference) / (x + y);
    cells++;
    return Math.abs(difference);
  };
  for (let code = 0; code < words.length; code++) {
    const [x, y] = [a[code]!, b[code]!];
    // words that are too rare for the test are one
    if (((x + y) * Math.min(n, m)) / (n + m) < 5) {
      restA += x;
      restB += y;
      continue;
    }
    const difference = add(x, y);
    if (difference > most) [most, which] = [difference, code];
  }
  if (restA + restB > 0) add(restA, restB);
  if (cells < 2 || size < SOME || chi <= chiLimit(cells - 1, level)) return undefined;
  const word =
    which < 0
      ? ""
      : `; ${valueText(words[which])} ${percent(a[which]! / n)} in training, ${percent(b[which]! / m)} in ${part}`;
  const how = `${percent(size)} of the cells would have to change${word}`;
  return { column: own.name, part, size, how, short: `${percent(size)} of the cells` };
}

/** A limit that chi-square exceeds by chance with at most this probability, nearly (Wilson and Hilferty's approximation). */
function chiLimit(degrees: number, level: number): number {
  const part = 2 / (9 * degrees);
  const root = 1 - part + normalLimit(level) * Math.sqrt(part);
  return degrees * root * root * root;
}

/** From this share of cells on, words that training lacks are a warning. */
const NEW_WORDS = 0.05;

/**
 * Words that training lacks, in 1 % of a part's cells or more, if one of them comes too often for chance, or they are more than chance
 * leaves out (by Bernstein's bound).
 */
function newWords(own: Column, other: Column, part: Part["name"], level: number): Difference | undefined {
  const { words, a, b } = countsOf(own, other);
  const [n, m] = [sum(a), sum(b)];
  if (n < LEAST_ROWS || m < LEAST_ROWS) return undefined;
  const strange = [...words.keys()].filter((code) => a[code] === 0 && b[code]! > 0);
  const cells = strange.reduce((total, code) => total + b[code]!, 0);
  const size = cells / m;
  if (size < 0.01) return undefined;
  // by chance all cells of a word are in the part with the probability of its share, to the power of their number
  const share = m / (n + m);
  let [expected, rarest] = [0, 1];
  for (let code = 0; code < words.length; code++) {
    const count = a[code]! + b[code]!;
    let chance = count > 0 ? 1 : 0;
    for (let i = 0; i < count && chance > 1e-15; i++) chance *= share;
    expected += chance;
    if (a[code] === 0 && b[code]! > 0) rarest = Math.min(rarest, chance);
  }
  const limit = normalLimit(level);
  const many = strange.length - expected > limit * Math.sqrt(expected) + (limit * limit) / 3;
  if (!many && rarest * words.length > level) return undefined;
  const first = strange.toSorted((x, y) => b[y]! - b[x]! || x - y).slice(0, 3);
  const listed = first.map((code) => `${valueText(words[code])} ${thousands(b[code]!)}`).join(", ");
  const how = `${valueText(own.name)} has ${counted(strange.length, "word")} in the ${part} that training hasn't, in ${counted(cells, "row")} (${percent(size)}; ${listed}${strange.length > 3 ? " and so on" : ""})`;
  return { column: own.name, part, size, how, short: percent(size) };
}
