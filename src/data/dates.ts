// Dates as they are written in tables, as milliseconds since 1970 in UTC.

/**
 * How a date is written: `yyyy`, `mm` and `dd` with signs between them, or without a day; "iso" is yyyy-mm-dd, with a time or without. `mmm`
 * is the English name of a month, short or long, and `yy` beside it a year of two digits.
 */
export type DateFormat = string;

/** The formats that are recognised without being named. */
export const KNOWN_FORMATS: readonly DateFormat[] = [
  "iso",
  "yyyy/mm/dd",
  "dd.mm.yyyy",
  "mm/dd/yyyy",
  "dd/mm/yyyy",
  "mmm dd yyyy",
  "dd mmm yyyy",
  "dd-mmm-yyyy",
  "dd mmm yy",
  "dd-mmm-yy",
  "yyyy-mm",
];

const TIME = "(?:[T ](\\d{1,2}):(\\d{2})(?::(\\d{2})(?:[.,](\\d{1,9}))?)?\\s?(Z|[+-]\\d{2}:?\\d{2})?)?";
const PARTS = {
  yyyy: "(\\d{4})",
  yy: "(\\d{2})",
  mmm: "([A-Za-z]{3,9})\\.?",
  mm: "(\\d{1,2})",
  dd: "(\\d{1,2})",
} as const;
const ORDERS = new Set(["dd mm yyyy", "dd mmm yyyy", "dd mmm yy", "mm yyyy", "mmm yyyy"]);
const MONTHS = "january february march april may june july august september october november december".split(" ");
const MONTH_NAMES = new Map([
  ...MONTHS.map((name, i) => [name, i + 1] as const),
  ...MONTHS.map((name, i) => [name.slice(0, 3), i + 1] as const),
  ["sept", 9] as const,
]);

/** Are years written with two digits? */
export const hasShortYears = (format: DateFormat): boolean => /(?:^|[^y])yy(?:[^y]|$)/.test(format);

/** Are dates digits without signs between them, so that they are numbers where they are read? */
export const isCompact = (format: DateFormat): boolean => format !== "iso" && /^[ymd]+$/.test(format);

/** Reads dates of a format: milliseconds since 1970, undefined of what isn't one. */
export type DateReader = (text: string) => number | undefined;

/** The reader of a format; undefined if it hasn't a year, a month and at most one day, each once, and no other letters. */
export function dateReader(format: DateFormat): DateReader | undefined {
  const written = format === "iso" ? "yyyy-mm-dd" : format;
  const order: readonly string[] = written.match(/yyyy|yy|mmm|mm|dd|[A-Za-z]/g) ?? [];
  if (!ORDERS.has(order.toSorted().join(" "))) return undefined;
  const named = order.includes("mmm");
  const daily = order.includes("dd");
  const strict = format === "iso" || written.startsWith("yyyy") || isCompact(written);
  const pattern = written.replaceAll(/yyyy|yy|mmm|mm|dd|[^a-z]/g, (part) => {
    if (part === " " && named) return ",? ";
    if (!Object.hasOwn(PARTS, part)) return `\\u${part.charCodeAt(0).toString(16).padStart(4, "0")}`;
    return strict && (part === "mm" || part === "dd") ? "(\\d{2})" : PARTS[part as keyof typeof PARTS];
  });
  const expression = new RegExp(`^${pattern}${daily ? TIME : ""}$`);
  const [year, month, day] = ["y", "m", "d"].map((part) => order.findIndex((own) => own.startsWith(part)) + 1) as [
    number,
    number,
    number,
  ];
  const short = order.includes("yy");
  const quick = strict && /^yyyy(.)mm\1dd$/.test(written) ? plainDates(written.charCodeAt(4)) : () => NaN;
  return (text) => {
    const plain = quick(text);
    if (plain === plain) return plain;
    const match = expression.exec(text);
    if (!match) return undefined;
    const at = (place: number): number => Number(match[place] ?? 0);
    const ofYear = at(year);
    return milliseconds(
      [
        short ? ofYear + (ofYear <= 68 ? 2000 : 1900) : ofYear,
        named ? (MONTH_NAMES.get(match[month]!.toLowerCase()) ?? 0) : at(month),
        daily ? at(day) : 1,
      ],
      [at(4), at(5), at(6)],
      Number(`0.${match[7] ?? 0}`),
      match[8] ?? "Z",
    );
  };
}

/** Reads what most dates are, by the places of their signs: yyyy-mm-dd, and hh:mm or hh:mm:ss after it or nothing. NaN of all else. */
const plainDates = (sign: number) => (text: string) => {
  const { length } = text;
  const at = (place: number): number => text.charCodeAt(place);
  const timed = length > 10;
  const holds = !timed || ((at(10) === 32 || at(10) === 84) && at(13) === COLON && (length === 16 || at(16) === COLON));
  if (!holds || (timed && length !== 16 && length !== 19) || at(4) !== sign || at(7) !== sign) return NaN;
  const part = (from: number, most: number, count = 2): number => digits(text, from, count, most);
  const [year, month, day] = [part(0, 9999, 4), part(5, 12), part(8, 28)]; // later days aren't in all months
  if (!(year >= 100 && month > 0 && day > 0)) return NaN;
  const minutes = timed ? part(11, 23) * 60 + part(14, 59) : 0;
  return Date.UTC(year, month - 1, day) + (minutes * 60 + (length === 19 ? part(17, 59) : 0)) * 1000;
};

const COLON = 58;

/** The whole number that so many digits are; NaN if others are among them, or it is more than `most`. */
function digits(text: string, from: number, count: number, most: number): number {
  let value = 0;
  for (let i = from; i < from + count; i++) {
    const digit = text.charCodeAt(i) - 48;
    value = digit >= 0 && digit <= 9 ? value * 10 + digit : NaN;
  }
  return value <= most ? value : NaN;
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
