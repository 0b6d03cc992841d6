import { loadExtra } from "../../../build/loadExtra.js";
import { elementwiseLossWith } from "./elementwise.ts";
import type { Loss, LossOptions } from "./loss.ts";

/**
 * d^2 / 2 where |d| <= delta, delta (|d| - delta / 2) beyond, d = output - target: squared near 0, straight further out.
 *
 * @param options.delta where the line begins, above 0; default 1
 * @param options.reduction "mean" over all elements (default) or "sum"
 * @throws {RangeError} if an option is out of range
 * @see Huber, "Robust estimation of a location parameter", 1964
 * @example new Trainer(model, { loss: huber({ delta: 2.5 }), optimizer: adam() })
 */
export function huber(options: { delta?: number } & LossOptions = {}): Loss {
  return elementwiseLossWith("delta", { type: "huber", load: loadExtra }, options);
}
