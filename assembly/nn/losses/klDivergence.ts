import { ln } from "../../numeric/elementary";
import { DX, pointer, wholeVectors, X } from "../../runtime/record";
import { EACH, reduceElements, TARGET } from "./reduce";

/** target (ln target - x), x = log-probabilities, 0 where the target is 0; derivative -target. */
export function klDivergenceLoss(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let target = pointer(record, TARGET);
  let each = pointer(record, EACH);
  let dx = pointer(record, DX);
  const zero = f32x4.splat(0);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, target += 16, each += 16, dx += 16) {
    const t = v128.load(target);
    const value = f32x4.mul(t, f32x4.sub(ln(t), v128.load(x)));
    v128.store(each, v128.and(value, f32x4.gt(t, zero)));
    v128.store(dx, f32x4.neg(t));
  }
  reduceElements(record, rows);
}
