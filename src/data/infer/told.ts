// Columns whose type the options say.
import { valueText } from "../../util/check.ts";
import type { ColumnReading } from "../columnReading.ts";
import { type ColumnParts, counted } from "../columns.ts";
import { KNOWN_FORMATS } from "../dates.ts";
import type { ColumnType } from "../tableTypes.ts";
import { isBeyond, signedNumber } from "../writtenNumbers.ts";
import { dates, fitsOf, formatText } from "./dates.ts";
import { numberParts, numbers, plainReading, readNumbers, refuseBeyond } from "./numbers.ts";
import { readBehindSigns } from "./signs.ts";
import { type DateType, FEW_WORDS, type Question, allAre, keyText, missingWords, named } from "./question.ts";
import { PAIRS, booleans, differentNumbers, noteOn, words } from "./words.ts";

/** A column of the type that the options say. */
export function asTold(question: Question, wanted: ColumnType | DateType): ColumnParts {
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
  const behind = readBehindSigns(question);
  const comma = reading.how.includes("comma") || (!behind.ambiguous && behind.decimal === ",");
  const decimal = question.rules.decimal ?? (comma ? "," : ".");
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
  return numbers(question, { ...reading, ...(reading.how === "" && { decimal, how: behind.how }), read }, odd, told);
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
