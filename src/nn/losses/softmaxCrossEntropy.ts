import { noSecond } from "./refusedEnds.ts";
import { loadRest } from "../../../build/binaries.js";
import { checkFraction, checkKeys } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import { checkClasses, lossAdvice } from "../checkClasses.ts";
import { checkClassWeights, checkReduction, type Loss, type LossOptions } from "./loss.ts";

/**
 * -sum over the classes of w t' ln softmax(output), t' = t (1 - s) + s / classes: the loss of classification. Takes the
 * numbers before the softmax (logits), so leave a last softmax out of the model; `probabilities` applies it.
 * Targets: one integer label per row, or as many probabilities as there are classes.
 * A mean divides by the sum of the labels' weights; given probabilities, by the number of rows.
 *
 * @param options.classWeights w, one per class, 0 or more; default all 1
 * @param options.labelSmoothing s, from 0 up to but not including 1; default 0
 * @param options.reduction "mean" over the rows (default) or "sum"
 * @throws {RangeError} if an option is out of range
 * @see Szegedy and others, "Rethinking the Inception architecture for computer vision", 2016, for label smoothing
 * @example new Trainer(model, { loss: softmaxCrossEntropy({ labelSmoothing: 0.1 }), optimizer: adam() })
 */
export function softmaxCrossEntropy(
  options: { classWeights?: readonly number[]; labelSmoothing?: number } & LossOptions = {},
): Loss {
  checkKeys("softmaxCrossEntropy", options, ["classWeights", "labelSmoothing", "reduction"]);
  const { classWeights, labelSmoothing = 0, reduction = "mean" } = options;
  checkFraction("softmaxCrossEntropy", "labelSmoothing", labelSmoothing);
  checkReduction("softmaxCrossEntropy", reduction);
  return Object.freeze<Loss>({
    type: "softmaxCrossEntropy",
    load: loadRest,
    options: { classWeights, labelSmoothing, reduction },
    reduction,
    target: "either",
    targetRule: { holds: (value) => value >= 0 && value <= 1, text: "labels, or probabilities from 0 to 1" },
    outputActivation: "softmax",
    refusedEnds: noSecond("softmax"),
    each: "rows",
    check(output, where) {
      const advice = lossAdvice(output, "; for one yes-or-no output use binaryCrossEntropyWithLogits");
      checkClasses(output, "softmaxCrossEntropy", where, advice);
      checkClassWeights("softmaxCrossEntropy", classWeights, output[0]!);
    },
    args: (context) => ({
      labels: context.labels ? 1 : 0,
      classWeight: classWeights ? context.constants(classWeights) : 0,
      smoothing: f32(labelSmoothing),
    }),
  });
}
