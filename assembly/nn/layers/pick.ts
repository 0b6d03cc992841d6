import { DX, DY, integer, pointer, X, Y } from "../../runtime/record";

/** One float32 per row: how many places along the axis count. */
const LENGTHS: usize = 4;
/** Blocks per row: the product of the axes before the one of which one place is taken. */
const BLOCKS: usize = 5;
/** Size of the axis. */
const N: usize = 6;
/** Numbers from one place along the axis to the next. */
const INNER: usize = 7;

/** y[b][i] = x[b][length - 1][i] */
export function pickForward(record: usize, rows: u32): void {
  const blocks = integer(record, BLOCKS);
  const bytes = (<usize>integer(record, INNER)) << 2;
  const block = <usize>integer(record, N) * bytes;
  let x = pointer(record, X);
  let y = pointer(record, Y);
  let length = pointer(record, LENGTHS);
  for (let r: u32 = 0; r < rows; r++, length += 4) {
    const at = (<usize>load<f32>(length) - 1) * bytes;
    for (let b: u32 = 0; b < blocks; b++, x += block, y += bytes) memory.copy(y, x + at, bytes);
  }
}

/** dx = dy in its place, 0 elsewhere. */
export function pickBackward(record: usize, rows: u32): void {
  const blocks = integer(record, BLOCKS);
  const bytes = (<usize>integer(record, INNER)) << 2;
  const block = <usize>integer(record, N) * bytes;
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  let length = pointer(record, LENGTHS);
  memory.fill(dx, 0, <usize>rows * blocks * block);
  for (let r: u32 = 0; r < rows; r++, length += 4) {
    const at = (<usize>load<f32>(length) - 1) * bytes;
    for (let b: u32 = 0; b < blocks; b++, dx += block, dy += bytes) memory.copy(dx + at, dy, bytes);
  }
}
