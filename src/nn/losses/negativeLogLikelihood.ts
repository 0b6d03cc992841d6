import { loadBoth } from "./loadBoth.ts";
import { checkKeys } from "../../util/check.ts";
import { checkClasses, lossAdvice } from "../checkClasses.ts";
import { checkClassWeights, checkReduction, type Loss, type LossOptions } from "./loss.ts";
import { noProbabilities } from "./refusedEnds.ts";

/**
 * -w output[label]: the loss of classification for log-probabilities (the last layer is `logSoftmax`). A mean divides by the
 * sum of the labels' weights. `softmaxCrossEntropy` is both in one.
 *
 * @param options.classWeights w, one per class, 0 or more; default all 1
 * @param options.reduction "mean" over the rows (default) or "sum"
 * @throws {RangeError} if an option is out of range
 * @example sequential({ input: 4 }, dense(3), logSoftmax()); // loss: negativeLogLikelihood()
 */
export function negativeLogLikelihood(options: { classWeights?: readonly number[] } & LossOptions = {}): Loss {
  checkKeys("negativeLogLikelihood", options, ["classWeights", "reduction"]);
  const { classWeights, reduction = "mean" } = options;
  checkReduction("negativeLogLikelihood", reduction);
  return Object.freeze<Loss>({
    type: "negativeLogLikelihood",
    load: loadBoth,
    options: { classWeights, reduction },
    reduction,
    target: "labels",
    outputActivation: "exp",
    refusedEnds: noProbabilities(),
    each: "rows",
    check(output, where) {
      checkClasses(output, "negativeLogLikelihood", where, lossAdvice(output));
      checkClassWeights("negativeLogLikelihood", classWeights, output[0]!);
    },
    args: (context) => ({ classWeight: classWeights ? context.constants(classWeights) : 0 }),
  });
}
