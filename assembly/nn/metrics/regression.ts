import { perRow, pointer } from "../../runtime/record";
import { count, STATE, TARGET, X } from "./score";

/**
 * State: rows, then for each column the sums of |d|, d^2, target, target^2, with d = output - target. Mean absolute error,
 * (root) mean squared error and R^2 are made of them.
 */
export function regressionMetric(record: usize, rows: u32): void {
  const state = pointer(record, STATE);
  const n = <usize>perRow(record);
  let x = pointer(record, X);
  let target = pointer(record, TARGET);
  for (let r: u32 = 0; r < rows; r++) {
    for (let j: usize = 0; j < n; j++, x += 4, target += 4) {
      const t = <f64>load<f32>(target);
      const d = <f64>load<f32>(x) - t;
      const sums = <usize>1 + (j << 2);
      count(state, sums, abs<f64>(d));
      count(state, sums + 1, d * d);
      count(state, sums + 2, t);
      count(state, sums + 3, t * t);
    }
  }
  count(state, 0, rows);
}
