// Attention of several heads. Head h works on the columns h d .. (h + 1) d of the queries, keys and values, where they lie: the
// products take rows that are apart. Queries are taken in blocks, so that a block's scores stay in the cache, and so that with
// `causal` the keys behind a block are left out: their probabilities are 0, and adding 0 changes no bits.
import { rowMax } from "../activations/softmax";
import { gemm } from "../../matmul/gemm";
import { gemmThreaded, sumRowsThreaded } from "../../matmul/threaded";
import { exp } from "../../numeric/elementary";
import { barrier } from "../../runtime/pool";
import { DX, DY, integer, pointer, X, Y } from "../../runtime/record";
import { rangeBegin, rangeEnd } from "../../runtime/threadRange";
import { maxLanes, storeLanes, sumLanes } from "../../numeric/simd";

/** What is attended to, [steps, width]; 0: the input itself. */
const MEMORY: usize = 4;
const D_MEMORY: usize = 5;
/** A number for each step of the memory, 0 where it is left out; 0: all steps count. */
const KEY_MASK: usize = 6;
const WEIGHT_Q: usize = 7;
const D_WEIGHT_Q: usize = 8;
const BIAS_Q: usize = 9;
const D_BIAS_Q: usize = 10;
const WEIGHT_K: usize = 11;
const D_WEIGHT_K: usize = 12;
const BIAS_K: usize = 13;
const D_BIAS_K: usize = 14;
const WEIGHT_V: usize = 15;
const D_WEIGHT_V: usize = 16;
const BIAS_V: usize = 17;
const D_BIAS_V: usize = 18;
const WEIGHT_O: usize = 19;
const D_WEIGHT_O: usize = 20;
const BIAS_O: usize = 21;
const D_BIAS_O: usize = 22;
const WIDTH: usize = 23;
const STEPS: usize = 24;
const MEMORY_WIDTH: usize = 25;
const MEMORY_STEPS: usize = 26;
const HEADS: usize = 27;
/** Queries of a block. */
const BLOCK: usize = 28;
/** 1: position i attends to positions up to i. */
const CAUSAL: usize = 29;
/** The queries [rows, steps, width], and keys and values [rows, memory steps, width]. */
const Q: usize = 30;
const K: usize = 31;
const V: usize = 32;
/** softmax of the scores, [rows, heads, steps, memory steps]. */
const PROBABILITIES: usize = 33;
/** Bytes from one head's probabilities to the next one's; 0 where no backward pass needs them. */
const PROBABILITY_BYTES: usize = 34;
/** What the heads found, side by side, [rows, steps, width]. */
const FOUND: usize = 35;
const ZERO: usize = 36;
const SCRATCH: usize = 37;
/** Room, the same for all threads, for the gradients of queries, keys and values. */
const GRADIENTS: usize = 38;

/** Whole cache lines. */
function lines(bytes: usize): usize {
  return (bytes + 63) & ~63;
}

/** Keys that the queries before `end` may attend to. */
function keysBefore(record: usize, end: usize): usize {
  const steps = <usize>integer(record, MEMORY_STEPS);
  return integer(record, CAUSAL) ? min(end, steps) : steps;
}

/** out[count][nOut] = x[count][nIn] w + b */
function project(
  record: usize,
  weight: usize,
  bias: usize,
  x: usize,
  count: usize,
  nIn: usize,
  out: usize,
  nOut: usize,
  scratch: usize,
): void {
  const b = pointer(record, bias);
  const w = pointer(record, weight);
  const init = b ? b : pointer(record, ZERO);
  const row = nOut << 2;
  gemm(false, false, count, nOut, nIn, x, nIn << 2, w, row, out, row, init, 0, scratch);
}

/** dw += xT dy, db += sum of dy, for x[count][nIn] and dy[count][nOut]. */
function learn(
  record: usize,
  dWeight: usize,
  dBias: usize,
  x: usize,
  count: usize,
  nIn: usize,
  dy: usize,
  nOut: usize,
  scratch: usize,
): void {
  const dw = pointer(record, dWeight);
  const db = pointer(record, dBias);
  const row = nOut << 2;
  if (dw) gemmThreaded(true, false, nIn, nOut, count, x, nIn << 2, dy, row, dw, row, dw, row, scratch);
  if (db) sumRowsThreaded(dy, count, nOut, db, true);
}

/** dx[count][nIn] = (add ? dx : 0) + dy wT, for dy[count][nOut]. */
function back(
  record: usize,
  weight: usize,
  dy: usize,
  count: usize,
  nOut: usize,
  dx: usize,
  nIn: usize,
  add: bool,
  scratch: usize,
): void {
  const w = pointer(record, weight);
  const row = nIn << 2;
  const init = add ? dx : pointer(record, ZERO);
  gemm(false, true, count, nIn, nOut, dy, nOut << 2, w, nOut << 2, dx, row, init, add ? row : 0, scratch);
}

/** The largest of n numbers; those that are NaN may be passed over. */
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

/** p = softmax(factor p) over the first `count` of n numbers, and 0 behind them. All 0 if every number is -infinity. */
function softmaxRow(p: usize, count: usize, n: usize, factor: f32): void {
  const top = topOf(p, count);
  // nothing to attend to, unless there is a NaN, which must not be lost
  if (top == -Infinity && rowMax(p, count) == -Infinity) count = 0;
  const behind = p + (count << 2);
  if (count < n) memory.fill(behind, 0, (n - count) << 2);
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
  if (whole < behind) {
    const e = exp(f32x4.mul(f32x4.sub(v128.load(whole), shift), factors));
    storeLanes(whole, e, (behind - whole) >> 2);
    for (let at = whole; at < behind; at += 4) total += load<f32>(at);
  }
  const share = <f32>1 / total;
  const shares = f32x4.splat(share);
  for (let at = p; at < whole; at += 16) v128.store(at, f32x4.mul(v128.load(at), shares));
  for (let at = whole; at < behind; at += 4) store<f32>(at, load<f32>(at) * share);
}

/** The gradient of `softmaxRow`: g = factor p (g - sum of g p), n numbers. */
function softmaxRowBack(p: usize, g: usize, n: usize, factor: f32): void {
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

/** Where the scores begin: 0, or -infinity for the steps that a mask leaves out. */
function startScores(mask: usize, steps: usize, out: usize): void {
  for (let j: usize = 0; j < steps; j++, mask += 4, out += 4) store<f32>(out, load<f32>(mask) == 0 ? -Infinity : 0);
}

/** y = concat of heads (softmax(q kT / sqrt d) v) wo + bo, with q = x wq + bq, k = memory wk + bk, v = memory wv + bv. */
export function attentionForward(record: usize, rows: u32): void {
  const width = <usize>integer(record, WIDTH);
  const steps = <usize>integer(record, STEPS);
  const memoryWidth = <usize>integer(record, MEMORY_WIDTH);
  const memorySteps = <usize>integer(record, MEMORY_STEPS);
  const heads = <usize>integer(record, HEADS);
  const block = <usize>integer(record, BLOCK);
  const x = pointer(record, X);
  const other = pointer(record, MEMORY);
  const source = other ? other : x;
  const count = <usize>rows * steps;
  const memoryCount = <usize>rows * memorySteps;
  const depth = width / heads;
  const factor = <f32>1 / sqrt<f32>(<f32>depth);
  const row = width << 2;
  const scoreRow = memorySteps << 2;
  const begin = pointer(record, SCRATCH);
  const scratch = begin + lines(scoreRow);
  const zero = pointer(record, ZERO);
  const found = pointer(record, FOUND);
  project(record, WEIGHT_Q, BIAS_Q, x, count, width, pointer(record, Q), width, scratch);
  project(record, WEIGHT_K, BIAS_K, source, memoryCount, memoryWidth, pointer(record, K), width, scratch);
  project(record, WEIGHT_V, BIAS_V, source, memoryCount, memoryWidth, pointer(record, V), width, scratch);
  let mask = pointer(record, KEY_MASK);
  const start = mask ? begin : zero;
  let probabilities = pointer(record, PROBABILITIES);
  for (let r: usize = 0; r < <usize>rows; r++) {
    if (mask) {
      startScores(mask, memorySteps, start);
      mask += scoreRow;
    }
    for (let h: usize = 0; h < heads; h++, probabilities += integer(record, PROBABILITY_BYTES)) {
      const q = pointer(record, Q) + r * steps * row + ((h * depth) << 2);
      const k = pointer(record, K) + r * memorySteps * row + ((h * depth) << 2);
      const v = pointer(record, V) + r * memorySteps * row + ((h * depth) << 2);
      const out = found + r * steps * row + ((h * depth) << 2);
      for (let i: usize = 0; i < steps; i += block) {
        const m = min(block, steps - i);
        const keys = keysBefore(record, i + m);
        const p = probabilities + i * scoreRow;
        gemm(false, true, m, keys, depth, q + i * row, row, k, row, p, scoreRow, start, 0, scratch);
        for (let at: usize = 0; at < m; at++)
          softmaxRow(p + at * scoreRow, keysBefore(record, i + at + 1), memorySteps, factor);
        gemm(false, false, m, depth, keys, p, scoreRow, v, row, out + i * row, row, zero, 0, scratch);
      }
    }
  }
  project(record, WEIGHT_O, BIAS_O, found, count, width, pointer(record, Y), width, scratch);
}

/**
 * With g = dy woT, and of each head p = softmax(q kT f), f = 1 / sqrt d: dv = pT g, dp = g vT, ds = f p (dp - sum of dp p),
 * dq = ds k, dk = dsT q. see: Vaswani et al., "Attention is all you need", 2017
 */
export function attentionBackward(record: usize, rows: u32): void {
  const width = <usize>integer(record, WIDTH);
  const steps = <usize>integer(record, STEPS);
  const memoryWidth = <usize>integer(record, MEMORY_WIDTH);
  const memorySteps = <usize>integer(record, MEMORY_STEPS);
  const heads = <usize>integer(record, HEADS);
  const block = <usize>integer(record, BLOCK);
  // this thread's rows
  const first = rangeBegin(rows, 1);
  const end = rangeEnd(rows, 1);
  const x = pointer(record, X);
  const dx = pointer(record, DX);
  const dy = pointer(record, DY);
  const other = pointer(record, MEMORY);
  const source = other ? other : x;
  const count = <usize>rows * steps;
  const memoryCount = <usize>rows * memorySteps;
  const depth = width / heads;
  const factor = <f32>1 / sqrt<f32>(<f32>depth);
  const row = width << 2;
  const scoreRow = memorySteps << 2;
  const at = first * steps * row;
  const own = (end - first) * steps;
  const memoryAt = first * memorySteps * row;
  const memoryOwn = (end - first) * memorySteps;
  // a head's dq lies where its part of g did, once that has been used
  const dQ = pointer(record, GRADIENTS);
  const dK = dQ + lines(count * row);
  const dV = dK + lines(memoryCount * row);
  const dScores = pointer(record, SCRATCH);
  const scratch = dScores + lines(min(block, steps) * scoreRow);
  const zero = pointer(record, ZERO);
  learn(record, D_WEIGHT_O, D_BIAS_O, pointer(record, FOUND), count, width, dy, width, scratch);
  back(record, WEIGHT_O, dy + at, own, width, dQ + at, width, false, scratch);
  memory.fill(dK + memoryAt, 0, memoryOwn * row);
  memory.fill(dV + memoryAt, 0, memoryOwn * row);
  let probabilities = pointer(record, PROBABILITIES) + first * heads * integer(record, PROBABILITY_BYTES);
  for (let r = first; r < end; r++) {
    for (let h: usize = 0; h < heads; h++, probabilities += integer(record, PROBABILITY_BYTES)) {
      const here = r * steps * row + ((h * depth) << 2);
      const there = r * memorySteps * row + ((h * depth) << 2);
      const q = pointer(record, Q) + here;
      const k = pointer(record, K) + there;
      const v = pointer(record, V) + there;
      const dk = dK + there;
      const dv = dV + there;
      for (let i: usize = 0; i < steps; i += block) {
        const m = min(block, steps - i);
        const keys = keysBefore(record, i + m);
        const p = probabilities + i * scoreRow;
        const g = dQ + here + i * row;
        gemm(false, true, m, keys, depth, g, row, v, row, dScores, scoreRow, zero, 0, scratch);
        gemm(true, false, keys, depth, m, p, scoreRow, g, row, dv, row, dv, row, scratch);
        for (let o: usize = 0; o < m * scoreRow; o += scoreRow) softmaxRowBack(p + o, dScores + o, keys, factor);
        gemm(false, false, m, depth, keys, dScores, scoreRow, k, row, g, row, zero, 0, scratch);
        gemm(true, false, keys, depth, m, dScores, scoreRow, q + i * row, row, dk, row, dk, row, scratch);
      }
    }
  }
  if (ASC_FEATURE_THREADS) barrier();
  learn(record, D_WEIGHT_Q, D_BIAS_Q, x, count, width, dQ, width, scratch);
  learn(record, D_WEIGHT_K, D_BIAS_K, source, memoryCount, memoryWidth, dK, width, scratch);
  learn(record, D_WEIGHT_V, D_BIAS_V, source, memoryCount, memoryWidth, dV, width, scratch);
  if (dx) back(record, WEIGHT_Q, dQ + at, own, width, dx + at, width, false, scratch);
  const dSource = other ? pointer(record, D_MEMORY) : dx;
  if (dSource) {
    const to = dSource + first * memorySteps * (memoryWidth << 2);
    back(record, WEIGHT_K, dK + memoryAt, memoryOwn, width, to, memoryWidth, !other, scratch);
    back(record, WEIGHT_V, dV + memoryAt, memoryOwn, width, to, memoryWidth, true, scratch);
  }
}
