import { loadActivations } from "../../../build/binaries.js";
import { checkKeys, checkOneOf } from "../../util/check.ts";
import type { Layer } from "../../graph/layer.ts";
import { activation, type ActivationOptions } from "./activation.ts";

/**
 * y = x P(x), P the normal distribution's cumulative probability. Any shape.
 *
 * @param options.approximate "none" (default), or "tanh": x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
 * @throws {RangeError} if `approximate` is neither
 * @see Hendrycks, Gimpel, "Gaussian error linear units", 2016
 * @example sequential({ input: 784 }, dense(128), gelu(), dense(10))
 */
export function gelu(options: { approximate?: "none" | "tanh" } & ActivationOptions = {}): Layer {
  checkKeys("gelu", options, ["approximate", "name"]);
  const { approximate = "none", name } = options;
  checkOneOf("gelu", "approximate", approximate, ["none", "tanh"]);
  return activation({ kernel: "gelu", load: loadActivations }, "input", { name, approximate }, () => ({
    tanh: approximate === "tanh" ? 1 : 0,
  }));
}
