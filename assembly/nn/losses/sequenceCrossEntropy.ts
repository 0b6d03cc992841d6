import { REDUCTION_SUM } from "../../runtime/abi";
import { rowExp, rowMax } from "../activations/softmax";
import { ln } from "../../numeric/elementary";
import { DX, integer, perRow, pointer, X } from "../../runtime/record";
import { EACH, FIRST_ATTRIBUTE, REDUCTION, TARGET, VALUE, WEIGHT } from "./reduce";

/** Classes of a step: the size of the last axis. */
const CLASSES: usize = FIRST_ATTRIBUTE;

/**
 * -ln softmax(x)[label] at every step of logits x: [rows, steps, classes], with one label per step as float32; steps with a
 * negative label count nothing. Derivative softmax(x), less 1 at the label. A mean divides by the weights of the steps that count.
 */
export function sequenceCrossEntropyLoss(record: usize, rows: u32): void {
  const n = <usize>integer(record, CLASSES);
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
      const share = (<f32>1 / sum) * w;
      for (let o: usize = 0; o < bytes; o += 4) store<f32>(dx + o, load<f32>(dx + o) * share);
      const at = (<usize>label) << 2;
      store<f32>(dx + at, load<f32>(dx + at) - w);
      const loss = f32x4.extract_lane(ln(f32x4.splat(sum)), 0) - (load<f32>(x + at) - top);
      store<f32>(each, loss * w);
      total += <f64>loss * <f64>w;
      divisor += <f64>w;
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
