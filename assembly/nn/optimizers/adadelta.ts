import { settle, settled } from "../../numeric/settle";
import { double, float, pointer } from "../../runtime/record";
import { FIRST_STATE, G, gradientScale, learningRate, P, runBytes } from "./gradient";

const Q: usize = FIRST_STATE;
const U: usize = FIRST_STATE + 1;
/** float64, two slots. */
const RHO: usize = FIRST_STATE + 2;
const EPSILON: usize = FIRST_STATE + 4;

/**
 * q = rho q + (1 - rho) g^2; d = sqrt(u + epsilon) / sqrt(q + epsilon) g; u = rho u + (1 - rho) d^2; p -= rate d
 * see: Zeiler, "ADADELTA: an adaptive learning rate method", 2012
 */
export function adadeltaUpdate(record: usize, rows: u32): void {
  const scale = gradientScale(record);
  const bound = settled();
  const rate = f32x4.splat(learningRate(record));
  const keep = f32x4.splat(<f32>double(record, RHO));
  const add = f32x4.splat(<f32>(1 - double(record, RHO)));
  const epsilon = f32x4.splat(float(record, EPSILON));
  let p = pointer(record, P);
  let g = pointer(record, G);
  let q = pointer(record, Q);
  let u = pointer(record, U);
  for (const end = p + runBytes(record); p < end; p += 16, g += 16, q += 16, u += 16) {
    const old = v128.load(p);
    const gradient = f32x4.mul(v128.load(g), scale);
    const mean = f32x4.add(f32x4.mul(keep, v128.load(q)), f32x4.mul(add, f32x4.mul(gradient, gradient)));
    const square = settle(mean, bound);
    v128.store(q, square);
    const before = v128.load(u);
    const ratio = f32x4.div(f32x4.sqrt(f32x4.add(before, epsilon)), f32x4.sqrt(f32x4.add(square, epsilon)));
    const d = f32x4.mul(ratio, gradient);
    v128.store(u, settle(f32x4.add(f32x4.mul(keep, before), f32x4.mul(add, f32x4.mul(d, d))), bound));
    v128.store(p, f32x4.sub(old, f32x4.mul(rate, d)));
  }
}
