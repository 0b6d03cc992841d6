import { DX, DY, pointer, wholeVectors, X, Y } from "../../runtime/record";

const OTHER: usize = 4;
const D_OTHER: usize = 5;

/** y = x + other */
export function addForward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let y = pointer(record, Y);
  let other = pointer(record, OTHER);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, y += 16, other += 16) v128.store(y, f32x4.add(v128.load(x), v128.load(other)));
}

/** dx = dy, and the same for the other: only where gradients are to be kept apart. */
export function addBackward(record: usize, rows: u32): void {
  const bytes = wholeVectors(record, rows);
  const dy = pointer(record, DY);
  const dx = pointer(record, DX);
  const dOther = pointer(record, D_OTHER);
  if (dx) memory.copy(dx, dy, bytes);
  if (dOther) memory.copy(dOther, dy, bytes);
}
