import { DX, DY, float, pointer, wholeVectors, X, Y } from "../../runtime/record";

const LOW: usize = 4;
const HIGH: usize = 5;

/** y = min(max(x, low), high); a bound that isn't there is infinite */
export function clipForward(record: usize, rows: u32): void {
  between(record, rows, float(record, LOW), float(record, HIGH));
}

/** dx = dy where low < y < high, else 0. */
export function clipBackward(record: usize, rows: u32): void {
  betweenBackward(record, rows, float(record, LOW), float(record, HIGH));
}

/** y = min(max(x, least), most) */
export function between(record: usize, rows: u32, least: f32, most: f32): void {
  const low = f32x4.splat(least);
  const high = f32x4.splat(most);
  let x = pointer(record, X);
  let y = pointer(record, Y);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, y += 16) {
    v128.store(y, f32x4.pmin(f32x4.pmax(v128.load(x), low), high));
  }
}

/** dx = dy where least < y < most, else 0. */
export function betweenBackward(record: usize, rows: u32, least: f32, most: f32): void {
  const low = f32x4.splat(least);
  const high = f32x4.splat(most);
  let y = pointer(record, Y);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  const end = dx + wholeVectors(record, rows);
  for (; dx < end; y += 16, dx += 16, dy += 16) {
    const value = v128.load(y);
    const inside = v128.and(f32x4.gt(value, low), f32x4.lt(value, high));
    v128.store(dx, v128.and(v128.load(dy), inside));
  }
}
