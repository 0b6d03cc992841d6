// Multi-head attention. Head h works on the columns h d .. (h + 1) d of the queries, keys and values, in place: the products take
// rows that are apart. Queries are taken in blocks, so that a block's scores stay in the cache, and so that with `causal` the
// keys after a block are left out: their probabilities are 0, and adding 0 changes no bits.
import { gemm } from "../../matmul/gemm";
import { gemmThreaded, sumRowsThreaded } from "../../matmul/threaded";
import { barrier } from "../../runtime/pool";
import { DX, DY, integer, pointer, X, Y } from "../../runtime/record";
import { rangeBegin, rangeEnd } from "../../runtime/threadRange";
import { addToScores, giveScores, maskScores, softmaxRow, softmaxRowBack, startScores } from "./scores";

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
/** The queries [rows, steps, key width], keys [rows, memory steps, key width], and values [rows, memory steps, value width]. */
const Q: usize = 30;
const K: usize = 31;
const V: usize = 32;
/** softmax of the scores, [rows, heads, steps, memory steps]. */
const PROBABILITIES: usize = 33;
/** Bytes from one head's probabilities to the next one's; 0 where no backward pass needs them. */
const PROBABILITY_BYTES: usize = 34;
/** The heads' outputs, side by side, [rows, steps, value width]. */
const FOUND: usize = 35;
const ZERO: usize = 36;
const SCRATCH: usize = 37;
/** Memory, the same for all threads, for the gradients of the heads' outputs, queries, keys and values. */
const GRADIENTS: usize = 38;
/** Columns of queries and keys, and of values, of all heads. */
const KEY_WIDTH: usize = 39;
const VALUE_WIDTH: usize = 40;
/** float32 [steps, memory steps], 0 where a query doesn't attend to a step of the memory; 0: each attends to all. */
const MASK: usize = 41;
/** 1: each head has a mask of its own, [heads, steps, memory steps]. */
const MASK_PER_HEAD: usize = 42;
/** What is added to the scores, [steps, memory steps]; 0: nothing. */
const SCORE_BIAS: usize = 43;
const D_SCORE_BIAS: usize = 44;
/** 1: each head has one of its own. */
const SCORE_BIAS_PER_HEAD: usize = 45;

let width: usize = 0;
let steps: usize = 0;
let memoryWidth: usize = 0;
let memorySteps: usize = 0;
let heads: usize = 0;
let block: usize = 0;
let causal: bool = false;
/** Columns of queries and keys, of one head and of all; 1 / sqrt of the former, which the scores are multiplied with. */
let keyDepth: usize = 0;
let keyWidth: usize = 0;
let factor: f32 = 0;
/** Columns of values. */
let valueDepth: usize = 0;
let valueWidth: usize = 0;
/** Bytes of a row of queries or keys, of values, of scores, and from one head's probabilities to the next one's. */
let keyRow: usize = 0;
let valueRow: usize = 0;
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
  keyWidth = integer(record, KEY_WIDTH);
  valueWidth = integer(record, VALUE_WIDTH);
  keyDepth = keyWidth / heads;
  valueDepth = valueWidth / heads;
  factor = <f32>1 / sqrt<f32>(<f32>keyDepth);
  keyRow = keyWidth << 2;
  valueRow = valueWidth << 2;
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

/** to[n][nOut] = from[n][nIn] w + b */
function project(
  record: usize,
  weight: usize,
  bias: usize,
  n: usize,
  from: usize,
  nIn: usize,
  to: usize,
  nOut: usize,
  scratch: usize,
): void {
  const w = pointer(record, weight);
  const b = pointer(record, bias);
  const row = nOut << 2;
  gemm(false, false, n, nOut, nIn, from, nIn << 2, w, row, to, row, b ? b : zero, 0, scratch);
}

/** dw += xT dy, db += sum of dy, for x[n][nIn] and dy[n][nOut]. */
function learn(
  record: usize,
  dWeight: usize,
  dBias: usize,
  n: usize,
  x: usize,
  nIn: usize,
  dy: usize,
  nOut: usize,
  scratch: usize,
): void {
  const dw = pointer(record, dWeight);
  const db = pointer(record, dBias);
  const row = nOut << 2;
  if (dw) gemmThreaded(true, false, nIn, nOut, n, x, nIn << 2, dy, row, dw, row, dw, row, scratch);
  if (db) sumRowsThreaded(dy, n, nOut, db, true);
}

/** dx[n][nIn] = (add ? dx : 0) + dy wT, for dy[n][nOut]. */
function back(
  record: usize,
  weight: usize,
  n: usize,
  dy: usize,
  nOut: usize,
  dx: usize,
  nIn: usize,
  add: bool,
  scratch: usize,
): void {
  const w = pointer(record, weight);
  const row = nOut << 2;
  const dxRow = nIn << 2;
  gemm(false, true, n, nIn, nOut, dy, row, w, row, dx, dxRow, add ? dx : zero, add ? dxRow : 0, scratch);
}

/** Bytes from a row's mask, or what is added to its scores, to the next row's; of heads that share it, or each have their own. */
function masksOf(record: usize, perHead: usize): usize {
  return integer(record, perHead) ? heads * steps * scoreRow : steps * scoreRow;
}

/** The same from one head to the next. */
function maskOf(record: usize, perHead: usize): usize {
  return integer(record, perHead) ? steps * scoreRow : 0;
}

/**
 * y = concat of heads (softmax(q kT / sqrt d + b) v) wo + bo, with q = x wq + bq, k = memory wk + bk, v = memory wv + bv, and b what is
 * added to the scores: -infinity where a mask is 0.
 */
export function attentionForward(record: usize, rows: u32): void {
  begin(record, rows);
  const masked = pointer(record, SCRATCH);
  const scratch = masked + lines(scoreRow);
  const found = pointer(record, FOUND);
  project(record, WEIGHT_Q, BIAS_Q, count, x, width, pointer(record, Q), keyWidth, scratch);
  project(record, WEIGHT_K, BIAS_K, memoryCount, source, memoryWidth, pointer(record, K), keyWidth, scratch);
  project(record, WEIGHT_V, BIAS_V, memoryCount, source, memoryWidth, pointer(record, V), valueWidth, scratch);
  let keyMask = pointer(record, KEY_MASK);
  const start = keyMask ? masked : zero;
  const mask = pointer(record, MASK);
  const bias = pointer(record, SCORE_BIAS);
  let probabilities = pointer(record, PROBABILITIES);
  for (let r: usize = 0; r < <usize>rows; r++) {
    if (keyMask) {
      startScores(keyMask, memorySteps, start);
      keyMask += scoreRow;
    }
    for (let h: usize = 0; h < heads; h++, probabilities += probabilityBytes) {
      const q = pointer(record, Q) + r * steps * keyRow + ((h * keyDepth) << 2);
      const k = pointer(record, K) + r * memorySteps * keyRow + ((h * keyDepth) << 2);
      const v = pointer(record, V) + r * memorySteps * valueRow + ((h * valueDepth) << 2);
      const out = found + r * steps * valueRow + ((h * valueDepth) << 2);
      const headMask = mask + r * masksOf(record, MASK_PER_HEAD) + h * maskOf(record, MASK_PER_HEAD);
      const headBias = bias + r * masksOf(record, SCORE_BIAS_PER_HEAD) + h * maskOf(record, SCORE_BIAS_PER_HEAD);
      for (let i: usize = 0; i < steps; i += block) {
        const m = min(block, steps - i);
        const keys = keysBefore(i + m);
        const p = probabilities + i * scoreRow;
        gemm(false, true, m, keys, keyDepth, q + i * keyRow, keyRow, k, keyRow, p, scoreRow, start, 0, scratch);
        for (let at: usize = 0; at < m; at++) {
          const to = p + at * scoreRow;
          const own = keysBefore(i + at + 1);
          if (bias) addToScores(to, headBias + (i + at) * scoreRow, own, factor);
          if (mask) maskScores(to, headMask + (i + at) * scoreRow, own);
          softmaxRow(to, own, memorySteps, bias ? 1 : factor);
        }
        const to = out + i * valueRow;
        gemm(false, false, m, valueDepth, keys, p, scoreRow, v, valueRow, to, valueRow, zero, 0, scratch);
      }
    }
  }
  project(record, WEIGHT_O, BIAS_O, count, found, valueWidth, pointer(record, Y), width, scratch);
}

/**
 * With g = dy woT, and of each head p = softmax(q kT f + b), f = 1 / sqrt d: dv = pT g, dp = g vT, db = p (dp - sum of dp p), ds = f db,
 * dq = ds k, dk = dsT q. see: Vaswani et al., "Attention is all you need", 2017
 */
export function attentionBackward(record: usize, rows: u32): void {
  begin(record, rows);
  // this thread's rows
  const first = rangeBegin(rows, 1);
  const end = rangeEnd(rows, 1);
  const dx = pointer(record, DX);
  const dy = pointer(record, DY);
  const at = first * steps;
  const own = (end - first) * steps;
  const memoryAt = first * memorySteps;
  const memoryOwn = (end - first) * memorySteps;
  // a head's dq takes the place of its columns of g, once those have been used, if they are as many
  const G = pointer(record, GRADIENTS);
  const dQ = keyWidth == valueWidth ? G : G + lines(count * valueRow);
  const dK = dQ + lines(count * keyRow);
  const dV = dK + lines(memoryCount * keyRow);
  const dScores = pointer(record, SCRATCH);
  const scratch = dScores + lines(min(block, steps) * scoreRow);
  const dBias = pointer(record, D_SCORE_BIAS);
  const biasRow = masksOf(record, SCORE_BIAS_PER_HEAD);
  learn(record, D_WEIGHT_O, D_BIAS_O, count, pointer(record, FOUND), valueWidth, dy, width, scratch);
  back(record, WEIGHT_O, own, dy + at * (width << 2), width, G + at * valueRow, valueWidth, false, scratch);
  memory.fill(dK + memoryAt * keyRow, 0, memoryOwn * keyRow);
  memory.fill(dV + memoryAt * valueRow, 0, memoryOwn * valueRow);
  if (dBias) memory.fill(dBias + first * biasRow, 0, (end - first) * biasRow);
  let probabilities = pointer(record, PROBABILITIES) + first * heads * probabilityBytes;
  for (let r = first; r < end; r++) {
    for (let h: usize = 0; h < heads; h++, probabilities += probabilityBytes) {
      const keyColumns = (h * keyDepth) << 2;
      const valueColumns = (h * valueDepth) << 2;
      const there = r * memorySteps * keyRow + keyColumns;
      const values = r * memorySteps * valueRow + valueColumns;
      const q = pointer(record, Q) + r * steps * keyRow + keyColumns;
      const k = pointer(record, K) + there;
      const v = pointer(record, V) + values;
      const dk = dK + there;
      const dv = dV + values;
      const headBias = dBias + r * biasRow + h * maskOf(record, SCORE_BIAS_PER_HEAD);
      for (let i: usize = 0; i < steps; i += block) {
        const m = min(block, steps - i);
        const keys = keysBefore(i + m);
        const p = probabilities + i * scoreRow;
        const g = G + (r * steps + i) * valueRow + valueColumns;
        const dq = dQ + (r * steps + i) * keyRow + keyColumns;
        gemm(false, true, m, keys, valueDepth, g, valueRow, v, valueRow, dScores, scoreRow, zero, 0, scratch);
        gemm(true, false, keys, valueDepth, m, p, scoreRow, g, valueRow, dv, valueRow, dv, valueRow, scratch);
        for (let n: usize = 0, o: usize = 0; n < m; n++, o += scoreRow) {
          softmaxRowBack(p + o, dScores + o, keys, dBias ? 1 : factor);
          if (dBias) giveScores(dScores + o, headBias + i * scoreRow + o, keys, factor);
        }
        gemm(false, false, m, keyDepth, keys, dScores, scoreRow, k, keyRow, dq, keyRow, zero, 0, scratch);
        gemm(
          true,
          false,
          keys,
          keyDepth,
          m,
          dScores,
          scoreRow,
          q + i * keyRow,
          keyRow,
          dk,
          keyRow,
          dk,
          keyRow,
          scratch,
        );
      }
    }
  }
  if (ASC_FEATURE_THREADS) barrier();
  learn(record, D_WEIGHT_Q, D_BIAS_Q, count, x, width, dQ, keyWidth, scratch);
  learn(record, D_WEIGHT_K, D_BIAS_K, memoryCount, source, memoryWidth, dK, keyWidth, scratch);
  learn(record, D_WEIGHT_V, D_BIAS_V, memoryCount, source, memoryWidth, dV, valueWidth, scratch);
  if (dx) {
    const to = dx + at * (width << 2);
    back(record, WEIGHT_Q, own, dQ + at * keyRow, keyWidth, to, width, false, scratch);
  }
  const other = pointer(record, MEMORY) != 0;
  const dSource = other ? pointer(record, D_MEMORY) : dx;
  if (dSource) {
    const to = dSource + memoryAt * (memoryWidth << 2);
    back(record, WEIGHT_K, memoryOwn, dK + memoryAt * keyRow, keyWidth, to, memoryWidth, !other, scratch);
    back(record, WEIGHT_V, memoryOwn, dV + memoryAt * valueRow, valueWidth, to, memoryWidth, true, scratch);
  }
}
