import { packOnceTransposed } from "../../matmul/packed";
import { ones, tanh } from "../../numeric/elementary";
import { pointer } from "../../runtime/record";
import { storeLanes } from "../../numeric/simd";
import * as rnn from "./recurrent";

/** h' = tanh(x w + h u + b). see: Elman, "Finding structure in time", 1990 */
export function simpleRnnForward(record: usize, rows: u32): void {
  rnn.begin(record, rows, 1);
  const u = pointer(record, rnn.WEIGHT_HH);
  const panels = pointer(record, rnn.PANELS_HH);
  rnn.packInput(rnn.units);
  rnn.packRecurrent(u, rnn.stateRow, rnn.units, panels);
  rnn.startFrom(rnn.INITIAL_STATE, 0, rnn.atStep(rnn.STATES, 0, rnn.stateRow));
  for (let s: usize = 0; s < rnn.steps; s++) {
    let sums = rnn.atStep(rnn.GATES, 0, rnn.stateRow);
    let state = rnn.atStep(rnn.STATES, s, rnn.stateRow);
    let next = rnn.atStep(rnn.STATES, s + 1, rnn.stateRow);
    rnn.multiplyInput(s, rnn.units, pointer(record, rnn.BIAS), sums);
    rnn.multiplyState(state, rnn.units, u, rnn.stateRow, panels, sums, sums, rnn.stateRow);
    for (let r: usize = 0; r < rnn.batch; r++, sums += rnn.stateRow, state += rnn.stateRow, next += rnn.stateRow) {
      if (rnn.active(s, r)) forwardRow(sums, next, rnn.outputAt(s, r));
      else rnn.skip(s, r, state, next);
    }
  }
  rnn.finishState();
}

function forwardRow(sums: usize, next: usize, y: usize): void {
  for (let o: usize = 0; o < rnn.stateRow; o += 16) {
    const h = tanh(v128.load(sums + o));
    const count = rnn.units - (o >> 2);
    storeLanes(next + o, h, count);
    if (y) storeLanes(y + o, h, count);
  }
}

/** The sum's gradient is dh (1 - h'^2). */
export function simpleRnnBackward(record: usize, rows: u32): void {
  rnn.begin(record, rows, 1);
  const panels = pointer(record, rnn.PANELS_HH);
  rnn.beginBackward(rnn.units);
  packOnceTransposed(pointer(record, rnn.WEIGHT_HH), rnn.stateRow, rnn.units, rnn.units, panels);
  for (let s = rnn.steps; s-- > 0;) {
    const dStep = rnn.atStep(rnn.D_GATES, s, rnn.gateRow);
    let dSums = dStep;
    let next = rnn.atStep(rnn.STATES, s + 1, rnn.stateRow);
    let dState = pointer(record, rnn.D_STATE);
    for (let r: usize = 0; r < rnn.batch; r++, dSums += rnn.stateRow, next += rnn.stateRow, dState += rnn.stateRow) {
      if (rnn.active(s, r)) backwardRow(next, dSums, dState, rnn.outputGradientAt(s, r));
      else memory.fill(dSums, 0, rnn.stateRow);
    }
    if (rnn.wantsStateGradient(s)) rnn.stateGradient(rnn.units, dStep, panels);
    rnn.inputGradient(s, rnn.units, dStep);
  }
  rnn.giveInitial(rnn.D_INITIAL_STATE, pointer(record, rnn.D_STATE));
  rnn.awaitRows();
  const dSums = pointer(record, rnn.D_GATES);
  const dw = pointer(record, rnn.D_WEIGHT_IH);
  const du = pointer(record, rnn.D_WEIGHT_HH);
  const db = pointer(record, rnn.D_BIAS);
  if (dw) rnn.addInputWeights(dw, rnn.units, rnn.stateRow, dSums);
  if (du) rnn.addStateWeights(du, rnn.units, rnn.stateRow, dSums);
  if (db) rnn.addBias(db, rnn.units, dSums);
}

/** One row's step back; the state's gradient becomes 0, for the products to add to. */
function backwardRow(next: usize, dSums: usize, dState: usize, dy: usize): void {
  const one = ones();
  for (let o: usize = 0; o < rnn.stateRow; o += 16) {
    const count = rnn.units - (o >> 2);
    let dh = v128.load(dState + o);
    if (dy) dh = f32x4.add(dh, v128.load(dy + o));
    const h = v128.load(next + o);
    storeLanes(dSums + o, f32x4.mul(dh, f32x4.mul(f32x4.sub(one, h), f32x4.add(one, h))), count);
    storeLanes(dState + o, f32x4.splat(0), count);
  }
}
