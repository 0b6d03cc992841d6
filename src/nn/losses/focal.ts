import { checkKeys, checkNotNegative } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import { elementwiseLoss, PROBABILITY } from "./elementwise.ts";
import { loadWithRest } from "./loadWithRest.ts";
import type { Loss, LossOptions } from "./loss.ts";
import { noSoftmax } from "./refusedEnds.ts";

/**
 * w m^gamma (-(t ln s + (1 - t) ln(1 - s))), s = sigmoid(output), m = s (1 - t) + (1 - s) t: the cross-entropy of yes-or-no answers in
 * which those that are right already count little, for classes that are rare. m is the share that is missed: 1 - s where t is 1, s where it is 0. Takes the
 * numbers before the sigmoid (logits), one for each answer. Targets t from 0 to 1, as many as outputs.
 * Without gamma and alpha it is `binaryCrossEntropyWithLogits`.
 *
 * @param options.gamma how little they count, 0 or more; default 2
 * @param options.alpha w = alpha t + (1 - alpha) (1 - t): what a yes counts, from 0 to 1; without it w is 1
 * @param options.reduction "mean" over all elements (default) or "sum"
 * @throws {RangeError} if an option is out of range
 * @see Lin and others, "Focal loss for dense object detection", 2017
 * @example new Trainer(model, { loss: focal({ gamma: 2, alpha: 0.25 }), optimizer: adam() })
 */
export function focal(options: { gamma?: number; alpha?: number } & LossOptions = {}): Loss {
  checkKeys("focal", options, ["gamma", "alpha", "reduction"]);
  const { gamma = 2, alpha, ...others } = options;
  checkNotNegative("focal", "gamma", gamma);
  if (alpha !== undefined) {
    checkNotNegative("focal", "alpha", alpha);
    if (alpha > 1) throw new RangeError(`focal: alpha must be from 0 to 1, got ${alpha}`);
  }
  const kernel = {
    type: "focal",
    load: loadWithRest,
    targetRule: PROBABILITY,
    outputActivation: "sigmoid",
    refusedEnds: noSoftmax(),
  } as const;
  const loss = elementwiseLoss(kernel, others);
  const [positive, negative] = alpha === undefined ? [1, 1] : [alpha, 1 - alpha];
  return Object.freeze({
    ...loss,
    options: { gamma, alpha, ...loss.options },
    args: () => ({ gamma: f32(gamma), positive: f32(positive), negative: f32(negative) }),
  });
}
