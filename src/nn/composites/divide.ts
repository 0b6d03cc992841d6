import type { Layer } from "../../graph/layer.ts";
import type { Named } from "../named.ts";
import { type Branches, operator } from "./operator.ts";

/**
 * Gives the same input to two branches, and divides the output of the first by that of the second, number by number. Nothing keeps the
 * divisor from 0: what is divided by 0 is infinite or NaN.
 *
 * Shapes are the same, or differ as NumPy allows: axes are counted from the last, and where one has a single place, or none, its
 * numbers are repeated, so that [steps, 1] goes with [steps, features], and [features] with both.
 *
 * @param branches two; a layer, or an array of consecutive layers; `[]` passes the input on
 * @throws {TypeError} if one isn't a layer
 * @throws {RangeError} if there are other than two or, when a model is made, their shapes don't fit
 * @example sequential({ input: 8 }, divide([dense(4), [dense(4), softplus()]]), dense(1))
 */
export function divide(branches: Branches, options: Named = {}): Layer {
  return operator("divide", branches, options);
}
