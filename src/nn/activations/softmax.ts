import { loadRest } from "../../../build/binaries.js";
import { checkKeys } from "../../util/check.ts";
import type { Layer } from "../../graph/layer.ts";
import { activation, type ActivationOptions } from "./activation.ts";

/**
 * y = e^x / sum of e^x over the last axis: shares that sum to 1. With `softmaxCrossEntropy`, leave it out: that loss takes the
 * numbers before it, which is exact where this would round to 0 or 1.
 *
 * @throws {TypeError} if an option other than `name` is given
 * @example sequential({ input: 4 }, dense(3), softmax())
 */
export function softmax(options: ActivationOptions = {}): Layer {
  checkKeys("softmax", options, ["name"]);
  return activation(
    { kernel: "softmax", load: async (core) => loadRest(core) },
    "output",
    { name: options.name },
    (input) => ({
      n: input.at(-1)!,
    }),
  );
}
