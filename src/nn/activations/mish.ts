import { loadActivations } from "../../../build/binaries.js";
import type { Layer } from "../../graph/layer.ts";
import { type ActivationOptions, plain } from "./activation.ts";

/**
 * y = x tanh(ln(1 + e^x)). Any shape.
 * see: Misra, "Mish: a self regularized non-monotonic activation function", 2019
 *
 * @throws TypeError for options other than a name
 * @example sequential({ input: 784 }, dense(128), mish(), dense(10))
 */
export function mish(options: ActivationOptions = {}): Layer {
  return plain("mish", "input", options, loadActivations);
}
