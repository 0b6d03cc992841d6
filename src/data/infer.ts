// Decides what a column's cells are, by reading all of them, and says why.
import { checkKeys, checkKind, checkOneOf, isRecord, valueText } from "../util/check.ts";
import { unknownText } from "../util/suggest.ts";
import type { Cells } from "./cells.ts";
import type { ColumnParts } from "./columns.ts";
import { dateReader } from "./dates.ts";
import { asDates } from "./infer/dates.ts";
import { asNumbers, readNumbers } from "./infer/numbers.ts";
import { type DateType, type InferRules, ask } from "./infer/question.ts";
import { asSigned } from "./infer/signs.ts";
import { asTold } from "./infer/told.ts";
import { asBoolean, asWords, constantColumn, words } from "./infer/words.ts";
import type { ColumnType } from "./tableTypes.ts";

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

/** Decides the type of a column. */
export function inferColumn(name: string, cells: Cells, rules: InferRules): ColumnParts {
  const question = ask(name, cells, rules);
  const wanted = rules.types.get(name);
  if (wanted !== undefined) return asTold(question, wanted);
  const { filled } = question;
  if (filled === 0) return words(question, "constant", cells.count === 0 ? "there are no rows" : "all cells are empty");
  const reading = readNumbers(question);
  return (
    constantColumn(question) ??
    asNumbers(question, reading) ??
    asSigned(question) ??
    asBoolean(question) ??
    asDates(question) ??
    asWords(question, reading)
  );
}

export type { DateType } from "./infer/question.ts";
