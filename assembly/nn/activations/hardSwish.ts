import { all, HALF, ones } from "../../numeric/elementary";
import { DX, DY, pointer, wholeVectors, X, Y } from "../../runtime/record";

const SIXTH: f32 = 1 / 6;

/** clip(sixth + 1/2, 0, 1) */
function gate(sixth: v128, one: v128): v128 {
  return f32x4.pmin(f32x4.pmax(f32x4.add(sixth, all(HALF)), f32x4.splat(0)), one);
}

/** y = x clip(x / 6 + 1/2, 0, 1) */
export function hardSwishForward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let y = pointer(record, Y);
  const one = ones();
  const sixth = f32x4.splat(SIXTH);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, y += 16) {
    const value = v128.load(x);
    v128.store(y, f32x4.mul(value, gate(f32x4.mul(value, sixth), one)));
  }
}

/** dx = dy (x / 3 + 1/2) where -3 < x < 3; below 0, above dy. */
export function hardSwishBackward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  const one = ones();
  const sixth = f32x4.splat(SIXTH);
  const three = f32x4.splat(3);
  const end = dx + wholeVectors(record, rows);
  for (; dx < end; x += 16, dx += 16, dy += 16) {
    const value = v128.load(x);
    const share = f32x4.mul(value, sixth);
    const more = v128.and(share, f32x4.lt(f32x4.abs(value), three));
    v128.store(dx, f32x4.mul(v128.load(dy), f32x4.add(gate(share, one), more)));
  }
}
