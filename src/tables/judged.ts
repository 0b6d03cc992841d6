// What a classifier said of some rows and what they are: validated, and looked up by row.
import { counted, shortNumber, thousands } from "../data/columns.ts";
import { ln } from "../data/random.ts";
import { checkKind, checkNumbers, valueText } from "../util/check.ts";

/** Predictions of classes, and the classes that the rows have. */
export interface ClassPredictions {
  /**
   * Probabilities of the classes, [rows, classes], row after row, as `model.probabilities` gives them. Of two classes those of the
   * second one are enough, [rows].
   */
  readonly probabilities: ArrayLike<number>;
  /** The rows' classes, from 0: places in `classes`. */
  readonly labels: ArrayLike<number>;
  /** The names of the classes. */
  readonly classes: readonly string[];
  /** The class that each row is called, where it isn't the most probable one. */
  readonly called?: ArrayLike<number>;
}

/** Predictions that were validated. */
export interface Judged {
  readonly rows: number;
  readonly classes: readonly string[];
  readonly labels: ArrayLike<number>;
  /** The probability that a row was given for a class. */
  at(row: number, label: number): number;
  /** The probabilities of a class in all rows. */
  column(label: number): Float64Array;
  /** The class that each row is called: the most probable one, of two the second one if its probability is above 0.5. */
  readonly called: Int32Array;
}

/** A row's probabilities sum to 1 within this: they may have been rounded to few digits. */
const SLACK = 1e-3;

/** The most classes: a matrix of counts of more takes more than 1 GiB. */
const MOST_CLASSES = 11_585;

/** Refuses what isn't a place in the list of classes. */
function checkLabels(where: string, name: string, labels: ArrayLike<number>, classes: number): void {
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    throw new RangeError(
      `${where}: ${name} must be whole numbers from 0 to ${classes - 1}, but ${name}[${row}] is ${label}`,
    );
  }
}

export function judged(where: string, { probabilities, labels, classes, called: given }: ClassPredictions): Judged {
  checkNumbers(where, "probabilities", probabilities);
  checkNumbers(where, "labels", labels);
  checkClasses(where, classes);
  const [rows, k] = [labels.length, classes.length];
  if (rows === 0) throw new RangeError(`${where}: labels is empty; at least one row is needed`);
  const single = k === 2 && probabilities.length === rows;
  if (!single && probabilities.length !== rows * k) {
    throw new RangeError(
      `${where}: ${counted(rows, "label")} and ${k} classes need ${thousands(rows * k)} probabilities` +
        `${k === 2 ? `, or ${thousands(rows)} of the second class` : ""}, got ${thousands(probabilities.length)}`,
    );
  }
  checkLabels(where, "labels", labels, k);
  if (given !== undefined) {
    checkNumbers(where, "called", given);
    if (given.length !== rows) {
      throw new RangeError(
        `${where}: called must have a class for each of ${counted(rows, "row")}, got ${given.length}`,
      );
    }
    checkLabels(where, "called", given, k);
  }
  for (let i = 0; i < probabilities.length; i++) {
    const value = probabilities[i]!;
    if (value >= 0 && value <= 1) continue;
    throw new RangeError(
      `${where}: probabilities must be from 0 to 1, but probabilities[${i}] is ${value}; model.probabilities(x) gives them`,
    );
  }
  const at = single
    ? (row: number, label: number): number => (label === 1 ? probabilities[row]! : 1 - probabilities[row]!)
    : (row: number, label: number): number => probabilities[row * k + label]!;
  const called = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    let [sum, best] = [0, 0];
    for (let label = 0; label < k; label++) {
      const value = at(row, label);
      sum += value;
      if (value > at(row, best)) best = label;
    }
    if (Math.abs(sum - 1) > SLACK) {
      throw new RangeError(
        `${where}: the probabilities of a row must sum to 1, but those of row ${row} sum to ${shortNumber(sum)}; ` +
          "model.probabilities(x) gives them",
      );
    }
    called[row] = given ? given[row]! : k === 2 ? Number(at(row, 1) > 0.5) : best;
  }
  const column = (label: number): Float64Array => Float64Array.from({ length: rows }, (_, row) => at(row, label));
  return { rows, classes, labels, at, column, called };
}

function checkClasses(where: string, classes: readonly string[]): void {
  checkKind(Array.isArray(classes), where, "classes", "an array of the classes' names", classes);
  const seen = new Set<string>();
  Array.from(classes, (name, i) => {
    checkKind(typeof name === "string", where, `classes[${i}]`, "a name", name);
    if (seen.has(name)) throw new RangeError(`${where}: class ${valueText(name)} is named twice in classes`);
    seen.add(name);
  });
  if (classes.length >= 2 && classes.length <= MOST_CLASSES) return;
  throw new RangeError(`${where}: classes must have from 2 to ${thousands(MOST_CLASSES)} names, got ${classes.length}`);
}

/** -ln of the probability that a row's class was given, which is kept 1e-15 away from 0 and 1 as by the metric `logLoss`. */
export function lossOf({ labels, at }: Judged, row: number): number {
  return 0 - ln(Math.min(Math.max(at(row, labels[row]!), 1e-15), 1 - 1e-15));
}
