import { loadActivations } from "../../../build/binaries.js";
import type { Layer } from "../../graph/layer.ts";
import { type ActivationOptions, plain } from "./activation.ts";

/**
 * y = min(max(x, 0), 6). The gradient at 0 and at 6 is 0. Any shape.
 *
 * @throws {TypeError} if an option other than `name` is given
 * @see Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010
 * @example sequential({ input: 784 }, dense(128), relu6(), dense(10))
 */
export function relu6(options: ActivationOptions = {}): Layer {
  return plain({ kernel: "relu6", load: loadActivations }, "output", options);
}
