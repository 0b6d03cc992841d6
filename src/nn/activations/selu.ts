import { loadActivations } from "../../../build/binaries.js";
import type { Layer } from "../../graph/layer.ts";
import { type ActivationOptions, plain } from "./activation.ts";

/**
 * y = 1.0507 (x > 0 ? x : 1.6733 (e^x - 1)): with `lecunNormal()` weights, layers keep mean 0 and variance 1. Any shape.
 *
 * @throws {TypeError} if an option other than `name` is given
 * @see Klambauer, Unterthiner, Mayr, Hochreiter, "Self-normalizing neural networks", 2017
 * @example dense(64, { kernelInitializer: lecunNormal() }), selu()
 */
export function selu(options: ActivationOptions = {}): Layer {
  return plain({ kernel: "selu", load: loadActivations }, "output", options);
}
