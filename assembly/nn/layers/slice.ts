import { DX, DY, integer, pointer, X, Y } from "../../runtime/record";
import { copyBlocks } from "./concat";

/** Bytes of a block of the input, before the slice, and of the slice. */
const ROW_BYTES: usize = 4;
const OFFSET_BYTES: usize = 5;
const BYTES: usize = 6;
/** Blocks per row. */
const BLOCKS: usize = 7;

/** y = some neighbouring numbers of each block of x. */
export function sliceForward(record: usize, rows: u32): void {
  const bytes = <usize>integer(record, BYTES);
  const from = pointer(record, X) + integer(record, OFFSET_BYTES);
  const blocks = <usize>rows * integer(record, BLOCKS);
  copyBlocks(from, integer(record, ROW_BYTES), pointer(record, Y), bytes, bytes, blocks);
}

/** dx = dy in its place, and zeros around it. */
export function sliceBackward(record: usize, rows: u32): void {
  const bytes = <usize>integer(record, BYTES);
  const row = <usize>integer(record, ROW_BYTES);
  const blocks = <usize>rows * integer(record, BLOCKS);
  const dx = pointer(record, DX);
  memory.fill(dx, 0, row * blocks);
  copyBlocks(pointer(record, DY), bytes, dx + integer(record, OFFSET_BYTES), row, bytes, blocks);
}
