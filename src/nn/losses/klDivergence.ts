import { loadBoth } from "./loadBoth.ts";
import { elementwiseLoss, PROBABILITY } from "./elementwise.ts";
import type { Loss, LossOptions } from "./loss.ts";
import { noProbabilities } from "./refusedEnds.ts";

/**
 * target (ln target - output), 0 where the target is 0: how far log-probabilities (the last layer is `logSoftmax`) are from
 * target probabilities.
 *
 * @param options.reduction "batchMean": each row's sum, mean over the rows (default); "mean" over all elements; "sum"
 * @throws {RangeError} if the reduction is another word
 * @see Kullback, Leibler, "On information and sufficiency", 1951
 * @example sequential({ input: 4 }, dense(3), logSoftmax()); // loss: klDivergence()
 */
export function klDivergence(options: LossOptions = {}): Loss {
  const kernel = {
    type: "klDivergence",
    load: loadBoth,
    targetRule: PROBABILITY,
    outputActivation: "exp",
    refusedEnds: noProbabilities(),
  } as const;
  return elementwiseLoss(kernel, options, ["batchMean", "mean", "sum"]);
}
