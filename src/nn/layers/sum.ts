import type { Layer } from "../../graph/layer.ts";
import { reduction, type ReductionOptions } from "./reduction.ts";

/**
 * The sum along an axis, which it leaves out: of [steps, features] with axis 0 [features], with axis -1 [steps]; of [n] a single
 * number, [1]. Added up in float64, in one order, and rounded once.
 *
 * @param options.axis the axis of a row; negative ones count from the end; default -1, the last
 * @param options.keepAxis the axis stays, with one place; default false
 * @throws {TypeError} if an option can't be used
 * @throws {RangeError} when a model is made, if the input doesn't have the axis
 * @example sequential({ input: [5, 3] }, dense(4), sum({ axis: 0 }), dense(2)) // [5, 4] to [4]
 */
export function sum(options: ReductionOptions = {}): Layer {
  return reduction("sum", options);
}
