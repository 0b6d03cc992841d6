import { loadRest } from "../../../build/binaries.js";
import type { Layer } from "../../graph/layer.ts";
import { type ActivationOptions, plain } from "./activation.ts";

/**
 * y = 1 / (1 + e^-x), between 0 and 1. Any shape.
 *
 * @throws {TypeError} if an option other than `name` is given
 * @example sequential({ input: 2 }, dense(4), sigmoid(), dense(1), sigmoid())
 */
export function sigmoid(options: ActivationOptions = {}): Layer {
  return plain({ kernel: "sigmoid", load: async (core) => loadRest(core) }, "output", options);
}
