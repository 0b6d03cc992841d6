import { loadActivations } from "../../../build/binaries.js";
import type { Layer } from "../../graph/layer.ts";
import { type ActivationOptions, plain } from "./activation.ts";

/**
 * y = ln(1 + e^x), above 0. Any shape.
 *
 * @throws {TypeError} if an option other than `name` is given
 * @see Dugas, Bengio, Bélisle, Nadeau, Garcia, "Incorporating second-order functional knowledge for better option
 *   pricing", 2001
 * @example sequential({ input: 4 }, dense(1), softplus())
 */
export function softplus(options: ActivationOptions = {}): Layer {
  return plain({ kernel: "softplus", load: loadActivations }, "input", options);
}
