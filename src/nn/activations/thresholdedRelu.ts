import { loadActivations } from "../../../build/binaries.js";
import { checkFinite, checkKeys } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import type { Layer } from "../../graph/layer.ts";
import { activation, type ActivationOptions } from "./activation.ts";

/**
 * y = x > threshold ? x : 0. The gradient at the threshold is 0. Any shape.
 *
 * @param options.threshold default 1
 * @throws {RangeError} if the threshold is not a finite number
 * @see Konda, Memisevic, Krueger, "Zero-bias autoencoders and the benefits of co-adapting features", 2015
 * @example sequential({ input: 784 }, dense(128), thresholdedRelu({ threshold: 0.5 }), dense(10))
 */
export function thresholdedRelu(options: { threshold?: number } & ActivationOptions = {}): Layer {
  checkKeys("thresholdedRelu", options, ["threshold", "name"], { theta: "threshold", alpha: "threshold" });
  const { threshold = 1, name } = options;
  checkFinite("thresholdedRelu", "threshold", threshold);
  return activation({ kernel: "thresholdedRelu", load: loadActivations }, "input", { name, threshold }, () => ({
    threshold: f32(threshold),
  }));
}
