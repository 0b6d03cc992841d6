import type { Layer } from "../../graph/layer.ts";
import type { Named } from "../named.ts";
import { type Branches, operator } from "./operator.ts";

/**
 * Gives the same input to several branches, and multiplies their outputs, number by number, from the first to the last.
 *
 * Shapes are the same, or differ as NumPy allows: axes are counted from the last, and where one has a single place, or none, its
 * numbers are repeated, so that [steps, 1] goes with [steps, features], and [features] with both.
 *
 * @param branches two or more; a layer, or an array of consecutive layers; `[]` passes the input on
 * @throws {TypeError} if one isn't a layer
 * @throws {RangeError} if there are fewer than two or, when a model is made, their shapes don't fit
 * @example sequential({ input: 8 }, multiply([dense(4), [dense(4), sigmoid()]]), dense(1)) // a gated unit
 */
export function multiply(branches: Branches, options: Named = {}): Layer {
  return operator("multiply", branches, options);
}
