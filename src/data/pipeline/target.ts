// The column to predict: which task it is, and what numbers it becomes.
import { valueText } from "../../util/check.ts";
import { counted, thousands } from "../columns.ts";
import type { ColumnReading, ReadColumn } from "../columnReading.ts";
import type { Column } from "../tableTypes.ts";
import { countWords } from "./fitColumn.ts";
import type { FittedTarget } from "./fitted.ts";
import { expm1, log1p } from "./logarithm.ts";
import { isSkewed, meanAndDeviation, shapeOf, sortedValues } from "../statistics.ts";

/** Classes at most. */
export const MOST_CLASSES = 1000;

/** What is predicted of a column, if the options don't say. */
export function taskOf(where: string, column: Column): "regression" | "classification" {
  const { type, values } = column;
  if (type === "category" || type === "boolean") return "classification";
  if (type !== "number") refuseType(where, column);
  const { different, least, most } = shapeOf(values!);
  return different === 2 && Number.isInteger(least) && Number.isInteger(most) ? "classification" : "regression";
}

function refuseType(where: string, { name, type, reason }: Column): never {
  const advice =
    type === "date"
      ? "predict a number or a category; dates are features"
      : type === "constant"
        ? "there is nothing to predict; take another column"
        : `if it is one, say so where types are inferred: types: { ${JSON.stringify(name)}: ${type === "identifier" ? '"number"' : '"category"'} }`;
  throw new RangeError(
    `${where}: target ${valueText(name)} can't be predicted, it is ${anOf(type)} (${reason}); ${advice}`,
  );
}

const anOf = (type: string): string => (type === "identifier" ? `an ${type}` : `a ${type}`).replace("a text", "text");

/** The target of a classification. */
export function fitClasses(column: Column, reading: ColumnReading): FittedTarget {
  const { name, type, values, words } = column;
  if (!(type === "category" || type === "boolean" || type === "number")) refuseType("fit", column);
  let classes: string[];
  if (type === "number") {
    const numbers = sortedValues(values!);
    const different: number[] = [];
    for (let i = 0; i < numbers.length && different.length <= MOST_CLASSES; i++) {
      if (i === 0 || numbers[i] !== numbers[i - 1]) different.push(numbers[i]!);
    }
    if (!different.every(Number.isInteger)) {
      throw new RangeError(
        `fit: target ${valueText(name)} has numbers with decimals, which are no classes; task: "regression" predicts them`,
      );
    }
    classes = different.map(String);
  } else {
    const counts = countWords(column);
    classes = type === "boolean" ? words!.filter((word) => counts.has(word)) : [...counts.keys()];
  }
  if (classes.length < 2) {
    const got = classes.length === 0 ? "all are missing" : `all are ${valueText(classes[0])}`;
    throw new RangeError(
      `fit: target ${valueText(name)} must have two classes or more in the training rows, but ${got}; take other rows or another column`,
    );
  }
  if (classes.length > MOST_CLASSES) {
    const advice = type === "number" ? '; task: "regression" predicts numbers' : "; group them";
    throw new RangeError(`fit: target ${valueText(name)} has more than ${thousands(MOST_CLASSES)} classes${advice}`);
  }
  return { name, type, reading, classes };
}

/** The target of a regression; with a note on what is done with it. */
export function fitNumbers(
  column: Column,
  reading: ColumnReading,
  wanted: boolean | undefined,
): { target: FittedTarget; note: string } {
  const { name, type, values } = column;
  if (type === "category" || type === "boolean") {
    throw new RangeError(
      `fit: target ${valueText(name)} is ${anOf(type)}, and task: "regression" predicts numbers; leave out task, or give "classification"`,
    );
  }
  if (type !== "number") refuseType("fit", column);
  const shape = shapeOf(values!);
  if (shape.different < 2) {
    const got = shape.count === 0 ? "all are missing" : `all are ${shape.least}`;
    throw new RangeError(
      `fit: target ${valueText(name)} must have different numbers in the training rows, but ${got}; take other rows or another column`,
    );
  }
  if (wanted === true && shape.least < 0) {
    throw new RangeError(
      `fit: log is for targets that are 0 or more, but the least ${valueText(name)} is ${shape.least}; leave log out`,
    );
  }
  const log = wanted ?? isSkewed(shape, 0.5);
  const { mean, deviation } = meanAndDeviation(log ? values!.map(logOf) : values!);
  const note = log
    ? `target ${name}: ln(1 + value)${wanted ? "" : ", as none is below 0 and the mean is far above the median"}; then standardized`
    : `target ${name}: standardized`;
  return { target: { name, type, reading, scale: { log, mean, deviation } }, note };
}

const logOf = (value: number): number => (value > 0 ? log1p(value) : value === value ? 0 : NaN);

/** The labels or scaled numbers of cells; NaN where one is missing or of no class. */
export function targetNumbers({ type, classes, scale, reading }: FittedTarget, cells: ReadColumn): Float64Array {
  if (scale) {
    const { log, mean, deviation } = scale;
    return cells.values!.map((value) => ((log ? logOf(value) : value) - mean) / deviation);
  }
  if (type === "number") {
    const labels = new Map(classes!.map((name, label) => [Number(name), label]));
    return cells.values!.map((value) => labels.get(value) ?? NaN);
  }
  const labels = reading.as === "boolean" ? reading.pair.map((word) => classes!.indexOf(word)) : [...classes!.keys()];
  return Float64Array.from(cells.codes!, (code) => (code < 0 || labels[code]! < 0 ? NaN : labels[code]!));
}

/** Numbers in the target's units of scaled ones. */
export function decoded(
  { log, mean, deviation }: NonNullable<FittedTarget["scale"]>,
  outputs: ArrayLike<number>,
): Float64Array {
  const values = Float64Array.from(outputs, (value) => value * deviation + mean);
  return log ? values.map(expm1) : values;
}

/** What is said of rows whose target isn't used. */
export function leftOut(target: FittedTarget, cells: ReadColumn, missing: number, other: number): string[] {
  const notes: string[] = [];
  const are = (count: number): string => (count === 1 ? "is" : "are");
  if (missing > 0) notes.push(`${counted(missing, "row")} without ${target.name} ${are(missing)} left out`);
  if (other > 0) {
    const names = [...cells.unknown.keys()].slice(0, 3).map(valueText).join(", ");
    const which = names === "" ? "" : ` (${names})`;
    notes.push(
      `${counted(other, "row")} ${are(other)} left out: ${target.name} is of no class of the training rows${which}`,
    );
  }
  return notes;
}
