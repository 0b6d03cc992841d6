// Numbers and times as they are read.

const SPACE = "\u00a0";

const grouped = (digits: string): string => digits.replaceAll(/\B(?=(?:\d{3})+$)/g, ",");

/** With this many digits after the point: 1,336.50. */
export function decimals(value: number, digits: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 1e15) return value.toExponential(2).replace("e+", "e").replace("-", "−");
  const [whole, part] = Math.abs(value).toFixed(Math.min(digits, 20)).split(".");
  const text = grouped(whole!) + (part === undefined ? "" : `.${part}`);
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

/** The power of ten of the first digit: 3 of 1,336. */
export const magnitude = (value: number): number =>
  value === 0 || !Number.isFinite(value) ? 0 : Number(value.toExponential().split("e")[1]);

/** With this many digits in all, but never less than a whole number. */
export function figure(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return "–";
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return decimals(value, 0);
  const size = magnitude(Number(value.toPrecision(digits)));
  if (value !== 0 && (size < -4 || size >= 15)) {
    return value
      .toExponential(Math.max(0, digits - 2))
      .replace("e+", "e")
      .replaceAll("-", "−");
  }
  return decimals(value, Math.max(0, digits - 1 - size));
}

/** To so many digits: 77,100 of 77,148. */
export const rounded = (value: number, digits = 3): string =>
  Number.isFinite(value) ? figure(Number(value.toPrecision(digits)), digits) : "–";

/** A count: 1,336. */
export const count = (value: number): string => decimals(value, 0);

/** A count and what is counted: "1 row", "1,336 rows". */
export const counted = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? "" : "s"}`;

/** A share as "72 %"; small and nearly whole ones with more digits, so that only what is all or nothing says so. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return "–";
  const value = share * 100;
  const digits = [0, 1, 2].find((n) => {
    const shown = Number(value.toFixed(n));
    return value === 0 || value === 100 || (shown !== 0 && shown !== 100);
  });
  return `${decimals(value, digits ?? 3)}${SPACE}%`;
}

/** A day of a time in milliseconds: 2016-03-01. */
export const day = (time: number): string => (Number.isFinite(time) && Math.abs(time) < 8e15 ? new Date(time).toISOString().slice(0, 10) : "–"); // prettier-ignore
