import { loadRest } from "../../../build/binaries.js";
import type { Layer } from "../../graph/layer.ts";
import { type ActivationOptions, plain } from "./activation.ts";

/**
 * y = tanh x, between -1 and 1. Any shape.
 *
 * @throws {TypeError} if an option other than `name` is given
 * @example sequential({ input: 2 }, dense(8), tanh(), dense(1))
 */
export function tanh(options: ActivationOptions = {}): Layer {
  return plain({ kernel: "tanh", load: async (core) => loadRest(core) }, "output", options);
}
