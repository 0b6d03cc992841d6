import { DX, float, integer, perRow, pointer, X } from "../../runtime/record";
import { EACH, FIRST_ATTRIBUTE, reduceVectors } from "./reduce";

const MARGIN: usize = FIRST_ATTRIBUTE;
/** 2: distances are roots of sums of squares; 1: sums of absolute differences. */
const P: usize = FIRST_ATTRIBUTE + 1;
/** Added to each difference, as in PyTorch: a distance of 0 would have no slope. */
const EPSILON: f64 = 1e-6;

/** |a - b + e| of n numbers. */
function distance(a: usize, b: usize, n: usize, squared: bool): f64 {
  let sum: f64 = 0;
  for (const end = a + (n << 2); a < end; a += 4, b += 4) {
    const d = <f64>load<f32>(a) - <f64>load<f32>(b) + EPSILON;
    sum += squared ? d * d : abs<f64>(d);
  }
  return squared ? sqrt<f64>(sum) : sum;
}

/** The derivative of a distance by a number of a. */
function slope(a: usize, b: usize, length: f64, squared: bool): f64 {
  const d = <f64>load<f32>(a) - <f64>load<f32>(b) + EPSILON;
  if (!squared) return <f64>(d > 0) - <f64>(d < 0);
  return length > 0 ? d / length : 0;
}

/**
 * max(0, margin + |a - p| - |a - n|) for rows x = [a, p, n], anchor, positive and negative; derivatives where that is positive, else 0.
 */
export function tripletMarginLoss(record: usize, rows: u32): void {
  const all = <usize>perRow(record);
  const n = all / 3;
  const bytes = n << 2;
  const margin = <f64>float(record, MARGIN);
  const squared = integer(record, P) == 2;
  let x = pointer(record, X);
  let each = pointer(record, EACH);
  let dx = pointer(record, DX);
  for (let r: u32 = 0; r < rows; r++, each += 4, x += bytes * 3, dx += bytes * 3) {
    const near = distance(x, x + bytes, n, squared);
    const far = distance(x, x + 2 * bytes, n, squared);
    const loss = margin + near - far;
    const counts = !(loss <= 0); // NaN counts
    store<f32>(each, counts ? <f32>loss : 0);
    for (let o: usize = 0; o < bytes; o += 4) {
      const toNear = counts ? slope(x + o, x + o + bytes, near, squared) : 0;
      const toFar = counts ? slope(x + o, x + o + 2 * bytes, far, squared) : 0;
      const to = dx + o;
      store<f32>(to, <f32>(toNear - toFar));
      store<f32>(to + bytes, <f32>-toNear);
      store<f32>(to + 2 * bytes, <f32>toFar);
    }
  }
  reduceVectors(record, rows, all);
}
