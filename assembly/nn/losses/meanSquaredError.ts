import { DX, pointer, wholeVectors, X } from "../../runtime/record";
import { EACH, reduceElements, TARGET } from "./reduce";

/** d^2, d = x - target; derivative 2 d. */
export function meanSquaredErrorLoss(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let target = pointer(record, TARGET);
  let each = pointer(record, EACH);
  let dx = pointer(record, DX);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, target += 16, each += 16, dx += 16) {
    const d = f32x4.sub(v128.load(x), v128.load(target));
    v128.store(each, f32x4.mul(d, d));
    v128.store(dx, f32x4.add(d, d));
  }
  reduceElements(record, rows);
}
