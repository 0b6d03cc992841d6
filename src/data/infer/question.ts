// What is asked of a column's cells while its type is looked for.
import { valueText } from "../../util/check.ts";
import type { Cells } from "../cells.ts";
import { counted, thousands } from "../columns.ts";
import type { DateFormat } from "../dates.ts";
import type { ColumnType } from "../tableTypes.ts";

/** How a column of dates is written. */
export interface DateType {
  /** It is a date. */
  readonly type: "date";
  /** Such as "dd/mm/yyyy"; or several, of which the first that fits a cell counts. */
  readonly format: DateFormat | readonly DateFormat[];
}

/** Cells that are something else than the column, up to this share, are taken as missing. */
export const ODD_SHARE = 0.01;

/** A category has at most this many words, or the square root of the number of rows; or more if each comes this often. */
export const FEW_WORDS = 20;

/** The options once they are validated. */
export interface InferRules {
  readonly types: ReadonlyMap<string, ColumnType | DateType>;
  readonly missing: ReadonlySet<string>;
  readonly decimal: "." | "," | undefined;
}

/** What is asked of a column's cells while its type is looked for. */
export interface Question {
  readonly name: string;
  readonly cells: Cells;
  readonly rules: InferRules;
  /** The codes of the words that are there and don't stand for a missing value. */
  readonly present: readonly number[];
  /** How many cells are missing, and how many aren't. */
  readonly missing: number;
  readonly filled: number;
  /** How many cells are numbers as they are. */
  readonly plain: number;
  /** `20 of 4,454 cells are empty; `, or nothing. */
  readonly before: string;
}

export function ask(name: string, cells: Cells, rules: InferRules): Question {
  const { words: list, counts, count } = cells;
  const codes = [...list.keys()].filter((code) => counts[code]! > 0);
  const absent = codes.filter((code) => rules.missing.has(list[code]!));
  const missing = sum(counts, absent);
  const how = absent.map(
    (code) => `${thousands(counts[code]!)} ${list[code] === "" ? "empty" : valueText(list[code])}`,
  );
  const what = absent.every((code) => list[code] === "") ? "empty" : `missing (${how.join(", ")})`;
  const verb = missing === 1 ? "is" : "are";
  return {
    name,
    cells,
    rules,
    present: codes.filter((code) => !rules.missing.has(list[code]!)),
    missing,
    filled: count - missing,
    plain: count - cells.wordCodes.length,
    before: missing === 0 ? "" : `${thousands(missing)} of ${counted(count, "cell")} ${verb} ${what}; `,
  };
}

export const sum = (counts: Uint32Array, codes: readonly number[]): number =>
  codes.reduce((total, code) => total + counts[code]!, 0);

/** `all 4,454 cells are`, or `all others are`. */
export function allAre({ cells, missing, filled }: Question): string {
  if (missing === 0) return cells.count === 1 ? "the only cell is" : `all ${counted(cells.count, "cell")} are`;
  return filled === 1 ? "the only other is" : "all others are";
}

/** The first cells whose words are among these: `"many" in row 17, "few" in row 30`. */
export function named({ cells }: Question, codes: readonly number[], most = 3): string {
  const wanted = new Set(codes);
  const { wordCodes, wordRows, words: list } = cells;
  const found: string[] = [];
  for (let i = 0; i < wordCodes.length && found.length < most; i++) {
    if (wanted.has(wordCodes[i]!)) found.push(`${valueText(list[wordCodes[i]!])} in row ${wordRows?.[i] ?? i}`);
  }
  return `${found.join(", ")}${sum(cells.counts, codes) > found.length ? " and so on" : ""}`;
}

/** The first cell whose word is among these. */
export const first = (question: Question, codes: readonly number[]): string =>
  named(question, codes, 1).replace(/ and so on$/, "");

/** The words that are missing, with those of `more`. */
export const missingWords = ({ missing }: InferRules, more: readonly string[] = []): readonly string[] =>
  [...missing, ...more].filter((word) => word !== "");

export const keyText = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

export function isNamedAsId(name: string): boolean {
  return (
    /(?:^|[^a-z])(?:id|ids|uuid|guid|index|idx|nr|rownames?|row_?number|编号|序号)$/i.test(name) ||
    /[a-z](?:Id|ID)$/.test(name)
  );
}
