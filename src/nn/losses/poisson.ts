import { loadLosses } from "../../../build/loadLosses.js";
import { checkBoolean, checkKeys } from "../../util/check.ts";
import { elementwiseLoss } from "./elementwise.ts";
import type { Loss, LossOptions } from "./loss.ts";

/**
 * e^output - target output: the loss of counts, such as visits an hour, up to what doesn't depend on the output. The output is the
 * logarithm of the rate. With `logInput: false` it is the rate itself, above 0, and the loss output - target ln(output + 1e-8).
 * Targets: numbers of 0 or more, as many as outputs.
 *
 * @param options.logInput the output is the logarithm of the rate; default true
 * @param options.reduction "mean" over all elements (default) or "sum"
 * @throws {TypeError | RangeError} if an option can't be used
 * @see Nelder, Wedderburn, "Generalized linear models", 1972
 * @example new Trainer(model, { loss: poisson(), optimizer: adam() })
 */
export function poisson(options: { logInput?: boolean } & LossOptions = {}): Loss {
  checkKeys("poisson", options, ["logInput", "reduction"]);
  const { logInput = true, ...others } = options;
  checkBoolean("poisson", "logInput", logInput);
  const targetRule = { holds: (value: number) => value >= 0 && value < Infinity, text: "0 or more" };
  const loss = elementwiseLoss({ type: "poisson", load: loadLosses, targetRule }, others);
  return Object.freeze({
    ...loss,
    options: { logInput, ...loss.options },
    args: () => ({ logInput: logInput ? 1 : 0 }),
  });
}
