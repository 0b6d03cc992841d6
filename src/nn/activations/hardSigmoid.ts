import { loadActivations } from "../../../build/binaries.js";
import { checkKeys, checkPositive } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import type { Layer } from "../../graph/layer.ts";
import { activation, type ActivationOptions } from "./activation.ts";

/**
 * y = slope x + 1/2, cut to [0, 1]. Any shape.
 *
 * @param options.slope above 0; default 1/6 (PyTorch, Keras 3); older Keras has 0.2
 * @throws {RangeError} if the slope is not above 0
 * @see Courbariaux, Bengio, David, "BinaryConnect", 2015
 * @example sequential({ input: 4 }, dense(1), hardSigmoid())
 */
export function hardSigmoid(options: { slope?: number } & ActivationOptions = {}): Layer {
  checkKeys("hardSigmoid", options, ["slope", "name"]);
  const { slope = 1 / 6, name } = options;
  checkPositive("hardSigmoid", "slope", slope);
  return activation({ kernel: "hardSigmoid", load: loadActivations }, "output", { name, slope }, () => ({
    slope: f32(slope),
  }));
}
