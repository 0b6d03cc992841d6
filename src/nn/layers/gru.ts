import type { Layer } from "../../graph/layer.ts";
import { type Cell, panels, recurrent, type RecurrentOptions } from "./recurrent.ts";

/** What differs in a gru: three gates, two biases, and scratch memory for their sum and for the packed weights of n. */
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
  }),
};

/**
 * Gated recurrent unit: a recurrent layer whose gates decide what part of its state is renewed.
 * [r z] = s(x w + a + h u + b) with s the logistic function, n = tanh(x w_n + a_n + r (h u_n + b_n)), h' = (1 - z) n + z h.
 * Shapes: x [rows, steps, features], weightIh (w) [features, 3 units], weightHh (u) [units, 3 units], biasIh (a) and biasHh (b)
 * [3 units], each for r, z and n; y the last h, [rows, units], or with `returnSequences` all of them, [rows, steps, units].
 *
 * @param units numbers of the state, 1 or more
 * @param options.lengths name of another input, one number per row: how many of its steps count. After them the state stays as
 *   it is, and the output of all steps is 0
 * @param options.initialState name of another input, [units]: h before the first step; default zeros
 * @throws {TypeError | RangeError} if an option can't be used, or the input is no sequence
 * @see Cho and others, "Learning phrase representations using RNN encoder-decoder", 2014; r is applied after the product, as in
 *   PyTorch, Keras (`reset_after`) and cuDNN
 * @example sequential({ input: [28, 28] }, gru(64), dense(10))
 */
export function gru(units: number | ({ units: number } & RecurrentOptions), options: RecurrentOptions = {}): Layer {
  return recurrent(gruCell, units, options);
}
