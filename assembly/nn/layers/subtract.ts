import { DX, DY, pointer, wholeVectors, X, Y } from "../../runtime/record";

const OTHER: usize = 4;
const D_OTHER: usize = 5;

/** y = x - other */
export function subtractForward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let y = pointer(record, Y);
  let other = pointer(record, OTHER);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, y += 16, other += 16) v128.store(y, f32x4.sub(v128.load(x), v128.load(other)));
}

/** dx = dy, dOther = -dy */
export function subtractBackward(record: usize, rows: u32): void {
  const bytes = wholeVectors(record, rows);
  const dy = pointer(record, DY);
  const dx = pointer(record, DX);
  let dOther = pointer(record, D_OTHER);
  if (dOther) for (let g = dy; g < dy + bytes; g += 16, dOther += 16) v128.store(dOther, f32x4.neg(v128.load(g)));
  if (dx) memory.copy(dx, dy, bytes); // last: it may be written over dy
}
