import type { Metric } from "./metric.ts";
import { columnsOf, regression } from "./regression.ts";

/**
 * The share of the target's variance that the model explains, 1 - sum of (output - target)^2 / sum of (target - mean)^2:
 * 1 is perfect, 0 as good as the mean. Several columns: the mean of theirs. A target that never varies gives 0 (1 if hit).
 *
 * @throws {TypeError} if an option is given: it has none
 * @example new Trainer(model, { loss: meanSquaredError(), optimizer: adam(), metrics: [r2()] })
 */
export function r2(options: Record<string, never> = {}): Metric<"r2"> {
  return regression("r2", options, (state) => {
    const rows = state[0]!;
    const columns = columnsOf(state).map(([, squares, , sum, sumOfSquares]) => {
      const variation = sumOfSquares! - (sum! * sum!) / rows;
      if (!(variation > 0)) return squares === 0 ? 1 : 0;
      return 1 - squares! / variation;
    });
    return columns.reduce((total, value) => total + value, 0) / columns.length;
  });
}
