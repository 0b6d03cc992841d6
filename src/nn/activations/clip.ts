import { loadActivations } from "../../../build/binaries.js";
import { checkFinite, checkKeys, valueText, withFirst } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import type { Layer } from "../../graph/layer.ts";
import { activation, type ActivationOptions } from "./activation.ts";

/** Options of `clip`. */
export interface ClipOptions extends ActivationOptions {
  /** The smallest number that stays; left out, or -Infinity: all do. */
  readonly low?: number | undefined;
  /** The largest number that stays; left out, or Infinity: all do. */
  readonly high?: number | undefined;
}

const BOUNDS_ELSEWHERE = { min: "low", minval: "low", minvalue: "low", max: "high", maxval: "high", maxvalue: "high" };

/**
 * y = min(max(x, low), high). Between the bounds the gradient passes; at a bound and beyond it is 0, as with `relu6` (and PyTorch's
 * `Hardtanh`; its `clamp` lets the gradient pass at a bound). Any shape.
 *
 * @param low the smallest number that stays; left out, or -Infinity: all do
 * @param high the largest number that stays; left out, or Infinity: all do
 * @throws {TypeError | RangeError} if neither bound is given, one isn't a number, or low isn't below high
 * @example sequential({ input: 784 }, dense(128), clip(-1, 1), dense(10)) // also clip({ low: 0 })
 */
export function clip(low?: number | ClipOptions, high?: number, options: ActivationOptions = {}): Layer {
  const settings = withFirst<ClipOptions>("clip", "low", low, high === undefined ? options : { high, ...options });
  checkKeys("clip", settings, ["low", "high", "name"], BOUNDS_ELSEWHERE);
  const { low: least = -Infinity, high: most = Infinity, name } = settings;
  if (least !== -Infinity) checkFinite("clip", "low", least);
  if (most !== Infinity) checkFinite("clip", "high", most);
  if (least === -Infinity && most === Infinity) {
    throw new TypeError("clip: low or high must be given, got neither: nothing would be cut; such as clip(-1, 1)");
  }
  if (Math.fround(least) >= Math.fround(most)) {
    const same = least < most ? `; rounded to float32 both are ${Math.fround(least)}` : "";
    throw new RangeError(
      `clip: low must be below high, got low ${valueText(least)} and high ${valueText(most)}${same}`,
    );
  }
  // files have no infinite numbers
  const bounds = { ...(least > -Infinity && { low: least }), ...(most < Infinity && { high: most }) };
  return activation({ kernel: "clip", load: loadActivations }, "output", { name, ...bounds }, () => ({
    low: f32(least),
    high: f32(most),
  }));
}
