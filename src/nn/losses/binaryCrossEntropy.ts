import { loadRest } from "../../../build/binaries.js";
import { checkKeys, checkNotNegative, checkPositive, valueText } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import { elementwiseLoss, PROBABILITY } from "./elementwise.ts";
import type { Loss, LossOptions } from "./loss.ts";

/**
 * How the logarithm of 0 is avoided:
 * - "log" (default; PyTorch): each logarithm at least -100, gradient (p - t) / max(p (1 - p), 1e-12);
 * - { low, high }: p cut to [low, high], gradient 0 where it was cut;
 * - "none": not at all.
 */
export type Clamp = "log" | "none" | { readonly low: number; readonly high: number };

/**
 * -(t ln p + (1 - t) ln(1 - p)), for outputs p between 0 and 1 (the last layer is a sigmoid) and yes-or-no targets t from 0 to
 * 1: the textbook loss. `binaryCrossEntropyWithLogits` is the same with the sigmoid inside, and exact for any size.
 *
 * @param options.clamp how the logarithm of 0 is avoided; default "log"
 * @param options.reduction "mean" over all elements (default) or "sum"
 * @throws {RangeError} if an option is out of range
 * @example sequential({ input: 2 }, dense(4), sigmoid(), dense(1), sigmoid()); // loss: binaryCrossEntropy()
 */
export function binaryCrossEntropy(options: { clamp?: Clamp } & LossOptions = {}): Loss {
  checkKeys("binaryCrossEntropy", options, ["clamp", "reduction"]);
  const { clamp = "log", ...others } = options;
  const loss = elementwiseLoss({ type: "binaryCrossEntropy", load: loadRest, targetRule: PROBABILITY }, others);
  const [low, high] = clamp === "log" ? [-100, 1e-12] : clamp === "none" ? [0, 1] : limitsOf(clamp);
  return Object.freeze({
    ...loss,
    options: { clamp: typeof clamp === "string" ? clamp : [low, high], ...loss.options },
    args: () => ({ byLogarithm: clamp === "log" ? 1 : 0, low: f32(low), high: f32(high) }),
  });
}

function limitsOf(clamp: Exclude<Clamp, string>): [number, number] {
  const { low, high } = Object(clamp) as Exclude<Clamp, string>; // not a copy: of a text that would be every letter
  if (low >= 0 && low < high && high <= 1) {
    checkNotNegative("binaryCrossEntropy", "clamp.low", low);
    checkPositive("binaryCrossEntropy", "clamp.high", high);
    const [least, most] = [Math.fround(low), Math.fround(high)];
    if (least < most && (most < 1 || high === 1)) return [low, high];
    throw new RangeError(
      `binaryCrossEntropy: clamp must have different limits as float32, and a high below 1 at most 0.99999994, got { low: ${low}, high: ${high} }`,
    );
  }
  const text =
    typeof low === "number" && typeof high === "number" ? `{ low: ${low}, high: ${high} }` : valueText(clamp);
  throw new RangeError(
    `binaryCrossEntropy: clamp must be "log", "none" or { low, high } with 0 <= low < high <= 1, got ${text}`,
  );
}
