import { exp, ln, ones } from "../../numeric/elementary";
import { DX, integer, pointer, wholeVectors, X } from "../../runtime/record";
import { EACH, FIRST_ATTRIBUTE, reduceElements, TARGET } from "./reduce";

/** 1: x is the logarithm of the rate; 0: the rate itself. */
const LOG_INPUT: usize = FIRST_ATTRIBUTE;

/** e^x - target x, derivative e^x - target; of rates x - target ln(x + 1e-8), derivative 1 - target / (x + 1e-8). */
export function poissonLoss(record: usize, rows: u32): void {
  let x = pointer(record, X);
  let target = pointer(record, TARGET);
  let each = pointer(record, EACH);
  let dx = pointer(record, DX);
  const byLogarithm = integer(record, LOG_INPUT) != 0;
  const one = ones();
  const epsilon = f32x4.splat(1e-8);
  const end = x + wholeVectors(record, rows);
  for (; x < end; x += 16, target += 16, each += 16, dx += 16) {
    const value = v128.load(x);
    const t = v128.load(target);
    if (byLogarithm) {
      const rate = exp(value);
      v128.store(each, f32x4.sub(rate, f32x4.mul(t, value)));
      v128.store(dx, f32x4.sub(rate, t));
    } else {
      const rate = f32x4.add(value, epsilon);
      v128.store(each, f32x4.sub(value, f32x4.mul(t, ln(rate))));
      v128.store(dx, f32x4.sub(one, f32x4.div(t, rate)));
    }
  }
  reduceElements(record, rows);
}
