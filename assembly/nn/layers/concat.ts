import { DX, DY, integer, pointer, X, Y } from "../../runtime/record";

/** Blocks per row: the product of the axes before the one along which the inputs are joined. */
const BLOCKS: usize = 4;
/** Inputs besides the first. */
const COUNT: usize = 5;
/** Bytes of a block of the first input, and of the output. */
const BYTES: usize = 6;
const OUT_BYTES: usize = 7;
/** For each of the others: address, address of its gradient, bytes of a block. */
const FIRST_OTHER: usize = 8;

/** y = the inputs' blocks, consecutive. */
export function concatForward(record: usize, rows: u32): void {
  const blocks = <usize>rows * integer(record, BLOCKS);
  const out = <usize>integer(record, OUT_BYTES);
  const count = <usize>integer(record, COUNT);
  let y = pointer(record, Y);
  let bytes = <usize>integer(record, BYTES);
  copyBlocks(pointer(record, X), bytes, y, out, bytes, blocks);
  for (let slot = FIRST_OTHER; slot < FIRST_OTHER + 3 * count; slot += 3) {
    y += bytes;
    bytes = integer(record, slot + 2);
    copyBlocks(pointer(record, slot), bytes, y, out, bytes, blocks);
  }
}

/** Each input's gradient is its blocks of dy. */
export function concatBackward(record: usize, rows: u32): void {
  const blocks = <usize>rows * integer(record, BLOCKS);
  const out = <usize>integer(record, OUT_BYTES);
  const count = <usize>integer(record, COUNT);
  let dy = pointer(record, DY);
  let bytes = <usize>integer(record, BYTES);
  const dx = pointer(record, DX);
  if (dx) copyBlocks(dy, out, dx, bytes, bytes, blocks);
  for (let slot = FIRST_OTHER; slot < FIRST_OTHER + 3 * count; slot += 3) {
    dy += bytes;
    bytes = integer(record, slot + 2);
    const gradient = pointer(record, slot + 1);
    if (gradient) copyBlocks(dy, out, gradient, bytes, bytes, blocks);
  }
}

/** Copies blocks of some bytes, which are `fromStep` bytes apart, to places `toStep` bytes apart. */
export function copyBlocks(from: usize, fromStep: usize, to: usize, toStep: usize, bytes: usize, blocks: usize): void {
  for (let i: usize = 0; i < blocks; i++, from += fromStep, to += toStep) memory.copy(to, from, bytes);
}
