// Describes the metrics that are computed from counts for each class: precision, recall, F1 and intersection over union. A confusion matrix has these as
// its diagonal and the sums of its columns and rows, but takes the square of the classes.
import { loadExtra } from "../../../build/loadExtra.js";
import { checkKeys, checkOneOf } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import { checkClassification, classArgs, classesOf, isMultiLabel, type Metric } from "./metric.ts";

/** "binary": of class 1; "macro": the mean over the classes; "micro": of all decisions together. */
export type Average = "binary" | "macro" | "micro";

/** What precision, recall and F1 take. */
export interface AverageOptions {
  /** Default "binary" with two classes, "macro" with more, and with yes-or-no outputs, each of which is a class. */
  readonly average?: Average;
}

/** How many decisions about one class were right and wrong. */
export interface Decisions {
  /** Answers of the class that were called it. */
  readonly right: number;
  /** Answers that were called it. */
  readonly called: number;
  /** Answers of the class. */
  readonly rows: number;
}

/** Counts of a class in the kernel's state, in the order of `Decisions`. */
const COUNTS = 3;

/** a / b, and 0 where nothing was counted. */
const ratio = (a: number, b: number): number => (b === 0 ? 0 : a / b);

/** Of what was called the class, the share that is of it. */
export const precisionOf = (d: Decisions): number => ratio(d.right, d.called);
/** Of what is of the class, the share that was called it. */
export const recallOf = (d: Decisions): number => ratio(d.right, d.rows);
/** The harmonic mean of precision and recall: 2 right / (2 right + wrongly called it + wrongly called another). */
export const f1Of = (d: Decisions): number => ratio(2 * d.right, d.called + d.rows);

/** Intersection over union: right / (called it or of it); NaN where nothing is. */
export const iouOf = (d: Decisions): number => d.right / (d.called + d.rows - d.right);

/** The average of a metric over all classes; "macro": over those for which it is a number. */
export function averageOf(
  classes: readonly Decisions[],
  average: Average,
  metricOf: (decisions: Decisions) => number,
): number {
  if (average === "binary") return metricOf(classes[1]!);
  const sum = (of: (decisions: Decisions) => number): number => classes.reduce((total, d) => total + of(d), 0);
  if (average === "macro") {
    const known = classes.map(metricOf).filter((value) => !Number.isNaN(value));
    return known.reduce((total, value) => total + value, 0) / known.length;
  }
  return metricOf({ right: sum((d) => d.right), called: sum((d) => d.called), rows: sum((d) => d.rows) });
}

/**
 * A metric that is computed from the decisions about each class.
 *
 * @param ofTwo the average of two classes, if none is asked for
 */
export function fromClassCounts<Name extends string>(
  type: Name,
  options: AverageOptions,
  metricOf: (d: Decisions) => number,
  ofTwo: Average = "binary",
): Metric<Name> {
  checkKeys(type, options, ["average"]);
  const { average } = options;
  if (average !== undefined) checkOneOf(type, "average", average, ["binary", "macro", "micro"]);
  return Object.freeze<Metric<Name>>({
    name: type,
    type,
    options: { average },
    kernel: "classCounts",
    load: loadExtra,
    input: "output",
    check(context, where) {
      checkClassification(context, type, where);
      const classes = classesOf(context.output);
      if (average !== "binary" || (classes === 2 && !isMultiLabel(context))) return;
      const got = isMultiLabel(context) ? `${classes} yes-or-no outputs` : classes;
      throw new RangeError(
        `${where}: ${type} with average "binary" needs 2 classes, got ${got}; use "macro" or "micro"`,
      );
    },
    stateSize: ({ output }) => COUNTS * classesOf(output),
    args: (context) => ({
      ...classArgs(context),
      each: isMultiLabel(context) ? 1 : 0,
      threshold: f32(context.threshold),
    }),
    result: (state, context) => {
      const classes = Array.from({ length: classesOf(context.output) }, (_, c): Decisions => {
        const at = COUNTS * c;
        return { right: state[at]!, called: state[at + 1]!, rows: state[at + 2]! };
      });
      const two = classes.length === 2 && !isMultiLabel(context);
      return averageOf(classes, average ?? (two ? ofTwo : "macro"), metricOf);
    },
  });
}
