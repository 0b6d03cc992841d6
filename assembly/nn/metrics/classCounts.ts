import { float, integer, pointer } from "../../runtime/record";
import { count, FIRST_ATTRIBUTE, outputClass, STATE, targetClass } from "./score";

const LABELS: usize = FIRST_ATTRIBUTE;
const THRESHOLD: usize = FIRST_ATTRIBUTE + 1;

/** State: for each class its rows that were called it, the rows that were called it, and its rows. */
export function classCountsMetric(record: usize, rows: u32): void {
  const state = pointer(record, STATE);
  const labels = integer(record, LABELS) != 0;
  const threshold = float(record, THRESHOLD);
  for (let r: usize = 0; r < rows; r++) {
    const target = <usize>targetClass(record, r, labels);
    const output = <usize>outputClass(record, r, threshold);
    if (target == output) count(state, 3 * target, 1);
    count(state, 3 * output + 1, 1);
    count(state, 3 * target + 2, 1);
  }
}
