import { integer, pointer } from "../../runtime/record";
import { FIRST_ATTRIBUTE, STATE, targetClass, X } from "./score";

const LABELS: usize = FIRST_ATTRIBUTE;

/** State: rows so far (f64), then a pair for each: the output (f32) and the class 0 or 1 (u32). One output per row. */
export function rocAucMetric(record: usize, rows: u32): void {
  const state = pointer(record, STATE);
  const labels = integer(record, LABELS) != 0;
  const x = pointer(record, X);
  const before = load<f64>(state);
  let pair = state + 8 + ((<usize>before) << 3);
  for (let r: usize = 0; r < rows; r++, pair += 8) {
    store<f32>(pair, load<f32>(x + (r << 2)));
    store<u32>(pair, targetClass(record, r, labels), 4);
  }
  store<f64>(state, before + <f64>rows);
}
