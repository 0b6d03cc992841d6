import { PROGRAM_RATE, PROGRAM_STEP } from "../../runtime/abi";
import { settle, settled } from "../../numeric/settle";
import { mathPow } from "../../numeric/math";
import { double, float, pointer } from "../../runtime/record";
import { FIRST_STATE, G, gradientScale, P, PROGRAM, runBytes } from "./gradient";

const M: usize = FIRST_STATE;
const V: usize = FIRST_STATE + 1;
/** Address of the running maximum of v (AMSGrad), or 0. */
const V_MAX: usize = FIRST_STATE + 2;
// float64, two slots each: 1 - beta is then rounded only once
const BETA_1: usize = FIRST_STATE + 3;
const BETA_2: usize = FIRST_STATE + 5;
const EPSILON: usize = FIRST_STATE + 7;
/** Decay that does not go through the gradient (AdamW). */
const DECOUPLED_DECAY: usize = FIRST_STATE + 8;

/**
 * p *= 1 - rate decay; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
 * p -= rate (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon), with AMSGrad the running maximum of v in its place.
 * see: Kingma, Ba, "Adam: a method for stochastic optimization", 2015; Loshchilov, Hutter, "Decoupled weight decay
 * regularization", 2019; Reddi, Kale, Kumar, "On the convergence of Adam and beyond", 2018.
 */
export function adamUpdate(record: usize, rows: u32): void {
  const program = pointer(record, PROGRAM);
  const rate = load<f64>(program, PROGRAM_RATE);
  const t = <f64>load<u64>(program, PROGRAM_STEP);
  const scale = gradientScale(record);
  const bound = settled();
  const keep = f32x4.splat(<f32>(1 - rate * <f64>float(record, DECOUPLED_DECAY)));
  const beta1 = double(record, BETA_1);
  const beta2 = double(record, BETA_2);
  const m1 = f32x4.splat(<f32>beta1);
  const m2 = f32x4.splat(<f32>(1 - beta1));
  const v1 = f32x4.splat(<f32>beta2);
  const v2 = f32x4.splat(<f32>(1 - beta2));
  const step = f32x4.splat(<f32>(rate / (1 - mathPow(beta1, t))));
  const correction = f32x4.splat(<f32>(1 / (1 - mathPow(beta2, t))));
  const epsilon = f32x4.splat(float(record, EPSILON));
  let p = pointer(record, P);
  let g = pointer(record, G);
  let m = pointer(record, M);
  let v = pointer(record, V);
  let top = pointer(record, V_MAX);
  const amsgrad = top != 0;
  for (const end = p + runBytes(record); p < end; p += 16, g += 16, m += 16, v += 16) {
    const old = v128.load(p);
    const gradient = f32x4.mul(v128.load(g), scale);
    const mean = settle(f32x4.add(f32x4.mul(m1, v128.load(m)), f32x4.mul(m2, gradient)), bound);
    let square = f32x4.add(f32x4.mul(v1, v128.load(v)), f32x4.mul(v2, f32x4.mul(gradient, gradient)));
    square = settle(square, bound);
    v128.store(m, mean);
    v128.store(v, square);
    if (amsgrad) {
      square = f32x4.pmax(v128.load(top), square);
      v128.store(top, square);
      top += 16;
    }
    const deviation = f32x4.add(f32x4.sqrt(f32x4.mul(square, correction)), epsilon);
    v128.store(p, f32x4.sub(f32x4.mul(old, keep), f32x4.div(f32x4.mul(step, mean), deviation)));
  }
}
