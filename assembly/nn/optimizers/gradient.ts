// Slots of all optimizers, the gradient that an update works with, and the kernels that go over all gradients before the update.
import { HALT_GRADIENT, PROGRAM_HALT, PROGRAM_MICRO, PROGRAM_RATE } from "../../runtime/abi";
import { float, perRow, pointer } from "../../runtime/record";
import { sign } from "../../numeric/simd";

// The arguments of every update: a run of consecutive parameters, `perRow` elements, padding included.
export const P: usize = 0;
export const G: usize = 1;
export const PROGRAM: usize = 2;
/** Address of the float32 that the gradients are to be multiplied by, or 0: they are used as they are. */
export const FACTOR: usize = 3;
// and the optimizer's own state and attributes from here on.
export const FIRST_STATE: usize = 4;

/** What the gradients are to be multiplied by. */
export function gradientScale(record: usize): v128 {
  const factor = pointer(record, FACTOR);
  return f32x4.splat(factor ? load<f32>(factor) : 1);
}

/** One over the number of passes that the gradients are the sum of. */
function share(record: usize): f32 {
  const passes = load<u32>(pointer(record, PROGRAM), PROGRAM_MICRO);
  return passes > 1 ? 1 / <f32>passes : 1;
}

/** The learning rate of this update. */
export function learningRate(record: usize): f32 {
  return <f32>load<f64>(pointer(record, PROGRAM), PROGRAM_RATE);
}

/** Bytes of the run of parameters. */
export function runBytes(record: usize): usize {
  return (<usize>perRow(record)) << 2;
}

/** Sets the gradients to zero before the first pass of an update. Arguments: G, PROGRAM. */
export function gradientZero(record: usize, rows: u32): void {
  if (load<u32>(pointer(record, PROGRAM), PROGRAM_MICRO) == 0) memory.fill(pointer(record, G), 0, runBytes(record));
}

/** Halts the run if a gradient is NaN or infinite (0 times it is then not 0). Writes 1 / passes to FACTOR. */
export function gradientCheck(record: usize, rows: u32): void {
  const zero = f32x4.splat(0);
  let a = zero,
    b = zero,
    c = zero,
    d = zero;
  let g = pointer(record, G);
  const end = g + runBytes(record);
  // four sums: one of them alone would wait for its own last addition
  for (; g + 64 <= end; g += 64) {
    a = f32x4.add(a, f32x4.mul(v128.load(g), zero));
    b = f32x4.add(b, f32x4.mul(v128.load(g, 16), zero));
    c = f32x4.add(c, f32x4.mul(v128.load(g, 32), zero));
    d = f32x4.add(d, f32x4.mul(v128.load(g, 48), zero));
  }
  for (; g < end; g += 16) a = f32x4.add(a, f32x4.mul(v128.load(g), zero));
  a = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
  store<f32>(pointer(record, FACTOR), share(record));
  if (!i32x4.all_true(f32x4.eq(a, zero))) store<u32>(pointer(record, PROGRAM), HALT_GRADIENT, PROGRAM_HALT);
}

const NORM: usize = 4;
const MAX_NORM: usize = 5;

/**
 * Writes the Euclidean norm of the averaged gradients to NORM as float64 and min(1, maxNorm / (norm + 1e-6)) / passes to
 * FACTOR as float32; halts the run if the norm is not finite. The sum of squares is taken in float64, in a fixed order.
 */
export function gradientNorm(record: usize, rows: u32): void {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  let g = pointer(record, G);
  for (const end = g + runBytes(record); g < end; g += 16) {
    const value = v128.load(g);
    const a = f64x2.promote_low_f32x4(value);
    const b = f64x2.promote_low_f32x4(v128.shuffle<f64>(value, value, 1, 1));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const both = f64x2.add(low, high);
  const passes = load<u32>(pointer(record, PROGRAM), PROGRAM_MICRO);
  const norm = sqrt<f64>(f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1)) / <f64>max(passes, 1);
  store<f64>(pointer(record, NORM), norm);
  const shortened = <f32>min<f64>(1, <f64>float(record, MAX_NORM) / (norm + 1e-6));
  store<f32>(pointer(record, FACTOR), share(record) * shortened);
  if (!(norm < Infinity)) store<u32>(pointer(record, PROGRAM), HALT_GRADIENT, PROGRAM_HALT);
}

const TARGET: usize = 4;
const WEIGHT_DECAY: usize = 5;
const L1: usize = 6;
/** Each gradient is cut to [-CLIP, CLIP]; infinity: not at all. */
const CLIP: usize = 7;

/**
 * Writes the gradients that count to TARGET: multiplied by FACTOR, cut, and with the derivatives of the optimizer's penalties. In
 * the update's own loop the few more constants would not fit the registers: it took twice as long, for all who use neither.
 */
export function gradientAdjust(record: usize, rows: u32): void {
  const scale = gradientScale(record);
  const clip = f32x4.splat(float(record, CLIP));
  const opposite = f32x4.neg(clip);
  const weightDecay = f32x4.splat(float(record, WEIGHT_DECAY));
  const l1 = f32x4.splat(float(record, L1));
  let p = pointer(record, P);
  let g = pointer(record, G);
  let target = pointer(record, TARGET);
  for (const end = p + runBytes(record); p < end; p += 16, g += 16, target += 16) {
    const old = v128.load(p);
    let value = f32x4.mul(v128.load(g), scale);
    value = f32x4.pmax(f32x4.pmin(value, clip), opposite);
    value = f32x4.add(value, f32x4.mul(weightDecay, old));
    v128.store(target, f32x4.add(value, f32x4.mul(l1, sign(old))));
  }
}
