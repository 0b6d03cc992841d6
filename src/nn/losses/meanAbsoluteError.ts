import { loadExtra } from "../../../build/binaries.js";
import { checkKeys } from "../../util/check.ts";
import { checkReduction, type Loss, type LossOptions } from "./loss.ts";

/**
 * |d|, d = output - target; gradient the sign of d, 0 at 0. Outliers count less than with the squared error.
 *
 * @param options.reduction "mean" over all elements (default) or "sum"
 * @throws RangeError if the reduction is another word
 * @example new Trainer(model, { loss: meanAbsoluteError(), optimizer: adam() })
 */
export function meanAbsoluteError(options: LossOptions = {}): Loss {
  checkKeys("meanAbsoluteError", options, ["reduction"]);
  const { reduction = "mean" } = options;
  checkReduction("meanAbsoluteError", reduction);
  return Object.freeze<Loss>({
    type: "meanAbsoluteError",
    load: loadExtra,
    options: { reduction },
    reduction,
    target: "values",
    outputActivation: "identity",
    each: "elements",
    check: () => {},
    args: () => ({}),
  });
}
