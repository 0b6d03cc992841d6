import { DX, DY, pointer, wholeVectors, X, Y } from "../../runtime/record";

const OTHER: usize = 4;
const D_OTHER: usize = 5;

/** y = x other */
export function multiplyForward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let y = pointer(record, Y);
  let other = pointer(record, OTHER);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, y += 16, other += 16) v128.store(y, f32x4.mul(v128.load(x), v128.load(other)));
}

/** dx = dy other, dOther = dy x */
export function multiplyBackward(record: usize, rows: u32): void {
  const bytes = wholeVectors(record, rows);
  const dy = pointer(record, DY);
  const dx = pointer(record, DX);
  const dOther = pointer(record, D_OTHER);
  if (dOther) product(dy, pointer(record, X), dOther, bytes); // first: dx may be written over dy
  if (dx) product(dy, pointer(record, OTHER), dx, bytes);
}

function product(a: usize, b: usize, to: usize, bytes: usize): void {
  for (const end = a + bytes; a < end; a += 16, b += 16, to += 16)
    v128.store(to, f32x4.mul(v128.load(a), v128.load(b)));
}
