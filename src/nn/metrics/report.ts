// Metrics of a finished classification, from its labels: one a row, or one at every step or pixel. All counts are integers.
import type { Nested } from "../../data/samples.ts";
import { checkNumbers, checkWhole, isNumbers } from "../../util/check.ts";
import { averageOf, f1Of, precisionOf, recallOf } from "./classCounts.ts";

/** The most bytes that a matrix of counts may take: 8 for each pair of classes. */
const MOST_BYTES = 1_073_741_824;

/** How well one class was recognised. */
export interface ClassFigures {
  /** Of the rows that were called this class, the share that is of it. */
  readonly precision: number;
  /** Of the rows of this class, the share that was called it. */
  readonly recall: number;
  /** 2 precision recall / (precision + recall). */
  readonly f1: number;
  /** Labels of this class. */
  readonly support: number;
}

/** The metrics of a classification. */
export interface ClassificationReport {
  /** The share of right predictions. */
  readonly accuracy: number;
  /** The metrics of each class. */
  readonly classes: readonly ClassFigures[];
  /** The means over the classes. */
  readonly macro: Omit<ClassFigures, "support">;
  /** A row for each target class, a column for each predicted one. */
  readonly confusion: readonly (readonly number[])[];
}

/**
 * How often each class was taken for which: a row for each target class, a column for each predicted one.
 *
 * @param targets true labels, integers from 0 to classes - 1; rows of labels at every step, too. -1 counts nothing, as for
 * `sequenceCrossEntropy`
 * @param predictions predicted labels, as many, such as `classify` gives them
 * @throws {RangeError} if the counts differ, a label is outside, or there are more than 11,585 classes, whose matrix takes more than
 * 1 GiB
 * @example confusionMatrix([0, 1, 1], [0, 1, 0], 2) // [[1, 0], [1, 1]]
 */
export function confusionMatrix(
  targets: ArrayLike<number> | Nested,
  predictions: ArrayLike<number> | Nested,
  classes: number,
): number[][] {
  return countPairs("confusionMatrix", targets, predictions, classes);
}

/** Rows of labels, one after another; rows of more axes than images have aren't looked into. */
function flatLabels(labels: ArrayLike<number> | Nested, axes = 4): ArrayLike<number> {
  const first: unknown = Array.isArray(labels) ? labels[0] : undefined;
  if (axes === 0 || (!Array.isArray(first) && !ArrayBuffer.isView(first))) return labels as ArrayLike<number>;
  // what is no row among rows is left as it is, and refused
  return (labels as Nested[]).flatMap((row) =>
    isNumbers(row) ? Array.from(flatLabels(row, axes - 1)) : [row as never],
  );
}

function countPairs(
  where: string,
  trueLabels: ArrayLike<number> | Nested,
  predicted: ArrayLike<number> | Nested,
  classes: number,
): number[][] {
  const targets = flatLabels(trueLabels);
  const predictions = flatLabels(predicted);
  checkNumbers(where, "targets", targets);
  checkNumbers(where, "predictions", predictions);
  checkWhole(where, "classes", classes);
  if (targets.length !== predictions.length) {
    throw new RangeError(`${where}: there are ${targets.length} targets but ${predictions.length} predictions`);
  }
  const bytes = 8 * classes * classes;
  if (bytes > MOST_BYTES) {
    const most = Math.floor(Math.sqrt(MOST_BYTES / 8));
    throw new RangeError(
      `${where}: ${classes} classes make a matrix of ${bytes} bytes; at most ${most} classes (${MOST_BYTES} bytes) can be counted in ` +
        `pairs; the metrics precision, recall, f1 and accuracy of a trainer need no matrix`,
    );
  }
  const counts = Array.from({ length: classes }, () => Array.from<number>({ length: classes }).fill(0));
  for (let i = 0; i < targets.length; i++) {
    for (const [name, label] of [
      ["targets", targets[i]!],
      ["predictions", predictions[i]!],
    ] as const) {
      if (name === "targets" && label === -1) continue;
      if (!Number.isInteger(label) || label < 0 || label >= classes) {
        throw new RangeError(
          `${where}: labels must be whole numbers from 0 to ${classes - 1}, but ${name}[${i}] is ${label}`,
        );
      }
    }
    if (targets[i] !== -1) counts[targets[i]!]![predictions[i]!]!++;
  }
  return counts;
}

/**
 * Accuracy, and precision, recall and F1 of each class.
 *
 * @param targets true labels, integers from 0 to classes - 1; rows of labels at every step, too. -1 counts nothing, as for
 * `sequenceCrossEntropy`
 * @param predictions predicted labels, as many, such as `classify` gives them
 * @throws {RangeError} if the counts differ, a label is outside, or there are more than 11,585 classes, whose matrix takes more than
 * 1 GiB
 * @example const { accuracy, classes } = classificationReport(y, model.classify(x), 3);
 */
export function classificationReport(
  targets: ArrayLike<number> | Nested,
  predictions: ArrayLike<number> | Nested,
  classes: number,
): ClassificationReport {
  const confusion = countPairs("classificationReport", targets, predictions, classes);
  if (targets.length === 0) throw new RangeError("classificationReport: targets is empty; at least one is needed");
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
  const called = new Float64Array(classes);
  for (const row of confusion) row.forEach((n, c) => (called[c]! += n));
  const decisions = confusion.map((row, c) => ({ right: row[c]!, called: called[c]!, rows: sum(row) }));
  const all = sum(decisions.map(({ rows }) => rows));
  if (all === 0) throw new RangeError("classificationReport: all targets are -1, which counts nothing");
  return {
    accuracy: sum(decisions.map(({ right }) => right)) / all,
    classes: decisions.map((d) => ({ precision: precisionOf(d), recall: recallOf(d), f1: f1Of(d), support: d.rows })),
    macro: {
      precision: averageOf(decisions, "macro", precisionOf),
      recall: averageOf(decisions, "macro", recallOf),
      f1: averageOf(decisions, "macro", f1Of),
    },
    confusion,
  };
}
