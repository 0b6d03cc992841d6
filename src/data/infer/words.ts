// Columns of words: categories, identifiers, text, two words for yes and no, and constants.
import { valueText } from "../../util/check.ts";
import type { ColumnReading } from "../columnReading.ts";
import { type ColumnParts, counted, thousands } from "../columns.ts";
import { sortedValues } from "../statistics.ts";
import type { ColumnType } from "../tableTypes.ts";
import { byValue, isCode } from "../writtenNumbers.ts";
import { type Reading, numberParts, plainReading } from "./numbers.ts";
import { signsText } from "./signs.ts";
import {
  FEW_WORDS,
  ODD_SHARE,
  type Question,
  allAre,
  first,
  isNamedAsId,
  keyText,
  missingWords,
  named,
  sum,
} from "./question.ts";

export const PAIRS: readonly (readonly [no: string, yes: string])[] = [
  ["false", "true"],
  ["no", "yes"],
  ["nein", "ja"],
  ["否", "是"],
];

const MOST_CATEGORIES = 1000;

export function constantColumn(question: Question): ColumnParts | undefined {
  const { cells, present, plain, missing } = question;
  if (missing > 0 || cells.count < 2 || (plain > 0 && present.length > 0) || present.length > 1) return undefined;
  if (present.length === 1) {
    return words(
      question,
      "constant",
      `all ${counted(cells.count, "cell")} are ${valueText(cells.words[present[0]!])}`,
    );
  }
  const { least, most } = cells.steps;
  if (least !== most) return undefined;
  return numberParts(
    question,
    "constant",
    `all ${counted(cells.count, "cell")} are ${least}`,
    plainReading(question),
    () => cells.numbers!,
  );
}

export function asBoolean(question: Question): ColumnParts | undefined {
  const { cells, present, plain } = question;
  if (plain > 0 || present.length < 2 || present.length > 6) return undefined;
  const lower = new Set(present.map((code) => cells.words[code]!.toLowerCase()));
  const pair = PAIRS.find((each) => lower.size === 2 && each.every((word) => lower.has(word)));
  if (!pair) return undefined;
  return booleans(question, pair, `${allAre(question)} ${pair[1]} or ${pair[0]}`);
}

export function booleans(question: Question, pair: readonly [string, string], why: string): ColumnParts {
  const codeOf = (word: string): number => pair.indexOf(word.toLowerCase());
  const { codes } = coded(question, (list) => list.map(codeOf));
  const reading: ColumnReading = { as: "boolean", pair, missing: missingWords(question.rules) };
  return { name: question.name, type: "boolean", reason: question.before + why, codes, words: [...pair], reading };
}

/** A category, an identifier or text. */
export function asWords(question: Question, reading: Reading): ColumnParts {
  const { name, cells, present, plain, filled, before } = question;
  const note = noteOn(question, reading);
  const signs = signsText(question);
  if (signs !== undefined) return words(question, "text", before + signs);
  if (note.kind === "ambiguous") return words(question, "text", before + note.text);
  const different = present.length + (plain > 0 ? differentNumbers(cells.numbers!) : 0);
  const limit = Math.max(FEW_WORDS, Math.floor(Math.sqrt(cells.count)));
  const often = different * FEW_WORDS <= filled && different <= MOST_CATEGORIES;
  const joined = note.text === "" ? "" : `; ${note.text}`;
  if (different === filled && (isNamedAsId(name) || different > FEW_WORDS)) {
    const spaced = present.some((code) => /\s/.test(cells.words[code]!));
    if (isNamedAsId(name) || (!spaced && note.kind !== "mixed")) {
      const why = isNamedAsId(name) ? "and its name is one of identifiers" : "and none has a space";
      return words(question, "identifier", `${before}${allAre(question)} different, ${why}${joined}`);
    }
    return words(question, "text", `${before}${allAre(question)} different texts${joined}`);
  }
  if (different <= limit || often) {
    return words(question, "category", `${before}${allAre(question)} one of ${counted(different, "word")}${joined}`);
  }
  const most = Math.max(limit, Math.min(MOST_CATEGORIES, Math.floor(filled / FEW_WORDS)));
  const why = `${thousands(different)} different words in ${counted(filled, "cell")}: too many for a category (at most ${thousands(most)})`;
  return words(question, "text", `${before}${why}${joined}`);
}

/** Why a column that has numbers is none of numbers. */
interface Note {
  readonly kind: "none" | "ambiguous" | "codes" | "mixed";
  readonly text: string;
}

export function noteOn(question: Question, reading: Reading): Note {
  const { name, cells, present, plain, filled } = question;
  const option = `types: { ${keyText(name)}: "number" }`;
  if (reading.ambiguous) {
    const withComma = present.filter((code) => /^[+-]?\d{1,3},\d{3}$/.test(cells.words[code]!));
    const text = `commas may be decimals or thousands (${first(question, withComma)}), so it isn't guessed; say which: decimal: "." or decimal: ","`;
    return { kind: "ambiguous", text };
  }
  const codes = present.filter((code) => isCode(cells.words[code]!));
  const rest = present.filter((code) => !reading.read.has(code) && !isCode(cells.words[code]!));
  const restCells = sum(cells.counts, rest);
  if (codes.length > 0 && restCells < ODD_SHARE * filled) {
    const text = `digits that are codes, with zeros before them or more than 15 (${first(question, codes)}); ${option} reads them as numbers`;
    return { kind: "codes", text };
  }
  const numeric = plain + sum(cells.counts, [...reading.read.keys()]);
  if (numeric === 0) return { kind: "none", text: "" };
  const are = (count: number): string => `${thousands(count)} ${count === 1 ? "is a" : "are"}`;
  const s = (count: number): string => (count === 1 ? "" : "s");
  const wordCells = filled - numeric;
  const text =
    `${are(numeric)} number${s(numeric)}, but ${are(wordCells)} word${s(wordCells)}, 1 % or more (${named(question, rest)}); ` +
    `${option} takes the words as missing`;
  return { kind: "mixed", text };
}

export function differentNumbers(values: Float64Array): number {
  const sorted = sortedValues(values);
  let different = 0;
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) different++;
  return different;
}

/** A column of words. */
export function words(question: Question, type: ColumnType, reason: string): ColumnParts {
  const { codes, list } = coded(question, (unsorted) => {
    const places = [...unsorted.keys()];
    if (type !== "category") return places;
    const order = places.toSorted((a, b) => byValue(unsorted[a]!, unsorted[b]!));
    order.forEach((code, place) => (places[code] = place));
    return places;
  });
  return { name: question.name, type, reason, codes, words: list, reading: wordReading(question) };
}

const wordReading = ({ rules }: Question): ColumnReading => ({ as: "words", missing: missingWords(rules) });

/** The codes of all cells, -1 of missing ones; `place` says where each of the words goes. */
function coded(
  question: Question,
  place: (list: readonly string[]) => readonly number[],
): { codes: Int32Array; list: string[] } {
  const { cells, present } = question;
  const list = present.map((code) => cells.words[code]!);
  const numberCodes = new Map<number, number>();
  if (cells.numbers) {
    for (const value of cells.numbers) {
      if (value === value && !numberCodes.has(value)) {
        numberCodes.set(value, list.length);
        list.push(String(value));
      }
    }
  }
  const places = place(list);
  const wordPlaces = new Int32Array(cells.words.length).fill(-1);
  present.forEach((code, i) => (wordPlaces[code] = places[i]!));
  const codes = new Int32Array(cells.count);
  if (cells.numbers) {
    for (let i = 0; i < codes.length; i++) {
      const value = cells.numbers[i]!;
      codes[i] = value === value ? places[numberCodes.get(value)!]! : -1;
    }
  }
  for (let i = 0; i < cells.wordCodes.length; i++) codes[cells.wordRows?.[i] ?? i] = wordPlaces[cells.wordCodes[i]!]!;
  const sorted = [...list];
  list.forEach((word, i) => (sorted[places[i]!] = word));
  return { codes, list: sorted };
}
