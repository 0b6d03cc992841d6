import { packOnceTransposed } from "../../matmul/packed";
import { ones } from "../../numeric/elementary";
import { integer, pointer } from "../../runtime/record";
import { storeLanes } from "../../numeric/simd";
import { sigmoids, tanhs } from "./gates";
import * as rnn from "./recurrent";

/** The state's biases, with the reset after the product alone. */
const BIAS_HH: usize = rnn.FIRST_OWN;
const D_BIAS_HH: usize = rnn.FIRST_OWN + 1;
/** Memory for the two biases' sum for r and z, and the input's for n, [3][units]; with the reset after the product alone. */
const BIAS_SUM: usize = rnn.FIRST_OWN + 2;
/** Memory for the packed weights of the state for n. */
const PANELS_N: usize = rnn.FIRST_OWN + 3;
/** 1: r is applied to the state's product for n; 0: to the state before it. */
const RESET_AFTER: usize = rnn.FIRST_OWN + 4;

// A row of gates: r, z, n, and m = h u_n + b_hn, or, with the reset before the product, m = r h.

/**
 * r = s(x w_r + b_ir + h u_r + b_hr), z alike, n = tanh(x w_n + b_in + r (h u_n + b_hn)), h' = (1 - z) n + z h, with s the
 * logistic function. With the reset before the product n = tanh(x w_n + b_n + (r h) u_n), and there is one bias. see: Cho and others,
 * "Learning phrase representations using RNN encoder-decoder", 2014, which has it before; after the product, as in cuDNN
 */
export function gruForward(record: usize, rows: u32): void {
  rnn.begin(record, rows, 4);
  const after = integer(record, RESET_AFTER) != 0;
  const row = rnn.stateRow * 3;
  const n = rnn.units * 3;
  const two = rnn.units << 1;
  const u = pointer(record, rnn.WEIGHT_HH);
  const uN = u + (rnn.stateRow << 1);
  const panels = pointer(record, rnn.PANELS_HH);
  const panelsN = pointer(record, PANELS_N);
  const biasN = pointer(record, BIAS_HH) + (rnn.stateRow << 1);
  rnn.packInput(n);
  rnn.packRecurrent(u, row, two, panels);
  rnn.packRecurrent(uN, row, rnn.units, panelsN);
  const bias = after ? sumBiases(record) : pointer(record, rnn.BIAS);
  rnn.startFrom(rnn.INITIAL_STATE, 0, rnn.atStep(rnn.STATES, 0, rnn.stateRow));
  for (let s: usize = 0; s < rnn.steps; s++) {
    let gates = rnn.atStep(rnn.GATES, s, rnn.gateRow);
    let state = rnn.atStep(rnn.STATES, s, rnn.stateRow);
    let next = rnn.atStep(rnn.STATES, s + 1, rnn.stateRow);
    const candidates = gates + (rnn.stateRow << 1);
    rnn.multiplyInput(s, n, bias, gates);
    rnn.multiplyState(state, two, u, row, panels, gates, gates, rnn.gateRow);
    if (after) rnn.multiplyState(state, rnn.units, uN, row, panelsN, gates + row, biasN, 0);
    else {
      resetStates(s, gates, state);
      rnn.multiplyBlock(gates + row, rnn.units, uN, row, panelsN, candidates);
    }
    for (let r: usize = 0; r < rnn.batch; r++, gates += rnn.gateRow, state += rnn.stateRow, next += rnn.stateRow) {
      if (rnn.active(s, r)) {
        if (after) resetProduct(gates);
        forwardRow(gates, state, next, rnn.outputAt(s, r));
      } else rnn.skip(s, r, state, next);
    }
  }
  rnn.finishState();
}

/** Of r and z, which need no more, both biases; of n the input's. */
function sumBiases(record: usize): usize {
  const own = pointer(record, rnn.BIAS);
  const biasHh = pointer(record, BIAS_HH);
  const bias = pointer(record, BIAS_SUM);
  const two = rnn.units << 1;
  for (let j: usize = 0; j < rnn.units * 3; j++) {
    const other: f32 = j < two ? load<f32>(biasHh + (j << 2)) : 0;
    store<f32>(bias + (j << 2), load<f32>(own + (j << 2)) + other);
  }
  return bias;
}

/** One row: r and z become their values, and r m is added to n's sum. */
function resetProduct(gates: usize): void {
  const row = rnn.stateRow;
  const candidates = gates + (row << 1);
  sigmoids(gates, rnn.units << 1);
  for (let o: usize = 0; o < row; o += 16) {
    const sum = f32x4.mul(v128.load(gates + o), v128.load(candidates + row + o));
    storeLanes(candidates + o, f32x4.add(v128.load(candidates + o), sum), rnn.units - (o >> 2));
  }
}

/** All rows of a step: r and z become their values, and m = r h; 0 in a row that is past its end, as sums over all rows read it. */
function resetStates(step: usize, gates: usize, state: usize): void {
  const row = rnn.stateRow;
  for (let r: usize = 0; r < rnn.batch; r++, gates += rnn.gateRow, state += row) {
    const to = gates + 3 * row;
    if (rnn.active(step, r)) {
      sigmoids(gates, rnn.units << 1);
      for (let o: usize = 0; o < row; o += 16) {
        storeLanes(to + o, f32x4.mul(v128.load(gates + o), v128.load(state + o)), rnn.units - (o >> 2));
      }
    } else memory.fill(to, 0, row);
  }
}

/** One row's step, whose r and z have their values; n becomes its value. */
function forwardRow(gates: usize, state: usize, next: usize, y: usize): void {
  const row = rnn.stateRow;
  const one = ones();
  const candidates = gates + (row << 1);
  tanhs(candidates, candidates, rnn.units);
  for (let o: usize = 0; o < row; o += 16) {
    const update = v128.load(gates + row + o);
    const fresh = f32x4.mul(f32x4.sub(one, update), v128.load(candidates + o));
    const h = f32x4.add(fresh, f32x4.mul(update, v128.load(state + o)));
    const count = rnn.units - (o >> 2);
    storeLanes(next + o, h, count);
    if (y) storeLanes(y + o, h, count);
  }
}

/**
 * dz = dh (h - n), dn = dh (1 - z), dm = dn r, dr = dn m, each through its gate; dh z and the products go to the state before.
 * With the reset before the product dm = dn u_nT, dr = dm h, and dm r goes to the state before.
 */
export function gruBackward(record: usize, rows: u32): void {
  rnn.begin(record, rows, 4);
  const after = integer(record, RESET_AFTER) != 0;
  const row = rnn.stateRow * 3;
  const n = rnn.units * 3;
  const two = rnn.units << 1;
  const u = pointer(record, rnn.WEIGHT_HH);
  const panels = pointer(record, rnn.PANELS_HH);
  const panelsN = pointer(record, PANELS_N);
  rnn.beginBackward(n);
  packOnceTransposed(u, row, rnn.units, two, panels);
  packOnceTransposed(u + (rnn.stateRow << 1), row, rnn.units, rnn.units, panelsN);
  for (let s = rnn.steps; s-- > 0;) {
    const dStep = rnn.atStep(rnn.D_GATES, s, rnn.gateRow);
    let dGates = dStep;
    let gates = rnn.atStep(rnn.GATES, s, rnn.gateRow);
    let state = rnn.atStep(rnn.STATES, s, rnn.stateRow);
    let dState = pointer(record, rnn.D_STATE);
    for (let r: usize = 0; r < rnn.batch; r++) {
      if (rnn.active(s, r)) backwardRow(after, gates, state, dGates, dState, rnn.outputGradientAt(s, r));
      else memory.fill(dGates, 0, rnn.gateRow);
      gates += rnn.gateRow;
      dGates += rnn.gateRow;
      state += rnn.stateRow;
      dState += rnn.stateRow;
    }
    if (!after) {
      rnn.blockGradient(rnn.units, dStep + (rnn.stateRow << 1), panelsN, dStep + row);
      resetStatesBack(s, dStep, pointer(record, rnn.D_STATE));
    }
    if (rnn.wantsStateGradient(s)) {
      rnn.stateGradient(two, dStep, panels);
      if (after) rnn.stateGradient(rnn.units, dStep + row, panelsN);
    }
    rnn.inputGradient(s, n, dStep);
  }
  rnn.giveInitial(rnn.D_INITIAL_STATE, pointer(record, rnn.D_STATE));
  rnn.awaitRows();
  const dGates = pointer(record, rnn.D_GATES);
  const dw = pointer(record, rnn.D_WEIGHT_IH);
  const du = pointer(record, rnn.D_WEIGHT_HH);
  const db = pointer(record, rnn.D_BIAS);
  const dbHh = pointer(record, D_BIAS_HH);
  if (dw) rnn.addInputWeights(dw, n, row, dGates);
  if (du) {
    const duN = du + (rnn.stateRow << 1);
    rnn.addStateWeights(du, two, row, dGates);
    if (after) rnn.addStateWeights(duN, rnn.units, row, dGates + row);
    else {
      rnn.addBlockWeights(duN, rnn.units, row, pointer(record, rnn.GATES) + row, dGates + (rnn.stateRow << 1));
    }
  }
  if (db) rnn.addBias(db, n, dGates);
  if (dbHh) {
    rnn.addBias(dbHh, two, dGates);
    rnn.addBias(dbHh + (rnn.stateRow << 1), rnn.units, dGates + row);
  }
}

/** One row's step back; the state's gradient becomes its product with z, for the products to add to. */
function backwardRow(after: bool, gates: usize, state: usize, dGates: usize, dState: usize, dy: usize): void {
  const row = rnn.stateRow;
  const one = ones();
  for (let o: usize = 0; o < row; o += 16) {
    const count = rnn.units - (o >> 2);
    const p = gates + o;
    const to = dGates + o;
    let dh = v128.load(dState + o);
    if (dy) dh = f32x4.add(dh, v128.load(dy + o));
    const update = v128.load(p + row);
    const candidate = v128.load(p + (row << 1));
    const keep = f32x4.sub(one, update);
    const bend = f32x4.mul(f32x4.sub(one, candidate), f32x4.add(one, candidate));
    const dn = f32x4.mul(f32x4.mul(dh, keep), bend);
    const away = f32x4.sub(v128.load(state + o), candidate);
    storeLanes(to + row, f32x4.mul(f32x4.mul(dh, away), f32x4.mul(update, keep)), count);
    storeLanes(to + (row << 1), dn, count);
    if (after) {
      const reset = v128.load(p);
      storeLanes(to + 3 * row, f32x4.mul(dn, reset), count);
      const dReset = f32x4.mul(f32x4.mul(dn, v128.load(p + 3 * row)), f32x4.mul(reset, f32x4.sub(one, reset)));
      storeLanes(to, dReset, count);
    }
    storeLanes(dState + o, f32x4.mul(dh, update), count);
  }
}

/** All rows of a step, from the gradient of r h on: dr through its gate, and what goes to the state before. */
function resetStatesBack(step: usize, dGates: usize, dState: usize): void {
  const row = rnn.stateRow;
  const one = ones();
  let gates = rnn.atStep(rnn.GATES, step, rnn.gateRow);
  let state = rnn.atStep(rnn.STATES, step, row);
  for (let r: usize = 0; r < rnn.batch; r++, gates += rnn.gateRow, dGates += rnn.gateRow, state += row, dState += row) {
    if (!rnn.active(step, r)) continue;
    for (let o: usize = 0; o < row; o += 16) {
      const count = rnn.units - (o >> 2);
      const reset = v128.load(gates + o);
      const dm = v128.load(dGates + 3 * row + o);
      const slope = f32x4.mul(reset, f32x4.sub(one, reset));
      storeLanes(dGates + o, f32x4.mul(f32x4.mul(dm, v128.load(state + o)), slope), count);
      storeLanes(dState + o, f32x4.add(v128.load(dState + o), f32x4.mul(dm, reset)), count);
    }
  }
}
