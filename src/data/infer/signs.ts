// Columns of numbers with a sign of percent or of a currency.
import { fitsFloat32, plainNumber } from "../cells.ts";
import type { ColumnParts } from "../columns.ts";
import { bareWord, CURRENCY } from "../writtenNumbers.ts";
import { numbers, readNumbers, type Reading } from "./numbers.ts";
import { ODD_SHARE, type Question, first, keyText, sum } from "./question.ts";

const WRITTEN = new RegExp(String.raw`^[+-]?${CURRENCY}?\s?[+-]?[\d.,'’\u00a0\u2009\u202f ]+(?:%|${CURRENCY})?$`);
const SIGNS = new RegExp(`%|${CURRENCY}`, "g");
const BEFORE = new RegExp(`^[+-]?${CURRENCY}`);
const OF_THOUSANDS = /^[+-]?[1-9]\d{0,2}\.\d{3}$/;

/** Codes of currencies; other three letters before a number may name something else, such as a flight. */
const CURRENCIES = new Set(
  (
    "AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR JPY KRW KZT MAD MXN MYR NGN NOK NZD PEN PHP " +
    "PKR PLN RMB RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR"
  ).split(" "),
);

/** The sign of a word that is a number with one; undefined of anything else. */
function signOf(word: string): string | undefined {
  if (!/\d/.test(word) || !WRITTEN.test(word)) return undefined;
  const signs = word.match(SIGNS) ?? [];
  return signs.length === 1 ? signs[0] : undefined;
}

/** The words that are numbers with a sign, by their codes, and the signs of them. */
function signedWords({ cells, present, filled }: Question): {
  readonly codes: readonly number[];
  readonly signs: ReadonlySet<string>;
} {
  const codes: number[] = [];
  const signs = new Set<string>();
  let others = 0;
  for (const code of present) {
    const sign = signOf(cells.words[code]!);
    if (sign === undefined) {
      others += cells.counts[code]!;
      if (others >= ODD_SHARE * filled) return { codes: [], signs: new Set() };
      continue;
    }
    codes.push(code);
    signs.add(sign);
  }
  return { codes, signs };
}

/** How numbers are written that are behind signs, as they would be read without them. */
export function readBehindSigns(question: Question): Reading {
  const { cells, present } = question;
  const words = cells.words.map(bareWord);
  const pointed = present.filter((code) => words[code]!.includes(".") && plainNumber(words[code]!) !== undefined);
  const ofThousands = pointed.filter((code) => OF_THOUSANDS.test(words[code]!));
  const { count, steps, counts, wordRows, wordCodes, wholeRows, points: plain } = cells;
  const points = [plain[0] + pointed.length, plain[1] + ofThousands.length] as const;
  const bare = { count, numbers: undefined, steps, words, counts, wordRows, wordCodes, points, wholeRows };
  return readNumbers({ ...question, cells: bare });
}

/** May the points of money be decimals or thousands? */
const hasOddPoints = ({ rules, cells }: Question, codes: readonly number[], reading: Reading): boolean => {
  if (rules.decimal !== undefined || reading.decimal === ",") return false;
  const bare = codes.map((code) => bareWord(cells.words[code]!)).filter((word) => word.includes("."));
  return bare.length > 0 && bare.every((word) => OF_THOUSANDS.test(word));
};

/** Numbers, where all words but a few are some with the same sign and are read in one way; undefined otherwise. */
export function asSigned(question: Question): ColumnParts | undefined {
  const { cells, present, plain, filled } = question;
  if (plain > 0) return undefined;
  const { codes, signs } = signedWords(question);
  const [sign] = signs;
  if (sign === undefined || signs.size > 1 || (/^[A-Z]/.test(sign) && !CURRENCIES.has(sign))) return undefined;
  const reading = readBehindSigns(question);
  if (reading.ambiguous || (sign !== "%" && hasOddPoints(question, codes, reading))) return undefined;
  const read = new Map<number, number>();
  for (const code of codes) {
    const word = bareWord(cells.words[code]!);
    const thousands = reading.pointsAreThousands && OF_THOUSANDS.test(word);
    const value = reading.read.get(code) ?? plainNumber(thousands ? word.replace(".", "") : word);
    if (value !== undefined && fitsFloat32(value)) read.set(code, sign === "%" ? value / 100 : value);
  }
  const odd = present.filter((code) => !read.has(code));
  const oddCells = sum(cells.counts, odd);
  if (oddCells > 0 && oddCells >= ODD_SHARE * filled) return undefined;
  return numbers(question, { ...reading, pointsAreThousands: false, read }, odd, "", {
    text: signText(question, sign, codes),
    thousands: reading.pointsAreThousands,
  });
}

/** `with a $ before them` */
function signText({ cells }: Question, sign: string, codes: readonly number[]): string {
  if (sign === "%") return "percent, read as hundredths: 12 % is 0.12";
  const before = codes.filter((code) => BEFORE.test(cells.words[code]!)).length;
  const place = before === codes.length ? "before" : before === 0 ? "after" : "before or after";
  return `with ${sign.length === 1 ? "a " : ""}${sign} ${place} them`;
}

/** Why a column of numbers with signs is none of numbers; undefined of other columns. */
export function signsText(question: Question): string | undefined {
  const { name, cells, plain, filled } = question;
  const { codes, signs } = signedWords(question);
  if (codes.length === 0 || sum(cells.counts, codes) + plain <= (1 - ODD_SHARE) * filled) return undefined;
  const kind = signs.size === 1 && signs.has("%") ? "percent" : "currency";
  const example = first(question, codes);
  const does = kind === "percent" ? "reads them as hundredths (12 % is 0.12)" : "leaves the signs away";
  const option = `types: { ${keyText(name)}: "number" } ${does}`;
  if (signs.size > 1) {
    const [one, other] = signs;
    const ofOther = codes.filter((code) => signOf(cells.words[code]!) === other);
    return `numbers with different signs, such as ${one} and ${other} (${example}, ${first(question, ofOther)}); ${option}`;
  }
  const reading = readBehindSigns(question);
  const points = kind === "currency" && hasOddPoints(question, codes, reading);
  if (reading.ambiguous || points) {
    const what = points ? "points" : "commas";
    return `numbers with signs of ${kind} whose ${what} may be decimals or thousands (${example}), so it isn't guessed; say which: decimal: "." or decimal: ","`;
  }
  const some = plain > 0 ? "numbers with and without signs" : "numbers with signs";
  return `${some} of ${kind} (${example}); ${option}`;
}
