import { DX, DY, pointer, wholeVectors, X, Y } from "../../runtime/record";

const OTHER: usize = 4;
const D_OTHER: usize = 5;

/** y = the larger of x and other; NaN if one is NaN. */
export function maximumForward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let y = pointer(record, Y);
  let other = pointer(record, OTHER);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, y += 16, other += 16) v128.store(y, f32x4.max(v128.load(x), v128.load(other)));
}

/** The larger one gets dy; of two equal ones each gets half, as in PyTorch. */
export function maximumBackward(record: usize, rows: u32): void {
  const bytes = wholeVectors(record, rows);
  const x = pointer(record, X);
  const other = pointer(record, OTHER);
  const dy = pointer(record, DY);
  const dx = pointer(record, DX);
  const dOther = pointer(record, D_OTHER);
  if (dOther) share(other, x, dy, dOther, bytes); // first: dx may be written over dy
  if (dx) share(x, other, dy, dx, bytes);
}

/** to = dy where a > b, dy / 2 where they are equal, else 0 */
function share(a: usize, b: usize, dy: usize, to: usize, bytes: usize): void {
  const half = f32x4.splat(0.5);
  for (const end = a + bytes; a < end; a += 16, b += 16, dy += 16, to += 16) {
    const va = v128.load(a);
    const vb = v128.load(b);
    const g = v128.load(dy);
    const shared = v128.bitselect(f32x4.mul(g, half), g, f32x4.eq(va, vb));
    v128.store(to, v128.andnot(shared, f32x4.lt(va, vb)));
  }
}
