import { integer, pointer } from "../../runtime/record";
import { answers, columns, count, FIRST_OF_CLASSES, STATE, targetClass, X } from "./score";

const K: usize = FIRST_OF_CLASSES;

/**
 * State: right, all. Right: fewer than k classes rank before the target's; among equal outputs the lower index ranks first,
 * and what can't be compared (NaN) ranks before the target.
 */
export function topKAccuracyMetric(record: usize, rows: u32): void {
  const state = pointer(record, STATE);
  const k = integer(record, K);
  const n = columns(record);
  const end = answers(record, rows);
  let x = pointer(record, X);
  let right: u32 = 0;
  let all: u32 = 0;
  for (let a: usize = 0; a < end; a++, x += (<usize>n) << 2) {
    const target = targetClass(record, a);
    if (target < 0) continue;
    const value = load<f32>(x + ((<usize>target) << 2));
    let before: u32 = 0;
    for (let j: u32 = 0; j < n; j++) {
      const other = load<f32>(x + ((<usize>j) << 2));
      before += <u32>!(other < value || (other == value && j >= <u32>target));
    }
    right += <u32>(before < k && before < n);
    all++;
  }
  count(state, 0, right);
  count(state, 1, all);
}
