import { loadActivations } from "../../../build/binaries.js";
import type { Layer } from "../../graph/layer.ts";
import { type ActivationOptions, plain } from "./activation.ts";

/**
 * y = x sigmoid(x), also called swish. Any shape.
 *
 * @throws {TypeError} if an option other than `name` is given
 * @see Ramachandran, Zoph, Le, "Searching for activation functions", 2017
 * @example sequential({ input: 784 }, dense(128), silu(), dense(10))
 */
export function silu(options: ActivationOptions = {}): Layer {
  return plain({ kernel: "silu", load: loadActivations }, "input", options);
}
