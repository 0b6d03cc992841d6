import type { Layer } from "../../graph/layer.ts";
import { type Cell, panels, recurrent, type RecurrentOptions } from "./recurrent.ts";

/** Options of `gru`. */
export interface GruOptions extends RecurrentOptions {
  /**
   * Apply the reset gate after the state's product with its weights, as cuDNN, PyTorch and Keras do; default true. False: before it, as in
   * the paper and as ONNX does by default; there is one bias then.
   */
  readonly resetAfter?: boolean;
}

/**
 * What differs in a gru: three gates, two biases, and scratch memory for their sum and for the packed weights of n; with the reset before the
 * product one bias. A literal throughout: bundlers leave it out of programs without it.
 */
export const gruCell: Cell = {
  type: "gru",
  gates: 3,
  kept: 4,
  biases: ["biasIh", "biasHh"],
  states: ["initialState"],
  scratchSizes: (units) => ({ biasSum: 3 * units, panelsN: panels(units, units) }),
  args: (context, _units, _steps, scratch) => ({
    biasHh: context.parameter("biasHh"),
    dBiasHh: context.gradient("biasHh"),
    biasSum: scratch["biasSum"]!,
    panelsN: scratch["panelsN"]!,
    resetAfter: 1,
  }),
  resetBefore: {
    biases: ["bias"],
    scratchSizes: (units) => ({ panelsN: panels(units, units) }),
    args: (_context, _units, _steps, scratch) => ({
      biasHh: 0,
      dBiasHh: 0,
      biasSum: 0,
      panelsN: scratch["panelsN"]!,
      resetAfter: 0,
    }),
  },
};

/**
 * Gated recurrent unit: a recurrent layer whose gates decide what part of its state is renewed.
 * [r z] = s(x w + a + h u + b) with s the logistic function, n = tanh(x w_n + a_n + r (h u_n + b_n)), h' = (1 - z) n + z h.
 * With `resetAfter: false`, [r z] = s(x w + b + h u), n = tanh(x w_n + b_n + (r h) u_n), and h' as before.
 * Shapes: x [rows, steps, features], weightIh (w) [features, 3 units], weightHh (u) [units, 3 units], biasIh (a) and biasHh (b)
 * [3 units], with `resetAfter: false` bias (b) alone, each for r, z and n; y the last h, [rows, units], or with `returnSequences`
 * all of them, [rows, steps, units].
 *
 * @param units numbers of the state, 1 or more
 * @param options.lengths name of another input, one number per row: how many of its steps count. After them the state stays as
 *   it is, and the output of all steps is 0
 * @param options.initialState name of another input, [units]: h before the first step; default zeros
 * @param options.finalState name under which layers after it read the last h, [units]; gradients come back from there
 * @param options.stateful go on from each row's last state of the batch before, until `model.resetStates()`; default false
 * @throws {TypeError | RangeError} if an option can't be used, or the input is no sequence; by `fit`, if rows of a stateful
 *   layer are shuffled, or batches differ in size
 * @see Cho and others, "Learning phrase representations using RNN encoder-decoder", 2014, which has r before the product; after
 *   it, as in PyTorch, Keras (`reset_after`) and cuDNN
 * @example sequential({ input: [28, 28] }, gru(64), dense(10))
 */
export function gru(units: number | ({ units: number } & GruOptions), options: GruOptions = {}): Layer {
  return recurrent(gruCell, units, options);
}
