// The scores of one query of attention: masks, what is added, their softmax, and the way back.
import { rowMax } from "../activations/softmax";
import { exp } from "../../numeric/elementary";
import { maxLanes, storeLanes, sumLanes } from "../../numeric/simd";

/** The largest of n values; those that are NaN may be passed over. */
function topOf(p: usize, n: usize): f32 {
  const lowest = f32x4.splat(-Infinity);
  let a = lowest,
    b = lowest,
    c = lowest,
    d = lowest;
  const end = p + (n << 2);
  // pmax is one operation where max is eight; four chains of it hide its latency
  for (; p + 64 <= end; p += 64) {
    a = f32x4.pmax(a, v128.load(p));
    b = f32x4.pmax(b, v128.load(p, 16));
    c = f32x4.pmax(c, v128.load(p, 32));
    d = f32x4.pmax(d, v128.load(p, 48));
  }
  for (; p + 16 <= end; p += 16) a = f32x4.pmax(a, v128.load(p));
  let top = maxLanes(f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d)));
  for (; p < end; p += 4) if (load<f32>(p) > top) top = load<f32>(p);
  return top;
}

/** p = softmax(factor p) over the first `count` of n values, and 0 after them. All 0 if every value is -infinity. */
export function softmaxRow(p: usize, count: usize, n: usize, factor: f32): void {
  const top = topOf(p, count);
  // nothing to attend to, unless there is a NaN, which must not be lost
  if (top == -Infinity && rowMax(p, count) == -Infinity) count = 0;
  const end = p + (count << 2);
  if (count < n) memory.fill(end, 0, (n - count) << 2);
  const shift = f32x4.splat(top);
  const factors = f32x4.splat(factor);
  const whole = p + ((count & ~3) << 2);
  let sum = f32x4.splat(0);
  for (let at = p; at < whole; at += 16) {
    const e = exp(f32x4.mul(f32x4.sub(v128.load(at), shift), factors));
    v128.store(at, e);
    sum = f32x4.add(sum, e);
  }
  let total = sumLanes(sum);
  if (whole < end) {
    const e = exp(f32x4.mul(f32x4.sub(v128.load(whole), shift), factors));
    storeLanes(whole, e, (end - whole) >> 2);
    for (let at = whole; at < end; at += 4) total += load<f32>(at);
  }
  const share = <f32>1 / total;
  const shares = f32x4.splat(share);
  for (let at = p; at < whole; at += 16) v128.store(at, f32x4.mul(v128.load(at), shares));
  for (let at = whole; at < end; at += 4) store<f32>(at, load<f32>(at) * share);
}

/** The gradient of `softmaxRow`: g = factor p (g - sum of g p), n values. */
export function softmaxRowBack(p: usize, g: usize, n: usize, factor: f32): void {
  const whole = (n & ~3) << 2;
  const bytes = n << 2;
  let sum = f32x4.splat(0);
  for (let o: usize = 0; o < whole; o += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(p + o), v128.load(g + o)));
  let total = sumLanes(sum);
  for (let o = whole; o < bytes; o += 4) total += load<f32>(p + o) * load<f32>(g + o);
  const level = f32x4.splat(total);
  const factors = f32x4.splat(factor);
  for (let o: usize = 0; o < whole; o += 16) {
    const slope = f32x4.mul(f32x4.sub(v128.load(g + o), level), v128.load(p + o));
    v128.store(g + o, f32x4.mul(slope, factors));
  }
  for (let o = whole; o < bytes; o += 4) store<f32>(g + o, (load<f32>(g + o) - total) * load<f32>(p + o) * factor);
}

/** Initial values of the scores: 0, or -infinity for the steps that a mask leaves out. */
export function startScores(mask: usize, steps: usize, out: usize): void {
  for (let j: usize = 0; j < steps; j++, mask += 4, out += 4) store<f32>(out, load<f32>(mask) == 0 ? -Infinity : 0);
}

/** n scores of a query become `factor` times themselves, and what is added to them. */
export function addToScores(p: usize, bias: usize, n: usize, factor: f32): void {
  const end = p + (n << 2);
  const whole = p + ((n & ~3) << 2);
  const factors = f32x4.splat(factor);
  for (; p < whole; p += 16, bias += 16) v128.store(p, f32x4.add(f32x4.mul(v128.load(p), factors), v128.load(bias)));
  for (; p < end; p += 4, bias += 4) store<f32>(p, load<f32>(p) * factor + load<f32>(bias));
}

/** n scores of a query become -infinity where its mask is 0. */
export function maskScores(p: usize, mask: usize, n: usize): void {
  const end = p + (n << 2);
  const whole = p + ((n & ~3) << 2);
  const none = f32x4.splat(0);
  const lowest = f32x4.splat(-Infinity);
  for (; p < whole; p += 16, mask += 16)
    v128.store(p, v128.bitselect(lowest, v128.load(p), f32x4.eq(v128.load(mask), none)));
  for (; p < end; p += 4, mask += 4) if (load<f32>(mask) == 0) store<f32>(p, -Infinity);
}

/** The gradients of n scores, with which those of what was added to them grow, become `factor` times themselves. */
export function giveScores(g: usize, dBias: usize, n: usize, factor: f32): void {
  const end = g + (n << 2);
  const whole = g + ((n & ~3) << 2);
  const factors = f32x4.splat(factor);
  for (; g < whole; g += 16, dBias += 16) {
    const slope = v128.load(g);
    v128.store(dBias, f32x4.add(v128.load(dBias), slope));
    v128.store(g, f32x4.mul(slope, factors));
  }
  for (; g < end; g += 4, dBias += 4) {
    store<f32>(dBias, load<f32>(dBias) + load<f32>(g));
    store<f32>(g, load<f32>(g) * factor);
  }
}
