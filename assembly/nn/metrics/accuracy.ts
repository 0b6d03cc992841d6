import { float, integer, perRow, pointer } from "../../runtime/record";
import { answers, count, FIRST_OF_CLASSES, outputClass, STATE, TARGET, targetClass, X } from "./score";

/** 1: every output is a yes or no of its own. */
const EACH: usize = FIRST_OF_CLASSES;
const THRESHOLD: usize = FIRST_OF_CLASSES + 1;

/** State: right, all. Answers whose largest output is the target's class; or single outputs on the target's side of the threshold. */
export function accuracyMetric(record: usize, rows: u32): void {
  const state = pointer(record, STATE);
  const threshold = float(record, THRESHOLD);
  let right: u32 = 0;
  let all: u32 = 0;
  if (integer(record, EACH)) {
    all = rows * perRow(record);
    let x = pointer(record, X);
    let target = pointer(record, TARGET);
    for (const end = x + ((<usize>all) << 2); x < end; x += 4, target += 4) {
      right += <u32>(load<f32>(x) > threshold == load<f32>(target) > 0.5);
    }
  } else {
    const end = answers(record, rows);
    for (let a: usize = 0; a < end; a++) {
      const target = targetClass(record, a);
      if (target < 0) continue;
      right += <u32>(outputClass(record, a, threshold) == target);
      all++;
    }
  }
  count(state, 0, right);
  count(state, 1, all);
}
