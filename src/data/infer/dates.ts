// Columns of dates.
import { type Cells, stepsOf } from "../cells.ts";
import type { ColumnReading } from "../columnReading.ts";
import { type ColumnParts, counted, dateText, thousands } from "../columns.ts";
import { type DateFormat, type DateReader, KNOWN_FORMATS, dateReader, hasShortYears, isCompact } from "../dates.ts";
import { ODD_SHARE, type Question, allAre, first, keyText, missingWords, named, sum } from "./question.ts";
import { words } from "./words.ts";

/** A format, and the cells that it fits. */
interface Fit {
  readonly format: DateFormat;
  readonly read: DateReader;
  readonly codes: readonly number[];
  readonly cells: number;
}

export function fitsOf({ cells, present }: Question, formats: readonly DateFormat[]): Fit[] {
  const looks = present.slice(0, 50).concat(present.slice(-50));
  return formats.flatMap((format) => {
    const read = dateReader(format)!;
    if (!looks.some((code) => read(cells.words[code]!) !== undefined)) return [];
    const codes = present.filter((code) => read(cells.words[code]!) !== undefined);
    return [{ format, read, codes, cells: sum(cells.counts, codes) }];
  });
}

export const formatText = (format: DateFormat): string => (format === "iso" ? "yyyy-mm-dd" : format);

/** Dates, or text with the reason where they are not to be told from each other; undefined if they are none. */
export function asDates(question: Question): ColumnParts | undefined {
  const { name, filled, before, plain } = question;
  if (plain > 0 && plain >= ODD_SHARE * filled) return undefined;
  const fits = fitsOf(question, KNOWN_FORMATS).toSorted((a, b) => b.cells - a.cells);
  const [best, second] = fits;
  if (!best) return undefined;
  const option = (format: string): string => `types: { ${keyText(name)}: { type: "date", format: ${format} } }`;
  if (filled - best.cells >= ODD_SHARE * filled && best.cells < filled) {
    const ofBest = new Set(best.codes);
    const any = new Set(fits.flatMap((fit) => fit.codes));
    if (!second || filled - sum(question.cells.counts, [...any]) >= ODD_SHARE * filled) return undefined;
    const parts = fits.slice(0, 2).map((fit, i) => {
      const own = i === 0 ? fit.codes : fit.codes.filter((code) => !ofBest.has(code));
      return `${thousands(i === 0 ? fit.cells : sum(question.cells.counts, own))} ${formatText(fit.format)} (${first(question, own)})`;
    });
    const formats = JSON.stringify(fits.slice(0, 2).map((fit) => formatText(fit.format))).replace(",", ", ");
    const why = `dates in two formats: ${parts.join(" and ")}; write all in one, or say which comes first: ${option(formats)}`;
    return words(question, "text", before + why);
  }
  if (second && second.cells === best.cells) {
    const pair = fits.slice(0, 2).map((fit) => formatText(fit.format));
    const why = `${allAre(question)} dates as ${pair[0]} and as ${pair[1]}, too, so it isn't guessed; say which: ${option('"dd/mm/yyyy"')}`;
    return words(question, "text", before + why);
  }
  return dates(question, [best.format]);
}

export function dates(question: Question, formats: readonly DateFormat[], told = ""): ColumnParts {
  const readers = formats.map((each) => dateReader(each)!);
  const format = formats.map(formatText).join(", ");
  const { name, cells, present, before, plain, filled } = question;
  /** The date that each word is. */
  const read = new Float64Array(cells.words.length).fill(NaN);
  for (const code of present) {
    for (let i = 0; i < readers.length && Number.isNaN(read[code]); i++) {
      read[code] = readers[i]!(cells.words[code]!) ?? NaN;
    }
  }
  const odd = present.filter((code) => Number.isNaN(read[code]));
  const values = new Float64Array(cells.count).fill(NaN);
  const plainDates = formats.some(isCompact) ? readPlain(cells, readers, values) : 0;
  const oddCells = sum(cells.counts, odd) + plain - plainDates;
  if (
    (odd.length === present.length && plainDates === 0) ||
    (oddCells > 0 && told !== "" && oddCells >= ODD_SHARE * filled)
  ) {
    const example =
      odd.length > 0 ? named(question, odd) : `numbers such as ${cells.numbers?.find((value) => value === value)}`;
    throw new RangeError(
      `infer: types.${name} is a date (${format}), but ${thousands(oddCells)} of ${counted(filled, "cell")} aren't: ${example}`,
    );
  }
  const { wordRows, wordCodes } = cells;
  for (let i = 0; i < wordCodes.length; i++) values[wordRows?.[i] ?? i] = read[wordCodes[i]!]!;
  const { least, most } = stepsOf([values], values.length);
  const oddText =
    oddCells === 0
      ? ""
      : `${counted(oddCells, "cell")} with something else ${oddCells === 1 ? "is" : "are"} taken as missing${odd.length > 0 ? `: ${named(question, odd)}` : ""}; `;
  const share = oddCells > 0 ? "all but these are" : allAre(question);
  const span = least === most ? dateText(least) : `${dateText(least)} to ${dateText(most)}`;
  const years = formats.some(hasShortYears)
    ? "; years of two digits: 00 to 68 are 2000 to 2068, 69 to 99 are 1969 to 1999"
    : "";
  const missing = missingWords(question.rules, [
    ...odd.map((code) => cells.words[code]!),
    ...oddNumbers(cells, values),
  ]);
  const reading: ColumnReading = { as: "date", formats, missing };
  return {
    name,
    type: "date",
    reason: `${told}${before}${oddText}${share} dates (${format}), ${span}${years}`,
    values,
    reading,
  };
}

/** Reads dates that are digits alone. Returns how many there are. */
function readPlain({ numbers: list }: Cells, readers: readonly DateReader[], values: Float64Array): number {
  let count = 0;
  list?.forEach((value, row) => {
    if (value !== value) return;
    for (const read of readers) {
      const date = read(String(value));
      if (date === undefined) continue;
      values[row] = date;
      count++;
      return;
    }
  });
  return count;
}

/** The numbers that are there and are no dates, as words. */
const oddNumbers = ({ numbers: list }: Cells, values: Float64Array): string[] => [
  ...new Set(Array.from(list?.filter((value, row) => value === value && values[row] !== values[row]) ?? [], String)),
];
