import { float, integer, perRow, pointer } from "../../runtime/record";
import { answers, columns, count, FIRST_OF_CLASSES, outputClass, STATE, TARGET, targetClass, X } from "./score";

/** 1: every column is a class that an answer is of or not, whatever the others are. */
const EACH: usize = FIRST_OF_CLASSES;
const THRESHOLD: usize = FIRST_OF_CLASSES + 1;

/** State: for each class its answers that were called it, those that were called it, and those that are of it. */
export function classCountsMetric(record: usize, rows: u32): void {
  const state = pointer(record, STATE);
  const threshold = float(record, THRESHOLD);
  if (integer(record, EACH)) {
    const n = columns(record);
    let x = pointer(record, X);
    let target = pointer(record, TARGET);
    let c: u32 = 0;
    for (const end = x + ((<usize>rows * perRow(record)) << 2); x < end; x += 4, target += 4) {
      const called = load<f32>(x) > threshold;
      const there = load<f32>(target) > 0.5;
      if (called && there) count(state, 3 * c, 1);
      if (called) count(state, 3 * c + 1, 1);
      if (there) count(state, 3 * c + 2, 1);
      if (++c == n) c = 0;
    }
    return;
  }
  const end = answers(record, rows);
  for (let a: usize = 0; a < end; a++) {
    const target = targetClass(record, a);
    if (target < 0) continue;
    const output = outputClass(record, a, threshold);
    if (target == output) count(state, 3 * target, 1);
    count(state, 3 * output + 1, 1);
    count(state, 3 * target + 2, 1);
  }
}
