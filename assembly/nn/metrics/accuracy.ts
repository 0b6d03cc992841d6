import { float, integer, perRow, pointer } from "../../runtime/record";
import { count, FIRST_ATTRIBUTE, outputClass, STATE, TARGET, targetClass, X } from "./score";

/** 1: the target is one i32 label per row. */
const LABELS: usize = FIRST_ATTRIBUTE;
/** 1: every output is a yes or no of its own. */
const EACH: usize = FIRST_ATTRIBUTE + 1;
const THRESHOLD: usize = FIRST_ATTRIBUTE + 2;

/** State: right, all. Rows whose largest output is the target's class; or single outputs on the target's side of the threshold. */
export function accuracyMetric(record: usize, rows: u32): void {
  const state = pointer(record, STATE);
  const threshold = float(record, THRESHOLD);
  let right: u32 = 0;
  let all = rows;
  if (integer(record, EACH)) {
    all *= perRow(record);
    let x = pointer(record, X);
    let target = pointer(record, TARGET);
    for (const end = x + ((<usize>all) << 2); x < end; x += 4, target += 4) {
      right += <u32>(load<f32>(x) > threshold == load<f32>(target) > 0.5);
    }
  } else {
    const labels = integer(record, LABELS) != 0;
    for (let r: usize = 0; r < rows; r++) {
      right += <u32>(outputClass(record, r, threshold) == targetClass(record, r, labels));
    }
  }
  count(state, 0, right);
  count(state, 1, all);
}
