import { loadActivations } from "../../../build/binaries.js";
import { checkFinite, checkKeys, checkPositive } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import type { Layer } from "../../graph/layer.ts";
import { activation, type ActivationOptions } from "./activation.ts";

/** Options of `hardSigmoid`. */
export interface HardSigmoidOptions extends ActivationOptions {
  /** Default 1/6. */
  readonly slope?: number;
  /** What 0 becomes; default 1/2. */
  readonly offset?: number;
}

/**
 * y = slope x + offset, cut to [0, 1]. The gradient at 0 and at 1 is 0. Any shape.
 *
 * @param options.slope above 0; default 1/6 (PyTorch, Keras 3); older Keras and ONNX have 0.2
 * @param options.offset default 1/2
 * @throws {RangeError} if the slope is not above 0, or the offset not a finite number
 * @see Courbariaux, Bengio, David, "BinaryConnect", 2015
 * @example sequential({ input: 4 }, dense(1), hardSigmoid())
 */
export function hardSigmoid(options: HardSigmoidOptions = {}): Layer {
  checkKeys("hardSigmoid", options, ["slope", "offset", "name"], { alpha: "slope", beta: "offset" });
  const { slope = 1 / 6, offset = 0.5, name } = options;
  checkPositive("hardSigmoid", "slope", slope);
  checkFinite("hardSigmoid", "offset", offset);
  return activation({ kernel: "hardSigmoid", load: loadActivations }, "output", { name, slope, offset }, () => ({
    slope: f32(slope),
    offset: f32(offset),
  }));
}
