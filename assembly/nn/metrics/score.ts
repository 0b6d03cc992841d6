// Slots and helpers of all metrics. A metric adds to float64 sums in STATE, batch by batch; TypeScript makes its value of them.
import { integer, perRow, pointer } from "../../runtime/record";

// The arguments of every metric:
/** The model's output, or probabilities made of it: [rows, perRow]. */
export const X: usize = 0;
export const TARGET: usize = 1;
export const STATE: usize = 2;
// and its own attributes from here on.
export const FIRST_ATTRIBUTE: usize = 3;

// Those of every metric of classes: a row has one answer, or one at every step or pixel.
/** What targets are: VALUES, LABELS or STEP_LABELS. */
const LABELS: usize = FIRST_ATTRIBUTE;
/** Outputs of an answer: one for each class, or a single one. */
const COLUMNS: usize = FIRST_ATTRIBUTE + 1;
// and its own from here on.
export const FIRST_OF_CLASSES: usize = FIRST_ATTRIBUTE + 2;

/** As many numbers as outputs. */
const VALUES: u32 = 0;
/** One i32 label per row. */
const LABEL: u32 = 1;
// another: a label at every step as float32; below 0 the step counts nothing

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

/** Outputs of an answer. */
export function columns(record: usize): u32 {
  return integer(record, COLUMNS);
}

/** Answers in so many rows. */
export function answers(record: usize, rows: u32): usize {
  return <usize>rows * (perRow(record) / columns(record));
}

/**
 * The class of answer a's target: a label, the largest of n probabilities, or with n = 1 whether it is above 1/2. Below 0: it counts
 * nothing.
 */
export function targetClass(record: usize, a: usize): i32 {
  const target = pointer(record, TARGET);
  const labels = integer(record, LABELS);
  if (labels == LABEL) return load<i32>(target + (a << 2));
  if (labels != VALUES) return <i32>load<f32>(target + (a << 2));
  const n = columns(record);
  if (n == 1) return load<f32>(target + (a << 2)) > 0.5 ? 1 : 0;
  return <i32>argmax(target + ((a * n) << 2), n);
}

/** The class that answer a's output says: the largest of n, or with n = 1 whether it is above the threshold. */
export function outputClass(record: usize, a: usize, threshold: f32): i32 {
  const n = columns(record);
  const x = pointer(record, X) + ((a * n) << 2);
  return n == 1 ? (load<f32>(x) > threshold ? 1 : 0) : <i32>argmax(x, n);
}
