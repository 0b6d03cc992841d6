import { rowExp, rowMax } from "../activations/softmax";
import { ln } from "../../numeric/elementary";
import { DX, float, integer, perRow, pointer, X } from "../../runtime/record";
import { EACH, FIRST_ATTRIBUTE, reduceRows, rowWeights, TARGET, WEIGHT } from "./reduce";

/** 1: the target is one i32 label per row; 0: probabilities, as many as there are classes. */
const LABELS: usize = FIRST_ATTRIBUTE;
/** Address of one float32 per class, or 0. */
const CLASS_WEIGHT: usize = FIRST_ATTRIBUTE + 1;
const SMOOTHING: usize = FIRST_ATTRIBUTE + 2;

/**
 * -sum over the classes of w t' ln softmax(x), t' = t (1 - s) + s / n, on logits x: [rows, n], with classes weighted by w
 * and targets smoothed by s. Derivative softmax(x) (sum of w t') - w t'. A mean divides by the sum of the labels' weights
 * (given probabilities: of the rows' weights).
 */
export function softmaxCrossEntropyLoss(record: usize, rows: u32): void {
  const n = <usize>perRow(record);
  const row = n << 2;
  const labels = integer(record, LABELS) != 0;
  const classWeight = pointer(record, CLASS_WEIGHT);
  const smoothing = float(record, SMOOTHING);
  const plain = labels && !classWeight && smoothing == 0;
  const uniform = smoothing / <f32>n;
  let x = pointer(record, X);
  let target = pointer(record, TARGET);
  let each = pointer(record, EACH);
  let dx = pointer(record, DX);
  let weight = pointer(record, WEIGHT);
  let divisor: f64 = labels && classWeight ? 0 : rowWeights(record, rows);
  for (let r: u32 = 0; r < rows; r++, x += row, each += 4, dx += row) {
    const top = rowMax(x, n);
    const sum = rowExp(x, n, top, dx);
    const log = f32x4.extract_lane(ln(f32x4.splat(sum)), 0);
    const label = labels ? (<usize>load<u32>(target)) << 2 : 0;
    if (plain) {
      const share = <f32>1 / sum;
      for (let o: usize = 0; o < row; o += 4) store<f32>(dx + o, load<f32>(dx + o) * share);
      store<f32>(dx + label, load<f32>(dx + label) - 1);
      store<f32>(each, log - (load<f32>(x + label) - top));
    } else {
      let loss: f32 = 0;
      let mass: f32 = 0;
      for (let o: usize = 0; o < row; o += 4) {
        const t = labels ? <f32>(o == label) : load<f32>(target + o);
        const w = (t * (1 - smoothing) + uniform) * (classWeight ? load<f32>(classWeight + o) : 1);
        loss += w * (log - (load<f32>(x + o) - top));
        mass += w;
      }
      const share = mass / sum;
      for (let o: usize = 0; o < row; o += 4) {
        const t = labels ? <f32>(o == label) : load<f32>(target + o);
        const w = (t * (1 - smoothing) + uniform) * (classWeight ? load<f32>(classWeight + o) : 1);
        store<f32>(dx + o, load<f32>(dx + o) * share - w);
      }
      store<f32>(each, loss);
      if (labels && classWeight) {
        divisor += <f64>load<f32>(classWeight + label) * (weight ? <f64>load<f32>(weight) : 1);
      }
    }
    target += labels ? 4 : row;
    if (weight) weight += 4;
  }
  reduceRows(record, rows, divisor);
}
