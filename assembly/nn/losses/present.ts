import { integer, perRow, pointer } from "../../runtime/record";

// The arguments.
/** Targets of one output, perRow for each row: numbers, or with LABELS one i32. */
const TARGET: usize = 0;
/** Address of one float32 per row, or 0. */
const WEIGHT: usize = 1;
/** Weights of the rows for this output. */
const Y: usize = 2;
const LABELS: usize = 3;

/**
 * y = weight, 0 in rows whose target is missing: a number that is NaN, or a label of -1. Those become 0, as what counts nothing must
 * still be finite.
 */
export function presentMask(record: usize, rows: u32): void {
  const labels = integer(record, LABELS) != 0;
  let target = pointer(record, TARGET);
  let weight = pointer(record, WEIGHT);
  let y = pointer(record, Y);
  const bytes = (<usize>perRow(record)) << 2;
  for (let r: u32 = 0; r < rows; r++, y += 4) {
    let present = true;
    for (const end = target + bytes; target < end; target += 4) {
      const there = labels ? load<i32>(target) >= 0 : load<f32>(target) == load<f32>(target);
      if (there) continue;
      present = false;
      store<u32>(target, 0);
    }
    store<f32>(y, present ? (weight ? load<f32>(weight) : 1) : 0);
    if (weight) weight += 4;
  }
}
