// Numbers as people write them: with a decimal comma, separators of thousands, signs of percent or of a currency.
import { fitsFloat32, plainNumber } from "./cells.ts";

const THOUSANDS_BY_COMMA = /^[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$/;
const THOUSANDS_BY_POINT = /^[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?$/;
export const THOUSANDS_BY_SPACE = /^[+-]?[1-9]\d{0,2}(?:[ \u00a0\u2009\u202f'’]\d{3})+(?:[.,]\d+)?$/;
export const DECIMAL_COMMA = /^[+-]?\d*,\d+(?:[eE][+-]?\d+)?$/;

/** The number of a word, with a sign before decimals. */
export function wordNumber(word: string, decimal: "." | ","): number | undefined {
  const grouped = decimal === "," ? THOUSANDS_BY_POINT : THOUSANDS_BY_COMMA;
  let text = word;
  if (THOUSANDS_BY_SPACE.test(word)) text = word.replaceAll(/[ \u00a0\u2009\u202f'’]/g, "");
  else if (grouped.test(word)) text = word.replaceAll(decimal === "," ? "." : ",", "");
  if (decimal === ",") {
    if (text.includes(".")) return undefined;
    text = text.replace(",", ".");
  }
  return text === word ? undefined : plainNumber(text);
}

/** Is it made of digits and the signs between them? */
export const isWritten = (word: string): boolean => /^[+-]?[\d.,' \u00a0\u2009\u202f’]*\d(?:[eE][+-]?\d+)?$/.test(word);

/** A sign of a currency, or a code of three letters. */
export const CURRENCY =
  "(?:[$\\u00a2-\\u00a5\\u058f\\u060b\\u09f2\\u09f3\\u09fb\\u0af1\\u0bf9\\u0e3f\\u17db\\u20a0-\\u20cf\\ua838\\ufdfc\\ufe69\\uff04\\uffe0\\uffe1\\uffe5\\uffe6]|[A-Z]{3})";

const AROUND = new RegExp(String.raw`^([+-]?)${CURRENCY}\s?|\s?${CURRENCY}$`, "g");

/** A word without signs of percent or of a currency. */
export const bareWord = (word: string): string => word.replace(/\s?%$/, "").replaceAll(AROUND, "$1");

/** The number of a word, with signs of percent or of a currency, or zeros before it. */
export function signedNumber(word: string, decimal: "." | ","): number | undefined {
  const bare = bareWord(word);
  const grouped = decimal === "," && bare.includes("."); // no decimals
  const value =
    (grouped ? undefined : plainNumber(bare.replace(/^([+-]?)0+(?=\d)/, "$1"))) ??
    wordNumber(bare, decimal) ??
    (isCode(bare) ? Number(bare) : NaN);
  return Number.isFinite(value) ? (word.endsWith("%") ? value / 100 : value) : undefined;
}

/** Is it a code of digits? */
export const isCode = (word: string): boolean => /^[+-]?0\d+(?:\.\d+)?$/.test(word) || /^\d{16,}$/.test(word);
/** Is it a number that is infinite as float32? */
export const isBeyond = (word: string): boolean => {
  if (/^[+-]?(?:inf|infinity|∞)$/i.test(word)) return true;
  const value = plainNumber(word);
  return value !== undefined && !fitsFloat32(value);
};

/** Numbers by their size, before words by their code units. */
export function byValue(a: string, b: string): number {
  const [m, n] = [plainNumber(a), plainNumber(b)];
  if (m !== undefined && n !== undefined && m !== n) return m - n;
  if ((m === undefined) !== (n === undefined)) return m === undefined ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}
