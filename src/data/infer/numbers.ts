// Columns of numbers, however they are written.
import { valueText } from "../../util/check.ts";
import { type Cells, fitsFloat32, stepsOf } from "../cells.ts";
import type { ColumnReading } from "../columnReading.ts";
import { type ColumnParts, counted, shortNumber } from "../columns.ts";
import { sortedValues } from "../statistics.ts";
import type { ColumnType } from "../tableTypes.ts";
import { DECIMAL_COMMA, THOUSANDS_BY_SPACE, isBeyond, isCode, isWritten, wordNumber } from "../writtenNumbers.ts";
import {
  FEW_WORDS,
  ODD_SHARE,
  type Question,
  allAre,
  isNamedAsId,
  keyText,
  missingWords,
  named,
  sum,
} from "./question.ts";

/** Words that are numbers in another way of writing. */
export interface Reading {
  /** The numbers of words, by their codes. */
  readonly read: ReadonlyMap<number, number>;
  /** Whether what was read as decimals is thousands: 1.234 where the sign before decimals is a comma. */
  readonly pointsAreThousands: boolean;
  /** The sign before decimals. */
  readonly decimal: "." | ",";
  /** What was read so, for the reason. */
  readonly how: string;
  /** Whether commas can be decimals as well as thousands. */
  readonly ambiguous: boolean;
}

export function readNumbers({ cells, present, rules }: Question): Reading {
  const [points, ofThousands] = cells.points;
  const written = present.filter((code) => isWritten(cells.words[code]!));
  // what tells the signs apart: a comma, or several points
  const telling = written.filter((code) => /,|\..*\./.test(cells.words[code]!));
  const fits = (decimal: "." | ","): boolean =>
    telling.every((code) => wordNumber(cells.words[code]!, decimal) !== undefined) &&
    (decimal === "." || points === ofThousands);
  let { decimal } = rules;
  let ambiguous = false;
  if (decimal === undefined) {
    const byComma = fits(",") && telling.length > 0;
    ambiguous = byComma && fits(".");
    decimal = byComma ? "," : ".";
  }
  const read = new Map<number, number>();
  const byPoint = /\.\d{3}\D|\.\d{3}$/;
  let [commas, groups] = [false, false];
  for (const code of ambiguous ? [] : written) {
    const word = cells.words[code]!;
    const value = wordNumber(word, decimal);
    if (value === undefined || !fitsFloat32(value)) continue;
    read.set(code, value);
    commas ||= decimal === "," && DECIMAL_COMMA.test(word.replaceAll(".", ""));
    groups ||= THOUSANDS_BY_SPACE.test(word) || (decimal === "," ? byPoint.test(word) : word.includes(","));
  }
  const pointsAreThousands = decimal === "," && points > 0 && points === ofThousands && !ambiguous;
  const how = [commas && "a decimal comma", (groups || pointsAreThousands) && "separators of thousands"];
  return { read, pointsAreThousands, decimal, how: how.filter((each) => each !== false).join(" and "), ambiguous };
}

/** A column of numbers, which are joined when they are first read. */
export function numberParts(
  { name }: Question,
  type: ColumnType,
  reason: string,
  reading: ColumnReading,
  values: () => Float64Array,
): ColumnParts {
  return {
    name,
    type,
    reason,
    reading,
    get values() {
      return values();
    },
  };
}

/** Numbers, where all words but a few are some; undefined otherwise. */
export function asNumbers(question: Question, reading: Reading): ColumnParts | undefined {
  const { cells, present, filled } = question;
  const odd = present.filter((code) => !reading.read.has(code));
  const beyond = odd.filter((code) => isBeyond(cells.words[code]!));
  const rest = odd.filter((code) => !isBeyond(cells.words[code]!));
  const restCells = sum(cells.counts, rest);
  const oddCells = sum(cells.counts, odd);
  if (rest.some((code) => isCode(cells.words[code]!))) return undefined;
  if (restCells > 0 && restCells >= ODD_SHARE * filled) return undefined;
  if (beyond.length > 0) refuseBeyond(question, beyond);
  if (oddCells === filled) return undefined;
  return numbers(question, reading, odd);
}

export function refuseBeyond(question: Question, codes: readonly number[]): never {
  const { name, cells } = question;
  const list = codes.slice(0, 3).map((code) => JSON.stringify(cells.words[code]));
  throw new RangeError(
    `infer: column ${valueText(name)} has numbers that are infinite or beyond float32 (3.4028235e38): ${named(question, codes)}; ` +
      `mend them, or take them as missing: missing: [${list.join(", ")}]`,
  );
}

/** What is at all numbers of a column, in words, and whether points part thousands behind it. */
export interface Signs {
  readonly text: string;
  readonly thousands: boolean;
}

/** A column of numbers; `odd`: words that are taken as missing. */
export function numbers(
  question: Question,
  reading: Reading,
  odd: readonly number[],
  told = "",
  signs?: Signs,
): ColumnParts {
  const again = numberReading(question, reading, odd, told !== "" || signs !== undefined, signs?.thousands);
  const { name, cells, filled, before } = question;
  // what is there already serves as it is, if no word is a number
  const own = cells.wordRows === undefined || reading.read.size > 0 || reading.pointsAreThousands;
  const read = own ? numbersOf(cells, reading) : undefined;
  const values = (): Float64Array => read ?? cells.numbers!;
  const range = read ? stepsOf([read], read.length) : cells.steps;
  const { least, most } = range;
  const oddCells = sum(cells.counts, odd);
  const share = oddCells > 0 ? "all but these are" : allAre(question);
  const oddText =
    oddCells > 0
      ? `${counted(oddCells, "cell")} with words ${oddCells === 1 ? "is" : "are"} taken as missing: ${named(question, odd)}; `
      : "";
  const how = reading.how === "" ? "" : `, written with ${reading.how}`;
  const span =
    least === most ? `the number ${shortNumber(least)}` : `numbers from ${shortNumber(least)} to ${shortNumber(most)}`;
  const sign = signs ? `, ${signs.text}` : "";
  const reason = `${told}${before}${oddText}${share} ${span}${how}${sign}`;
  if (told === "" && !signs && oddCells === 0 && range.whole) {
    const id = isNamedAsId(name);
    const advice = `; to learn from it, types: { ${keyText(name)}: "number" }`;
    if (id && filled > 1 && allDifferent(values())) {
      const why = `${reason}, all different, and its name is one of identifiers`;
      return numberParts(question, "identifier", why + advice, again, values);
    }
    if (range.counting && (least === 0 || least === 1) && filled > FEW_WORDS) {
      const why = `${reason}, each 1 more than the one before: they count the rows`;
      return numberParts(question, "identifier", why + advice, again, values);
    }
  }
  return numberParts(question, "number", reason, again, values);
}

/** Numbers that are written as JavaScript writes them. */
export const plainReading = ({ rules }: Question): ColumnReading => ({
  as: "number",
  decimal: rules.decimal,
  signs: false,
  missing: missingWords(rules),
});

/** How further cells of a column of numbers are read. */
function numberReading(
  { rules, cells }: Question,
  reading: Reading,
  odd: readonly number[],
  signs: boolean,
  thousands = reading.pointsAreThousands,
): ColumnReading {
  const seen = reading.how === "" ? undefined : reading.decimal;
  const decimal = rules.decimal ?? seen;
  const [points] = cells.points;
  return {
    as: "number",
    decimal,
    signs,
    // where commas are decimals, points are thousands if there were separators of these, unless they were decimals, too
    ...(decimal === "," &&
      (points === 0 || thousands) && { thousands: thousands || reading.how.includes("thousands") }),
    missing: missingWords(
      rules,
      odd.map((code) => cells.words[code]!),
    ),
  };
}

function numbersOf(cells: Cells, reading: Reading): Float64Array {
  const { numbers: plain, wordRows, wordCodes, count } = cells;
  const values = plain ? plain.slice() : new Float64Array(count);
  if (reading.pointsAreThousands) {
    for (const row of cells.wholeRows) values[row]! *= 1000;
    for (let i = 0; i < count; i++) if (!Number.isInteger(values[i]!)) values[i] = Math.round(values[i]! * 1000);
  }
  for (let i = 0; i < wordCodes.length; i++) {
    values[wordRows?.[i] ?? i] = reading.read.get(wordCodes[i]!) ?? NaN;
  }
  return values;
}

function allDifferent(values: Float64Array): boolean {
  const sorted = sortedValues(values);
  return sorted.every((value, i) => i === 0 || value !== sorted[i - 1]);
}
