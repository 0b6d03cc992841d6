import { DX, DY, integer, pointer, X, Y } from "../../runtime/record";
import { spread, sums } from "./sum";

/** Blocks per row: the product of the axes before the one that is repeated. */
const BLOCKS: usize = 4;
/** How often. */
const N: usize = 5;
/** Numbers of the axes behind it. */
const INNER: usize = 6;

/** y[b][j][i] = x[b][i] */
export function expandForward(record: usize, rows: u32): void {
  const blocks = <usize>rows * integer(record, BLOCKS);
  spread(pointer(record, X), pointer(record, Y), blocks, integer(record, N), integer(record, INNER), 1);
}

/** dx[b][i] = sum of dy[b][j][i] over j */
export function expandBackward(record: usize, rows: u32): void {
  const blocks = <usize>rows * integer(record, BLOCKS);
  sums(pointer(record, DY), pointer(record, DX), blocks, integer(record, N), integer(record, INNER), 1);
}
