import { meanOf, regression } from "./regression.ts";
import type { Metric } from "./metric.ts";

/**
 * The mean absolute error, |output - target|. Over all columns of the output.
 *
 * @throws {TypeError} if an option is given: it has none
 * @example new Trainer(model, { loss: meanSquaredError(), optimizer: adam(), metrics: [mae()] })
 */
export function mae(options: Record<string, never> = {}): Metric<"mae"> {
  return regression("mae", options, (state) => meanOf(state, 0));
}
