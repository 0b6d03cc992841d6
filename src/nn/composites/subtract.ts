import type { Layer } from "../../graph/layer.ts";
import type { Named } from "../named.ts";
import { type Branches, operator } from "./operator.ts";

/**
 * Gives the same input to two branches, and subtracts the output of the second from that of the first, number by number.
 *
 * Shapes are the same, or differ as NumPy allows: axes are counted from the last, and where one has a single place, or none, its
 * numbers are repeated, so that [steps, 1] goes with [steps, features], and [features] with both.
 *
 * @param branches two; a layer, or an array of consecutive layers; `[]` passes the input on
 * @throws {TypeError} if one isn't a layer
 * @throws {RangeError} if there are other than two or, when a model is made, their shapes don't fit
 * @example sequential({ input: [5, 3] }, subtract([[], mean({ axis: 0 })]), flatten(), dense(1)) // less the mean of the steps
 */
export function subtract(branches: Branches, options: Named = {}): Layer {
  return operator("subtract", branches, options);
}
