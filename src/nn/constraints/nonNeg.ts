import { type Constraint } from "../../graph/parameter.ts";
import { constraint } from "./constraint.ts";

/**
 * After every update, numbers below 0 become 0.
 *
 * @example dense(10, { kernelConstraint: nonNeg() })
 */
export function nonNeg(): Constraint {
  return constraint("nonNeg", undefined, {}, {});
}
