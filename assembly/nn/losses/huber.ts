import { DX, float, pointer, wholeVectors, X } from "../../runtime/record";
import { EACH, FIRST_ATTRIBUTE, reduceElements, TARGET } from "./reduce";

const DELTA: usize = FIRST_ATTRIBUTE;

/** d^2 / 2 where |d| <= delta, delta (|d| - delta / 2) else, d = x - target; derivative d, cut to [-delta, delta]. */
export function huberLoss(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let target = pointer(record, TARGET);
  let each = pointer(record, EACH);
  let dx = pointer(record, DX);
  const delta = f32x4.splat(float(record, DELTA));
  const half = f32x4.splat(0.5);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, target += 16, each += 16, dx += 16) {
    const d = f32x4.sub(v128.load(x), v128.load(target));
    const size = f32x4.abs(d);
    const square = f32x4.mul(f32x4.mul(d, d), half);
    const line = f32x4.mul(delta, f32x4.sub(size, f32x4.mul(half, delta)));
    v128.store(each, v128.bitselect(square, line, f32x4.le(size, delta)));
    v128.store(dx, f32x4.pmax(f32x4.pmin(d, delta), f32x4.neg(delta)));
  }
  reduceElements(record, rows);
}
