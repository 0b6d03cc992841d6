import { DX, DY, pointer, wholeVectors, X, Y } from "../../runtime/record";

/** y = min(max(x, 0), 6) */
export function relu6Forward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let y = pointer(record, Y);
  const zero = f32x4.splat(0);
  const six = f32x4.splat(6);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, y += 16) {
    v128.store(y, f32x4.pmin(f32x4.pmax(v128.load(x), zero), six));
  }
}

/** dx = dy where 0 < y < 6, else 0. */
export function relu6Backward(record: usize, rows: u32): void {
  let y = pointer(record, Y);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  const zero = f32x4.splat(0);
  const six = f32x4.splat(6);
  const end = dx + wholeVectors(record, rows);
  for (; dx < end; y += 16, dx += 16, dy += 16) {
    const value = v128.load(y);
    const inside = v128.and(f32x4.gt(value, zero), f32x4.lt(value, six));
    v128.store(dx, v128.and(v128.load(dy), inside));
  }
}
