// Decides what a column's cells are, by reading all of them, and says why.
import { checkKeys, checkKind, checkOneOf, isRecord, valueText } from "../util/check.ts";
import { unknownText } from "../util/suggest.ts";
import { type Cells, fitsFloat32, stepsOf } from "./cells.ts";
import { type ColumnParts, counted, dateText, shortNumber, thousands } from "./columns.ts";
import type { ColumnReading } from "./columnReading.ts";
import { type DateFormat, type DateReader, dateReader, KNOWN_FORMATS } from "./dates.ts";
import {
  byValue,
  DECIMAL_COMMA,
  isBeyond,
  isCode,
  isWritten,
  signedNumber,
  THOUSANDS_BY_SPACE,
  wordNumber,
} from "./writtenNumbers.ts";
import type { ColumnType } from "./tableTypes.ts";

/** How a column of dates is written. */
export interface DateType {
  /** It is a date. */
  readonly type: "date";
  /** Such as "dd/mm/yyyy"; or several, of which the first that fits a cell counts. */
  readonly format: DateFormat | readonly DateFormat[];
}

/** Options of `infer`. */
export interface InferOptions {
  /** Types of columns, where what they look like is not what they are; default all as they look. */
  readonly types?: Readonly<Record<string, ColumnType | DateType>>;
  /** The words that stand for a missing value, besides the empty cell. */
  readonly missing?: readonly string[];
  /** The sign before decimals; default for each column the only one that fits. */
  readonly decimal?: "." | ",";
}

/** Words that usually stand for a missing value. */
export const USUAL_MISSING: readonly string[] = ["NA", "N/A", "n/a", "null", "NULL", "None", "NaN", "nan", "?", "-"];

const TYPES: readonly ColumnType[] = ["number", "category", "boolean", "date", "text", "identifier", "constant"];
const PAIRS: readonly (readonly [no: string, yes: string])[] = [
  ["false", "true"],
  ["no", "yes"],
  ["nein", "ja"],
  ["否", "是"],
];

/** Cells that are something else than the column, up to this share, are taken as missing. */
const ODD_SHARE = 0.01;
/** A category has at most this many words, or the square root of the number of rows; or more if each comes this often. */
const FEW_WORDS = 20;
const MOST_CATEGORIES = 1000;

/** The options once they are validated. */
export interface InferRules {
  readonly types: ReadonlyMap<string, ColumnType | DateType>;
  readonly missing: ReadonlySet<string>;
  readonly decimal: "." | "," | undefined;
}

/** Validates the options of `infer` for a table of these columns. */
export function inferRules(options: InferOptions, columns: readonly string[]): InferRules {
  const elsewhere = { dtype: "types", dtypes: "types", navalues: "missing", columns: "types" };
  checkKeys("infer", options, ["types", "missing", "decimal"], elsewhere);
  const { types = {}, missing = USUAL_MISSING, decimal } = options;
  checkKind(isRecord(types), "infer", "types", 'an object such as { age: "number" }', types);
  for (const [name, type] of Object.entries(types)) {
    if (!columns.includes(name)) throw new RangeError(`infer: types: ${unknownText("column", name, columns)}`);
    checkType(`types.${name}`, type);
  }
  const listed = Array.isArray(missing) && missing.every((word) => typeof word === "string");
  checkKind(listed, "infer", "missing", 'an array of words such as ["NA", "-"]', missing);
  if (decimal !== undefined) checkOneOf("infer", "decimal", decimal, [".", ","]);
  return { types: new Map(Object.entries(types)), missing: new Set(["", ...missing]), decimal };
}

function checkType(name: string, type: ColumnType | DateType): void {
  if (!isRecord(type)) {
    checkOneOf("infer", name, type as string, TYPES);
    return;
  }
  const { type: kind, format } = type as unknown as DateType;
  checkOneOf("infer", `${name}.type`, kind, ["date"]);
  const formats = [format].flat();
  for (const each of formats) {
    if (typeof each !== "string" || !dateReader(each)) {
      const rule = '"iso", or yyyy, mm and dd with signs between them, such as "dd/mm/yyyy"';
      throw new RangeError(`infer: ${name}.format must be ${rule}, got ${valueText(each)}`);
    }
  }
}

/** What is asked of a column's cells while its type is looked for. */
interface Question {
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

/** Decides the type of a column. */
export function inferColumn(name: string, cells: Cells, rules: InferRules): ColumnParts {
  const question = ask(name, cells, rules);
  const wanted = rules.types.get(name);
  if (wanted !== undefined) return asTold(question, wanted);
  const { filled } = question;
  if (filled === 0) return words(question, "constant", cells.count === 0 ? "there are no rows" : "all cells are empty");
  const reading = readNumbers(question);
  return (
    constant(question) ??
    asNumbers(question, reading) ??
    asBoolean(question) ??
    asDates(question) ??
    asWords(question, reading)
  );
}

function ask(name: string, cells: Cells, rules: InferRules): Question {
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

const sum = (counts: Uint32Array, codes: readonly number[]): number =>
  codes.reduce((total, code) => total + counts[code]!, 0);

/** `all 4,454 cells are`, or `all others are`. */
function allAre({ cells, missing, filled }: Question): string {
  if (missing === 0) return cells.count === 1 ? "the only cell is" : `all ${counted(cells.count, "cell")} are`;
  return filled === 1 ? "the only other is" : "all others are";
}

/** Words that are numbers in another way of writing. */
interface Reading {
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

function readNumbers({ cells, present, rules }: Question): Reading {
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

/** The first cells whose words are among these: `"many" in row 17, "few" in row 30`. */
function named({ cells }: Question, codes: readonly number[], most = 3): string {
  const wanted = new Set(codes);
  const { wordCodes, wordRows, words: list } = cells;
  const found: string[] = [];
  for (let i = 0; i < wordCodes.length && found.length < most; i++) {
    if (wanted.has(wordCodes[i]!)) found.push(`${valueText(list[wordCodes[i]!])} in row ${wordRows?.[i] ?? i}`);
  }
  return `${found.join(", ")}${sum(cells.counts, codes) > found.length ? " and so on" : ""}`;
}

/** The first cell whose word is among these. */
const first = (question: Question, codes: readonly number[]): string =>
  named(question, codes, 1).replace(/ and so on$/, "");

function constant(question: Question): ColumnParts | undefined {
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

/** A column of numbers, which are joined when they are first read. */
function numberParts(
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
function asNumbers(question: Question, reading: Reading): ColumnParts | undefined {
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

function refuseBeyond(question: Question, codes: readonly number[]): never {
  const { name, cells } = question;
  const list = codes.slice(0, 3).map((code) => JSON.stringify(cells.words[code]));
  throw new RangeError(
    `infer: column ${valueText(name)} has numbers that are infinite or beyond float32 (3.4028235e38): ${named(question, codes)}; ` +
      `mend them, or take them as missing: missing: [${list.join(", ")}]`,
  );
}

/** A column of numbers; `odd`: words that are taken as missing. */
function numbers(question: Question, reading: Reading, odd: readonly number[], told = ""): ColumnParts {
  const again = numberReading(question, reading, odd, told !== "");
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
  const reason = `${told}${before}${oddText}${share} ${span}${how}`;
  if (told === "" && oddCells === 0 && range.whole) {
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
const plainReading = ({ rules }: Question): ColumnReading => ({
  as: "number",
  decimal: rules.decimal,
  signs: false,
  missing: missingWords(rules),
});

/** The words that are missing, with those of `more`. */
const missingWords = ({ missing }: InferRules, more: readonly string[] = []): readonly string[] =>
  [...missing, ...more].filter((word) => word !== "");

/** How further cells of a column of numbers are read. */
function numberReading(
  { rules, cells }: Question,
  reading: Reading,
  odd: readonly number[],
  signs: boolean,
): ColumnReading {
  const seen = reading.how === "" ? undefined : reading.decimal;
  const decimal = rules.decimal ?? seen;
  const [points] = cells.points;
  return {
    as: "number",
    decimal,
    signs,
    // where commas are decimals, points are thousands, unless they were decimals, too
    ...(decimal === "," && (points === 0 || reading.pointsAreThousands) && { thousands: true }),
    missing: missingWords(
      rules,
      odd.map((code) => cells.words[code]!),
    ),
  };
}

const keyText = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

function isNamedAsId(name: string): boolean {
  return (
    /(?:^|[^a-z])(?:id|ids|uuid|guid|index|idx|nr|rownames?|row_?number|编号|序号)$/i.test(name) ||
    /[a-z](?:Id|ID)$/.test(name)
  );
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
  const sorted = values.filter((value) => value === value).toSorted();
  return sorted.every((value, i) => i === 0 || value !== sorted[i - 1]);
}

function asBoolean(question: Question): ColumnParts | undefined {
  const { cells, present, plain } = question;
  if (plain > 0 || present.length < 2 || present.length > 6) return undefined;
  const lower = new Set(present.map((code) => cells.words[code]!.toLowerCase()));
  const pair = PAIRS.find((each) => lower.size === 2 && each.every((word) => lower.has(word)));
  if (!pair) return undefined;
  return booleans(question, pair, `${allAre(question)} ${pair[1]} or ${pair[0]}`);
}

function booleans(question: Question, pair: readonly [string, string], why: string): ColumnParts {
  const codeOf = (word: string): number => pair.indexOf(word.toLowerCase());
  const { codes } = coded(question, (list) => list.map(codeOf));
  const reading: ColumnReading = { as: "boolean", pair, missing: missingWords(question.rules) };
  return { name: question.name, type: "boolean", reason: question.before + why, codes, words: [...pair], reading };
}

/** A format, and the cells that it fits. */
interface Fit {
  readonly format: DateFormat;
  readonly read: DateReader;
  readonly codes: readonly number[];
  readonly cells: number;
}

function fitsOf({ cells, present }: Question, formats: readonly DateFormat[]): Fit[] {
  const looks = present.slice(0, 50).concat(present.slice(-50));
  return formats.flatMap((format) => {
    const read = dateReader(format)!;
    if (!looks.some((code) => read(cells.words[code]!) !== undefined)) return [];
    const codes = present.filter((code) => read(cells.words[code]!) !== undefined);
    return [{ format, read, codes, cells: sum(cells.counts, codes) }];
  });
}

const formatText = (format: DateFormat): string => (format === "iso" ? "yyyy-mm-dd" : format);

/** Dates, or text with the reason where they are not to be told from each other; undefined if they are none. */
function asDates(question: Question): ColumnParts | undefined {
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

function dates(question: Question, formats: readonly DateFormat[], told = ""): ColumnParts {
  const readers = formats.map((each) => dateReader(each)!);
  const format = formats.map(formatText).join(", ");
  const { name, cells, present, before, plain, filled } = question;
  /** The date that each word is. */
  const read = new Float64Array(cells.words.length).fill(NaN);
  for (const code of present) {
    for (let i = 0; i < readers.length && Number.isNaN(read[code]); i++)
      read[code] = readers[i]!(cells.words[code]!) ?? NaN;
  }
  const odd = present.filter((code) => Number.isNaN(read[code]));
  const oddCells = sum(cells.counts, odd) + plain;
  if (odd.length === present.length || (oddCells > 0 && told !== "" && oddCells >= ODD_SHARE * filled)) {
    const example =
      odd.length > 0 ? named(question, odd) : `numbers such as ${cells.numbers?.find((value) => value === value)}`;
    throw new RangeError(
      `infer: types.${name} is a date (${format}), but ${thousands(oddCells)} of ${counted(filled, "cell")} aren't: ${example}`,
    );
  }
  const values = new Float64Array(cells.count).fill(NaN);
  const { wordRows, wordCodes } = cells;
  for (let i = 0; i < wordCodes.length; i++) values[wordRows?.[i] ?? i] = read[wordCodes[i]!]!;
  const { least, most } = stepsOf([values], values.length);
  const oddText =
    oddCells === 0
      ? ""
      : `${counted(oddCells, "cell")} with something else ${oddCells === 1 ? "is" : "are"} taken as missing${odd.length > 0 ? `: ${named(question, odd)}` : ""}; `;
  const share = oddCells > 0 ? "all but these are" : allAre(question);
  const span = least === most ? dateText(least) : `${dateText(least)} to ${dateText(most)}`;
  const missing = missingWords(question.rules, [...odd.map((code) => cells.words[code]!), ...oddNumbers(cells)]);
  const reading: ColumnReading = { as: "date", formats, missing };
  return {
    name,
    type: "date",
    reason: `${told}${before}${oddText}${share} dates (${format}), ${span}`,
    values,
    reading,
  };
}

/** The numbers that are there, as words. */
const oddNumbers = ({ numbers: list }: Cells): string[] => [
  ...new Set(Array.from(list?.filter((value) => value === value) ?? [], String)),
];

/** A category, an identifier or text. */
function asWords(question: Question, reading: Reading): ColumnParts {
  const { name, cells, present, plain, filled, before } = question;
  const note = noteOn(question, reading);
  const wrote =
    /^[+-]?\D{0,3}[\d.,' ]+\s?%$|^[+-]?(?:[$€£¥₹]|[A-Z]{3})\s?[\d.,' ]+$|^[+-]?[\d.,' ]+\s?(?:[$€£¥₹]|[A-Z]{3})$/;
  const signed = present.filter((code) => /\d/.test(cells.words[code]!) && wrote.test(cells.words[code]!));
  if (sum(cells.counts, signed) + plain > (1 - ODD_SHARE) * filled) {
    const kind = cells.words[signed[0]!]!.endsWith("%") ? "percent" : "currency";
    const does = kind === "percent" ? "reads them as hundredths (12 % is 0.12)" : "leaves the signs away";
    const why = `numbers with signs of ${kind} (${first(question, signed)}); types: { ${keyText(name)}: "number" } ${does}`;
    return words(question, "text", before + why);
  }
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

function noteOn(question: Question, reading: Reading): Note {
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

function differentNumbers(values: Float64Array): number {
  const sorted = values.filter((value) => value === value).toSorted();
  let different = 0;
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) different++;
  return different;
}

/** A column of words. */
function words(question: Question, type: ColumnType, reason: string): ColumnParts {
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

/** A column of the type that the options say. */
function asTold(question: Question, wanted: ColumnType | DateType): ColumnParts {
  const { name, cells, present, plain, filled, before } = question;
  const told = "as options say; ";
  const type = typeof wanted === "string" ? wanted : wanted.type;
  if (filled === 0) return toldOfNothing(question, type);
  if (type === "number") return toldNumbers(question, told);
  if (type === "boolean") return toldBoolean(question, told);
  if (type === "date") {
    const formats = typeof wanted === "string" ? undefined : [wanted.format].flat();
    if (formats) return dates(question, formats, told);
    const [best, second] = fitsOf(question, KNOWN_FORMATS).toSorted((a, b) => b.cells - a.cells);
    if (best && second && best.cells === second.cells) {
      throw new RangeError(
        `infer: types.${name} is "date", but the cells are dates as ${formatText(best.format)} and as ${formatText(second.format)}; ` +
          `say which: types: { ${keyText(name)}: { type: "date", format: "dd/mm/yyyy" } }`,
      );
    }
    return dates(question, [best?.format ?? "iso"], told);
  }
  if (type === "identifier" && plain === filled && plain > 0) {
    return numberParts(question, type, `${told}${before}numbers`, plainReading(question), () => cells.numbers!);
  }
  const different = present.length + (plain > 0 ? differentNumbers(cells.numbers!) : 0);
  return words(question, type, `${told}${before}${counted(different, "different word")}`);
}

function toldOfNothing(question: Question, type: ColumnType): ColumnParts {
  const reason = `as options say; ${question.cells.count === 0 ? "there are no rows" : "all cells are empty"}`;
  const { rules, name } = question;
  if (type === "boolean") {
    const reading: ColumnReading = { as: "boolean", pair: PAIRS[0]!, missing: missingWords(rules) };
    return { ...words(question, type, reason), words: PAIRS[0]!, reading };
  }
  if (type !== "number" && type !== "date") return words(question, type, reason);
  const reading: ColumnReading =
    type === "date"
      ? { as: "date", formats: ["iso"], missing: missingWords(rules) }
      : { as: "number", decimal: rules.decimal, signs: true, missing: missingWords(rules) };
  return { name, type, reason, values: new Float64Array(question.cells.count).fill(NaN), reading };
}

function toldNumbers(question: Question, told: string): ColumnParts {
  const { name, cells, present, plain } = question;
  const reading = readNumbers(question);
  if (reading.ambiguous) {
    throw new RangeError(`infer: types.${name} is "number", but ${noteOn(question, reading).text}`);
  }
  const read = new Map(reading.read);
  const decimal = question.rules.decimal ?? (reading.how.includes("comma") ? "," : ".");
  for (const code of present) {
    const word = cells.words[code]!;
    if (read.has(code) || isBeyond(word)) continue;
    const value = signedNumber(word, decimal);
    if (value !== undefined) read.set(code, value);
  }
  const odd = present.filter((code) => !read.has(code));
  const beyond = odd.filter((code) => isBeyond(cells.words[code]!));
  if (beyond.length > 0) refuseBeyond(question, beyond);
  if (plain === 0 && read.size === 0) {
    throw new RangeError(`infer: types.${name} is "number", but no cell is one: ${named(question, odd)}`);
  }
  return numbers(question, { ...reading, read }, odd, told);
}

function toldBoolean(question: Question, told: string): ColumnParts {
  const { name, cells, present } = question;
  const values = new Set(present.map((code) => cells.words[code]!.toLowerCase()));
  for (const value of cells.numbers ?? []) {
    if (value === value) values.add(String(value));
    if (values.size > FEW_WORDS) break;
  }
  const pair = [...PAIRS, ["0", "1"] as const].find((each) => [...values].every((value) => each.includes(value)));
  if (!pair) {
    const some = [...values].slice(0, 3).map(valueText);
    const pairs = [...PAIRS.map(([no, yes]) => `${yes}/${no}`), "1/0"].join(", ");
    throw new RangeError(
      `infer: types.${name} is "boolean", which is one of ${pairs}, but the column has ${some.join(", ")}; of other words "category" does`,
    );
  }
  return booleans(question, pair, `${told}${allAre(question)} ${pair[1]} or ${pair[0]}`);
}
