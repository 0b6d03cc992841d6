import { perRow, pointer } from "../../runtime/record";
import { count, STATE, TARGET, X } from "./score";

/** Numbers of a column. */
const SUMS: u32 = 5;

/**
 * State: rows, then for each column the sums of |d| and d^2, d = output - target; its first target, and the sums of s and s^2, s =
 * target - first target. Mean absolute error, (root) mean squared error and R^2 are made of them. The first target is
 * subtracted since targets may be far from 0: of their squares little would be left once the mean's is subtracted.
 */
export function regressionMetric(record: usize, rows: u32): void {
  const state = pointer(record, STATE);
  const n = <usize>perRow(record);
  let x = pointer(record, X);
  let target = pointer(record, TARGET);
  let begins = load<f64>(state) == 0;
  for (let r: u32 = 0; r < rows; r++) {
    for (let j: usize = 0; j < n; j++, x += 4, target += 4) {
      const t = <f64>load<f32>(target);
      const d = <f64>load<f32>(x) - t;
      const sums = <usize>1 + j * <usize>SUMS;
      const first = state + ((sums + 2) << 3);
      if (begins) store<f64>(first, t);
      const s = t - load<f64>(first);
      count(state, sums, abs<f64>(d));
      count(state, sums + 1, d * d);
      count(state, sums + 3, s);
      count(state, sums + 4, s * s);
    }
    begins = false;
  }
  count(state, 0, rows);
}
