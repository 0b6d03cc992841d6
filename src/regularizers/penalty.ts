import type { PenaltyStem } from "../module.ts";

/** A penalty on a parameter's values, added to the loss. */
export interface Regularizer {
  readonly regularizer: PenaltyStem;
  readonly options: { readonly lambda: number };
}

/** A penalty by the stem of its kernel. */
export function penalty(stem: PenaltyStem, lambdaOrOptions: number | { lambda: number }): Regularizer {
  const lambda = typeof lambdaOrOptions === "number" ? lambdaOrOptions : lambdaOrOptions.lambda;
  if (!(lambda >= 0 && lambda < Infinity)) throw new RangeError(`${stem}: lambda must be 0 or more, got ${lambda}`);
  return { regularizer: stem, options: { lambda } };
}
