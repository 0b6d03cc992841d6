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
  startFrom,
  stateGradient,
  stateRow,
  STATES,
  steps,
  units,
  wantsStateGradient,
  WEIGHT_HH,
} from "./recurrent";

const BIAS_HH: usize = FIRST_OWN;
const D_BIAS_HH: usize = FIRST_OWN + 1;
/** Room for the two biases' sum for r and z, and the input's for n, [3][units]. */
const BIAS_SUM: usize = FIRST_OWN + 2;
/** Room for the packed weights of n's part of the state. */
const PANELS_N: usize = FIRST_OWN + 3;

/**
 * r = s(x w_r + b_ir + h u_r + b_hr), z alike, n = tanh(x w_n + b_in + r (h u_n + b_hn)), h' = (1 - z) n + z h, with s the
 * logistic function. see: Cho and others, "Learning phrase representations using RNN encoder-decoder", 2014; r after the
 * product, as in cuDNN
 */
export function gruForward(record: usize, rows: u32): void {
  begin(record, rows, 4); // a row of gates: r, z, n, and m = h u_n + b_hn
  const row = stateRow * 3;
  const n = units * 3;
  const two = units << 1;
  const u = pointer(record, WEIGHT_HH);
  const panels = pointer(record, PANELS_HH);
  const panelsN = pointer(record, PANELS_N);
  const biasHh = pointer(record, BIAS_HH);
  const bias = pointer(record, BIAS_SUM);
  packInput(n);
  packRecurrent(u, row, two, panels);
  packRecurrent(u + (stateRow << 1), row, units, panelsN);
  const own = pointer(record, BIAS);
  for (let j: usize = 0; j < n; j++) {
    const other: f32 = j < two ? load<f32>(biasHh + (j << 2)) : 0;
    store<f32>(bias + (j << 2), load<f32>(own + (j << 2)) + other);
  }
  startFrom(INITIAL_STATE, atStep(STATES, 0, stateRow));
  for (let s: usize = 0; s < steps; s++) {
    let gates = atStep(GATES, s, gateRow);
    let state = atStep(STATES, s, stateRow);
    let next = atStep(STATES, s + 1, stateRow);
    multiplyInput(s, n, bias, gates);
    multiplyState(state, two, u, row, panels, gates, gates, gateRow);
    multiplyState(state, units, u + (stateRow << 1), row, panelsN, gates + row, biasHh + (stateRow << 1), 0);
    for (let r: usize = 0; r < batch; r++, gates += gateRow, state += stateRow, next += stateRow) {
      if (active(s, r)) forwardRow(gates, state, next, outputAt(s, r));
      else skip(s, r, state, next);
    }
  }
  finish();
}

/** One row's step; r, z and n become their values. */
function forwardRow(gates: usize, state: usize, next: usize, y: usize): void {
  const row = stateRow;
  const one = ones();
  const candidates = gates + (row << 1);
  sigmoids(gates, units << 1);
  for (let o: usize = 0; o < row; o += 16) {
    const sum = f32x4.mul(v128.load(gates + o), v128.load(candidates + row + o));
    storeLanes(candidates + o, f32x4.add(v128.load(candidates + o), sum), units - (o >> 2));
  }
  tanhs(candidates, candidates, units);
  for (let o: usize = 0; o < row; o += 16) {
    const update = v128.load(gates + row + o);
    const fresh = f32x4.mul(f32x4.sub(one, update), v128.load(candidates + o));
    const h = f32x4.add(fresh, f32x4.mul(update, v128.load(state + o)));
    const count = units - (o >> 2);
    storeLanes(next + o, h, count);
    if (y) storeLanes(y + o, h, count);
  }
}

/** dz = dh (h - n), dn = dh (1 - z), dm = dn r, dr = dn m, each through its gate; dh z and the products go to the state before. */
export function gruBackward(record: usize, rows: u32): void {
  begin(record, rows, 4); // a row of gates: r, z, n, and m = h u_n + b_hn
  const row = stateRow * 3;
  const n = units * 3;
  const two = units << 1;
  const u = pointer(record, WEIGHT_HH);
  const panels = pointer(record, PANELS_HH);
  const panelsN = pointer(record, PANELS_N);
  beginBackward(n);
  packOnceTransposed(u, row, units, two, panels);
  packOnceTransposed(u + (stateRow << 1), row, units, units, panelsN);
  for (let s = steps; s-- > 0;) {
    const dStep = atStep(D_GATES, s, gateRow);
    let dGates = dStep;
    let gates = atStep(GATES, s, gateRow);
    let state = atStep(STATES, s, stateRow);
    let dState = pointer(record, D_STATE);
    for (let r: usize = 0; r < batch; r++) {
      if (active(s, r)) backwardRow(gates, state, dGates, dState, outputGradientAt(s, r));
      else memory.fill(dGates, 0, gateRow);
      gates += gateRow;
      dGates += gateRow;
      state += stateRow;
      dState += stateRow;
    }
    if (wantsStateGradient(s)) {
      stateGradient(two, dStep, panels);
      stateGradient(units, dStep + row, panelsN);
    }
    inputGradient(s, n, dStep);
  }
  giveInitial(D_INITIAL_STATE, pointer(record, D_STATE));
  awaitRows();
  const dGates = pointer(record, D_GATES);
  const dw = pointer(record, D_WEIGHT_IH);
  const du = pointer(record, D_WEIGHT_HH);
  const db = pointer(record, D_BIAS);
  const dbHh = pointer(record, D_BIAS_HH);
  if (dw) addInputWeights(dw, n, row, dGates);
  if (du) {
    addStateWeights(du, two, row, dGates);
    addStateWeights(du + (stateRow << 1), units, row, dGates + row);
  }
  if (db) addBias(db, n, dGates);
  if (dbHh) {
    addBias(dbHh, two, dGates);
    addBias(dbHh + (stateRow << 1), units, dGates + row);
  }
}

/** One row's step back; the state's gradient becomes the part of it that z let through, for the products to add to. */
function backwardRow(gates: usize, state: usize, dGates: usize, dState: usize, dy: usize): void {
  const row = stateRow;
  const one = ones();
  for (let o: usize = 0; o < row; o += 16) {
    const count = units - (o >> 2);
    const p = gates + o;
    const to = dGates + o;
    let dh = v128.load(dState + o);
    if (dy) dh = f32x4.add(dh, v128.load(dy + o));
    const reset = v128.load(p);
    const update = v128.load(p + row);
    const candidate = v128.load(p + (row << 1));
    const keep = f32x4.sub(one, update);
    const bend = f32x4.mul(f32x4.sub(one, candidate), f32x4.add(one, candidate));
    const dn = f32x4.mul(f32x4.mul(dh, keep), bend);
    const away = f32x4.sub(v128.load(state + o), candidate);
    storeLanes(to + row, f32x4.mul(f32x4.mul(dh, away), f32x4.mul(update, keep)), count);
    storeLanes(to + (row << 1), dn, count);
    storeLanes(to + 3 * row, f32x4.mul(dn, reset), count);
    const dReset = f32x4.mul(f32x4.mul(dn, v128.load(p + 3 * row)), f32x4.mul(reset, f32x4.sub(one, reset)));
    storeLanes(to, dReset, count);
    storeLanes(dState + o, f32x4.mul(dh, update), count);
  }
}
