import { packOnceTransposed } from "../../matmul/packed";
import { ones } from "../../numeric/elementary";
import { integer, pointer } from "../../runtime/record";
import { storeLanes } from "../../numeric/simd";
import { sigmoids, tanhs } from "./gates";
import * as rnn from "./recurrent";

const INITIAL_CELL: usize = rnn.FIRST_OWN;
const D_INITIAL_CELL: usize = rnn.FIRST_OWN + 1;
/** Kept: c before each step and after the last, [steps + 1][rows][units]. */
const CELLS: usize = rnn.FIRST_OWN + 2;
/** Kept: tanh of c after each step, [steps][rows][units]. */
const TANH_CELLS: usize = rnn.FIRST_OWN + 3;
/** Memory for the gradient of c, [rows][units]. */
const D_CELL: usize = rnn.FIRST_OWN + 4;
/** The byte of a row of y from which on it has c after the last step; 0: not at all. */
const FINAL_CELL: usize = rnn.FIRST_OWN + 5;

/**
 * [i f g o] = x w + h u + b, c' = s(f) c + s(i) tanh(g), h' = s(o) tanh(c'), with s the logistic function.
 * see: Hochreiter, Schmidhuber, "Long short-term memory", 1997; Gers, Schmidhuber, Cummins, "Learning to forget", 2000
 */
export function lstmForward(record: usize, rows: u32): void {
  rnn.begin(record, rows, 4); // a row of gates: i, f, g and o
  const n = rnn.units << 2;
  const u = pointer(record, rnn.WEIGHT_HH);
  const panels = pointer(record, rnn.PANELS_HH);
  rnn.packInput(n);
  rnn.packRecurrent(u, rnn.gateRow, n, panels);
  rnn.startFrom(rnn.INITIAL_STATE, 0, rnn.atStep(rnn.STATES, 0, rnn.stateRow));
  rnn.startFrom(INITIAL_CELL, 1, rnn.atStep(CELLS, 0, rnn.stateRow));
  for (let s: usize = 0; s < rnn.steps; s++) {
    let gates = rnn.atStep(rnn.GATES, s, rnn.gateRow);
    let state = rnn.atStep(rnn.STATES, s, rnn.stateRow);
    let next = rnn.atStep(rnn.STATES, s + 1, rnn.stateRow);
    let cell = rnn.atStep(CELLS, s, rnn.stateRow);
    let nextCell = rnn.atStep(CELLS, s + 1, rnn.stateRow);
    let tanhCell = rnn.atStep(TANH_CELLS, s, rnn.stateRow);
    rnn.multiplyInput(s, n, pointer(record, rnn.BIAS), gates);
    rnn.multiplyState(state, n, u, rnn.gateRow, panels, gates, gates, rnn.gateRow);
    for (let r: usize = 0; r < rnn.batch; r++) {
      if (rnn.active(s, r)) forwardRow(gates, cell, nextCell, tanhCell, next, rnn.outputAt(s, r));
      else {
        rnn.skip(s, r, state, next);
        if (cell != nextCell) memory.copy(nextCell, cell, rnn.stateRow);
      }
      gates += rnn.gateRow;
      state += rnn.stateRow;
      next += rnn.stateRow;
      cell += rnn.stateRow;
      nextCell += rnn.stateRow;
      tanhCell += rnn.stateRow;
    }
  }
  rnn.finishState();
  const offset = integer(record, FINAL_CELL);
  rnn.finish(rnn.atStep(CELLS, rnn.steps, rnn.stateRow), 1, offset != 0, offset);
}

/** One row's step; the gates become their values. */
function forwardRow(gates: usize, cell: usize, nextCell: usize, tanhCell: usize, next: usize, y: usize): void {
  const row = rnn.stateRow;
  sigmoids(gates, rnn.units << 1);
  tanhs(gates + 2 * row, gates + 2 * row, rnn.units);
  sigmoids(gates + 3 * row, rnn.units);
  for (let o: usize = 0; o < row; o += 16) {
    const p = gates + o;
    const kept = f32x4.mul(v128.load(p + row), v128.load(cell + o));
    const c = f32x4.add(kept, f32x4.mul(v128.load(p), v128.load(p + 2 * row)));
    storeLanes(nextCell + o, c, rnn.units - (o >> 2));
  }
  tanhs(nextCell, tanhCell, rnn.units);
  for (let o: usize = 0; o < row; o += 16) {
    const h = f32x4.mul(v128.load(gates + 3 * row + o), v128.load(tanhCell + o));
    const count = rnn.units - (o >> 2);
    storeLanes(next + o, h, count);
    if (y) storeLanes(y + o, h, count);
  }
}

/** With t = tanh(c'): do = dh t, dc' += dh o (1 - t^2), df = dc' c, di = dc' g, dg = dc' i, dc = dc' f, each through its gate. */
export function lstmBackward(record: usize, rows: u32): void {
  rnn.begin(record, rows, 4); // a row of gates: i, f, g and o
  const n = rnn.units << 2;
  const panels = pointer(record, rnn.PANELS_HH);
  rnn.beginBackward(n);
  packOnceTransposed(pointer(record, rnn.WEIGHT_HH), rnn.gateRow, rnn.units, n, panels);
  const offset = integer(record, FINAL_CELL);
  rnn.startBack(D_CELL, offset != 0, offset);
  for (let s = rnn.steps; s-- > 0;) {
    const dStep = rnn.atStep(rnn.D_GATES, s, rnn.gateRow);
    let dGates = dStep;
    let gates = rnn.atStep(rnn.GATES, s, rnn.gateRow);
    let cell = rnn.atStep(CELLS, s, rnn.stateRow);
    let tanhCell = rnn.atStep(TANH_CELLS, s, rnn.stateRow);
    let dState = pointer(record, rnn.D_STATE);
    let dCell = pointer(record, D_CELL);
    for (let r: usize = 0; r < rnn.batch; r++) {
      if (rnn.active(s, r)) backwardRow(gates, cell, tanhCell, dGates, dState, dCell, rnn.outputGradientAt(s, r));
      else memory.fill(dGates, 0, rnn.gateRow);
      gates += rnn.gateRow;
      dGates += rnn.gateRow;
      cell += rnn.stateRow;
      tanhCell += rnn.stateRow;
      dState += rnn.stateRow;
      dCell += rnn.stateRow;
    }
    if (rnn.wantsStateGradient(s)) rnn.stateGradient(n, dStep, panels);
    rnn.inputGradient(s, n, dStep);
  }
  rnn.giveInitial(rnn.D_INITIAL_STATE, pointer(record, rnn.D_STATE));
  rnn.giveInitial(D_INITIAL_CELL, pointer(record, D_CELL));
  rnn.awaitRows();
  const dGates = pointer(record, rnn.D_GATES);
  const dw = pointer(record, rnn.D_WEIGHT_IH);
  const du = pointer(record, rnn.D_WEIGHT_HH);
  const db = pointer(record, rnn.D_BIAS);
  if (dw) rnn.addInputWeights(dw, n, rnn.gateRow, dGates);
  if (du) rnn.addStateWeights(du, n, rnn.gateRow, dGates);
  if (db) rnn.addBias(db, n, dGates);
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
  const row = rnn.stateRow;
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
      const count = rnn.units & 3;
      storeLanes(to, dInput, count);
      storeLanes(to + row, dForget, count);
      storeLanes(to + 2 * row, dCandidate, count);
      storeLanes(to + 3 * row, dOutput, count);
      storeLanes(dCell + o, before, count);
      storeLanes(dState + o, f32x4.splat(0), count);
    }
  }
}
