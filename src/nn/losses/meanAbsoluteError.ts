import { loadExtra } from "../../../build/loadExtra.js";
import { elementwiseLoss } from "./elementwise.ts";
import type { Loss, LossOptions } from "./loss.ts";

/**
 * |d|, d = output - target; gradient the sign of d, 0 at 0. Outliers count less than with the squared error.
 *
 * @param options.reduction "mean" over all elements (default) or "sum"
 * @throws {RangeError} if the reduction is another word
 * @example new Trainer(model, { loss: meanAbsoluteError(), optimizer: adam() })
 */
export function meanAbsoluteError(options: LossOptions = {}): Loss {
  return elementwiseLoss({ type: "meanAbsoluteError", load: loadExtra }, options);
}
