import { packOnceTransposed } from "../../matmul/packed";
import { ones } from "../../numeric/elementary";
import { pointer } from "../../runtime/record";
import { storeLanes } from "../../numeric/simd";
import { sigmoids, tanhs } from "./gates";
import {
  active,
  addBias,
  addInputWeights,
  addStateWeights,
  atStep,
  awaitRows,
  batch,
  begin,
  beginBackward,
  BIAS,
  D_BIAS,
  D_GATES,
  D_INITIAL_STATE,
  D_STATE,
  D_WEIGHT_HH,
  D_WEIGHT_IH,
  finish,
  FIRST_OWN,
  gateRow,
  GATES,
  giveInitial,
  INITIAL_STATE,
  inputGradient,
  multiplyInput,
  multiplyState,
  outputAt,
  outputGradientAt,
  packInput,
  packRecurrent,
  PANELS_HH,
  skip,
  startBack,
  startFrom,
  stateGradient,
  stateRow,
  STATES,
  steps,
  units,
  wantsStateGradient,
  WEIGHT_HH,
} from "./recurrent";

const INITIAL_CELL: usize = FIRST_OWN;
const D_INITIAL_CELL: usize = FIRST_OWN + 1;
/** Kept: c before each step and behind the last, [steps + 1][rows][units]. */
const CELLS: usize = FIRST_OWN + 2;
/** Kept: tanh of c behind each step, [steps][rows][units]. */
const TANH_CELLS: usize = FIRST_OWN + 3;
/** Room for the gradient of c, [rows][units]. */
const D_CELL: usize = FIRST_OWN + 4;

/**
 * [i f g o] = x w + h u + b, c' = s(f) c + s(i) tanh(g), h' = s(o) tanh(c'), with s the logistic function.
 * see: Hochreiter, Schmidhuber, "Long short-term memory", 1997; Gers, Schmidhuber, Cummins, "Learning to forget", 2000
 */
export function lstmForward(record: usize, rows: u32): void {
  begin(record, rows, 4); // a row of gates: i, f, g and o
  const n = units << 2;
  const u = pointer(record, WEIGHT_HH);
  const panels = pointer(record, PANELS_HH);
  packInput(n);
  packRecurrent(u, gateRow, n, panels);
  startFrom(INITIAL_STATE, atStep(STATES, 0, stateRow));
  startFrom(INITIAL_CELL, atStep(CELLS, 0, stateRow));
  for (let s: usize = 0; s < steps; s++) {
    let gates = atStep(GATES, s, gateRow);
    let state = atStep(STATES, s, stateRow);
    let next = atStep(STATES, s + 1, stateRow);
    let cell = atStep(CELLS, s, stateRow);
    let nextCell = atStep(CELLS, s + 1, stateRow);
    let tanhCell = atStep(TANH_CELLS, s, stateRow);
    multiplyInput(s, n, pointer(record, BIAS), gates);
    multiplyState(state, n, u, gateRow, panels, gates, gates, gateRow);
    for (let r: usize = 0; r < batch; r++) {
      if (active(s, r)) forwardRow(gates, cell, nextCell, tanhCell, next, outputAt(s, r));
      else {
        skip(s, r, state, next);
        if (cell != nextCell) memory.copy(nextCell, cell, stateRow);
      }
      gates += gateRow;
      state += stateRow;
      next += stateRow;
      cell += stateRow;
      nextCell += stateRow;
      tanhCell += stateRow;
    }
  }
  finish();
}

/** One row's step; the gates become their values. */
function forwardRow(gates: usize, cell: usize, nextCell: usize, tanhCell: usize, next: usize, y: usize): void {
  const row = stateRow;
  sigmoids(gates, units << 1);
  tanhs(gates + 2 * row, gates + 2 * row, units);
  sigmoids(gates + 3 * row, units);
  for (let o: usize = 0; o < row; o += 16) {
    const p = gates + o;
    const kept = f32x4.mul(v128.load(p + row), v128.load(cell + o));
    const c = f32x4.add(kept, f32x4.mul(v128.load(p), v128.load(p + 2 * row)));
    storeLanes(nextCell + o, c, units - (o >> 2));
  }
  tanhs(nextCell, tanhCell, units);
  for (let o: usize = 0; o < row; o += 16) {
    const h = f32x4.mul(v128.load(gates + 3 * row + o), v128.load(tanhCell + o));
    const count = units - (o >> 2);
    storeLanes(next + o, h, count);
    if (y) storeLanes(y + o, h, count);
  }
}

/** With t = tanh(c'): do = dh t, dc' += dh o (1 - t^2), df = dc' c, di = dc' g, dg = dc' i, dc = dc' f, each through its gate. */
export function lstmBackward(record: usize, rows: u32): void {
  begin(record, rows, 4); // a row of gates: i, f, g and o
  const n = units << 2;
  const panels = pointer(record, PANELS_HH);
  beginBackward(n);
  packOnceTransposed(pointer(record, WEIGHT_HH), gateRow, units, n, panels);
  startBack(D_CELL);
  for (let s = steps; s-- > 0;) {
    const dStep = atStep(D_GATES, s, gateRow);
    let dGates = dStep;
    let gates = atStep(GATES, s, gateRow);
    let cell = atStep(CELLS, s, stateRow);
    let tanhCell = atStep(TANH_CELLS, s, stateRow);
    let dState = pointer(record, D_STATE);
    let dCell = pointer(record, D_CELL);
    for (let r: usize = 0; r < batch; r++) {
      if (active(s, r)) backwardRow(gates, cell, tanhCell, dGates, dState, dCell, outputGradientAt(s, r));
      else memory.fill(dGates, 0, gateRow);
      gates += gateRow;
      dGates += gateRow;
      cell += stateRow;
      tanhCell += stateRow;
      dState += stateRow;
      dCell += stateRow;
    }
    if (wantsStateGradient(s)) stateGradient(n, dStep, panels);
    inputGradient(s, n, dStep);
  }
  giveInitial(D_INITIAL_STATE, pointer(record, D_STATE));
  giveInitial(D_INITIAL_CELL, pointer(record, D_CELL));
  awaitRows();
  const dGates = pointer(record, D_GATES);
  const dw = pointer(record, D_WEIGHT_IH);
  const du = pointer(record, D_WEIGHT_HH);
  const db = pointer(record, D_BIAS);
  if (dw) addInputWeights(dw, n, gateRow, dGates);
  if (du) addStateWeights(du, n, gateRow, dGates);
  if (db) addBias(db, n, dGates);
}

/** One row's step back; the state's gradient becomes 0, for the products to add to. */
function backwardRow(
  gates: usize,
  cell: usize,
  tanhCell: usize,
  dGates: usize,
  dState: usize,
  dCell: usize,
  dy: usize,
): void {
  const row = stateRow;
  const one = ones();
  for (let o: usize = 0; o < row; o += 16) {
    const p = gates + o;
    const to = dGates + o;
    let dh = v128.load(dState + o);
    if (dy) dh = f32x4.add(dh, v128.load(dy + o));
    const t = v128.load(tanhCell + o);
    const output = v128.load(p + 3 * row);
    const through = f32x4.mul(f32x4.mul(dh, output), f32x4.mul(f32x4.sub(one, t), f32x4.add(one, t)));
    const dc = f32x4.add(v128.load(dCell + o), through);
    const dOutput = f32x4.mul(f32x4.mul(dh, t), f32x4.mul(output, f32x4.sub(one, output)));
    const input = v128.load(p);
    const candidate = v128.load(p + 2 * row);
    const dInput = f32x4.mul(f32x4.mul(dc, candidate), f32x4.mul(input, f32x4.sub(one, input)));
    const bend = f32x4.mul(f32x4.sub(one, candidate), f32x4.add(one, candidate));
    const dCandidate = f32x4.mul(f32x4.mul(dc, input), bend);
    const forget = v128.load(p + row);
    const dForget = f32x4.mul(f32x4.mul(dc, v128.load(cell + o)), f32x4.mul(forget, f32x4.sub(one, forget)));
    const before = f32x4.mul(dc, forget);
    if (o + 16 <= row) {
      v128.store(to, dInput);
      v128.store(to + row, dForget);
      v128.store(to + 2 * row, dCandidate);
      v128.store(to + 3 * row, dOutput);
      v128.store(dCell + o, before);
      v128.store(dState + o, f32x4.splat(0));
    } else {
      const count = units & 3;
      storeLanes(to, dInput, count);
      storeLanes(to + row, dForget, count);
      storeLanes(to + 2 * row, dCandidate, count);
      storeLanes(to + 3 * row, dOutput, count);
      storeLanes(dCell + o, before, count);
      storeLanes(dState + o, f32x4.splat(0), count);
    }
  }
}
