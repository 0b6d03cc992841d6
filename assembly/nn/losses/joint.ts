import { PROGRAM_CURSOR } from "../../runtime/abi";
import { DX, integer, pointer } from "../../runtime/record";
import { FIRST_ATTRIBUTE, VALUE } from "./reduce";

/** Bytes of a row of the output. */
const ROW_BYTES: usize = FIRST_ATTRIBUTE;
/** Outputs, each with a loss of its own. */
const COUNT: usize = FIRST_ATTRIBUTE + 1;
const PROGRAM: usize = FIRST_ATTRIBUTE + 2;
/**
 * For each output: address of its loss, address of its gradient, bytes of a row of it, its loss's weight (float64), how its
 * batches are merged (MERGE_MEAN and so on), and address of the sums of its totals and divisors since the epoch began (two f64).
 */
const FIRST_PART: usize = FIRST_ATTRIBUTE + 3;
const SLOTS: u32 = 7;

/** The sum of the totals over that of the divisors. */
const MERGE_MEAN: u32 = 0;
/** The sum of the totals. */
const MERGE_SUM: u32 = 1;
// another: a joint loss, which has merged its own

/** total / divisor; 0 where nothing counts. */
function ratio(total: f64, divisor: f64): f64 {
  return divisor > 0 ? total / divisor : 0;
}

/**
 * loss = the weighted sum of the outputs' losses; dx = their gradients side by side, likewise. A mean of what batches give isn't the
 * loss of all rows where divisors differ (weights, steps that don't count) or losses are sums, so each output's totals and divisors
 * are summed from the epoch's first batch on, and the loss so far is written as well.
 */
export function jointLoss(record: usize, rows: u32): void {
  const rowBytes = <usize>integer(record, ROW_BYTES);
  const end = FIRST_PART + SLOTS * integer(record, COUNT);
  const begins = load<u32>(pointer(record, PROGRAM), PROGRAM_CURSOR) == 0;
  let dx = pointer(record, DX);
  let total: f64 = 0;
  let epochLoss: f64 = 0;
  for (let slot = FIRST_PART; slot < end; slot += SLOTS) {
    const value = pointer(record, slot);
    const bytes = <usize>integer(record, slot + 2);
    const share = reinterpret<f64>(((<u64>integer(record, slot + 4)) << 32) | integer(record, slot + 3));
    const merge = integer(record, slot + 5);
    const sums = pointer(record, slot + 6);
    const partTotal = load<f64>(value);
    const partDivisor = load<f64>(value, 8);
    const totals = (begins ? 0 : load<f64>(sums)) + partTotal;
    const divisors = (begins ? 0 : load<f64>(sums, 8)) + partDivisor;
    store<f64>(sums, totals);
    store<f64>(sums, divisors, 8);
    if (partDivisor > 0) total += (share * partTotal) / partDivisor;
    if (merge == MERGE_MEAN) epochLoss += share * ratio(totals, divisors);
    else epochLoss += share * (merge == MERGE_SUM ? totals : load<f64>(value, 16));
    const factor = <f32>share;
    let from = pointer(record, slot + 1);
    for (let r: u32 = 0, to = dx; r < rows; r++, to += rowBytes, from += bytes)
      for (let o: usize = 0; o < bytes; o += 4) store<f32>(to + o, load<f32>(from + o) * factor);
    dx += bytes;
  }
  const out = pointer(record, VALUE);
  store<f64>(out, total * <f64>rows);
  store<f64>(out, <f64>rows, 8);
  store<f64>(out, epochLoss, 16);
}
