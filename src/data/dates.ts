// Dates as they are written in tables, as milliseconds since 1970 in UTC.

/** How a date is written: `yyyy`, `mm` and `dd` with signs between them; "iso" is yyyy-mm-dd, with a time or without. */
export type DateFormat = string;

/** The formats that are recognised without being named. */
export const KNOWN_FORMATS: readonly DateFormat[] = ["iso", "yyyy/mm/dd", "dd.mm.yyyy", "mm/dd/yyyy", "dd/mm/yyyy"];

const TIME = "(?:[T ](\\d{1,2}):(\\d{2})(?::(\\d{2})(?:[.,](\\d{1,9}))?)?\\s?(Z|[+-]\\d{2}:?\\d{2})?)?";
const PARTS = { yyyy: "(\\d{4})", mm: "(\\d{1,2})", dd: "(\\d{1,2})" } as const;

/** Reads dates of a format: milliseconds since 1970, undefined of what isn't one. */
export type DateReader = (text: string) => number | undefined;

/** The reader of a format; undefined if it hasn't each of `yyyy`, `mm` and `dd` once, and no other letters. */
export function dateReader(format: DateFormat): DateReader | undefined {
  const written = format === "iso" ? "yyyy-mm-dd" : format;
  const order: readonly string[] = written.match(/[a-z]+/g) ?? [];
  if (order.toSorted().join(" ") !== "dd mm yyyy") return undefined;
  const strict = format === "iso" || written.startsWith("yyyy");
  const pattern = written.replaceAll(/yyyy|mm|dd|[^a-z]/g, (part) => {
    if (!Object.hasOwn(PARTS, part)) return `\\u${part.charCodeAt(0).toString(16).padStart(4, "0")}`;
    return strict && part !== "yyyy" ? "(\\d{2})" : PARTS[part as keyof typeof PARTS];
  });
  const expression = new RegExp(`^${pattern}${TIME}$`);
  const [year, month, day] = ["yyyy", "mm", "dd"].map((part) => order.indexOf(part) + 1) as [number, number, number];
  const quick = strict && /^yyyy(.)mm\1dd$/.test(written) ? plainDates(written.charCodeAt(4)) : () => NaN;
  return (text) => {
    const plain = quick(text);
    if (plain === plain) return plain;
    const match = expression.exec(text);
    if (!match) return undefined;
    const at = (place: number): number => Number(match[place] ?? 0);
    return milliseconds(
      [at(year), at(month), at(day)],
      [at(4), at(5), at(6)],
      Number(`0.${match[7] ?? 0}`),
      match[8] ?? "Z",
    );
  };
}

/** Reads what most dates are, by their places: yyyy-mm-dd, hh:mm or hh:mm:ss after it or nothing; NaN of all else. */
const plainDates = (sign: number) => (text: string) => {
  const { length } = text;
  if (length !== 10 && length !== 19 && length !== 16) return NaN;
  if (text.charCodeAt(4) !== sign || text.charCodeAt(7) !== sign) return NaN;
  const [year, month, day] = [digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10)];
  if (!(year >= 100 && month >= 1 && month <= 12 && day >= 1 && day <= 28)) return NaN; // later days aren't in all months
  const start = Date.UTC(year, month - 1, day);
  if (length === 10) return start;
  const between = text.charCodeAt(10);
  if ((between !== SPACE && between !== T) || text.charCodeAt(13) !== COLON) return NaN;
  if (length === 19 && text.charCodeAt(16) !== COLON) return NaN;
  const [hour, minute, second] = [digits(text, 11, 13), digits(text, 14, 16), length === 16 ? 0 : digits(text, 17, 19)];
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return NaN;
  return start + ((hour * 60 + minute) * 60 + second) * 1000;
};

const [SPACE, T, COLON] = [32, 84, 58];

/** The whole number that digits are; NaN if others are among them. */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    value = value * 10 + digit;
  }
  return value;
}

function milliseconds(
  [year, month, day]: readonly [number, number, number],
  [hour, minute, second]: readonly [number, number, number],
  fraction: number,
  zone: string,
): number | undefined {
  if (year < 100 || hour > 23 || minute > 59 || second > 59) return undefined;
  const start = Date.UTC(year, month - 1, day);
  const date = new Date(start);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const away = zone === "Z" ? 0 : (zone[0] === "-" ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2)));
  return start + ((hour * 60 + minute - away) * 60 + second) * 1000 + Math.floor(fraction * 1000);
}
