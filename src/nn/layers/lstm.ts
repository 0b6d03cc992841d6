import type { Layer } from "../../graph/layer.ts";
import { type Cell, recurrent, type RecurrentOptions } from "./recurrent.ts";

/** Options of `lstm`. */
export interface LstmOptions extends RecurrentOptions {
  /** Name of another input, [units]: the cell before the first step. Default: zeros. */
  readonly initialCell?: string;
  /** The name under which layers after it read the cell after the last step, [units]. Default: it has none. */
  readonly finalCell?: string;
}

/** What differs in an lstm: four gates, and the cell. */
export const lstmCell: Cell = {
  type: "lstm",
  gates: 4,
  kept: 4,
  biases: ["bias"],
  states: ["initialState", "initialCell"],
  scratchSizes: (units, capacity) => ({ dCell: capacity * units }),
  args: (context, units, steps, scratch) => ({
    initialCell: context.input("initialCell"),
    dInitialCell: context.inputGradient("initialCell"),
    cells: context.saved("cells", 4 * units * (context.training ? steps + 1 : 1)),
    tanhCells: context.saved("tanhCells", 4 * units * steps),
    dCell: scratch["dCell"]!,
  }),
};

/**
 * Long short-term memory: a recurrent layer whose gates decide what its cell c takes in, forgets and shows.
 * [i f g o] = x w + h u + b; c' = s(f) c + s(i) tanh(g); h' = s(o) tanh(c'), with s the logistic function.
 * Shapes: x [rows, steps, features], weightIh (w) [features, 4 units], weightHh (u) [units, 4 units], bias [4 units]; y the
 * last h,
 * [rows, units], or with `returnSequences` all of them, [rows, steps, units].
 *
 * @param units numbers of the state, 1 or more
 * @param options.lengths name of another input, one number per row: how many of its steps count. After them the state stays as
 *   it is, and the output of all steps is 0
 * @param options.initialState name of another input, [units]: h before the first step; default zeros
 * @param options.initialCell name of another input, [units]: c before the first step; default zeros
 * @param options.finalState name under which layers after it read the last h, [units]; gradients come back from there
 * @param options.finalCell the same for the last c
 * @param options.stateful go on from each row's last state of the batch before, until `model.resetStates()`; default false
 * @throws {TypeError | RangeError} if an option can't be used, or the input is no sequence; by `fit`, if rows of a stateful
 *   layer are shuffled, or batches differ in size
 * @see Hochreiter, Schmidhuber, "Long short-term memory", 1997
 * @see Gers, Schmidhuber, Cummins, "Learning to forget", 2000
 * @example sequential({ input: [28, 28] }, lstm(64), dense(10))
 */
export function lstm(units: number | ({ units: number } & LstmOptions), options: LstmOptions = {}): Layer {
  return recurrent(lstmCell, units, options);
}
