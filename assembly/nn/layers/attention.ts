// Multi-head attention. Head h works on the columns h d .. (h + 1) d of the queries, keys and values, in place: the products take
// rows that are apart. Queries are taken in blocks, so that a block's scores stay in the cache, and so that with `causal` the
// keys after a block are left out: their probabilities are 0, and adding 0 changes no bits.
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
/** One float32 per step of the memory, 0 where it is left out; 0: all steps count. */
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
/** The heads' outputs, side by side, [rows, steps, width]. */
const FOUND: usize = 35;
const ZERO: usize = 36;
const SCRATCH: usize = 37;
/** Memory, the same for all threads, for the gradients of queries, keys and values. */
const GRADIENTS: usize = 38;

let width: usize = 0;
let steps: usize = 0;
let memoryWidth: usize = 0;
let memorySteps: usize = 0;
let heads: usize = 0;
let block: usize = 0;
let causal: bool = false;
/** Columns of a head, and 1 / sqrt of them, which the scores are multiplied with. */
let depth: usize = 0;
let factor: f32 = 0;
/** Bytes of a row of queries, keys or values, of a row of scores, and from one head's probabilities to the next one's. */
let row: usize = 0;
let scoreRow: usize = 0;
let probabilityBytes: usize = 0;
let zero: usize = 0;
let x: usize = 0;
/** What is attended to. */
let source: usize = 0;
/** Steps of all rows, and those of what is attended to. */
let count: usize = 0;
let memoryCount: usize = 0;

/** Reads a record. Goes first. */
function begin(record: usize, rows: u32): void {
  width = integer(record, WIDTH);
  steps = integer(record, STEPS);
  memoryWidth = integer(record, MEMORY_WIDTH);
  memorySteps = integer(record, MEMORY_STEPS);
  heads = integer(record, HEADS);
  block = integer(record, BLOCK);
  causal = integer(record, CAUSAL) != 0;
  depth = width / heads;
  factor = <f32>1 / sqrt<f32>(<f32>depth);
  row = width << 2;
  scoreRow = memorySteps << 2;
  probabilityBytes = integer(record, PROBABILITY_BYTES);
  zero = pointer(record, ZERO);
  x = pointer(record, X);
  const other = pointer(record, MEMORY);
  source = other ? other : x;
  count = <usize>rows * steps;
  memoryCount = <usize>rows * memorySteps;
}

/** Whole cache lines. */
function lines(bytes: usize): usize {
  return (bytes + 63) & ~63;
}

/** Keys that the queries before `end` may attend to. */
function keysBefore(end: usize): usize {
  return causal ? min(end, memorySteps) : memorySteps;
}

/** to[n][width] = from[n][nIn] w + b */
function project(
  record: usize,
  weight: usize,
  bias: usize,
  n: usize,
  from: usize,
  nIn: usize,
  to: usize,
  scratch: usize,
): void {
  const w = pointer(record, weight);
  const b = pointer(record, bias);
  gemm(false, false, n, width, nIn, from, nIn << 2, w, row, to, row, b ? b : zero, 0, scratch);
}

/** dw += xT dy, db += sum of dy, for x[n][nIn] and dy[n][width]. */
function learn(
  record: usize,
  dWeight: usize,
  dBias: usize,
  n: usize,
  x: usize,
  nIn: usize,
  dy: usize,
  scratch: usize,
): void {
  const dw = pointer(record, dWeight);
  const db = pointer(record, dBias);
  if (dw) gemmThreaded(true, false, nIn, width, n, x, nIn << 2, dy, row, dw, row, dw, row, scratch);
  if (db) sumRowsThreaded(dy, n, width, db, true);
}

/** dx[n][nIn] = (add ? dx : 0) + dy wT, for dy[n][width]. */
function back(
  record: usize,
  weight: usize,
  n: usize,
  dy: usize,
  dx: usize,
  nIn: usize,
  add: bool,
  scratch: usize,
): void {
  const w = pointer(record, weight);
  const dxRow = nIn << 2;
  gemm(false, true, n, nIn, width, dy, row, w, row, dx, dxRow, add ? dx : zero, add ? dxRow : 0, scratch);
}

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
function softmaxRow(p: usize, count: usize, n: usize, factor: f32): void {
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

/** Initial values of the scores: 0, or -infinity for the steps that a mask leaves out. */
function startScores(mask: usize, steps: usize, out: usize): void {
  for (let j: usize = 0; j < steps; j++, mask += 4, out += 4) store<f32>(out, load<f32>(mask) == 0 ? -Infinity : 0);
}

/** y = concat of heads (softmax(q kT / sqrt d) v) wo + bo, with q = x wq + bq, k = memory wk + bk, v = memory wv + bv. */
export function attentionForward(record: usize, rows: u32): void {
  begin(record, rows);
  const masked = pointer(record, SCRATCH);
  const scratch = masked + lines(scoreRow);
  const found = pointer(record, FOUND);
  project(record, WEIGHT_Q, BIAS_Q, count, x, width, pointer(record, Q), scratch);
  project(record, WEIGHT_K, BIAS_K, memoryCount, source, memoryWidth, pointer(record, K), scratch);
  project(record, WEIGHT_V, BIAS_V, memoryCount, source, memoryWidth, pointer(record, V), scratch);
  let mask = pointer(record, KEY_MASK);
  const start = mask ? masked : zero;
  let probabilities = pointer(record, PROBABILITIES);
  for (let r: usize = 0; r < <usize>rows; r++) {
    if (mask) {
      startScores(mask, memorySteps, start);
      mask += scoreRow;
    }
    for (let h: usize = 0; h < heads; h++, probabilities += probabilityBytes) {
      const q = pointer(record, Q) + r * steps * row + ((h * depth) << 2);
      const k = pointer(record, K) + r * memorySteps * row + ((h * depth) << 2);
      const v = pointer(record, V) + r * memorySteps * row + ((h * depth) << 2);
      const out = found + r * steps * row + ((h * depth) << 2);
      for (let i: usize = 0; i < steps; i += block) {
        const m = min(block, steps - i);
        const keys = keysBefore(i + m);
        const p = probabilities + i * scoreRow;
        gemm(false, true, m, keys, depth, q + i * row, row, k, row, p, scoreRow, start, 0, scratch);
        for (let at: usize = 0; at < m; at++)
          softmaxRow(p + at * scoreRow, keysBefore(i + at + 1), memorySteps, factor);
        gemm(false, false, m, depth, keys, p, scoreRow, v, row, out + i * row, row, zero, 0, scratch);
      }
    }
  }
  project(record, WEIGHT_O, BIAS_O, count, found, width, pointer(record, Y), scratch);
}

/**
 * With g = dy woT, and of each head p = softmax(q kT f), f = 1 / sqrt d: dv = pT g, dp = g vT, ds = f p (dp - sum of dp p),
 * dq = ds k, dk = dsT q. see: Vaswani et al., "Attention is all you need", 2017
 */
export function attentionBackward(record: usize, rows: u32): void {
  begin(record, rows);
  // this thread's rows
  const first = rangeBegin(rows, 1);
  const end = rangeEnd(rows, 1);
  const dx = pointer(record, DX);
  const dy = pointer(record, DY);
  const at = first * steps * row;
  const own = (end - first) * steps;
  const memoryAt = first * memorySteps * row;
  const memoryOwn = (end - first) * memorySteps;
  // a head's dq takes the place of its columns of g, once those have been used
  const dQ = pointer(record, GRADIENTS);
  const dK = dQ + lines(count * row);
  const dV = dK + lines(memoryCount * row);
  const dScores = pointer(record, SCRATCH);
  const scratch = dScores + lines(min(block, steps) * scoreRow);
  learn(record, D_WEIGHT_O, D_BIAS_O, count, pointer(record, FOUND), width, dy, scratch);
  back(record, WEIGHT_O, own, dy + at, dQ + at, width, false, scratch);
  memory.fill(dK + memoryAt, 0, memoryOwn * row);
  memory.fill(dV + memoryAt, 0, memoryOwn * row);
  let probabilities = pointer(record, PROBABILITIES) + first * heads * probabilityBytes;
  for (let r = first; r < end; r++) {
    for (let h: usize = 0; h < heads; h++, probabilities += probabilityBytes) {
      const here = r * steps * row + ((h * depth) << 2);
      const there = r * memorySteps * row + ((h * depth) << 2);
      const q = pointer(record, Q) + here;
      const k = pointer(record, K) + there;
      const v = pointer(record, V) + there;
      const dk = dK + there;
      const dv = dV + there;
      for (let i: usize = 0; i < steps; i += block) {
        const m = min(block, steps - i);
        const keys = keysBefore(i + m);
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
  learn(record, D_WEIGHT_Q, D_BIAS_Q, count, x, width, dQ, scratch);
  learn(record, D_WEIGHT_K, D_BIAS_K, memoryCount, source, memoryWidth, dK, scratch);
  learn(record, D_WEIGHT_V, D_BIAS_V, memoryCount, source, memoryWidth, dV, scratch);
  if (dx) back(record, WEIGHT_Q, own, dQ + at, dx + at, width, false, scratch);
  const other = pointer(record, MEMORY) != 0;
  const dSource = other ? pointer(record, D_MEMORY) : dx;
  if (dSource) {
    const to = dSource + first * memorySteps * (memoryWidth << 2);
    back(record, WEIGHT_K, memoryOwn, dK + memoryAt, to, memoryWidth, !other, scratch);
    back(record, WEIGHT_V, memoryOwn, dV + memoryAt, to, memoryWidth, true, scratch);
  }
}
