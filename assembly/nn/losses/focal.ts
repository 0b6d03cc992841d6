import { exp, ln, log1p, ones } from "../../numeric/elementary";
import { DX, float, pointer, wholeVectors, X } from "../../runtime/record";
import { EACH, FIRST_ATTRIBUTE, reduceElements, TARGET } from "./reduce";

const GAMMA: usize = FIRST_ATTRIBUTE;
/** What a target of 1 counts, and what a target of 0. */
const POSITIVE: usize = FIRST_ATTRIBUTE + 1;
const NEGATIVE: usize = FIRST_ATTRIBUTE + 2;

/**
 * w m^gamma c, s = sigmoid(x), c = -(t ln s + (1 - t) ln(1 - s)), m = s (1 - t) + (1 - s) t, the share that is missed, and
 * w = positive t + negative (1 - t); derivative w m^gamma (s - t + gamma c (1 - 2 t) s (1 - s) / m).
 */
export function focalLoss(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let target = pointer(record, TARGET);
  let each = pointer(record, EACH);
  let dx = pointer(record, DX);
  const gamma = f32x4.splat(float(record, GAMMA));
  const ofOne = f32x4.splat(float(record, POSITIVE));
  const ofZero = f32x4.splat(float(record, NEGATIVE));
  const zero = f32x4.splat(0);
  const one = ones();
  // the smallest normal number: below it nothing is left of the loss, and the logarithm stays finite
  const least = f32x4.splat(1.17549435e-38);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, target += 16, each += 16, dx += 16) {
    const value = v128.load(x);
    const t = v128.load(target);
    const rest = f32x4.sub(one, t);
    const e = exp(f32x4.neg(f32x4.abs(value)));
    const log = log1p(e);
    const below = f32x4.lt(value, zero);
    const share = f32x4.div(one, f32x4.add(one, e));
    const smaller = f32x4.mul(e, share);
    const yes = v128.bitselect(smaller, share, below);
    const no = v128.bitselect(share, smaller, below);
    const loss = f32x4.add(
      f32x4.mul(t, f32x4.add(f32x4.pmax(f32x4.neg(value), zero), log)),
      f32x4.mul(rest, f32x4.add(f32x4.pmax(value, zero), log)),
    );
    const missed = f32x4.pmax(f32x4.add(f32x4.mul(yes, rest), f32x4.mul(no, t)), least);
    const weight = f32x4.add(f32x4.mul(ofOne, t), f32x4.mul(ofZero, rest));
    const factor = f32x4.mul(weight, exp(f32x4.mul(gamma, ln(missed))));
    v128.store(each, f32x4.mul(factor, loss));
    const bend = f32x4.mul(
      f32x4.mul(gamma, loss),
      f32x4.div(f32x4.mul(f32x4.mul(yes, f32x4.sub(rest, t)), no), missed),
    );
    v128.store(dx, f32x4.mul(factor, f32x4.add(f32x4.sub(f32x4.mul(yes, rest), f32x4.mul(no, t)), bend)));
  }
  reduceElements(record, rows);
}
