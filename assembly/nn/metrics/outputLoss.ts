import { integer, pointer } from "../../runtime/record";
import { count, FIRST_ATTRIBUTE, STATE, X } from "./score";

/** 1: the loss is made of others, and has summed its batches itself. */
const JOINT: usize = FIRST_ATTRIBUTE;

/** State: the sums of the loss's totals and of what they are divided by. X: address of both, and of a joint loss's sum so far. */
export function outputLossMetric(record: usize, _rows: u32): void {
  const state = pointer(record, STATE);
  const value = pointer(record, X);
  if (integer(record, JOINT)) {
    store<f64>(state, load<f64>(value, 16));
    store<f64>(state, 1, 8);
    return;
  }
  count(state, 0, load<f64>(value));
  count(state, 1, load<f64>(value, 8));
}
