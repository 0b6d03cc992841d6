import { loadActivations } from "../../../build/binaries.js";
import { checkFinite, checkKeys } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import type { Layer } from "../../graph/layer.ts";
import { activation, type ActivationOptions } from "./activation.ts";

/**
 * y = x > 0 ? x : slope x. At 0 the gradient is the slope. Any shape.
 *
 * @param options.slope default 0.01
 * @throws {RangeError} if the slope is not a finite number
 * @see Maas, Hannun, Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013
 * @example sequential({ input: 784 }, dense(128), leakyRelu({ slope: 0.2 }), dense(10))
 */
export function leakyRelu(options: { slope?: number } & ActivationOptions = {}): Layer {
  checkKeys("leakyRelu", options, ["slope", "name"]);
  const { slope = 0.01, name } = options;
  checkFinite("leakyRelu", "slope", slope);
  return activation({ kernel: "leakyRelu", load: loadActivations }, "input", { name, slope }, () => ({
    slope: f32(slope),
  }));
}
