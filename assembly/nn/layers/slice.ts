import { DX, DY, integer, pointer, X, Y } from "../../runtime/record";
import { copyBlocks } from "./concat";

/** Bytes of a row of the input, before the slice, and of the slice. */
const ROW_BYTES: usize = 4;
const OFFSET_BYTES: usize = 5;
const BYTES: usize = 6;

/** y = some neighbouring numbers of each row of x. */
export function sliceForward(record: usize, rows: u32): void {
  const bytes = <usize>integer(record, BYTES);
  const from = pointer(record, X) + integer(record, OFFSET_BYTES);
  copyBlocks(from, integer(record, ROW_BYTES), pointer(record, Y), bytes, bytes, rows);
}

/** dx = dy in its place, and zeros around it. */
export function sliceBackward(record: usize, rows: u32): void {
  const bytes = <usize>integer(record, BYTES);
  const row = <usize>integer(record, ROW_BYTES);
  const dx = pointer(record, DX);
  memory.fill(dx, 0, row * rows);
  copyBlocks(pointer(record, DY), bytes, dx + integer(record, OFFSET_BYTES), row, bytes, rows);
}
