import { gaussians } from "../layers/rbf";
import { float, integer, pointer } from "../../runtime/record";
import { storeLanes } from "../../numeric/simd";
import { addPenalty, G, P, penaltyFactor } from "./penalty";

/** [count, n] */
const CENTRES: usize = 4;
/** Elements of a centre. */
const N: usize = 5;
const COUNT: usize = 6;
const UNITS: usize = 7;
const GAMMA: usize = 8;
/** Memory for a row of K, up to whole vectors. */
const SCRATCH: usize = 9;

/**
 * With K the kernel of the centres with one another, adds lambda / 2 times the sum over the units of p^T K p to the penalty and
 * lambda K p to the gradient. A row of K at a time; its sums are float64, since large p of both signs cancel.
 */
export function rbfNormPenalty(record: usize, rows: u32): void {
  const lambda = f32x4.splat(penaltyFactor(record));
  const centres = pointer(record, CENTRES);
  const n = <usize>integer(record, N);
  const count = <usize>integer(record, COUNT);
  const units = <usize>integer(record, UNITS);
  const gamma = float(record, GAMMA);
  const kernel = pointer(record, SCRATCH);
  const p = pointer(record, P);
  const g = pointer(record, G);
  const row = units << 2;
  let penalty: f64 = 0;
  for (let i: usize = 0; i < count; i++) {
    gaussians(centres + i * (n << 2), centres, n, count, gamma, kernel);
    for (let u: usize = 0; u < units; u += 4) {
      let low = f64x2.splat(0);
      let high = f64x2.splat(0);
      let at = p + (u << 2);
      for (let j: usize = 0; j < count; j++, at += row) {
        const k = f64x2.splat(<f64>load<f32>(kernel + (j << 2)));
        const value = v128.load(at);
        low = f64x2.add(low, f64x2.mul(k, f64x2.promote_low_f32x4(value)));
        high = f64x2.add(high, f64x2.mul(k, f64x2.promote_low_f32x4(v128.shuffle<f64>(value, value, 1, 1))));
      }
      const own = p + i * row + (u << 2);
      const left = units - u;
      penalty += <f64>load<f32>(own) * f64x2.extract_lane(low, 0);
      if (left > 1) penalty += <f64>load<f32>(own, 4) * f64x2.extract_lane(low, 1);
      if (left > 2) penalty += <f64>load<f32>(own, 8) * f64x2.extract_lane(high, 0);
      if (left > 3) penalty += <f64>load<f32>(own, 12) * f64x2.extract_lane(high, 1);
      if (!g) continue;
      const all = v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
      const to = g + i * row + (u << 2);
      storeLanes(to, f32x4.add(v128.load(to), f32x4.mul(lambda, all)), left);
    }
  }
  addPenalty(record, f64x2.splat(0.25 * penalty), f64x2.splat(0)); // the lanes are added up
}
