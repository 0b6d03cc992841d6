// Slots and helpers of all metrics. A metric adds to float64 sums in STATE, batch by batch; TypeScript makes its value of them.
import { perRow, pointer } from "../../runtime/record";

// The arguments of every metric:
/** The model's output, or probabilities made of it: [rows, perRow]. */
export const X: usize = 0;
export const TARGET: usize = 1;
export const STATE: usize = 2;
// and its own attributes from here on.
export const FIRST_ATTRIBUTE: usize = 3;

/** The index of the largest of n values; among equals the first. */
export function argmax(x: usize, n: u32): u32 {
  let best: u32 = 0;
  let top = load<f32>(x);
  for (let j: u32 = 1; j < n; j++) {
    const value = load<f32>(x + ((<usize>j) << 2));
    if (value > top) {
      top = value;
      best = j;
    }
  }
  return best;
}

/** Adds to one of the state's sums. */
export function count(state: usize, place: usize, amount: f64): void {
  const p = state + (place << 3);
  store<f64>(p, load<f64>(p) + amount);
}

/** The class of row r's target: a label (i32), the largest of n probabilities, or with n = 1 whether it is above 1/2. */
export function targetClass(record: usize, r: usize, labels: bool): u32 {
  const target = pointer(record, TARGET);
  if (labels) return load<u32>(target + (r << 2));
  const n = perRow(record);
  if (n == 1) return load<f32>(target + (r << 2)) > 0.5 ? 1 : 0;
  return argmax(target + ((r * n) << 2), n);
}

/** The class that row r's output says: the largest of n, or with n = 1 whether it is above the threshold. */
export function outputClass(record: usize, r: usize, threshold: f32): u32 {
  const n = perRow(record);
  const x = pointer(record, X) + ((r * n) << 2);
  return n == 1 ? (load<f32>(x) > threshold ? 1 : 0) : argmax(x, n);
}
