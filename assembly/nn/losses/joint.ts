import { DX, integer, pointer } from "../../runtime/record";
import { FIRST_ATTRIBUTE, VALUE } from "./reduce";

/** Bytes of a row of the output. */
const ROW_BYTES: usize = FIRST_ATTRIBUTE;
/** Outputs, each with a loss of its own. */
const COUNT: usize = FIRST_ATTRIBUTE + 1;
/** For each output: address of its loss, address of its gradient, bytes of a row of it, and its loss's weight (float64). */
const FIRST_PART: usize = FIRST_ATTRIBUTE + 2;
const SLOTS: u32 = 5;

/** loss = the weighted sum of the outputs' losses; dx = their gradients side by side, likewise. */
export function jointLoss(record: usize, rows: u32): void {
  const rowBytes = <usize>integer(record, ROW_BYTES);
  const end = FIRST_PART + SLOTS * integer(record, COUNT);
  let dx = pointer(record, DX);
  let total: f64 = 0;
  for (let slot = FIRST_PART; slot < end; slot += SLOTS) {
    const value = pointer(record, slot);
    const bytes = <usize>integer(record, slot + 2);
    const share = reinterpret<f64>(((<u64>integer(record, slot + 4)) << 32) | integer(record, slot + 3));
    const divisor = load<f64>(value, 8);
    if (divisor > 0) total += (share * load<f64>(value)) / divisor;
    const factor = <f32>share;
    let from = pointer(record, slot + 1);
    for (let r: u32 = 0, to = dx; r < rows; r++, to += rowBytes, from += bytes)
      for (let o: usize = 0; o < bytes; o += 4) store<f32>(to + o, load<f32>(from + o) * factor);
    dx += bytes;
  }
  const out = pointer(record, VALUE);
  store<f64>(out, total * <f64>rows);
  store<f64>(out, <f64>rows, 8);
}
