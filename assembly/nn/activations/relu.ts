import { DX, DY, pointer, wholeVectors, X, Y } from "../../runtime/record";

/** y = max(x, 0) */
export function reluForward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let y = pointer(record, Y);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, y += 16) {
    v128.store(y, f32x4.pmax(v128.load(x), f32x4.splat(0)));
  }
}

/** dx = dy where y > 0, else 0; the kink at 0 has gradient 0. */
export function reluBackward(record: usize, rows: u32): void {
  let y = pointer(record, Y);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  const zero = f32x4.splat(0);
  const end = dx + wholeVectors(record, rows);
  for (; dx < end; y += 16, dx += 16, dy += 16) {
    v128.store(dx, v128.and(v128.load(dy), f32x4.gt(v128.load(y), zero)));
  }
}
