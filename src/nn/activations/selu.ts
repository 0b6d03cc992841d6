import { loadActivations } from "../../../build/binaries.js";
import { checkFinite, checkKeys } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import type { Layer } from "../../graph/layer.ts";
import { activation, type ActivationOptions } from "./activation.ts";

/** Options of `selu`. */
export interface SeluOptions extends ActivationOptions {
  /** Default 1.6732632423543772. */
  readonly alpha?: number;
  /** Default 1.0507009873554805. */
  readonly scale?: number;
}

/** The defaults. */
export const SELU_ALPHA = 1.6732632423543772;
export const SELU_SCALE = 1.0507009873554805;

/**
 * y = scale (x > 0 ? x : alpha (e^x - 1)). With the defaults, 1.0507 and 1.6733, and `lecunNormal()` weights, layers keep mean 0 and
 * variance 1. At 0 the gradient is scale alpha. Any shape.
 *
 * @param options.alpha default 1.6732632423543772
 * @param options.scale default 1.0507009873554805
 * @throws {RangeError} if alpha, scale or their product is not a finite number
 * @see Klambauer, Unterthiner, Mayr, Hochreiter, "Self-normalizing neural networks", 2017
 * @example dense(64, { kernelInitializer: lecunNormal() }), selu()
 */
export function selu(options: SeluOptions = {}): Layer {
  checkKeys("selu", options, ["alpha", "scale", "name"], { gamma: "scale" });
  const { alpha = SELU_ALPHA, scale = SELU_SCALE, name } = options;
  checkFinite("selu", "alpha", alpha);
  checkFinite("selu", "scale", scale);
  const low = scale * alpha;
  checkFinite("selu", "scale times alpha", low);
  // else y has the sign of x; assembly/nn/activations/bend.ts decides by the same rule
  const reads = Math.fround(scale) < 1 || low < 0 ? "input" : "output";
  return activation({ kernel: "selu", load: loadActivations }, reads, { name, alpha, scale }, () => ({
    scale: f32(scale),
    low: f32(low),
  }));
}
