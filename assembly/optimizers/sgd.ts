import { settle, settled } from "../elementary";
import { float, integer, pointer } from "../record";
import { FIRST_STATE, G, gradientScale, learningRate, P, runBytes } from "./gradient";

/** Address of the velocity, or 0: no momentum. */
const VELOCITY: usize = FIRST_STATE;
const MOMENTUM: usize = FIRST_STATE + 1;
const NESTEROV: usize = FIRST_STATE + 2;

/** v = momentum v + g; p -= rate v, or with Nesterov's look ahead p -= rate (g + momentum v). */
export function sgdUpdate(record: usize, rows: u32): void {
  const scale = gradientScale(record);
  const rate = f32x4.splat(learningRate(record));
  let p = pointer(record, P);
  let g = pointer(record, G);
  let v = pointer(record, VELOCITY);
  const end = p + runBytes(record);
  if (!v) {
    for (; p < end; p += 16, g += 16) {
      const old = v128.load(p);
      v128.store(p, f32x4.sub(old, f32x4.mul(rate, f32x4.mul(v128.load(g), scale))));
    }
    return;
  }
  const bound = settled();
  const momentum = f32x4.splat(float(record, MOMENTUM));
  const nesterov = integer(record, NESTEROV) != 0;
  for (; p < end; p += 16, g += 16, v += 16) {
    const old = v128.load(p);
    const gradient = f32x4.mul(v128.load(g), scale);
    const velocity = settle(f32x4.add(f32x4.mul(momentum, v128.load(v)), gradient), bound);
    v128.store(v, velocity);
    const step = nesterov ? f32x4.add(gradient, f32x4.mul(momentum, velocity)) : velocity;
    v128.store(p, f32x4.sub(old, f32x4.mul(rate, step)));
  }
}
