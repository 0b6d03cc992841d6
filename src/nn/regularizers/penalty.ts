// Describes penalties whose only option is lambda.
import { loadExtra } from "../../../build/loadExtra.js";
import type { Regularizer } from "../../graph/parameter.ts";
import { checkKeys, checkNotNegative, withFirst } from "../../util/check.ts";
import type { PenaltyStem } from "../../runtime/kernels.ts";

/** A penalty by the stem of its kernel. */
export function penalty(stem: PenaltyStem, lambdaOrOptions: number | { lambda: number }): Regularizer {
  const options = withFirst<{ lambda: number }>(stem, "lambda", lambdaOrOptions, {});
  checkKeys(stem, options, ["lambda"]);
  const { lambda } = options;
  checkNotNegative(stem, "lambda", lambda);
  return { regularizer: stem, options: { lambda }, load: loadExtra };
}
