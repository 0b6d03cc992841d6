import { exp, log1p, ones } from "../../numeric/elementary";
import { DX, float, pointer, wholeVectors, X } from "../../runtime/record";
import { EACH, FIRST_ATTRIBUTE, reduceElements, TARGET } from "./reduce";

const POSITIVE_WEIGHT: usize = FIRST_ATTRIBUTE;

/**
 * -(w t ln s + (1 - t) ln(1 - s)), s = sigmoid(x), w = positiveWeight, computed as w t softplus(-x) + (1 - t) softplus(x);
 * derivative (1 - t) s - w t (1 - s).
 */
export function binaryCrossEntropyWithLogitsLoss(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let target = pointer(record, TARGET);
  let each = pointer(record, EACH);
  let dx = pointer(record, DX);
  const weight = f32x4.splat(float(record, POSITIVE_WEIGHT));
  const zero = f32x4.splat(0);
  const one = ones();
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, target += 16, each += 16, dx += 16) {
    const value = v128.load(x);
    const t = v128.load(target);
    const positive = f32x4.mul(weight, t);
    const negative = f32x4.sub(one, t);
    const e = exp(f32x4.neg(f32x4.abs(value)));
    const log = log1p(e);
    const below = f32x4.lt(value, zero);
    // softplus(x) = max(x, 0) + ln(1 + e^-|x|)
    const loss = f32x4.add(
      f32x4.mul(positive, f32x4.add(f32x4.pmax(f32x4.neg(value), zero), log)),
      f32x4.mul(negative, f32x4.add(f32x4.pmax(value, zero), log)),
    );
    v128.store(each, loss);
    const share = f32x4.div(one, f32x4.add(one, e));
    const s = v128.bitselect(f32x4.mul(e, share), share, below);
    const rest = v128.bitselect(share, f32x4.mul(e, share), below);
    v128.store(dx, f32x4.sub(f32x4.mul(negative, s), f32x4.mul(positive, rest)));
  }
  reduceElements(record, rows);
}
