import { loadActivations } from "../../../build/binaries.js";
import { checkKeys } from "../../util/check.ts";
import type { Layer } from "../../graph/layer.ts";
import { activation, type ActivationOptions } from "./activation.ts";

/**
 * y = x - ln(sum of e^x) over the last axis: logarithms of the shares that `softmax` gives.
 *
 * @throws {TypeError} if an option other than `name` is given
 * @example sequential({ input: 4 }, dense(3), logSoftmax())
 */
export function logSoftmax(options: ActivationOptions = {}): Layer {
  checkKeys("logSoftmax", options, ["name"]);
  return activation({ kernel: "logSoftmax", load: loadActivations }, "output", { name: options.name }, (input) => ({
    n: input.at(-1)!,
  }));
}
