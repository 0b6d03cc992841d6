import { meanOf, regression } from "./regression.ts";
import type { Metric } from "./metric.ts";

/**
 * The root of the mean squared error: in the target's own unit. Over all columns of the output.
 *
 * @throws {TypeError} if an option is given: it has none
 * @example new Trainer(model, { loss: meanSquaredError(), optimizer: adam(), metrics: [rmse()] })
 */
export function rmse(options: Record<string, never> = {}): Metric<"rmse"> {
  return regression("rmse", options, (state) => Math.sqrt(meanOf(state, 1)));
}
