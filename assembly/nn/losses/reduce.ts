// Weights, sums and scales losses. A loss kernel writes each element's (class losses: each row's) own loss to EACH and its
// derivative to DX, unweighted and unscaled; then the losses are weighted, summed in float64 and the gradient scaled.
import { REDUCTION_BATCH_MEAN, REDUCTION_MEAN, REDUCTION_SUM } from "../../runtime/abi";
import { DX, integer, perRow, pointer } from "../../runtime/record";
import { sum64 } from "../../numeric/simd";

// The arguments of every loss: X = 0 (the model's output) and DX = 2 as in a layer, and
export const TARGET: usize = 1;
/** Address of two f64, the total and what it is to be divided by; of joint losses a third one, the loss of the epoch so far. */
export const VALUE: usize = 3;
/** Address of one float32 per row, or 0. */
export const WEIGHT: usize = 4;
export const EACH: usize = 5;
export const REDUCTION: usize = 6;
// and its own attributes from here on.
export const FIRST_ATTRIBUTE: usize = 7;

/** Multiplies n values by a factor. They are padded to a whole vector, which may be changed as well. */
function scale(p: usize, n: usize, factor: f32): void {
  const f = f32x4.splat(factor);
  for (const end = p + (n << 2); p < end; p += 16) v128.store(p, f32x4.mul(v128.load(p), f));
}

/** 1 / divisor. Rows that weigh nothing have no mean, and their gradient is 0. */
function shareOf(divisor: f64): f64 {
  return divisor > 0 ? 1 / divisor : 0;
}

/** Weights, sums and scales an element-wise loss of `perRow` elements per row. */
export function reduceElements(record: usize, rows: usize): void {
  const n = <usize>perRow(record);
  const each = pointer(record, EACH);
  const dx = pointer(record, DX);
  const value = pointer(record, VALUE);
  const weight = pointer(record, WEIGHT);
  const reduction = integer(record, REDUCTION);
  let divisor = <f64>rows;
  if (weight) {
    divisor = sum64(weight, rows);
    for (let r: usize = 0; r < rows; r++) {
      const w = load<f32>(weight + (r << 2));
      const row = (r * n) << 2;
      for (let o: usize = row; o < row + (n << 2); o += 4) {
        store<f32>(each + o, load<f32>(each + o) * w);
        store<f32>(dx + o, load<f32>(dx + o) * w);
      }
    }
  }
  if (reduction == REDUCTION_MEAN) divisor *= <f64>n;
  else if (reduction == REDUCTION_SUM) divisor = 1;
  else assert(reduction == REDUCTION_BATCH_MEAN);
  store<f64>(value, sum64(each, rows * n));
  store<f64>(value, divisor, 8);
  if (divisor != 1) scale(dx, rows * n, <f32>shareOf(divisor));
}

/**
 * Weights, sums and scales a class loss: one loss per row in EACH, `perRow` derivatives per row in DX.
 * @param divisor what a mean divides by
 */
export function reduceRows(record: usize, rows: usize, divisor: f64): void {
  const n = <usize>perRow(record);
  const each = pointer(record, EACH);
  const dx = pointer(record, DX);
  const value = pointer(record, VALUE);
  const weight = pointer(record, WEIGHT);
  if (integer(record, REDUCTION) == REDUCTION_SUM) divisor = 1;
  const share = shareOf(divisor);
  if (weight) {
    for (let r: usize = 0; r < rows; r++) {
      const w = load<f32>(weight + (r << 2));
      store<f32>(each + (r << 2), load<f32>(each + (r << 2)) * w);
      const row = dx + ((r * n) << 2);
      const factor = <f32>(share * w);
      for (let p = row; p < row + (n << 2); p += 4) store<f32>(p, load<f32>(p) * factor);
    }
  } else if (divisor != 1) {
    scale(dx, rows * n, <f32>share);
  }
  store<f64>(value, sum64(each, rows));
  store<f64>(value, divisor, 8);
}

/** The sum of the rows' weights; without weights, the number of rows. */
export function rowWeights(record: usize, rows: usize): f64 {
  const weight = pointer(record, WEIGHT);
  return weight ? sum64(weight, rows) : <f64>rows;
}

/**
 * Weights, sums and scales a loss of vectors: one loss per n numbers of a row in EACH. A vector weighs what its row does; a mean
 * divides by the sum of their weights.
 */
export function reduceVectors(record: usize, rows: usize, n: usize): void {
  const size = <usize>perRow(record);
  const count = size / n;
  const value = pointer(record, VALUE);
  const weight = pointer(record, WEIGHT);
  const divisor = integer(record, REDUCTION) == REDUCTION_SUM ? 1 : rowWeights(record, rows) * <f64>count;
  const share = shareOf(divisor);
  let each = pointer(record, EACH);
  let dx = pointer(record, DX);
  for (let r: usize = 0; r < rows; r++) {
    const w = weight ? load<f32>(weight + (r << 2)) : 1;
    for (const end = each + (count << 2); each < end; each += 4) store<f32>(each, load<f32>(each) * w);
    const factor = <f32>(share * <f64>w);
    for (const end = dx + (size << 2); dx < end; dx += 4) store<f32>(dx, load<f32>(dx) * factor);
  }
  store<f64>(value, sum64(pointer(record, EACH), rows * count));
  store<f64>(value, divisor, 8);
}
