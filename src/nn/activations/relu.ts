import { loadRest } from "../../../build/binaries.js";
import type { Layer } from "../../graph/layer.ts";
import { type ActivationOptions, plain } from "./activation.ts";

/**
 * y = max(x, 0). The gradient at 0 is 0. Any shape.
 *
 * @throws {TypeError} if an option other than `name` is given
 * @see Nair, Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010
 * @example sequential({ input: 784 }, dense(128), relu(), dense(10))
 */
export function relu(options: ActivationOptions = {}): Layer {
  return plain({ kernel: "relu", load: async (core) => loadRest(core) }, "output", options);
}
