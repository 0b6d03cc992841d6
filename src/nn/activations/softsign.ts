import { loadActivations } from "../../../build/binaries.js";
import type { Layer } from "../../graph/layer.ts";
import { type ActivationOptions, plain } from "./activation.ts";

/**
 * y = x / (1 + |x|), between -1 and 1. Any shape.
 *
 * @throws {TypeError} if an option other than `name` is given
 * @example sequential({ input: 4 }, dense(8), softsign(), dense(1))
 */
export function softsign(options: ActivationOptions = {}): Layer {
  return plain({ kernel: "softsign", load: loadActivations }, "output", options);
}
