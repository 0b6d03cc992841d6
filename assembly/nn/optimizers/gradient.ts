// Slots of all optimizers, the gradient that an update works with, and the kernels that go over all gradients before the update.
import { HALT_GRADIENT, HALT_SIZE, PROGRAM_HALT, PROGRAM_MICRO, PROGRAM_RATE } from "../../runtime/abi";
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

// Slots of gradientRate: where it reads and writes, and by what it multiplies.
const SOURCE: usize = 0;
const RATE: usize = 1;
const RATE_FACTOR: usize = 2;

/** Writes a learning rate, times a factor, where updates read theirs or where it is kept meanwhile: float64. */
export function gradientRate(record: usize, rows: u32): void {
  store<f64>(pointer(record, RATE), load<f64>(pointer(record, SOURCE)) * <f64>float(record, RATE_FACTOR));
}

/** Bytes of the run of parameters. */
export function runBytes(record: usize): usize {
  return (<usize>perRow(record)) << 2;
}

/** Sets the gradients to zero before the first pass of an update. Arguments: G, PROGRAM. */
export function gradientZero(record: usize, rows: u32): void {
  if (load<u32>(pointer(record, PROGRAM), PROGRAM_MICRO) == 0) memory.fill(pointer(record, G), 0, runBytes(record));
}

/** The bits of float32 numbers without their signs: as integers they are in the order of the absolute values, infinity and NaN last. */
function size(x: v128): v128 {
  return v128.and(x, i32x4.splat(0x7fffffff));
}

/** The largest of the four, as float32: infinite or NaN if one of the numbers was. */
function largest(sizes: v128): f32 {
  sizes = i32x4.max_u(sizes, v128.shuffle<u64>(sizes, sizes, 1, 0));
  return reinterpret<f32>(max<u32>(i32x4.extract_lane(sizes, 0), i32x4.extract_lane(sizes, 1)));
}

// Slots of the kernels that look at every gradient, float32: what the largest gradient, the learning rate, and their product may be.
const LARGEST_GRADIENT: usize = 4;
const LARGEST_RATE: usize = 5;
const LARGEST_PRODUCT: usize = 6;

/** Halts the run if the largest gradient isn't finite, or so large that the update might write an infinite number. */
function limit(record: usize, gradient: f32): void {
  const program = pointer(record, PROGRAM);
  const rate = <f32>load<f64>(program, PROGRAM_RATE);
  const holds =
    gradient <= float(record, LARGEST_GRADIENT) &&
    rate <= float(record, LARGEST_RATE) &&
    rate * gradient <= float(record, LARGEST_PRODUCT);
  if (!holds) store<u32>(program, gradient < Infinity ? HALT_SIZE : HALT_GRADIENT, PROGRAM_HALT);
}

/** Halts the run if a gradient is NaN, infinite or too large for the update. Writes 1 / passes to FACTOR. */
export function gradientCheck(record: usize, rows: u32): void {
  let a = i32x4.splat(0),
    b = a,
    c = a,
    d = a;
  let g = pointer(record, G);
  const end = g + runBytes(record);
  // four maxima: one of them alone would wait for its own last comparison
  for (; g + 64 <= end; g += 64) {
    a = i32x4.max_u(a, size(v128.load(g)));
    b = i32x4.max_u(b, size(v128.load(g, 16)));
    c = i32x4.max_u(c, size(v128.load(g, 32)));
    d = i32x4.max_u(d, size(v128.load(g, 48)));
  }
  for (; g < end; g += 16) a = i32x4.max_u(a, size(v128.load(g)));
  a = i32x4.max_u(i32x4.max_u(a, b), i32x4.max_u(c, d));
  store<f32>(pointer(record, FACTOR), share(record));
  limit(record, largest(a));
}

const NORM: usize = 7;
const MAX_NORM: usize = 8;

/**
 * Writes the Euclidean norm of the averaged gradients to NORM as float64 and min(1, maxNorm / (norm + 1e-6)) / passes to
 * FACTOR as float32; halts the run if the norm is not finite, or too large even when shortened. The sum of squares is taken in
 * float64, in a fixed order.
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
  const maxNorm = float(record, MAX_NORM);
  const shortened = <f32>min<f64>(1, <f64>maxNorm / (norm + 1e-6));
  store<f32>(pointer(record, FACTOR), share(record) * shortened);
  limit(record, norm < Infinity ? <f32>min<f64>(min<f64>(norm, maxNorm), f32.MAX_VALUE) : Infinity);
}

const TARGET: usize = 7;
const WEIGHT_DECAY: usize = 8;
const L1: usize = 9;
/** Each gradient is cut to [-CLIP, CLIP]; infinity: not at all. */
const CLIP: usize = 10;

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
  let sizes = i32x4.splat(0);
  for (const end = p + runBytes(record); p < end; p += 16, g += 16, target += 16) {
    const old = v128.load(p);
    let value = f32x4.mul(v128.load(g), scale);
    value = f32x4.pmax(f32x4.pmin(value, clip), opposite);
    value = f32x4.add(value, f32x4.mul(weightDecay, old));
    value = f32x4.add(value, f32x4.mul(l1, sign(old)));
    v128.store(target, value);
    sizes = i32x4.max_u(sizes, size(value));
  }
  const top = largest(sizes);
  limit(record, top < Infinity ? top : f32.MAX_VALUE);
}
