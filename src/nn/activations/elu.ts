import { loadActivations } from "../../../build/binaries.js";
import { checkFinite, checkKeys } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import type { Layer } from "../../graph/layer.ts";
import { activation, type ActivationOptions } from "./activation.ts";

/**
 * y = x > 0 ? x : alpha (e^x - 1). At 0 the gradient is alpha. Any shape.
 *
 * @param options.alpha default 1; with a negative one, negative numbers become positive
 * @throws {RangeError} if alpha is not a finite number
 * @see Clevert, Unterthiner, Hochreiter, "Fast and accurate deep network learning by exponential linear units", 2016
 * @example sequential({ input: 784 }, dense(128), elu(), dense(10))
 */
export function elu(options: { alpha?: number } & ActivationOptions = {}): Layer {
  checkKeys("elu", options, ["alpha", "name"]);
  const { alpha = 1, name } = options;
  checkFinite("elu", "alpha", alpha);
  // with a negative alpha, y doesn't have the sign of x
  const reads = alpha < 0 ? "input" : "output";
  return activation({ kernel: "elu", load: loadActivations }, reads, { name, alpha }, () => ({ alpha: f32(alpha) }));
}
