// Merges what metrics have counted apart: of batches that were measured by themselves, in their order.
import type { Metric } from "./metric.ts";

/** Does what a metric keeps grow with the rows? It is then a count, and a pair of numbers for each answer. */
export const grows = ({ kernel }: Pick<Metric, "kernel">): boolean => kernel === "rocAuc";

/** Numbers of a column of the regression metrics, after the count of rows: see assembly/nn/metrics/regression.ts. */
const SUMS = 5;

/** Adds the sums of further rows to those of a metric. */
export function mergeSums({ kernel }: Pick<Metric, "kernel">, into: Float64Array, from: Float64Array): void {
  if (kernel === "regression") mergeRegression(into, from);
  else for (let i = 0; i < into.length; i++) into[i]! += from[i]!;
}

/** Sums of s and s^2, s = target - first target: of rows whose first target is another one they change with it. */
function mergeRegression(into: Float64Array, from: Float64Array): void {
  if (from[0] === 0) return;
  if (into[0] === 0) return into.set(from);
  const rows = from[0]!;
  for (let at = 1; at < into.length; at += SUMS) {
    const by = from[at + 2]! - into[at + 2]!;
    into[at]! += from[at]!;
    into[at + 1]! += from[at + 1]!;
    into[at + 3]! += from[at + 3]! + rows * by;
    into[at + 4]! += from[at + 4]! + 2 * by * from[at + 3]! + rows * by * by;
  }
  into[0]! += rows;
}
