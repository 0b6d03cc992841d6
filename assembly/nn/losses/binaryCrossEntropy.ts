import { ln, ones } from "../../numeric/elementary";
import { DX, float, integer, pointer, wholeVectors, X } from "../../runtime/record";
import { EACH, FIRST_ATTRIBUTE, reduceElements, TARGET } from "./reduce";

/** 1: the logarithms are cut at LOG_MIN, as PyTorch does; 0: the probability is cut to [LOW, HIGH]. */
const BY_LOGARITHM: usize = FIRST_ATTRIBUTE;
const LOW: usize = FIRST_ATTRIBUTE + 1;
const HIGH: usize = FIRST_ATTRIBUTE + 2;

/**
 * -(t ln p + (1 - t) ln(1 - p)). By logarithm: each logarithm at least LOW, derivative (p - t) / max(p (1 - p), HIGH).
 * By probability: p cut to [LOW, HIGH], derivative (p - t) / (p (1 - p)), 0 where p was cut.
 */
export function binaryCrossEntropyLoss(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let target = pointer(record, TARGET);
  let each = pointer(record, EACH);
  let dx = pointer(record, DX);
  const byLogarithm = integer(record, BY_LOGARITHM) != 0;
  const low = f32x4.splat(float(record, LOW));
  const high = f32x4.splat(float(record, HIGH));
  const one = ones();
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, target += 16, each += 16, dx += 16) {
    const raw = v128.load(x);
    const t = v128.load(target);
    const p = byLogarithm ? raw : f32x4.pmax(f32x4.pmin(raw, high), low);
    const q = f32x4.sub(one, p);
    let lnP = ln(p);
    let lnQ = ln(q);
    let variance = f32x4.mul(p, q);
    if (byLogarithm) {
      lnP = f32x4.pmax(lnP, low);
      lnQ = f32x4.pmax(lnQ, low);
      variance = f32x4.pmax(variance, high);
    }
    const loss = f32x4.add(f32x4.mul(t, lnP), f32x4.mul(f32x4.sub(one, t), lnQ));
    v128.store(each, f32x4.neg(loss));
    const slope = f32x4.div(f32x4.sub(p, t), variance);
    v128.store(dx, byLogarithm ? slope : v128.and(slope, f32x4.eq(p, raw)));
  }
  reduceElements(record, rows);
}
