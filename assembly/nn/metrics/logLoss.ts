import { mathLog } from "../../numeric/math";
import { integer, perRow, pointer } from "../../runtime/record";
import { count, FIRST_ATTRIBUTE, STATE, targetClass, X } from "./score";

const LABELS: usize = FIRST_ATTRIBUTE;
/** Probabilities are kept this far from 0 and 1, so that one sure mistake doesn't make the mean infinite. */
const EDGE: f64 = 1e-15;

/** State: the sum of -ln(probability of the target's class), rows. */
export function logLossMetric(record: usize, rows: u32): void {
  const state = pointer(record, STATE);
  const labels = integer(record, LABELS) != 0;
  const n = perRow(record);
  let x = pointer(record, X);
  let sum: f64 = 0;
  for (let r: usize = 0; r < rows; r++, x += (<usize>n) << 2) {
    const target = targetClass(record, r, labels);
    let p: f64;
    if (n == 1) p = target ? <f64>load<f32>(x) : 1 - <f64>load<f32>(x);
    else p = <f64>load<f32>(x + ((<usize>target) << 2));
    sum -= mathLog(min<f64>(max<f64>(p, EDGE), 1 - EDGE));
  }
  count(state, 0, sum);
  count(state, 1, rows);
}
