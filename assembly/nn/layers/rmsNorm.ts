import { DX, DY, float, integer, perRow, pointer, X, Y } from "../../runtime/record";
import { storeLanes, sum64 } from "../../numeric/simd";

const GAMMA: usize = 4;
const D_GAMMA: usize = 5;
/** Numbers that are normalised together: those of the last axis. */
const N: usize = 6;
const EPSILON: usize = 7;
/** Address of 1 / root of each group, one float32. */
const STATISTICS: usize = 8;
/** Memory for n values. */
const SCRATCH: usize = 9;

/** y = gamma x / sqrt(mean of x^2 + epsilon), over groups of n */
export function rmsNormForward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const bytes = n << 2;
  const groups = (<usize>rows * perRow(record)) / n;
  const epsilon = <f64>float(record, EPSILON);
  const gamma = pointer(record, GAMMA);
  const scratch = pointer(record, SCRATCH);
  let x = pointer(record, X);
  let y = pointer(record, Y);
  let statistics = pointer(record, STATISTICS);
  for (let i: usize = 0; i < groups; i++, x += bytes, y += bytes, statistics += 4) {
    for (let o: usize = 0; o < bytes; o += 16) v128.store(scratch + o, f32x4.mul(v128.load(x + o), v128.load(x + o)));
    const inverse = <f32>(1 / sqrt<f64>(sum64(scratch, n) / <f64>n + epsilon));
    store<f32>(statistics, inverse);
    const share = f32x4.splat(inverse);
    for (let o: usize = 0; o < bytes; o += 16) {
      const value = f32x4.mul(f32x4.mul(v128.load(x + o), share), v128.load(gamma + o));
      storeLanes(y + o, value, n - (o >> 2));
    }
  }
}

/**
 * With z the normalised x and g = dy gamma: dgamma += dy z, dx = (g - z mean of g z) / root.
 * see: Zhang, Sennrich, "Root mean square layer normalization", 2019
 */
export function rmsNormBackward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const bytes = n << 2;
  const groups = (<usize>rows * perRow(record)) / n;
  const gamma = pointer(record, GAMMA);
  const dGamma = pointer(record, D_GAMMA);
  const scratch = pointer(record, SCRATCH);
  let x = pointer(record, X);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  let statistics = pointer(record, STATISTICS);
  for (let i: usize = 0; i < groups; i++, x += bytes, dy += bytes, statistics += 4) {
    const share = v128.load_splat<f32>(statistics);
    for (let o: usize = 0; dGamma && o < bytes; o += 16) {
      const normalised = f32x4.mul(v128.load(x + o), share);
      const sum = f32x4.add(v128.load(dGamma + o), f32x4.mul(v128.load(dy + o), normalised));
      storeLanes(dGamma + o, sum, n - (o >> 2));
    }
    if (!dx) continue;
    for (let o: usize = 0; o < bytes; o += 16) {
      const normalised = f32x4.mul(v128.load(x + o), share);
      v128.store(scratch + o, f32x4.mul(f32x4.mul(v128.load(dy + o), v128.load(gamma + o)), normalised));
    }
    const along = f32x4.splat(<f32>(sum64(scratch, n) / <f64>n));
    for (let o: usize = 0; o < bytes; o += 16) {
      const g = f32x4.mul(v128.load(dy + o), v128.load(gamma + o));
      const rest = f32x4.sub(g, f32x4.mul(f32x4.mul(v128.load(x + o), share), along));
      storeLanes(dx + o, f32x4.mul(rest, share), n - (o >> 2));
    }
    dx += bytes;
  }
}
