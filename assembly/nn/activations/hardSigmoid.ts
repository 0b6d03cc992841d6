import { ones } from "../../numeric/elementary";
import { DX, DY, float, pointer, wholeVectors, X, Y } from "../../runtime/record";

const SLOPE: usize = 4;
const OFFSET: usize = 5;

/** y = clip(slope x + offset, 0, 1) */
export function hardSigmoidForward(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let y = pointer(record, Y);
  const slope = f32x4.splat(float(record, SLOPE));
  const offset = f32x4.splat(float(record, OFFSET));
  const zero = f32x4.splat(0);
  const one = ones();
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, y += 16) {
    const line = f32x4.add(f32x4.mul(v128.load(x), slope), offset);
    v128.store(y, f32x4.pmin(f32x4.pmax(line, zero), one));
  }
}

/** dx = slope dy where 0 < y < 1, else 0. */
export function hardSigmoidBackward(record: usize, rows: u32): void {
  let y = pointer(record, Y);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  const slope = f32x4.splat(float(record, SLOPE));
  const zero = f32x4.splat(0);
  const one = ones();
  const end = dx + wholeVectors(record, rows);
  for (; dx < end; y += 16, dx += 16, dy += 16) {
    const value = v128.load(y);
    const inside = v128.and(f32x4.gt(value, zero), f32x4.lt(value, one));
    v128.store(dx, v128.and(f32x4.mul(v128.load(dy), slope), inside));
  }
}
