import { checkKeys, checkPositive, withSecond } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import { type Axis, constraint } from "./constraint.ts";
import { type Constraint } from "../../graph/parameter.ts";

interface MaxNormOptions {
  /** Axis, or consecutive axes, that the norm is taken along; default all but the last: the weights that go into a unit. */
  readonly axis?: Axis;
}

/**
 * After every update, weights whose norm is above a limit are shortened to it: w = w limit / |w|. The norm is that of the
 * weights which go into one unit, unless another axis is given. Shorter ones stay as they are, to the bit.
 *
 * @param limit above 0; default 2
 * @param options.axis such as 1 for the rows of a table; default all axes but the last (of a bias, its only one)
 * @throws {TypeError | RangeError} if an option can't be used, or a parameter has no such axis
 * @see Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, "Dropout", 2014
 * @example dense(10, { kernelConstraint: maxNorm(3) })
 */
export function maxNorm(
  limit: number | ({ limit?: number } & MaxNormOptions) = 2,
  options: MaxNormOptions = {},
): Constraint {
  const settings = withSecond<{ limit?: number } & MaxNormOptions>("maxNorm", "limit", "axis", limit, options);
  checkKeys("maxNorm", settings, ["limit", "axis"]);
  const { limit: most = 2, axis } = settings;
  checkPositive("maxNorm", "limit", most);
  return constraint("maxNorm", axis, { limit: most }, { limit: f32(most) });
}
