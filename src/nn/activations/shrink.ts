import { loadActivations } from "../../../build/binaries.js";
import { checkFinite, checkKeys, checkNotNegative } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import type { Layer } from "../../graph/layer.ts";
import { activation, type ActivationOptions } from "./activation.ts";

/** Options of `shrink`. */
export interface ShrinkOptions extends ActivationOptions {
  /** Numbers up to this far from 0 become 0; default 0.5. */
  readonly threshold?: number;
  /** So much nearer to 0 the others get; default 0. */
  readonly bias?: number;
}

/**
 * y = x > threshold ? x - bias : x < -threshold ? x + bias : 0. With a bias of 0 PyTorch's `Hardshrink`, with one equal to the threshold
 * its `Softshrink`. The gradient at both thresholds is 0. Any shape.
 *
 * @param options.threshold 0 or more; default 0.5
 * @param options.bias default 0
 * @throws {RangeError} if the threshold is negative, or one of them not a finite number
 * @see Donoho, Johnstone, "Ideal spatial adaptation by wavelet shrinkage", 1994
 * @example sequential({ input: 8 }, dense(4), shrink({ threshold: 0.1, bias: 0.1 }), dense(8))
 */
export function shrink(options: ShrinkOptions = {}): Layer {
  checkKeys("shrink", options, ["threshold", "bias", "name"], { lambd: "threshold", lambda: "threshold" });
  const { threshold = 0.5, bias = 0, name } = options;
  checkNotNegative("shrink", "threshold", threshold);
  checkFinite("shrink", "bias", bias);
  return activation({ kernel: "shrink", load: loadActivations }, "input", { name, threshold, bias }, () => ({
    threshold: f32(threshold),
    bias: f32(bias),
  }));
}
