import { meanOf, regression } from "./regression.ts";
import type { Metric } from "./metric.ts";

/**
 * The mean squared error, (output - target)^2. Over all columns of the output.
 *
 * @throws {TypeError} if an option is given: it has none
 * @example new Trainer(model, { loss: meanSquaredError(), optimizer: adam(), metrics: [mse()] })
 */
export function mse(options: Record<string, never> = {}): Metric<"mse"> {
  return regression("mse", options, (state) => meanOf(state, 1));
}
