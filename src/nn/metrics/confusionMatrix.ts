// Describes the metrics that are computed from a confusion matrix: precision, recall and F1.
import { loadExtra } from "../../../build/binaries.js";
import { checkKeys, checkOneOf } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import { checkClassification, classesOf, type Metric } from "./metric.ts";

/** "binary": of class 1; "macro": the mean over the classes; "micro": of all decisions together. */
export type Average = "binary" | "macro" | "micro";

/** What precision, recall and F1 take. */
export interface AverageOptions {
  /** Default "binary" with two classes, "macro" with more. */
  readonly average?: Average;
}

/** How many decisions about one class were right and wrong. */
interface Decisions {
  /** Rows of the class that were called it. */
  readonly truePositives: number;
  /** Rows of other classes that were called it. */
  readonly falsePositives: number;
  /** Rows of the class that were called another. */
  readonly falseNegatives: number;
}

/** a / b, and 0 where nothing was counted. */
const ratio = (a: number, b: number): number => (b === 0 ? 0 : a / b);

/** Of what was called the class, the share that is of it. */
export const precisionOf = (d: Decisions): number => ratio(d.truePositives, d.truePositives + d.falsePositives);
/** Of what is of the class, the share that was called it. */
export const recallOf = (d: Decisions): number => ratio(d.truePositives, d.truePositives + d.falseNegatives);
/** The harmonic mean of precision and recall. */
export const f1Of = (d: Decisions): number =>
  ratio(2 * d.truePositives, 2 * d.truePositives + d.falsePositives + d.falseNegatives);

/** The decisions about one class, from a confusion matrix with a row for each target class. */
export function decisionsOf(counts: ArrayLike<number>, classes: number, c: number): Decisions {
  let falsePositives = 0;
  let falseNegatives = 0;
  for (let other = 0; other < classes; other++) {
    if (other === c) continue;
    falsePositives += counts[other * classes + c]!;
    falseNegatives += counts[c * classes + other]!;
  }
  return { truePositives: counts[c * classes + c]!, falsePositives, falseNegatives };
}

/** The average of a metric over all classes. */
export function averageOf(
  counts: ArrayLike<number>,
  classes: number,
  average: Average,
  metricOf: (decisions: Decisions) => number,
): number {
  if (average === "binary") return metricOf(decisionsOf(counts, classes, 1));
  const all = Array.from({ length: classes }, (_, c) => decisionsOf(counts, classes, c));
  if (average === "macro") return all.reduce((sum, d) => sum + metricOf(d), 0) / classes;
  const sum = (key: keyof Decisions): number => all.reduce((total, d) => total + d[key], 0);
  return metricOf({
    truePositives: sum("truePositives"),
    falsePositives: sum("falsePositives"),
    falseNegatives: sum("falseNegatives"),
  });
}

/** A metric that is computed from the confusion matrix. */
export function fromConfusionMatrix(type: string, options: AverageOptions, metricOf: (d: Decisions) => number): Metric {
  checkKeys(type, options, ["average"]);
  const { average } = options;
  if (average !== undefined) checkOneOf(type, "average", average, ["binary", "macro", "micro"]);
  return Object.freeze<Metric>({
    name: type,
    type,
    options: { average },
    kernel: "confusionMatrix",
    load: loadExtra,
    input: "output",
    check(context, where) {
      checkClassification(context, type, where);
      const classes = classesOf(context.output);
      if (average === "binary" && classes !== 2) {
        throw new RangeError(
          `${where}: ${type} with average "binary" needs 2 classes, got ${classes}; use "macro" or "micro"`,
        );
      }
    },
    stateSize: ({ output }) => classesOf(output) * classesOf(output),
    args: ({ labels, threshold, output }) => ({
      labels: labels ? 1 : 0,
      threshold: f32(threshold),
      classes: classesOf(output),
    }),
    result: (state, { output }) => {
      const classes = classesOf(output);
      return averageOf(state, classes, average ?? (classes === 2 ? "binary" : "macro"), metricOf);
    },
  });
}
