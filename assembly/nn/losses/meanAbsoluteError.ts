import { DX, pointer, wholeVectors, X } from "../../runtime/record";
import { sign } from "../../numeric/simd";
import { EACH, reduceElements, TARGET } from "./reduce";

/** |d|, d = x - target; derivative the sign of d, 0 at 0. */
export function meanAbsoluteErrorLoss(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let target = pointer(record, TARGET);
  let each = pointer(record, EACH);
  let dx = pointer(record, DX);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, target += 16, each += 16, dx += 16) {
    const d = f32x4.sub(v128.load(x), v128.load(target));
    v128.store(each, f32x4.abs(d));
    v128.store(dx, sign(d));
  }
  reduceElements(record, rows);
}
