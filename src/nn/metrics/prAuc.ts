import type { Metric } from "./metric.ts";
import { averagePrecisionOf, fromScores, type ScoreOptions } from "./scores.ts";

/**
 * The average precision, a summary of the curve of precision and recall: the sum over the thresholds of (recall - recall at the one
 * above) times the precision. Tells more than `rocAuc` where class 1 is rare; outputs at random give the share of class 1. For models
 * with one output, or several yes-or-no outputs. NaN if no row is of class 1, or an output is NaN.
 *
 * @param options.average of several outputs, "macro" (default): the mean of theirs; "micro": of all answers together
 * @throws {RangeError} if the average is another word; from the trainer, if the model's output doesn't fit
 * @see Davis, Goadrich, "The relationship between precision-recall and ROC curves", 2006
 * @example
 * const yesOrNo = await sequential({ input: 4 }, dense(1));
 * new Trainer(yesOrNo, { loss: binaryCrossEntropyWithLogits(), optimizer: adam(), metrics: [prAuc()] });
 */
export function prAuc(options: ScoreOptions = {}): Metric<"prAuc"> {
  return fromScores("prAuc", options, averagePrecisionOf);
}
