import { checkKeys } from "../../util/check.ts";
import { checkReduction, type Loss, type LossOptions } from "./loss.ts";

/**
 * d^2, d = output - target; gradient 2 d. For numbers to be predicted.
 *
 * @param options.reduction "mean" over all elements (default) or "sum"
 * @throws RangeError if the reduction is another word
 * @example new Trainer(model, { loss: meanSquaredError(), optimizer: adam() })
 */
export function meanSquaredError(options: LossOptions = {}): Loss {
  checkKeys("meanSquaredError", options, ["reduction"]);
  const { reduction = "mean" } = options;
  checkReduction("meanSquaredError", reduction);
  return Object.freeze<Loss>({
    type: "meanSquaredError",
    options: { reduction },
    reduction,
    target: "values",
    outputActivation: "identity",
    each: "elements",
    check: () => {},
    args: () => ({}),
  });
}
