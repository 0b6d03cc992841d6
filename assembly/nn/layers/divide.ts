import { DX, DY, pointer, wholeVectors, X, Y } from "../../runtime/record";

const OTHER: usize = 4;
const D_OTHER: usize = 5;

/** y = x / other */
export function divideForward(record: usize, rows: u32): void {
  const bytes = wholeVectors(record, rows);
  quotients(pointer(record, X), pointer(record, OTHER), pointer(record, Y), bytes);
}

/** dx = dy / other, dOther = -(dy / other) (x / other) */
export function divideBackward(record: usize, rows: u32): void {
  const bytes = wholeVectors(record, rows);
  const dy = pointer(record, DY);
  const dx = pointer(record, DX);
  const other = pointer(record, OTHER);
  const dOther = pointer(record, D_OTHER);
  if (dOther) slopes(dy, pointer(record, X), other, dOther, bytes); // first: dx may be written over dy
  if (dx) quotients(dy, other, dx, bytes);
}

/** to = a / b */
function quotients(a: usize, b: usize, to: usize, bytes: usize): void {
  for (const end = a + bytes; a < end; a += 16, b += 16, to += 16)
    v128.store(to, f32x4.div(v128.load(a), v128.load(b)));
}

/** to = -(dy / other) (x / other): the square of the divisor would overflow */
function slopes(dy: usize, x: usize, other: usize, to: usize, bytes: usize): void {
  for (const end = x + bytes; x < end; x += 16, dy += 16, other += 16, to += 16) {
    const divisor = v128.load(other);
    const slope = f32x4.mul(f32x4.div(v128.load(dy), divisor), f32x4.div(v128.load(x), divisor));
    v128.store(to, f32x4.neg(slope));
  }
}
