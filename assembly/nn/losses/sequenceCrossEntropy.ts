import { REDUCTION_SUM } from "../../runtime/abi";
import { rowExp, rowMax } from "../activations/softmax";
import { ln } from "../../numeric/elementary";
import { DX, float, integer, perRow, pointer, X } from "../../runtime/record";
import { EACH, FIRST_ATTRIBUTE, REDUCTION, TARGET, VALUE, WEIGHT } from "./reduce";

/** Classes of a step: the size of the last axis. */
const CLASSES: usize = FIRST_ATTRIBUTE;
/** Address of one float32 per class, or 0. */
const CLASS_WEIGHT: usize = FIRST_ATTRIBUTE + 1;
const SMOOTHING: usize = FIRST_ATTRIBUTE + 2;

/**
 * -sum over the classes of w t' ln softmax(x) at every step of logits x: [rows, steps, classes], t' = t (1 - s) + s / n, t 1 at the
 * label and 0 elsewhere, with one label per step as float32; steps with a negative label count nothing. Derivative softmax(x) (sum of
 * w t') - w t'. A mean divides by the weights of the rows times those of the labels, over the steps that count.
 */
export function sequenceCrossEntropyLoss(record: usize, rows: u32): void {
  const n = <usize>integer(record, CLASSES);
  const classWeight = pointer(record, CLASS_WEIGHT);
  const smoothing = float(record, SMOOTHING);
  const plain = !classWeight && smoothing == 0;
  const uniform = smoothing / <f32>n;
  const steps = <usize>perRow(record) / n;
  const bytes = n << 2;
  let x = pointer(record, X);
  let target = pointer(record, TARGET);
  let each = pointer(record, EACH);
  let weight = pointer(record, WEIGHT);
  let dx = pointer(record, DX);
  let total: f64 = 0;
  let divisor: f64 = 0;
  for (let r: u32 = 0; r < rows; r++) {
    const w = weight ? load<f32>(weight) : 1;
    if (weight) weight += 4;
    for (let t: usize = 0; t < steps; t++, x += bytes, dx += bytes, target += 4, each += 4) {
      const label = <i32>load<f32>(target);
      if (label < 0) {
        memory.fill(dx, 0, bytes);
        store<f32>(each, 0);
        continue;
      }
      const top = rowMax(x, n);
      const sum = rowExp(x, n, top, dx);
      const log = f32x4.extract_lane(ln(f32x4.splat(sum)), 0);
      const at = (<usize>label) << 2;
      let loss: f32 = 0;
      if (plain) {
        const share = (<f32>1 / sum) * w;
        for (let o: usize = 0; o < bytes; o += 4) store<f32>(dx + o, load<f32>(dx + o) * share);
        store<f32>(dx + at, load<f32>(dx + at) - w);
        loss = log - (load<f32>(x + at) - top);
      } else {
        let mass: f32 = 0;
        for (let o: usize = 0; o < bytes; o += 4) {
          const part = (<f32>(o == at) * (1 - smoothing) + uniform) * (classWeight ? load<f32>(classWeight + o) : 1);
          loss += part * (log - (load<f32>(x + o) - top));
          mass += part;
        }
        const share = mass / sum;
        for (let o: usize = 0; o < bytes; o += 4) {
          const part = (<f32>(o == at) * (1 - smoothing) + uniform) * (classWeight ? load<f32>(classWeight + o) : 1);
          store<f32>(dx + o, (load<f32>(dx + o) * share - part) * w);
        }
      }
      store<f32>(each, loss * w);
      total += <f64>loss * <f64>w;
      divisor += <f64>w * (classWeight ? <f64>load<f32>(classWeight + at) : 1);
    }
  }
  if (integer(record, REDUCTION) == REDUCTION_SUM) divisor = 1;
  const value = pointer(record, VALUE);
  store<f64>(value, total);
  store<f64>(value, divisor, 8);
  if (divisor == 1) return;
  const factor = f32x4.splat(divisor > 0 ? <f32>(1 / divisor) : 0);
  // the gradient is padded to a whole vector
  const end = dx;
  for (let p = pointer(record, DX); p < end; p += 16) v128.store(p, f32x4.mul(v128.load(p), factor));
}
