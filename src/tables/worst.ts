// The rows that a model is farthest off at, as they can be read.
import { checkTable, counted, dateText, shortNumber } from "../data/columns.ts";
import type { Column, Table } from "../data/tableTypes.ts";
import { checkKeys, checkKind, checkNumbers, checkWhole } from "../util/check.ts";
import { type ClassPredictions, judged, lossOf } from "./judged.ts";
import { checkPredicted, type NumberPredictions } from "./regression.ts";
import type { WorstRow } from "./results.ts";

/** The most characters of a cell that are shown. */
const LONGEST = 100;

/**
 * The rows that are predicted worst: of numbers those with the largest |actual - predicted|, of classes those whose class was given the
 * least probability. Of equally bad ones the first come first.
 *
 * @param table the rows that were predicted, in the same order
 * @param predictions `{ predicted, actual }` as for `evaluateRegression`, or `{ probabilities, labels, classes }` as for
 *   `evaluateClassification`
 * @param count how many; default 10, at most as many as there are
 * @returns the worst first, with the cells of all columns as texts: numbers in at most 6 digits, "" where the cell is missing
 * @throws {TypeError | RangeError} if the counts differ, or predictions can't be used
 * @example
 * const homes = table({ street: ["Elm", "Oak", "Ash"], size: [50, 70, 90] }).infer({ types: { street: "text" } });
 * const [worst] = worstRows(homes, { predicted: [100, 150, 250], actual: [110, 150, 180] });
 * console.log(worst!.row, worst!.loss, worst!.values.street); // 2 70 Ash
 */
export function worstRows(table: Table, predictions: NumberPredictions | ClassPredictions, count = 10): WorstRow[] {
  const where = "worstRows";
  checkKeys(where, predictions, ["predicted", "actual", "probabilities", "labels", "classes", "called"]);
  checkTable(where, table);
  checkWhole(where, "count", count);
  const { rows, lossAt, textsOf } = judgementsOf(where, predictions);
  if (rows !== table.rows) {
    throw new RangeError(
      `${where}: the table has ${counted(table.rows, "row")}, but there are predictions of ${rows}; ` +
        "take the rows that were predicted: table.take(rows)",
    );
  }
  const losses = Float64Array.from({ length: rows }, (_, row) => lossAt(row));
  const order = Array.from(losses.keys()).toSorted((a, b) => losses[b]! - losses[a]! || a - b);
  return order.slice(0, count).map((row) => ({
    row,
    ...textsOf(row),
    loss: losses[row]!,
    values: Object.fromEntries(table.columns.map((column) => [column.name, cellText(column, row)])),
  }));
}

/** What was predicted, of either kind. */
interface Judgements {
  readonly rows: number;
  lossAt(row: number): number;
  textsOf(row: number): Pick<WorstRow, "actual" | "predicted">;
}

function judgementsOf(where: string, predictions: NumberPredictions | ClassPredictions): Judgements {
  const given = predictions as Partial<NumberPredictions & ClassPredictions>;
  const numbers = ["predicted", "actual"].filter((key) => given[key as keyof typeof given] !== undefined);
  const classes = ["probabilities", "labels", "classes", "called"].filter(
    (key) => given[key as keyof typeof given] !== undefined,
  );
  for (const key of [...numbers, ...classes]) {
    if (key === "classes") {
      checkKind(Array.isArray(given.classes), where, key, "an array of the classes' names", given.classes);
    } else checkNumbers(where, key, given[key as keyof NumberPredictions]!);
  }
  if (numbers.length > 0 && classes.length > 0) {
    throw new TypeError(
      `${where}: predictions are { predicted, actual } or { probabilities, labels, classes }, but there are ` +
        `${numbers.join(" and ")} beside ${classes.join(", ")}; leave one or the other out`,
    );
  }
  if (classes.length > 0) {
    const all = judged(where, predictions as ClassPredictions);
    return {
      rows: all.rows,
      lossAt: (row) => lossOf(all, row),
      textsOf: (row) => ({
        actual: all.classes[all.labels[row]!]!,
        predicted: all.classes[all.called[row]!]!,
      }),
    };
  }
  const { predicted, actual } = checkPredicted(where, predictions as NumberPredictions);
  return {
    rows: actual.length,
    lossAt: (row) => Math.abs(actual[row]! - predicted[row]!),
    textsOf: (row) => ({ actual: shortNumber(actual[row]!), predicted: shortNumber(predicted[row]!) }),
  };
}

/** A cell as it can be read. */
function cellText({ type, values, codes, words }: Column, row: number): string {
  if (values) {
    const value = values[row]!;
    return Number.isNaN(value) ? "" : type === "date" ? dateText(value) : shortNumber(value);
  }
  const text = words![codes![row]!] ?? "";
  const signs = Array.from(text.slice(0, 2 * LONGEST + 2));
  return signs.length > LONGEST ? `${signs.slice(0, LONGEST - 3).join("")}...` : text;
}
