import { packOnceTransposed } from "../../matmul/packed";
import { ones, tanh } from "../../numeric/elementary";
import { pointer } from "../../runtime/record";
import { storeLanes } from "../../numeric/simd";
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
  startFrom,
  stateGradient,
  stateRow,
  STATES,
  steps,
  units,
  wantsStateGradient,
  WEIGHT_HH,
} from "./recurrent";

/** h' = tanh(x w + h u + b). see: Elman, "Finding structure in time", 1990 */
export function simpleRnnForward(record: usize, rows: u32): void {
  begin(record, rows, 1);
  const u = pointer(record, WEIGHT_HH);
  const panels = pointer(record, PANELS_HH);
  packInput(units);
  packRecurrent(u, stateRow, units, panels);
  startFrom(INITIAL_STATE, atStep(STATES, 0, stateRow));
  for (let s: usize = 0; s < steps; s++) {
    let sums = atStep(GATES, 0, stateRow);
    let state = atStep(STATES, s, stateRow);
    let next = atStep(STATES, s + 1, stateRow);
    multiplyInput(s, units, pointer(record, BIAS), sums);
    multiplyState(state, units, u, stateRow, panels, sums, sums, stateRow);
    for (let r: usize = 0; r < batch; r++, sums += stateRow, state += stateRow, next += stateRow) {
      if (active(s, r)) forwardRow(sums, next, outputAt(s, r));
      else skip(s, r, state, next);
    }
  }
  finish();
}

function forwardRow(sums: usize, next: usize, y: usize): void {
  for (let o: usize = 0; o < stateRow; o += 16) {
    const h = tanh(v128.load(sums + o));
    const count = units - (o >> 2);
    storeLanes(next + o, h, count);
    if (y) storeLanes(y + o, h, count);
  }
}

/** The sum's gradient is dh (1 - h'^2). */
export function simpleRnnBackward(record: usize, rows: u32): void {
  begin(record, rows, 1);
  const panels = pointer(record, PANELS_HH);
  beginBackward(units);
  packOnceTransposed(pointer(record, WEIGHT_HH), stateRow, units, units, panels);
  for (let s = steps; s-- > 0;) {
    const dStep = atStep(D_GATES, s, gateRow);
    let dSums = dStep;
    let next = atStep(STATES, s + 1, stateRow);
    let dState = pointer(record, D_STATE);
    for (let r: usize = 0; r < batch; r++, dSums += stateRow, next += stateRow, dState += stateRow) {
      if (active(s, r)) backwardRow(next, dSums, dState, outputGradientAt(s, r));
      else memory.fill(dSums, 0, stateRow);
    }
    if (wantsStateGradient(s)) stateGradient(units, dStep, panels);
    inputGradient(s, units, dStep);
  }
  giveInitial(D_INITIAL_STATE, pointer(record, D_STATE));
  awaitRows();
  const dSums = pointer(record, D_GATES);
  const dw = pointer(record, D_WEIGHT_IH);
  const du = pointer(record, D_WEIGHT_HH);
  const db = pointer(record, D_BIAS);
  if (dw) addInputWeights(dw, units, stateRow, dSums);
  if (du) addStateWeights(du, units, stateRow, dSums);
  if (db) addBias(db, units, dSums);
}

/** One row's step back; the state's gradient becomes 0, for the products to add to. */
function backwardRow(next: usize, dSums: usize, dState: usize, dy: usize): void {
  const one = ones();
  for (let o: usize = 0; o < stateRow; o += 16) {
    const count = units - (o >> 2);
    let dh = v128.load(dState + o);
    if (dy) dh = f32x4.add(dh, v128.load(dy + o));
    const h = v128.load(next + o);
    storeLanes(dSums + o, f32x4.mul(dh, f32x4.mul(f32x4.sub(one, h), f32x4.add(one, h))), count);
    storeLanes(dState + o, f32x4.splat(0), count);
  }
}
