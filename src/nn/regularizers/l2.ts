import { penalty } from "./penalty.ts";
import { type Regularizer } from "../../graph/parameter.ts";

/**
 * Adds lambda times the sum of w^2 to the loss: large weights cost most. An optimizer's `weightDecay: d` has the same
 * gradient as l2(d / 2) on every parameter.
 *
 * @param lambda 0 or more; default 0.01
 * @throws {TypeError | RangeError} if lambda is not a number of 0 or more
 * @see Krogh, Hertz, "A simple weight decay can improve generalization", 1992
 * @example dense(10, { kernelRegularizer: l2(0.001) })
 */
export function l2(lambda: number | { lambda: number } = 0.01): Regularizer {
  return penalty("l2", lambda);
}
