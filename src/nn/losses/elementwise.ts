// Describes losses that are computed element by element.
import { f32 } from "../../runtime/record.ts";
import type { Loaded } from "../../runtime/kernels.ts";
import { checkKeys, checkPositive } from "../../util/check.ts";
import { checkReduction, type Loss, type LossDescription, type LossOptions, type Reduction } from "./loss.ts";

/** The rule of targets that are probabilities. */
export const PROBABILITY = { holds: (value: number) => value >= 0 && value <= 1, text: "from 0 to 1" };

/** What differs between them: the kernel, and what isn't the default. */
type Kernel = Loaded<"type", "Loss"> &
  Partial<Pick<LossDescription, "outputActivation" | "refusedEnds" | "targetRule">>;

/**
 * A loss that is computed element by element, with values of the output's shape as targets, and no option but the reduction.
 *
 * @param reductions those that can be chosen, the default first
 */
export function elementwiseLoss(
  kernel: Kernel,
  options: LossOptions,
  reductions: readonly Reduction[] = ["mean", "sum"],
): Loss {
  checkKeys(kernel.type, options, ["reduction"]);
  const { reduction = reductions[0]! } = options;
  checkReduction(kernel.type, reduction, reductions);
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

/** One that has another option: a number above 0, by default 1, which is the kernel's argument of the same name. */
export function elementwiseLossWith<Name extends string>(
  name: Name,
  kernel: Kernel,
  options: { readonly [name in Name]?: number } & LossOptions,
): Loss {
  checkKeys(kernel.type, options, [name, "reduction"]);
  const { [name]: value = 1, ...others } = options;
  checkPositive(kernel.type, name, value);
  const loss = elementwiseLoss(kernel, others);
  return Object.freeze({ ...loss, options: { [name]: value, ...loss.options }, args: () => ({ [name]: f32(value) }) });
}
