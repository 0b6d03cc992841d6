import { loadLosses } from "../../../build/loadLosses.js";
import { elementwiseLossWith, PROBABILITY } from "./elementwise.ts";
import type { Loss, LossOptions } from "./loss.ts";

/**
 * 1 - (2 sum(p t) + s) / (sum(p) + sum(t) + s), the sums over all numbers of a row: how far the area that the output p marks is from the area t,
 * such as an organ's in an image. p from 0 to 1 (the last layer is a sigmoid), as many targets t from 0 to 1. One loss a row,
 * in which small areas count as much as large ones.
 *
 * @param options.smooth s, above 0, which keeps a row without any area from dividing by 0; default 1
 * @param options.reduction "mean" over the rows (default) or "sum"
 * @throws {RangeError} if an option is out of range
 * @see Milletari and others, "V-Net", 2016; Dice, "Measures of the amount of ecologic association between species", 1945
 * @example sequential({ input: [8, 8, 1] }, conv2d(1, { kernelSize: 3, padding: "same" }), sigmoid()); // loss: dice()
 */
export function dice(options: { smooth?: number } & LossOptions = {}): Loss {
  const kernel = { type: "dice", load: loadLosses, targetRule: PROBABILITY } as const;
  return Object.freeze({ ...elementwiseLossWith("smooth", kernel, options), each: "rows" });
}
