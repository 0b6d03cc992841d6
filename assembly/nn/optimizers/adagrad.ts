import { float, pointer } from "../../runtime/record";
import { FIRST_STATE, G, gradientScale, learningRate, P, runBytes } from "./gradient";

const Q: usize = FIRST_STATE;
const EPSILON: usize = FIRST_STATE + 1;

/**
 * q += g^2; p -= rate g / (sqrt(q) + epsilon)
 * see: Duchi, Hazan, Singer, "Adaptive subgradient methods for online learning and stochastic optimization", 2011
 */
export function adagradUpdate(record: usize, rows: u32): void {
  const scale = gradientScale(record);
  const rate = f32x4.splat(learningRate(record));
  const epsilon = f32x4.splat(float(record, EPSILON));
  let p = pointer(record, P);
  let g = pointer(record, G);
  let q = pointer(record, Q);
  for (const end = p + runBytes(record); p < end; p += 16, g += 16, q += 16) {
    const old = v128.load(p);
    const gradient = f32x4.mul(v128.load(g), scale);
    const square = f32x4.add(v128.load(q), f32x4.mul(gradient, gradient));
    v128.store(q, square);
    const step = f32x4.div(gradient, f32x4.add(f32x4.sqrt(square), epsilon));
    v128.store(p, f32x4.sub(old, f32x4.mul(rate, step)));
  }
}
