import { integer, perRow, pointer } from "../../runtime/record";
import { count, FIRST_ATTRIBUTE, STATE, targetClass, X } from "./score";

const LABELS: usize = FIRST_ATTRIBUTE;
const K: usize = FIRST_ATTRIBUTE + 1;

/**
 * State: right, all. Right: fewer than k classes rank before the target's; among equal outputs the lower index ranks first,
 * and what can't be compared (NaN) ranks before the target.
 */
export function topKAccuracyMetric(record: usize, rows: u32): void {
  const state = pointer(record, STATE);
  const labels = integer(record, LABELS) != 0;
  const k = integer(record, K);
  const n = perRow(record);
  let x = pointer(record, X);
  let right: u32 = 0;
  for (let r: usize = 0; r < rows; r++, x += (<usize>n) << 2) {
    const target = targetClass(record, r, labels);
    const value = load<f32>(x + ((<usize>target) << 2));
    let before: u32 = 0;
    for (let j: u32 = 0; j < n; j++) {
      const other = load<f32>(x + ((<usize>j) << 2));
      before += <u32>!(other < value || (other == value && j >= target));
    }
    right += <u32>(before < k && before < n);
  }
  count(state, 0, right);
  count(state, 1, rows);
}
