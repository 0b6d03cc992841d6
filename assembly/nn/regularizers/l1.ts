import { pointer } from "../../runtime/record";
import { sign } from "../../numeric/simd";
import { addPenalty, G, P, penaltyBytes, penaltyFactor } from "./penalty";

/** Adds lambda sum of |p| to the penalty and lambda times the sign of p to the gradient. */
export function l1Penalty(record: usize, rows: u32): void {
  const lambda = f32x4.splat(penaltyFactor(record));
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let p = pointer(record, P);
  let g = pointer(record, G);
  for (const end = p + penaltyBytes(record); p < end; p += 16) {
    const value = v128.load(p);
    const term = f32x4.abs(value);
    low = f64x2.add(low, f64x2.promote_low_f32x4(term));
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f64>(term, term, 1, 1)));
    if (g) {
      v128.store(g, f32x4.add(v128.load(g), f32x4.mul(lambda, sign(value))));
      g += 16;
    }
  }
  addPenalty(record, low, high);
}
