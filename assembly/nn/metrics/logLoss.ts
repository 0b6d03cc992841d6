import { mathLog } from "../../numeric/math";
import { pointer } from "../../runtime/record";
import { answers, columns, count, STATE, targetClass, X } from "./score";

/** Probabilities are kept this far from 0 and 1, so that one sure mistake doesn't make the mean infinite. */
const EDGE: f64 = 1e-15;

/** State: the sum of -ln(probability of the target's class), answers. */
export function logLossMetric(record: usize, rows: u32): void {
  const state = pointer(record, STATE);
  const n = columns(record);
  const end = answers(record, rows);
  let x = pointer(record, X);
  let sum: f64 = 0;
  let all: u32 = 0;
  for (let a: usize = 0; a < end; a++, x += (<usize>n) << 2) {
    const target = targetClass(record, a);
    if (target < 0) continue;
    let p: f64;
    if (n == 1) p = target ? <f64>load<f32>(x) : 1 - <f64>load<f32>(x);
    else p = <f64>load<f32>(x + ((<usize>target) << 2));
    sum -= mathLog(min<f64>(max<f64>(p, EDGE), 1 - EDGE));
    all++;
  }
  count(state, 0, sum);
  count(state, 1, all);
}
