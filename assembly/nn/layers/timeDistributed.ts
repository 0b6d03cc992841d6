import { RECORD_FLAGS, RECORD_ARGS } from "../../runtime/abi";
import { DX, DY, integer, X, Y } from "../../runtime/record";

const STEPS: usize = 4;
/** Indices of the inner layer's kernels in the function table. */
const FORWARD: usize = 5;
const BACKWARD: usize = 6;
/** The inner layer's record begins here, with its header. */
const INNER_KERNEL: usize = 7;
const INNER_BYTES: usize = 8;
const INNER_FLAGS: usize = 9;
const INNER_PER_ROW: usize = 10;
const INNER_X: usize = 11;
const INNER_Y: usize = 12;
const INNER_DX: usize = 13;
const INNER_DY: usize = 14;

function set(record: usize, slot: usize, value: u32): void {
  store<u32>(record + (slot << 2), value, RECORD_ARGS);
}

/** The inner layer's record. It works where the outer one does: [rows, steps, ...] is stored as [rows * steps, ...] is. */
function inner(record: usize): usize {
  set(record, INNER_FLAGS, load<u32>(record, RECORD_FLAGS));
  set(record, INNER_X, integer(record, X));
  set(record, INNER_Y, integer(record, Y));
  set(record, INNER_DX, integer(record, DX));
  set(record, INNER_DY, integer(record, DY));
  return record + RECORD_ARGS + (INNER_KERNEL << 2);
}

/** The inner layer's forward kernel on rows * steps rows. */
export function timeDistributedForward(record: usize, rows: u32): void {
  call_indirect<void>(integer(record, FORWARD), inner(record), rows * integer(record, STEPS));
}

/** The inner layer's backward kernel on rows * steps rows. */
export function timeDistributedBackward(record: usize, rows: u32): void {
  call_indirect<void>(integer(record, BACKWARD), inner(record), rows * integer(record, STEPS));
}
