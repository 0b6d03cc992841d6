import { loadActivations } from "../../../build/binaries.js";
import type { Layer } from "../../graph/layer.ts";
import { type ActivationOptions, plain } from "./activation.ts";

/**
 * y = x times x / 6 + 1/2, the latter cut to [0, 1]: x `hardSigmoid`(x). The gradient at -3 is 0, at 3 it is 1. Any shape.
 *
 * @throws {TypeError} if an option other than `name` is given
 * @see Howard et al., "Searching for MobileNetV3", 2019
 * @example sequential({ input: 784 }, dense(128), hardSwish(), dense(10))
 */
export function hardSwish(options: ActivationOptions = {}): Layer {
  return plain({ kernel: "hardSwish", load: loadActivations }, "input", options);
}
