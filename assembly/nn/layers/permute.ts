import { DX, DY, integer, pointer, X, Y } from "../../runtime/record";

const AXES: usize = 4;
/** From here on for each axis of the output: its size, and how far apart its elements are in the input, in bytes. */
const FIRST_AXIS: usize = 5;

/** y = x with its axes in another order */
export function permuteForward(record: usize, rows: u32): void {
  move(record, rows, pointer(record, X), pointer(record, Y), false);
}

/** dx = dy with its axes in the order of x */
export function permuteBackward(record: usize, rows: u32): void {
  move(record, rows, pointer(record, DX), pointer(record, DY), true);
}

/** Copies elements between a tensor and the one with permuted axes, in either direction. */
function move(record: usize, rows: u32, plain: usize, permuted: usize, back: bool): void {
  const last = FIRST_AXIS + ((<usize>integer(record, AXES) - 1) << 1);
  for (let r: u32 = 0; r < rows; r++) {
    const end = walk(record, FIRST_AXIS, last, plain, permuted, back);
    plain += end - permuted;
    permuted = end;
  }
}

/** The axes from a slot on. Gives the end of the permuted elements. */
function walk(record: usize, slot: usize, last: usize, plain: usize, permuted: usize, back: bool): usize {
  const size = <usize>integer(record, slot);
  const step = <usize>integer(record, slot + 1);
  const end = plain + size * step;
  if (slot < last) {
    for (; plain < end; plain += step) permuted = walk(record, slot + 2, last, plain, permuted, back);
  } else if (step == 4) {
    if (back) memory.copy(plain, permuted, size << 2);
    else memory.copy(permuted, plain, size << 2);
    permuted += size << 2;
  } else {
    for (; plain < end; plain += step, permuted += 4) {
      if (back) store<f32>(plain, load<f32>(permuted));
      else store<f32>(permuted, load<f32>(plain));
    }
  }
  return permuted;
}
