import { DX, float, pointer, wholeVectors, X } from "../../runtime/record";
import { EACH, FIRST_ATTRIBUTE, reduceElements, TARGET } from "./reduce";

const MARGIN: usize = FIRST_ATTRIBUTE;

/** max(0, margin - x target), target 1 or -1; derivative -target where that is positive, else 0. */
export function hingeLoss(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let target = pointer(record, TARGET);
  let each = pointer(record, EACH);
  let dx = pointer(record, DX);
  const margin = f32x4.splat(float(record, MARGIN));
  const zero = f32x4.splat(0);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, target += 16, each += 16, dx += 16) {
    const t = v128.load(target);
    const value = f32x4.sub(margin, f32x4.mul(v128.load(x), t));
    v128.store(each, f32x4.pmax(value, zero));
    v128.store(dx, v128.and(f32x4.neg(t), f32x4.gt(value, zero)));
  }
  reduceElements(record, rows);
}
