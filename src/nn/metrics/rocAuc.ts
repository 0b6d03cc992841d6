import type { Metric } from "./metric.ts";
import { fromScores, rocAreaOf, type ScoreOptions } from "./scores.ts";

/**
 * The area under the receiver operating characteristic: the chance that a row of class 1 has a larger output than one of class
 * 0; equal outputs count 1/2. For models with one output, or several yes-or-no outputs. NaN if the rows are all of one class, or an
 * output is NaN.
 *
 * @param options.average of several outputs, "macro" (default): the mean of theirs; "micro": of all answers together
 * @throws {RangeError} if the average is another word; from the trainer, if the model's output doesn't fit
 * @see Hanley, McNeil, "The meaning and use of the area under a ROC curve", 1982
 * @example
 * const yesOrNo = await sequential({ input: 4 }, dense(1));
 * new Trainer(yesOrNo, { loss: binaryCrossEntropyWithLogits(), optimizer: adam(), metrics: [rocAuc()] });
 */
export function rocAuc(options: ScoreOptions = {}): Metric<"rocAuc"> {
  return fromScores("rocAuc", options, rocAreaOf);
}
