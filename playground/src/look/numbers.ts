// How numbers are written, one function for each use, and read.

const minus = (text: string): string => text.replaceAll("-", "−");

/** Four significant digits, never rounded to nothing: 0.0008803, −2.005, 4.9e−7. Integers as they are. */
export function value(v: number, digits = 4): string {
  if (Number.isNaN(v)) return "NaN";
  if (!Number.isFinite(v)) return v > 0 ? "∞" : "−∞";
  const size = Math.abs(v);
  if (Number.isInteger(v) && size < 1e4) return minus(String(v));
  if (size < 1e-4 || size >= 1e6) return minus(v.toExponential(1).replace("e+", "e"));
  const text = v.toPrecision(digits);
  return minus(text.includes("e") ? String(Number(text)) : text);
}

/** For the cells of a matrix, at most seven characters: integers as they are; 2.005; 0.4340; 4.9e−4. */
export function cell(v: number): string {
  const size = Math.abs(v);
  if (!Number.isFinite(v) || size >= 1 || v === 0) return value(v);
  return minus(size >= 0.01 ? v.toFixed(4) : v.toExponential(1));
}

/** A loss: six significant digits. */
export const loss = (v: number): string => value(v, 6);

/** A count, its thousands apart by a thin space at which no line breaks: 151 940. */
export const count = (n: number): string => String(Math.round(n)).replaceAll(/\B(?=(\d{3})+$)/g, "\u202f");

/** A large count in short: 38 k, 1.2 M. */
export function short(n: number): string {
  if (n >= 999_500) return `${(n / 1e6).toFixed(n < 9.95e6 ? 1 : 0)} M`;
  return n >= 9950 ? `${Math.round(n / 1000)} k` : count(n);
}

/** A share as a percentage: 97.5 %. */
export const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;

/** A number as people type it: with the minus of books, or a decimal comma. NaN if it is none. */
export function readNumber(text: string): number {
  const plain = text
    .trim()
    .replaceAll("−", "-")
    .replace(/^([^.,]*),([^.,]*)$/, "$1.$2");
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) ? Number(plain) : Number.NaN;
}
