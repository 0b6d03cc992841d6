import { loadActivations } from "../../../build/binaries.js";
import { checkKeys, checkPositive } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import type { Layer } from "../../graph/layer.ts";
import { activation, type ActivationOptions } from "./activation.ts";

/**
 * y = x > 0 ? x : alpha (e^x - 1). At 0 the gradient is alpha. Any shape.
 *
 * @param options.alpha above 0; default 1
 * @throws {RangeError} if alpha is not above 0
 * @see Clevert, Unterthiner, Hochreiter, "Fast and accurate deep network learning by exponential linear units", 2016
 * @example sequential({ input: 784 }, dense(128), elu(), dense(10))
 */
export function elu(options: { alpha?: number } & ActivationOptions = {}): Layer {
  checkKeys("elu", options, ["alpha", "name"]);
  const { alpha = 1, name } = options;
  checkPositive("elu", "alpha", alpha);
  return activation({ kernel: "elu", load: loadActivations }, "output", { name, alpha }, () => ({ alpha: f32(alpha) }));
}
