import { elementwiseLoss } from "./elementwise.ts";
import type { Loss, LossOptions } from "./loss.ts";

/**
 * d^2, d = output - target; gradient 2 d. For numbers to be predicted.
 *
 * @param options.reduction "mean" over all elements (default) or "sum"
 * @throws {RangeError} if the reduction is another word
 * @example new Trainer(model, { loss: meanSquaredError(), optimizer: adam() })
 */
export function meanSquaredError(options: LossOptions = {}): Loss {
  return elementwiseLoss({ type: "meanSquaredError" }, options);
}
