import { settle, settled } from "../../numeric/settle";
import { float, integer, pointer } from "../../runtime/record";
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
  for (const pairs = p + (runBytes(record) & ~31); p < pairs; p += 32, g += 32, v += 32) {
    const old = v128.load(p),
      old2 = v128.load(p, 16);
    const gradient = f32x4.mul(v128.load(g), scale),
      gradient2 = f32x4.mul(v128.load(g, 16), scale);
    let velocity = settle(f32x4.add(f32x4.mul(momentum, v128.load(v)), gradient), bound),
      velocity2 = settle(f32x4.add(f32x4.mul(momentum, v128.load(v, 16)), gradient2), bound);
    v128.store(v, velocity);
    v128.store(v, velocity2, 16);
    if (nesterov) {
      velocity = f32x4.add(gradient, f32x4.mul(momentum, velocity));
      velocity2 = f32x4.add(gradient2, f32x4.mul(momentum, velocity2));
    }
    v128.store(p, f32x4.sub(old, f32x4.mul(rate, velocity)));
    v128.store(p, f32x4.sub(old2, f32x4.mul(rate, velocity2)), 16);
  }
  if (p < end) {
    const gradient = f32x4.mul(v128.load(g), scale);
    const velocity = settle(f32x4.add(f32x4.mul(momentum, v128.load(v)), gradient), bound);
    v128.store(v, velocity);
    const step = nesterov ? f32x4.add(gradient, f32x4.mul(momentum, velocity)) : velocity;
    v128.store(p, f32x4.sub(v128.load(p), f32x4.mul(rate, step)));
  }
}
