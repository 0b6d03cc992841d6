// How good a classifier is, from the probabilities that it gave and the classes that the rows have.
import { counted } from "../data/columns.ts";
import { classificationReport } from "../nn/metrics/report.ts";
import { type Cut, cutsOf } from "../nn/metrics/scores.ts";
import { checkKeys, checkKind, checkNumber, isRecord, valueText } from "../util/check.ts";
import { prOf, rocOf } from "./curves.ts";
import { calibrationOf, type Costs, thresholdOf } from "./decisions.ts";
import { type ClassPredictions, type Judged, judged, lossOf } from "./judged.ts";
import type { ClassificationEvaluation, Curve } from "./results.ts";

/** What `evaluateClassification` takes. */
export interface ClassificationPredictions extends ClassPredictions {
  /** What wrong decisions about a row cost; default 1 each. Of two classes. */
  readonly costs?: Costs;
}

/** The most points of a curve, and of the curves of all classes together. */
const MOST_POINTS = 200;
const MOST_IN_ALL = 2000;

/**
 * How good predicted probabilities are: metrics, the confusion matrix, and curves over all thresholds.
 *
 * Metrics: `accuracy`; `balancedAccuracy`, the mean recall of the classes that occur; `logLoss`, the mean of -ln(probability of the
 * row's class), each kept 1e-15 away from 0 and 1; `rocAuc` and `f1`, of two classes those of the second one, of several the mean over
 * the classes, each against all others: of `rocAuc` those that occur, of `f1` those that occur or were called. What isn't defined, such as
 * `rocAuc` where all rows are of one class, is left out, which the `notes` say: no number is NaN or infinite.
 *
 * Of two classes there are the curves of the second one, its calibration in tenths, and the threshold at which errors cost least; of
 * several, the curves of each that occurs. A row is called the most probable class, of two the second one if its probability is above 0.5.
 *
 * @param predictions.probabilities [rows, classes], row after row; or of two classes those of the second one, [rows]
 * @param predictions.labels the rows' classes, from 0
 * @param predictions.classes their names, 2 or more
 * @param predictions.called the class that each row is called; default the most probable one
 * @param predictions.costs `{ falsePositive, falseNegative }`, of two classes; default 1 each
 * @throws {TypeError | RangeError} if there are no rows, the counts differ, a label is no class, a probability isn't from 0 to 1, those of
 *   a row don't sum to 1 (within 0.001), or a cost is negative
 * @example
 * const probabilities = [0.1, 0.4, 0.35, 0.8]; // of "yes"
 * const { metrics, confusion } = evaluateClassification({ probabilities, labels: [0, 0, 1, 1], classes: ["no", "yes"] });
 * console.log(metrics.rocAuc, confusion); // 0.75 [[2, 0], [1, 1]]
 */
export function evaluateClassification(predictions: ClassificationPredictions): ClassificationEvaluation {
  const where = "evaluateClassification";
  checkKeys(where, predictions, ["probabilities", "labels", "classes", "called", "costs"], {
    ypred: "probabilities",
    ytrue: "labels",
    scores: "probabilities",
    targets: "labels",
  });
  const { costs } = predictions;
  if (costs !== undefined) checkCosts(where, costs);
  const all = judged(where, predictions);
  const { rows, classes, labels, called } = all;
  const two = classes.length === 2;
  if (costs !== undefined && !two) {
    throw new RangeError(`${where}: costs must be of two classes, but there are ${classes.length}; leave them out`);
  }

  const { accuracy, classes: figures, confusion } = classificationReport(labels, called, classes.length);
  const notes: string[] = [];
  let loss = 0;
  for (let row = 0; row < rows; row++) loss += lossOf(all, row);
  const cutsOfSecond = two ? cutsFor(all, 1) : undefined;
  const curves = curvesOf(all, figures, cutsOfSecond, notes);
  const areas = curves.map(({ roc }) => roc.area);
  const calls = (label: number): number => confusion.reduce((sum, row) => sum + row[label]!, 0);
  const occurring = figures.filter(({ support }) => support > 0);
  const scored = figures.filter(({ support }, label) => (!two || label === 1) && (support > 0 || calls(label) > 0));
  if (scored.length === 0) notes.push(`f1 is left out: no row is ${valueText(classes[1])}, and none was called it`);

  return {
    task: "classification",
    classes: [...classes],
    rows,
    metrics: {
      accuracy,
      ...(areas.length > 0 && { rocAuc: meanOf(areas) }),
      logLoss: loss / rows,
      ...(scored.length > 0 && { f1: meanOf(scored.map(({ f1 }) => f1)) }),
      balancedAccuracy: meanOf(occurring.map(({ recall }) => recall)),
    },
    ...(notes.length > 0 && { notes }),
    confusion,
    perClass: figures.map(({ precision, recall, f1, support }, label) => ({
      name: classes[label]!,
      precision,
      recall,
      f1,
      rows: support,
    })),
    ...(cutsOfSecond ? ofTwo(all, cutsOfSecond, curves, costs) : { curves }),
  };
}

const meanOf = (numbers: readonly number[]): number => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;

/** The rows of a class, and those of all others, at or above each probability that was given for it. */
const cutsFor = ({ column, labels }: Judged, label: number): Cut[] =>
  cutsOf(column(label), (row) => labels[row] === label)!;

interface NamedCurves {
  readonly name: string;
  readonly roc: Curve;
  readonly pr: Curve;
}

/** The curves of each class (of two: of the second one, whose cuts there are) that has rows and isn't all of them; notes on the others. */
function curvesOf(
  all: Judged,
  figures: readonly { readonly support: number }[],
  cutsOfSecond: readonly Cut[] | undefined,
  notes: string[],
): NamedCurves[] {
  const { rows, classes } = all;
  const most = Math.max(20, Math.min(MOST_POINTS, Math.floor(MOST_IN_ALL / classes.length)));
  const only = figures.findIndex(({ support }) => support === rows);
  if (only >= 0) {
    notes.push(
      `rocAuc and the curves are left out: ${rows === 1 ? "the only row is" : `all ${counted(rows, "row")} are`} ` +
        `${valueText(classes[only])}, and they compare rows of a class with others`,
    );
    return [];
  }
  const absent = classes.filter((_, label) => figures[label]!.support === 0);
  if (absent.length > 0) {
    const first = absent.slice(0, 5).map(valueText).join(", ");
    notes.push(
      `rocAuc and the curves are without ${first}${absent.length > 5 ? ` and ${absent.length - 5} more` : ""}: no row is of ` +
        (absent.length === 1 ? "this class" : "these classes"),
    );
  }
  return classes.flatMap((name, label) => {
    if (figures[label]!.support === 0 || (cutsOfSecond && label === 0)) return [];
    const cuts = cutsOfSecond ?? cutsFor(all, label);
    return [{ name, roc: rocOf(cuts, most), pr: prOf(cuts, most) }];
  });
}

/** What there is of two classes alone. */
function ofTwo(
  all: Judged,
  cuts: readonly Cut[],
  curves: readonly NamedCurves[],
  costs: Costs = {},
): Pick<ClassificationEvaluation, "roc" | "pr" | "calibration" | "threshold"> {
  const [own] = curves;
  return {
    ...(own && { roc: own.roc, pr: own.pr }),
    calibration: calibrationOf(all.column(1), all.labels),
    threshold: thresholdOf(cuts, costs, MOST_POINTS),
  };
}

/** What wrong decisions cost. */
export function checkCosts(where: string, costs: Costs): void {
  checkKind(isRecord(costs), where, "costs", "an object: { falsePositive, falseNegative }", costs);
  checkKeys(`${where}: costs`, costs, ["falsePositive", "falseNegative"]);
  const { falsePositive = 1, falseNegative = 1 } = costs;
  for (const [name, cost] of Object.entries({ falsePositive, falseNegative })) {
    checkNumber(cost >= 0 && cost <= 1e100, where, `costs.${name}`, "from 0 to 1e100", cost);
  }
  if (falsePositive === 0 && falseNegative === 0) {
    throw new RangeError(`${where}: costs must not both be 0: every threshold would be as good`);
  }
}
