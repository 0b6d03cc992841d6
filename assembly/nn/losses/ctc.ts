import { mathExp, mathLog } from "../../numeric/math";
import { DX, integer, perRow, pointer, X } from "../../runtime/record";
import { rowExp, rowMax } from "../activations/softmax";
import { EACH, FIRST_ATTRIBUTE, reduceVectors, TARGET } from "./reduce";

/** Classes of a step, the blank among them: the size of the last axis. */
const CLASSES: usize = FIRST_ATTRIBUTE;
const BLANK: usize = FIRST_ATTRIBUTE + 1;
/** The most labels of a row: after fewer ones there are numbers below 0. */
const MAX_LABELS: usize = FIRST_ATTRIBUTE + 2;
/** 1: a row of targets begins with the number of steps that count. */
const LENGTHS: usize = FIRST_ATTRIBUTE + 3;
/**
 * Memory for a row, float64: for each step the logarithm of what its exponentials sum to; for each state the logarithm of its
 * second half's probability; for each step and state that of its first half.
 */
const SCRATCH: usize = FIRST_ATTRIBUTE + 4;

/** ln(e^a + e^b). */
function logAdd(a: f64, b: f64): f64 {
  const high = a > b ? a : b;
  const difference = (a > b ? b : a) - high;
  // the smaller one is lost beside the larger one, or both are ln 0
  return difference < -40 || high == -Infinity ? high : high + mathLog(1 + mathExp(difference));
}

/** The class of a state: blank, first label, blank, second label, ... blank. */
function classOf(state: usize, labels: usize, blank: usize): usize {
  return state & 1 ? <usize>load<f32>(labels + ((state >> 1) << 2)) : blank;
}

/** May a path go to this state from the one two before? To a label from another one, without the blank between them. */
function skips(state: usize, labels: usize): bool {
  if ((state & 1) == 0 || state < 3) return false;
  const at = labels + ((state >> 1) << 2);
  return load<f32>(at) != load<f32>(at - 4);
}

/**
 * -ln of the probability of a row's labels: the sum over all paths, one class a step, that give them when repeated classes are made
 * one and then blanks are left out. x: [rows, steps, classes], logits. Derivative: softmax(x), less the share of the paths that
 * are in the class at that step. Rows whose labels need more steps than there are count nothing.
 * See: Graves and others, "Connectionist temporal classification", 2006, equations 6 to 16.
 */
export function ctcLoss(record: usize, rows: u32): void {
  const n = <usize>integer(record, CLASSES);
  const all = <usize>perRow(record);
  const blank = <usize>integer(record, BLANK);
  const most = <usize>integer(record, MAX_LABELS);
  const timed = <usize>integer(record, LENGTHS);
  const step = n << 2;
  const logSums = pointer(record, SCRATCH);
  const second = logSums + ((all / n) << 3);
  const first = second + ((2 * most + 1) << 3);
  let x = pointer(record, X);
  let target = pointer(record, TARGET);
  let each = pointer(record, EACH);
  let dx = pointer(record, DX);
  for (let r: u32 = 0; r < rows; r++, each += 4, x += all << 2, dx += all << 2) {
    const steps = timed ? <usize>load<f32>(target) : all / n;
    const labels = target + (timed << 2);
    target = labels + (most << 2);
    let count: usize = 0;
    while (count < most && load<f32>(labels + (count << 2)) >= 0) count++;
    const states: usize = 2 * count + 1;
    const bytes = states << 3;

    memory.fill(dx, 0, all << 2);
    for (let t: usize = 0; t < steps; t++) {
      const to = dx + t * step;
      const top = rowMax(x + t * step, n);
      const sum = rowExp(x + t * step, n, top, to);
      const share = <f32>1 / sum;
      for (let o: usize = 0; o < step; o += 4) store<f32>(to + o, load<f32>(to + o) * share);
      store<f64>(logSums + (t << 3), <f64>top + mathLog(sum));
    }

    // the first halves: paths up to a step that end in a state, that step included
    for (let t: usize = 0; t < steps; t++) {
      const now = first + t * bytes;
      const logSum = load<f64>(logSums + (t << 3));
      for (let s: usize = 0; s < states; s++) {
        const before = now - bytes + (s << 3);
        let paths: f64 = s < 2 ? 0 : -Infinity;
        if (t > 0) {
          paths = load<f64>(before);
          if (s > 0) paths = logAdd(paths, load<f64>(before - 8));
          if (skips(s, labels)) paths = logAdd(paths, load<f64>(before - 16));
        }
        const logit = <f64>load<f32>(x + t * step + (classOf(s, labels, blank) << 2));
        store<f64>(now + (s << 3), paths + (logit - logSum));
      }
    }
    const last = first + steps * bytes - 8;
    const probability = count > 0 ? logAdd(load<f64>(last), load<f64>(last - 8)) : load<f64>(last);
    if (probability == -Infinity) {
      store<f32>(each, 0);
      memory.fill(dx, 0, all << 2);
      continue;
    }
    store<f32>(each, <f32>-probability);

    // the second halves: what follows a step after a state, that step left out
    for (let s: usize = 0; s < states; s++) store<f64>(second + (s << 3), s + 2 >= states ? 0 : -Infinity);
    for (let t = steps; t-- > 0;) {
      const now = first + t * bytes;
      const to = dx + t * step;
      const logSum = load<f64>(logSums + (t << 3));
      let ofBlank: f64 = 0;
      for (let s: usize = 0; s < states; s++) {
        const at = second + (s << 3);
        const follows = load<f64>(at);
        const share = mathExp(load<f64>(now + (s << 3)) + follows - probability);
        const o = classOf(s, labels, blank) << 2;
        if (s & 1) store<f32>(to + o, load<f32>(to + o) - <f32>share);
        else ofBlank += share;
        store<f64>(at, follows + (<f64>load<f32>(x + t * step + o) - logSum));
      }
      store<f32>(to + (blank << 2), load<f32>(to + (blank << 2)) - <f32>ofBlank);
      for (let s: usize = 0; s < states; s++) {
        const at = second + (s << 3);
        let paths = load<f64>(at);
        if (s + 1 < states) paths = logAdd(paths, load<f64>(at, 8));
        if (s + 2 < states && skips(s + 2, labels)) paths = logAdd(paths, load<f64>(at, 16));
        store<f64>(at, paths);
      }
    }
  }
  reduceVectors(record, rows, all);
}
