import { loadActivations } from "../../../build/binaries.js";
import { checkKeys, checkPositive } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import type { Layer } from "../../graph/layer.ts";
import { activation, type ActivationOptions } from "./activation.ts";

/**
 * y = x > 0 ? x : alpha (e^(x / alpha) - 1): an `elu` whose gradient is 1 at 0 for every alpha. Any shape.
 *
 * @param options.alpha above 0; default 1
 * @throws {RangeError} if alpha, or 1 / alpha, is not above 0 as a float32
 * @see Barron, "Continuously differentiable exponential linear units", 2017
 * @example sequential({ input: 784 }, dense(128), celu({ alpha: 0.5 }), dense(10))
 */
export function celu(options: { alpha?: number } & ActivationOptions = {}): Layer {
  checkKeys("celu", options, ["alpha", "name"]);
  const { alpha = 1, name } = options;
  checkPositive("celu", "alpha", alpha);
  const rate = 1 / alpha;
  checkPositive("celu", "1 / alpha", rate);
  return activation({ kernel: "celu", load: loadActivations }, "output", { name, alpha }, () => ({
    alpha: f32(alpha),
    rate: f32(rate),
  }));
}
