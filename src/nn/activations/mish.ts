import { loadActivations } from "../../../build/binaries.js";
import type { Layer } from "../../graph/layer.ts";
import { type ActivationOptions, plain } from "./activation.ts";

/**
 * y = x tanh(ln(1 + e^x)). Any shape.
 *
 * @throws {TypeError} if an option other than `name` is given
 * @see Misra, "Mish: a self regularized non-monotonic activation function", 2019
 * @example sequential({ input: 784 }, dense(128), mish(), dense(10))
 */
export function mish(options: ActivationOptions = {}): Layer {
  return plain({ kernel: "mish", load: loadActivations }, "input", options);
}
