import { DX, DY, float, integer, perRow, pointer, X, Y } from "../../runtime/record";
import { lanesBelow, storeLanes, sum64 } from "../../numeric/simd";

const GAMMA: usize = 4;
const D_GAMMA: usize = 5;
const BETA: usize = 6;
const D_BETA: usize = 7;
/** Numbers that are normalised together: those of the last axis. */
const N: usize = 8;
const EPSILON: usize = 9;
/** Address of the mean and 1 / deviation of each group, two float32. */
const STATISTICS: usize = 10;
/** Memory for n values. */
const SCRATCH: usize = 11;

/** The sum of the squares of x - mean, in float64 and in a fixed order. */
function squares64(x: usize, n: usize, mean: v128): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let j: usize = 0; j < n; j += 4, x += 16) {
    let d = f32x4.sub(v128.load(x), mean);
    if (n - j < 4) d = v128.and(d, lanesBelow(n - j));
    const a = f64x2.promote_low_f32x4(d);
    const b = f64x2.promote_low_f32x4(v128.shuffle<f64>(d, d, 1, 1));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const both = f64x2.add(low, high);
  return f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
}

/** y = gamma (x - mean) / sqrt(variance + epsilon) + beta, over groups of n; the variance divides by n. */
export function layerNormForward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const groups = (<usize>rows * perRow(record)) / n;
  const epsilon = <f64>float(record, EPSILON);
  const gamma = pointer(record, GAMMA);
  const beta = pointer(record, BETA);
  let x = pointer(record, X);
  let y = pointer(record, Y);
  let statistics = pointer(record, STATISTICS);
  for (let i: usize = 0; i < groups; i++, x += n << 2, y += n << 2, statistics += 8) {
    const average = <f32>(sum64(x, n) / <f64>n);
    const mean = f32x4.splat(average);
    const inverse = <f32>(1 / sqrt<f64>(squares64(x, n, mean) / <f64>n + epsilon));
    store<f32>(statistics, average);
    store<f32>(statistics, inverse, 4);
    const share = f32x4.splat(inverse);
    for (let o: usize = 0; o < n << 2; o += 16) {
      const normalised = f32x4.mul(f32x4.sub(v128.load(x + o), mean), share);
      const value = f32x4.add(f32x4.mul(normalised, v128.load(gamma + o)), v128.load(beta + o));
      storeLanes(y + o, value, n - (o >> 2));
    }
  }
}

/**
 * With z the normalised x and g = dy gamma: dgamma += dy z, dbeta += dy, dx = (g - mean of g - z mean of g z) / deviation.
 * see: Ba, Kiros, Hinton, "Layer normalization", 2016
 */
export function layerNormBackward(record: usize, rows: u32): void {
  const n = <usize>integer(record, N);
  const bytes = n << 2;
  const groups = (<usize>rows * perRow(record)) / n;
  const gamma = pointer(record, GAMMA);
  const dGamma = pointer(record, D_GAMMA);
  const dBeta = pointer(record, D_BETA);
  const scratch = pointer(record, SCRATCH);
  let x = pointer(record, X);
  let dx = pointer(record, DX);
  let dy = pointer(record, DY);
  let statistics = pointer(record, STATISTICS);
  for (let i: usize = 0; i < groups; i++, x += bytes, dy += bytes, statistics += 8) {
    const mean = v128.load_splat<f32>(statistics);
    const share = v128.load_splat<f32>(statistics, 4);
    for (let o: usize = 0; dGamma && o < bytes; o += 16) {
      const count = n - (o >> 2);
      const gradient = v128.load(dy + o);
      const normalised = f32x4.mul(f32x4.sub(v128.load(x + o), mean), share);
      storeLanes(dGamma + o, f32x4.add(v128.load(dGamma + o), f32x4.mul(gradient, normalised)), count);
      storeLanes(dBeta + o, f32x4.add(v128.load(dBeta + o), gradient), count);
    }
    if (!dx) continue;
    for (let o: usize = 0; o < bytes; o += 16) {
      // g z, whose sum is needed
      const normalised = f32x4.mul(f32x4.sub(v128.load(x + o), mean), share);
      v128.store(scratch + o, f32x4.mul(f32x4.mul(v128.load(dy + o), v128.load(gamma + o)), normalised));
    }
    const along = f32x4.splat(<f32>(sum64(scratch, n) / <f64>n));
    for (let o: usize = 0; o < bytes; o += 16)
      v128.store(scratch + o, f32x4.mul(v128.load(dy + o), v128.load(gamma + o)));
    const level = f32x4.splat(<f32>(sum64(scratch, n) / <f64>n));
    for (let o: usize = 0; o < bytes; o += 16) {
      const normalised = f32x4.mul(f32x4.sub(v128.load(x + o), mean), share);
      const rest = f32x4.sub(f32x4.sub(v128.load(scratch + o), level), f32x4.mul(normalised, along));
      storeLanes(dx + o, f32x4.mul(rest, share), n - (o >> 2));
    }
    dx += bytes;
  }
}
