// Metrics of a finished classification, from its labels. All counts are integers.
import { checkNumbers, checkWhole } from "../../util/check.ts";
import { averageOf, decisionsOf, f1Of, precisionOf, recallOf } from "./confusionMatrix.ts";

/** How well one class was recognised. */
export interface ClassFigures {
  /** Of the rows that were called this class, the share that is of it. */
  readonly precision: number;
  /** Of the rows of this class, the share that was called it. */
  readonly recall: number;
  /** 2 precision recall / (precision + recall). */
  readonly f1: number;
  /** Rows of this class. */
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
 * @param targets true labels, integers from 0 to classes - 1
 * @param predictions predicted labels, as many
 * @throws {RangeError} if the counts differ or a label is outside
 * @example confusionMatrix([0, 1, 1], [0, 1, 0], 2) // [[1, 0], [1, 1]]
 */
export function confusionMatrix(
  targets: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number,
): number[][] {
  return countPairs("confusionMatrix", targets, predictions, classes);
}

function countPairs(
  where: string,
  targets: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number,
): number[][] {
  checkNumbers(where, "targets", targets);
  checkNumbers(where, "predictions", predictions);
  checkWhole(where, "classes", classes);
  if (targets.length !== predictions.length) {
    throw new RangeError(`${where}: there are ${targets.length} targets but ${predictions.length} predictions`);
  }
  const counts = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  for (let i = 0; i < targets.length; i++) {
    for (const [name, label] of [
      ["targets", targets[i]!],
      ["predictions", predictions[i]!],
    ] as const) {
      if (!Number.isInteger(label) || label < 0 || label >= classes) {
        throw new RangeError(
          `${where}: labels must be whole numbers from 0 to ${classes - 1}, but ${name}[${i}] is ${label}`,
        );
      }
    }
    counts[targets[i]!]![predictions[i]!]!++;
  }
  return counts;
}

/**
 * Accuracy, and precision, recall and F1 of each class.
 *
 * @param targets true labels, integers from 0 to classes - 1
 * @param predictions predicted labels, as many
 * @throws {RangeError} if the counts differ or a label is outside
 * @example const { accuracy, classes } = classificationReport(y, model.classify(x), 3);
 */
export function classificationReport(
  targets: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number,
): ClassificationReport {
  const confusion = countPairs("classificationReport", targets, predictions, classes);
  if (targets.length === 0) throw new RangeError("classificationReport: targets is empty; at least one is needed");
  const counts = confusion.flat();
  const right = confusion.reduce((sum, row, c) => sum + row[c]!, 0);
  return {
    accuracy: right / targets.length,
    classes: confusion.map((row, c) => {
      const decisions = decisionsOf(counts, classes, c);
      return {
        precision: precisionOf(decisions),
        recall: recallOf(decisions),
        f1: f1Of(decisions),
        support: row.reduce((sum, n) => sum + n, 0),
      };
    }),
    macro: {
      precision: averageOf(counts, classes, "macro", precisionOf),
      recall: averageOf(counts, classes, "macro", recallOf),
      f1: averageOf(counts, classes, "macro", f1Of),
    },
    confusion,
  };
}
