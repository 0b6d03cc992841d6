import { noSecond } from "./refusedEnds.ts";
import { loadBoth } from "./loadBoth.ts";
import { checkFraction, checkKeys } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import { shapeText } from "../../util/shape.ts";
import { checkClassWeights, checkReduction, type Loss, type LossOptions } from "./loss.ts";

/**
 * -sum over the classes of w t' ln softmax(output) at every step, t' = t (1 - s) + s / classes, t 1 at the label and 0 elsewhere; without
 * options -ln softmax(output)[label]: the loss of models that name a class for each step of a sequence, such as the next
 * word. Takes the numbers before the softmax (logits). Shapes: output [rows, ..., classes], targets [rows, ...], one
 * integer label per step; a step whose label is -1 counts nothing, such as the padding after a short sequence.
 * A mean divides by the sum of the labels' weights, over the steps that count. For one label per row there is `softmaxCrossEntropy`.
 *
 * @param options.classWeights w, one per class, 0 or more; default all 1
 * @param options.labelSmoothing s, from 0 up to but not including 1; default 0
 * @param options.reduction "mean" over the steps (default) or "sum"
 * @throws {RangeError} if an option is out of range
 * @example
 * const model = await sequential({ input: 4 }, embedding(10, 8), lstm(16, { returnSequences: true }), dense(10));
 * const trainer = new Trainer(model, { loss: sequenceCrossEntropy(), optimizer: adam() });
 * trainer.step([[1, 2, 3, 4]], [[2, 3, 4, -1]]);
 */
export function sequenceCrossEntropy(
  options: { classWeights?: readonly number[]; labelSmoothing?: number } & LossOptions = {},
): Loss {
  checkKeys("sequenceCrossEntropy", options, ["classWeights", "labelSmoothing", "reduction"]);
  const { classWeights, labelSmoothing = 0, reduction = "mean" } = options;
  checkFraction("sequenceCrossEntropy", "labelSmoothing", labelSmoothing);
  checkReduction("sequenceCrossEntropy", reduction);
  return Object.freeze<Loss>({
    type: "sequenceCrossEntropy",
    load: loadBoth,
    options: { classWeights, labelSmoothing, reduction },
    reduction,
    target: "values",
    targetShape: (output) => (output.length > 1 ? output.slice(0, -1) : [1]),
    targetRule: {
      holds: (value, output) => Number.isInteger(value) && value >= -1 && value < output.at(-1)!,
      text: "labels: whole numbers below the number of classes, or -1 for steps that don't count",
    },
    stepLabels: true,
    outputActivation: "softmax",
    refusedEnds: noSecond("softmax"),
    each: "elements",
    check(output, where) {
      if (output.at(-1)! > 1) return checkClassWeights("sequenceCrossEntropy", classWeights, output.at(-1)!);
      throw new RangeError(
        `${where}: sequenceCrossEntropy needs one output a class, 2 or more, at every step, [..., classes], got ${shapeText(output)}`,
      );
    },
    args: ({ shape, constants }) => ({
      classes: shape.at(-1)!,
      classWeight: classWeights ? constants(classWeights) : 0,
      smoothing: f32(labelSmoothing),
    }),
  });
}
