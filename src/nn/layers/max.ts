import type { Layer } from "../../graph/layer.ts";
import { reduction, type ReductionOptions } from "./reduction.ts";

/**
 * The largest number along an axis, which it leaves out: of [steps, features] with axis 0 [features], with axis -1 [steps]; of [n] a
 * single number, [1]. The gradient goes to the largest number, of several to the first. NaN is larger than any number.
 *
 * @param options.axis the axis of a row; negative ones count from the end; default -1, the last
 * @param options.keepAxis the axis stays, with one place; default false
 * @throws {TypeError} if an option can't be used
 * @throws {RangeError} when a model is made, if the input doesn't have the axis
 * @example sequential({ input: [5, 3] }, dense(4), max({ axis: 0 }), dense(2)) // [5, 4] to [4]
 */
export function max(options: ReductionOptions = {}): Layer {
  return reduction("max", options);
}
