import { settle, settled } from "../../numeric/settle";
import { double, float, pointer } from "../../runtime/record";
import { FIRST_STATE, G, gradientScale, learningRate, P, runBytes } from "./gradient";

const Q: usize = FIRST_STATE;
/** Address of the running mean of the gradient (centered), or 0. */
const MEAN: usize = FIRST_STATE + 1;
/** Address of the momentum buffer, or 0. */
const VELOCITY: usize = FIRST_STATE + 2;
/** float64, two slots. */
const RHO: usize = FIRST_STATE + 3;
const MOMENTUM: usize = FIRST_STATE + 5;
const EPSILON: usize = FIRST_STATE + 6;

/**
 * q = rho q + (1 - rho) g^2; b = momentum b + g / (sqrt(q) + epsilon); p -= rate b. Centered: q - mean^2 in place of q.
 * see: Tieleman, Hinton, "Lecture 6.5: RMSProp", 2012
 */
export function rmspropUpdate(record: usize, rows: u32): void {
  const scale = gradientScale(record);
  const bound = settled();
  const rate = f32x4.splat(learningRate(record));
  const keep = f32x4.splat(<f32>double(record, RHO));
  const add = f32x4.splat(<f32>(1 - double(record, RHO)));
  const momentum = f32x4.splat(float(record, MOMENTUM));
  const epsilon = f32x4.splat(float(record, EPSILON));
  let p = pointer(record, P);
  let g = pointer(record, G);
  let q = pointer(record, Q);
  let mean = pointer(record, MEAN);
  let velocity = pointer(record, VELOCITY);
  const centered = mean != 0;
  const heavy = velocity != 0;
  for (const end = p + runBytes(record); p < end; p += 16, g += 16, q += 16) {
    const old = v128.load(p);
    const gradient = f32x4.mul(v128.load(g), scale);
    let square = f32x4.add(f32x4.mul(keep, v128.load(q)), f32x4.mul(add, f32x4.mul(gradient, gradient)));
    square = settle(square, bound);
    v128.store(q, square);
    if (centered) {
      const average = settle(f32x4.add(f32x4.mul(keep, v128.load(mean)), f32x4.mul(add, gradient)), bound);
      v128.store(mean, average);
      mean += 16;
      square = f32x4.sub(square, f32x4.mul(average, average));
      square = f32x4.pmax(square, f32x4.splat(0)); // rounding can leave it just below 0
    }
    let step = f32x4.div(gradient, f32x4.add(f32x4.sqrt(square), epsilon));
    if (heavy) {
      step = settle(f32x4.add(f32x4.mul(momentum, v128.load(velocity)), step), bound);
      v128.store(velocity, step);
      velocity += 16;
    }
    v128.store(p, f32x4.sub(old, f32x4.mul(rate, step)));
  }
}
