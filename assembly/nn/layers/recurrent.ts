// Slots, steps through time, and products of the recurrent layers.
//
// x, y and their gradients are stored [rows][steps][...]; what is kept of a step is stored [steps][rows][...], so that a step's products
// read and write contiguous memory. Step s reads time s, or time steps - 1 - s if the layer runs backward in time. After the end of a row
// (`lengths`) the state stays as it is and the output is 0. The rows are divided among threads, and then, of the gradients of the weights,
// the columns.
import { gemmPacked, packOnce, packOnceTransposed } from "../../matmul/packed";
import { gemm } from "../../matmul/gemm";
import { gemmThreaded } from "../../matmul/threaded";
import { KEPT_AFTER, KEPT_BEFORE } from "../../runtime/abi";
import { barrier } from "../../runtime/pool";
import { integer, overwrites, pointer, X, Y, DX, DY } from "../../runtime/record";
import { rangeBegin, rangeEnd } from "../../runtime/threadRange";
import { storeLanes } from "../../numeric/simd";

export const WEIGHT_IH: usize = 4;
export const D_WEIGHT_IH: usize = 5;
export const WEIGHT_HH: usize = 6;
export const D_WEIGHT_HH: usize = 7;
export const BIAS: usize = 8;
export const D_BIAS: usize = 9;
export const STEPS: usize = 10;
/** Elements of x per step. */
export const FEATURES: usize = 11;
export const UNITS: usize = 12;
/** 1: y is all states, [rows][steps][units]; 0: the last one, [rows][units]. */
export const SEQUENCES: usize = 13;
/** 1: from the last time to the first. */
export const REVERSE: usize = 14;
/** 1: what the backward pass needs of each step is kept; 0: every step uses the same memory. */
export const KEEP: usize = 15;
/** Steps of each row, [rows] as float32; 0: all rows have all steps. */
export const LENGTHS: usize = 16;
/** The state before the first step, [rows][units]; 0: zeros. */
export const INITIAL_STATE: usize = 17;
export const D_INITIAL_STATE: usize = 18;
/** Kept: x, [steps][rows][features]. */
export const INPUTS: usize = 19;
/** Kept: what a cell keeps of its gates, [steps][rows][blocks of units]. */
export const GATES: usize = 20;
/** Kept: the states before each step and after the last, [steps + 1][rows][units]. */
export const STATES: usize = 21;
/** Memory for the packed weights. */
export const PANELS_IH: usize = 22;
export const PANELS_HH: usize = 23;
/** Memory, the same for all threads, for the gates' gradients, laid out as the gates of all steps. */
export const D_GATES: usize = 24;
/** Memory for the gradient of the state, [rows][units]. */
export const D_STATE: usize = 25;
/** Memory for the products. */
export const SCRATCH: usize = 26;
export const ZERO: usize = 27;
/** Bytes of a row of y. */
export const OUTPUT_ROW: usize = 28;
/** The byte of a row of y from which on it has the state after the last step; 0: not besides the states of all steps. */
export const FINAL_STATE: usize = 29;
/** The cell of what goes on with the next batch (abi.ts): the states, each [rows][units]; 0: nothing does. */
export const KEPT: usize = 30;
// and a cell's own from here on.
export const FIRST_OWN: usize = 31;

let record: usize = 0;
let x: usize = 0;
let y: usize = 0;
let dx: usize = 0;
let dy: usize = 0;
let lengths: usize = 0;
let features: usize = 0;
let scratch: usize = 0;
let reverse: bool = false;
let sequences: bool = false;
let keep: bool = false;
/** Rows of the batch, and this thread's range of them: the first one, and how many. */
let all: usize = 0;
let first: usize = 0;
export let batch: usize = 0;
export let steps: usize = 0;
export let units: usize = 0;
/** Bytes of a row of states, and of a row of gates. */
export let stateRow: usize = 0;
let outputRow: usize = 0;
export let gateRow: usize = 0;

/** Reads a record. Goes first. `blocks`: how many times the units a row of gates holds. */
export function begin(at: usize, rows: u32, blocks: usize): void {
  record = at;
  all = rows;
  first = rangeBegin(rows, 4);
  batch = rangeEnd(rows, 4) - first;
  steps = integer(at, STEPS);
  features = integer(at, FEATURES);
  units = integer(at, UNITS);
  sequences = integer(at, SEQUENCES) != 0;
  reverse = integer(at, REVERSE) != 0;
  keep = integer(at, KEEP) != 0;
  scratch = pointer(at, SCRATCH);
  stateRow = units << 2;
  gateRow = blocks * stateRow;
  const inputRow = (steps * features) << 2;
  outputRow = integer(at, OUTPUT_ROW);
  x = pointer(at, X) + first * inputRow;
  y = pointer(at, Y) + first * outputRow;
  dx = ownRows(DX, inputRow);
  dy = pointer(at, DY) + first * outputRow;
  lengths = ownRows(LENGTHS, 4);
}

/** Address of this thread's rows in a slot that may be empty, rows of `row` bytes. */
function ownRows(slot: usize, row: usize): usize {
  const p = pointer(record, slot);
  return p ? p + first * row : 0;
}

/** The time that a step reads. */
function timeOf(step: usize): usize {
  return reverse ? steps - 1 - step : step;
}

/** Address of this thread's rows of a step in [steps][rows][...], rows of `row` bytes. */
export function atStep(slot: usize, step: usize, row: usize): usize {
  return pointer(record, slot) + ((keep ? step * all : 0) + first) * row;
}

/** Is a row not yet at its end? */
export function active(step: usize, row: usize): bool {
  return !lengths || <f32>timeOf(step) < load<f32>(lengths + (row << 2));
}

/** Address of the output of a step; 0 if only the last state is an output. */
export function outputAt(step: usize, row: usize): usize {
  return sequences ? y + row * outputRow + timeOf(step) * stateRow : 0;
}

/** Address of the gradient of a step's output; 0 if there is none. */
export function outputGradientAt(step: usize, row: usize): usize {
  return sequences ? dy + row * outputRow + timeOf(step) * stateRow : 0;
}

/** The state before the first step, of a slot that may be empty, or that of the batch before. `part`: the state's number among those kept. */
export function startFrom(slot: usize, part: usize, state: usize): void {
  const from = pointer(record, KEPT) ? keptAt(KEPT_BEFORE, part) : ownRows(slot, stateRow);
  if (from) memory.copy(state, from, batch * stateRow);
  else memory.fill(state, 0, batch * stateRow);
}

/** This thread's rows of a state that is kept. */
function keptAt(where: usize, part: usize): usize {
  return <usize>load<u32>(pointer(record, KEPT) + where) + (part * all + first) * stateRow;
}

/** The gradient after the last step, from a byte of each row of dy on, if `given`; else zeros. */
export function startBack(slot: usize, given: bool, offset: usize): void {
  let to = pointer(record, slot);
  if (!given) memory.fill(to, 0, batch * stateRow);
  else {
    for (let from = dy + offset, r: usize = 0; r < batch; r++, from += outputRow, to += stateRow) {
      memory.copy(to, from, stateRow);
    }
  }
}

/** The state after the last step is part of the output, from a byte of each row on, if `given`, and is kept for the next batch. */
export function finish(state: usize, part: usize, given: bool, offset: usize): void {
  if (pointer(record, KEPT)) memory.copy(keptAt(KEPT_AFTER, part), state, batch * stateRow);
  if (!given) return;
  for (let to = y + offset, r: usize = 0; r < batch; r++, to += outputRow, state += stateRow) {
    memory.copy(to, state, stateRow);
  }
}

/** A row that is past its end: the state stays, and the output is 0. */
export function skip(step: usize, row: usize, state: usize, next: usize): void {
  if (state != next) memory.copy(next, state, stateRow);
  if (sequences) memory.fill(outputAt(step, row), 0, stateRow);
}

/** Packs the weights of the input, w[features][n]. A single row needs no packing. */
export function packInput(n: usize): void {
  if (batch > 1) packOnce(pointer(record, WEIGHT_IH), n << 2, n, features, pointer(record, PANELS_IH));
}

/** Packs n columns of the states' weights, w[units][...]; `row`: bytes of a row of w. */
export function packRecurrent(w: usize, row: usize, n: usize, panels: usize): void {
  if (batch > 1) packOnce(w, row, n, units, panels);
}

/** gates = bias + x w, n columns, for the inputs of a step; keeps the inputs. */
export function multiplyInput(step: usize, n: usize, bias: usize, gates: usize): void {
  const row = features << 2;
  const inputs = atStep(INPUTS, step, row);
  let from = x + timeOf(step) * row;
  const end = row & ~15;
  for (let r: usize = 0, to = inputs; r < batch; r++, from += steps * row, to += row) {
    let o: usize = 0;
    for (; o < end; o += 16) v128.store(to + o, v128.load(from + o));
    for (; o < row; o += 4) store<u32>(to + o, load<u32>(from + o));
  }
  const w = pointer(record, WEIGHT_IH);
  const panels = pointer(record, PANELS_IH);
  multiply(n, features, inputs, row, w, n << 2, panels, gates, bias, 0);
}

/** gates = init + states w, n columns. */
export function multiplyState(
  states: usize,
  n: usize,
  w: usize,
  row: usize,
  panels: usize,
  gates: usize,
  init: usize,
  initRow: usize,
): void {
  multiply(n, units, states, stateRow, w, row, panels, gates, init, initRow);
}

/** gates += block w, n columns; `block`: units that are stored among the gates. */
export function multiplyBlock(block: usize, n: usize, w: usize, row: usize, panels: usize, gates: usize): void {
  multiply(n, units, block, gateRow, w, row, panels, gates, gates, gateRow);
}

function multiply(
  n: usize,
  k: usize,
  a: usize,
  aRow: usize,
  w: usize,
  wRow: usize,
  panels: usize,
  gates: usize,
  init: usize,
  initRow: usize,
): void {
  if (batch == 1) gemm(false, false, 1, n, k, a, aRow, w, wRow, gates, gateRow, init, initRow, scratch);
  else gemmPacked(batch, n, k, a, aRow, panels, gates, gateRow, init, initRow, scratch);
}

/** The end of the forward pass: the last state is the output, unless all of them are, which it may come after. */
export function finishState(): void {
  const offset = integer(record, FINAL_STATE);
  finish(atStep(STATES, steps, stateRow), 0, !sequences || offset != 0, offset);
}

/** Packs the transposed weights for the backward pass, the input's w[features][n] if dx is requested; the gradient of the last state. */
export function beginBackward(n: usize): void {
  if (dx) packOnceTransposed(pointer(record, WEIGHT_IH), n << 2, features, n, pointer(record, PANELS_IH));
  const offset = integer(record, FINAL_STATE);
  startBack(D_STATE, !sequences || offset != 0, offset);
}

/** dx of a step = dgates wT, n columns of gates. */
export function inputGradient(step: usize, n: usize, dGates: usize): void {
  if (!dx) return;
  const row = features << 2;
  const to = dx + timeOf(step) * row;
  const panels = pointer(record, PANELS_IH);
  gemmPacked(batch, features, n, dGates, gateRow, panels, to, steps * row, pointer(record, ZERO), 0, scratch);
}

/** dstate += dgates wT, n columns of gates. */
export function stateGradient(n: usize, dGates: usize, panels: usize): void {
  const dState = pointer(record, D_STATE);
  gemmPacked(batch, units, n, dGates, gateRow, panels, dState, stateRow, dState, stateRow, scratch);
}

/** Gradient of units that are stored among the gates = dgates wT, n columns of gates. */
export function blockGradient(n: usize, dGates: usize, panels: usize, block: usize): void {
  gemmPacked(batch, units, n, dGates, gateRow, panels, block, gateRow, pointer(record, ZERO), 0, scratch);
}

/** Is the gradient of the state before this step of use? */
export function wantsStateGradient(step: usize): bool {
  return step > 0 || pointer(record, D_INITIAL_STATE) != 0;
}

/** The gradient of an initial state, if it is requested. */
export function giveInitial(slot: usize, from: usize): void {
  const to = ownRows(slot, stateRow);
  if (to) memory.copy(to, from, batch * stateRow);
}

/** Goes on when all threads have the gradients of the gates of their rows: sums over all rows follow. */
export function awaitRows(): void {
  if (ASC_FEATURE_THREADS) barrier();
}

/** dw (n of its columns, rows of `row` bytes) += sum of xT dgates over all steps. */
export function addInputWeights(dw: usize, n: usize, row: usize, dGates: usize): void {
  addWeights(dw, features, n, row, pointer(record, INPUTS), features << 2, dGates);
}

/** dw (n of its columns, rows of `row` bytes) += sum of stateT dgates over all steps. */
export function addStateWeights(dw: usize, n: usize, row: usize, dGates: usize): void {
  addWeights(dw, units, n, row, pointer(record, STATES), stateRow, dGates);
}

/** dw (n of its columns, rows of `row` bytes) += sum over all steps of blockT dgates; `block`: units that are stored among the gates. */
export function addBlockWeights(dw: usize, n: usize, row: usize, block: usize, dGates: usize): void {
  addWeights(dw, units, n, row, block, gateRow, dGates);
}

function addWeights(dw: usize, m: usize, n: usize, row: usize, a: usize, aRow: usize, dGates: usize): void {
  const overwrite = overwrites(record);
  const init = overwrite ? pointer(record, ZERO) : dw;
  gemmThreaded(true, false, m, n, steps * all, a, aRow, dGates, gateRow, dw, row, init, overwrite ? 0 : row, scratch);
}

/** db += sum of n columns of dgates over all steps, in their order. */
export function addBias(db: usize, n: usize, dGates: usize): void {
  const overwrite = overwrites(record);
  const count = steps * all;
  let j = rangeBegin(n, 16);
  dGates += j << 2;
  db += j << 2;
  n = rangeEnd(n, 16);
  // whole cache lines
  for (; j + 16 <= n; j += 16, dGates += 64, db += 64) {
    let a = overwrite ? f32x4.splat(0) : v128.load(db),
      b = overwrite ? f32x4.splat(0) : v128.load(db, 16),
      c = overwrite ? f32x4.splat(0) : v128.load(db, 32),
      d = overwrite ? f32x4.splat(0) : v128.load(db, 48);
    for (let i: usize = 0, p = dGates; i < count; i++, p += gateRow) {
      a = f32x4.add(a, v128.load(p));
      b = f32x4.add(b, v128.load(p, 16));
      c = f32x4.add(c, v128.load(p, 32));
      d = f32x4.add(d, v128.load(p, 48));
    }
    v128.store(db, a);
    v128.store(db, b, 16);
    v128.store(db, c, 32);
    v128.store(db, d, 48);
  }
  for (; j < n; j += 4, dGates += 16, db += 16) {
    let sum = overwrite ? f32x4.splat(0) : v128.load(db);
    for (let i: usize = 0, p = dGates; i < count; i++, p += gateRow) sum = f32x4.add(sum, v128.load(p));
    storeLanes(db, sum, n - j);
  }
}
