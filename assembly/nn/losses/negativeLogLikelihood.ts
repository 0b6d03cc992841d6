import { DX, perRow, pointer, X } from "../../runtime/record";
import { EACH, FIRST_ATTRIBUTE, reduceRows, rowWeights, TARGET, WEIGHT } from "./reduce";

/** Address of one float32 per class, or 0. */
const CLASS_WEIGHT: usize = FIRST_ATTRIBUTE;

/** -w x[label] for log-probabilities x: [rows, n] and i32 labels; derivative -w at the label. A mean divides by the sum of w. */
export function negativeLogLikelihoodLoss(record: usize, rows: u32): void {
  const row = (<usize>perRow(record)) << 2;
  const classWeight = pointer(record, CLASS_WEIGHT);
  let x = pointer(record, X);
  let target = pointer(record, TARGET);
  let each = pointer(record, EACH);
  let dx = pointer(record, DX);
  let weight = pointer(record, WEIGHT);
  let divisor: f64 = classWeight ? 0 : rowWeights(record, rows);
  memory.fill(dx, 0, <usize>rows * row);
  for (let r: u32 = 0; r < rows; r++, x += row, target += 4, each += 4, dx += row) {
    const label = (<usize>load<u32>(target)) << 2;
    const w = classWeight ? load<f32>(classWeight + label) : 1;
    store<f32>(each, -w * load<f32>(x + label));
    store<f32>(dx + label, -w);
    if (classWeight) divisor += <f64>w * (weight ? <f64>load<f32>(weight) : 1);
    if (weight) weight += 4;
  }
  reduceRows(record, rows, divisor);
}
