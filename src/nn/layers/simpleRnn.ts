import type { Layer } from "../../graph/layer.ts";
import { type Cell, recurrent, type RecurrentOptions } from "./recurrent.ts";

/** What differs in a simpleRnn: one gate, the state itself. */
export const simpleRnnCell: Cell = {
  type: "simpleRnn",
  gates: 1,
  kept: 1,
  biases: ["bias"],
  states: ["initialState"],
};

/**
 * A recurrent layer: its state goes from step to step of a sequence, h' = tanh(x w + h u + b).
 * Shapes: x [rows, steps, features], weightIh (w) [features, units], weightHh (u) [units, units], bias [units]; y the last
 * state,
 * [rows, units], or with `returnSequences` all of them, [rows, steps, units].
 *
 * @param units numbers of the state, 1 or more
 * @param options.lengths name of another input, one number per row: how many of its steps count. After them the state stays as
 *   it is, and the output of all steps is 0
 * @param options.initialState name of another input, [units]: the state before the first step; default zeros
 * @param options.finalState name under which layers after it read the last state, [units]; gradients come back from there
 * @param options.stateful go on from each row's last state of the batch before, until `model.resetStates()`; default false
 * @throws {TypeError | RangeError} if an option can't be used, or the input is no sequence; by `fit`, if rows of a stateful
 *   layer are shuffled, or batches differ in size
 * @see Elman, "Finding structure in time", 1990
 * @example sequential({ input: [12, 3] }, simpleRnn(16), dense(1))
 */
export function simpleRnn(
  units: number | ({ units: number } & RecurrentOptions),
  options: RecurrentOptions = {},
): Layer {
  return recurrent(simpleRnnCell, units, options);
}
