// Describes the metrics that are computed from the order of the outputs, which the kernel keeps with their classes.
import { loadExtra } from "../../../build/loadExtra.js";
import { checkKeys, checkOneOf } from "../../util/check.ts";
import { shapeText, sizeOf } from "../../util/shape.ts";
import { isMultiLabel, type Metric, refuseNumbers, refuseOthers } from "./metric.ts";

/** What metrics of yes-or-no outputs take. */
export interface ScoreOptions {
  /** Of several outputs, "macro" (default): the mean of theirs; "micro": of all answers together. */
  readonly average?: "macro" | "micro";
}

/** At one threshold, from the largest output downwards: how many of class 1 and of class 0 are at or above it. */
export interface Cut {
  readonly threshold: number;
  readonly positives: number;
  readonly negatives: number;
}

/** The cuts between different outputs, from the highest threshold on. What can't be compared has no place in an order: NaN gives none. */
export function cutsOf(scores: Float32Array | Float64Array, isPositive: (i: number) => boolean): Cut[] | undefined {
  if (scores.some(Number.isNaN)) return undefined;
  const order = Array.from(scores, (_, i) => i).toSorted((a, b) => scores[b]! - scores[a]!);
  const cuts: Cut[] = [];
  let positives = 0;
  order.forEach((row, i) => {
    if (isPositive(row)) positives++;
    const threshold = scores[row]!;
    if (i + 1 < order.length && scores[order[i + 1]!] === threshold) return;
    cuts.push({ threshold, positives, negatives: i + 1 - positives });
  });
  return cuts;
}

/** The area under the receiver operating characteristic: pairs in which class 1 has the larger output, ties counted half. */
export function rocAreaOf(cuts: readonly Cut[]): number {
  let wins = 0;
  let before: Omit<Cut, "threshold"> = { positives: 0, negatives: 0 };
  for (const cut of cuts) {
    wins += ((cut.negatives - before.negatives) * (before.positives + cut.positives)) / 2;
    before = cut;
  }
  return wins / (before.positives * before.negatives);
}

/** The average precision: the sum over the thresholds of the precision times what the recall has gained. */
export function averagePrecisionOf(cuts: readonly Cut[]): number {
  let sum = 0;
  let before = 0;
  for (const { positives, negatives } of cuts) {
    sum += (positives - before) * (positives / (positives + negatives));
    before = positives;
  }
  return sum / before;
}

/** A metric that is computed from the outputs in their order. */
export function fromScores<Name extends string>(
  type: Name,
  options: ScoreOptions,
  areaOf: (cuts: readonly Cut[]) => number,
): Metric<Name> {
  checkKeys(type, options, ["average"]);
  const { average = "macro" } = options;
  checkOneOf(type, "average", average, ["macro", "micro"]);
  return Object.freeze<Metric<Name>>({
    name: type,
    type,
    options: { average },
    kernel: "rocAuc",
    load: loadExtra,
    input: "output",
    check(context, where) {
      const { output } = context;
      refuseOthers(context, type, where);
      if (output.at(-1) !== 1 && !isMultiLabel(context)) {
        throw new RangeError(`${where}: ${type} needs a single output, got ${shapeText(output)}`);
      }
      refuseNumbers(context, type, where);
    },
    stateSize: ({ rows, output }) => 1 + rows * sizeOf(output),
    args: ({ labels, rows, output }) => ({ labels: labels ? 1 : 0, room: rows * sizeOf(output) }),
    result(state, { output }) {
      const all = state[0]!;
      const scores = new Float32Array(state.buffer, state.byteOffset + 8, all * 2);
      const classes = new Uint32Array(state.buffer, state.byteOffset + 8, all * 2);
      const columns = average === "micro" ? 1 : output.at(-1)!;
      let sum = 0;
      for (let c = 0; c < columns; c++) {
        const at = (i: number): number => 2 * (i * columns + c);
        const column = Float32Array.from({ length: all / columns }, (_, i) => scores[at(i)]!);
        const cuts = cutsOf(column, (i) => classes[at(i) + 1] === 1);
        sum += cuts ? areaOf(cuts) : NaN;
      }
      return sum / columns;
    },
  });
}
