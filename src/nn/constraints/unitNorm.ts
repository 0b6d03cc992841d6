import { checkKeys } from "../../util/check.ts";
import { type Axis, constraint } from "./constraint.ts";
import { type Constraint } from "../../graph/parameter.ts";

/**
 * After every update, weights are given the norm 1: w = w / |w|, where w are the weights that go into one unit, unless another
 * axis is given. Weights that are all 0 stay so.
 *
 * @param options.axis such as 1 for the rows of a table; default all axes but the last (of a bias, its only one)
 * @throws {TypeError | RangeError} if an option can't be used, or a parameter has no such axis
 * @see Salimans, Kingma, "Weight normalization", 2016, for why directions alone may be enough
 * @example dense(10, { kernelConstraint: unitNorm() })
 */
export function unitNorm(options: { readonly axis?: Axis } = {}): Constraint {
  checkKeys("unitNorm", options, ["axis"]);
  return constraint("unitNorm", options.axis, {}, {});
}
