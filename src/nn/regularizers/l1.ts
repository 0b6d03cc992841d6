import { penalty } from "./penalty.ts";
import { type Regularizer } from "../../graph/parameter.ts";

/**
 * Adds lambda times the sum of |w| to the loss: many weights become small or 0.
 *
 * @param lambda 0 or more; default 0.01
 * @throws {TypeError | RangeError} if lambda is not a number of 0 or more
 * @see Tibshirani, "Regression shrinkage and selection via the lasso", 1996
 * @example dense(10, { kernelRegularizer: l1(0.001) })
 */
export function l1(lambda: number | { lambda: number } = 0.01): Regularizer {
  return penalty("l1", lambda);
}
