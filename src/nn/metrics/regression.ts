// Describes the metrics of regression, which are computed from the same sums.
import { loadExtra } from "../../../build/loadExtra.js";
import { checkKeys } from "../../util/check.ts";
import { sizeOf } from "../../util/shape.ts";
import { type Metric, refuseOthers } from "./metric.ts";

/** Sums that the kernel keeps for each column, after the number of rows. */
const SUMS = 5;

/** For each column the sums of |d| and d^2, its first target, and the sums of target - first target and its square. */
export function columnsOf(state: Float64Array): number[][] {
  return Array.from({ length: (state.length - 1) / SUMS }, (_, j) => [
    ...state.subarray(1 + j * SUMS, 1 + (j + 1) * SUMS),
  ]);
}

/** The mean of one of the sums over rows and columns. */
export function meanOf(state: Float64Array, index: number): number {
  const columns = columnsOf(state);
  return columns.reduce((total, sums) => total + sums[index]!, 0) / (state[0]! * columns.length);
}

/** A metric that is computed from the regression kernel's sums. */
export function regression<Name extends string>(
  type: Name,
  options: object,
  result: (state: Float64Array) => number,
): Metric<Name> {
  checkKeys(type, options, []);
  return Object.freeze<Metric<Name>>({
    name: type,
    type,
    options: {},
    kernel: "regression",
    load: loadExtra,
    input: "output",
    check(context, where) {
      const { labels, loss } = context;
      if (loss.joint !== "numbers") refuseOthers(context, type, where);
      if (labels) throw new RangeError(`${where}: ${type} compares numbers, but the targets are labels; use accuracy`);
    },
    stateSize: ({ output }) => 1 + SUMS * sizeOf(output),
    args: () => ({}),
    result,
  });
}
