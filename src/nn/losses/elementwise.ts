// Describes losses that are computed element by element and have no option but the reduction.
import type { Loaded } from "../../runtime/kernels.ts";
import { checkKeys, checkOneOf } from "../../util/check.ts";
import type { Loss, LossDescription, LossOptions, Reduction } from "./loss.ts";

/**
 * A loss that is computed element by element, with values of the output's shape as targets.
 *
 * @param reductions those that can be chosen, the default first
 */
export function elementwiseLoss(
  kernel: Loaded<"type", "Loss"> & Partial<Pick<LossDescription, "outputActivation" | "targetRule">>,
  options: LossOptions,
  reductions: readonly Reduction[] = ["mean", "sum"],
): Loss {
  checkKeys(kernel.type, options, ["reduction"]);
  const { reduction = reductions[0]! } = options;
  checkOneOf(kernel.type, "reduction", reduction, reductions);
  return Object.freeze<Loss>({
    outputActivation: "identity",
    ...kernel,
    options: { reduction },
    reduction,
    target: "values",
    each: "elements",
    check: () => {},
    args: () => ({}),
  });
}
