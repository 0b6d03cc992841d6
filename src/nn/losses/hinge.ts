import { loadExtra } from "../../../build/loadExtra.js";
import { elementwiseLossWith } from "./elementwise.ts";
import type { Loss, LossOptions } from "./loss.ts";

/**
 * max(0, margin - output target), targets 1 and -1: the support vector machine's loss. `classify` gives 1 or -1.
 *
 * @param options.margin what a right output must reach, above 0; default 1
 * @param options.reduction "mean" over all elements (default) or "sum"
 * @throws {RangeError} if an option is out of range
 * @see Cortes, Vapnik, "Support-vector networks", 1995
 * @example new Trainer(model, { loss: hinge(), optimizer: sgd({ learningRate: 0.01 }) })
 */
export function hinge(options: { margin?: number } & LossOptions = {}): Loss {
  const targetRule = { holds: (value: number) => value === 1 || value === -1, text: "1 or -1" };
  return elementwiseLossWith(
    "margin",
    { type: "hinge", load: loadExtra, targetRule, outputActivation: "sign" },
    options,
  );
}
