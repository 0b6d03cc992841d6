import { tanh } from "../nn/activations/index.ts";
import { checkKeys, checkWhole } from "../util/check.ts";
import { concat, from } from "../nn/composites/index.ts";
import { type Inputs, inputs } from "../nn/composites/inputs.ts";
import { attention, dense, embedding, globalAvgPool1d, gru } from "../nn/layers/index.ts";
import type { Network } from "./network.ts";

/** Sizes and variants of `seq2seq`. */
export interface Seq2seqOptions {
  /** How many different symbols, such as words, the source has. */
  readonly sourceVocabulary: number;
  /** How many different symbols the target has. */
  readonly targetVocabulary: number;
  /** Length of a source, in symbols. */
  readonly sourceSteps: number;
  /** Length of a target, in symbols. */
  readonly targetSteps: number;
  /** Numbers per symbol: the width of its vector; default 32. */
  readonly width?: number;
  /** Units of encoder and decoder; default 64. */
  readonly units?: number;
  /** Heads of the attention, a divisor of the units; default 1. */
  readonly heads?: number;
}

/**
 * Makes one sequence of another, such as a translation. The encoder, a gru, reads the source. The decoder, another one, starts
 * from what tanh and a dense layer make of the mean of the encoder's states; it reads the target up to a symbol, attends to the
 * encoder's states, and says the next symbol.
 *
 * Two inputs: `source`, and `target`, which is what was said so far: a symbol that means the beginning, then the target without
 * its last symbol. Shorter ones are filled up with a symbol that means the end. The output is numbers for
 * `sequenceCrossEntropy`, whose targets are the next symbols; -1 where none follows.
 * Shapes: x [sourceSteps + targetSteps], the two joined, of integers below their vocabularies, y
 * [targetSteps, targetVocabulary].
 * With vectors of width w and u units, w (sourceVocabulary + targetVocabulary) + 2 (3 u (w + u) + 6 u) + u (u + 1) + 4 u (u
 * + 1) + u (2 u + 1) + targetVocabulary (u + 1) parameters: 74,108 for 50 and 60 symbols.
 *
 * @throws {TypeError | RangeError} if an option can't be used
 * @see Sutskever, Vinyals, Le, "Sequence to sequence learning with neural networks", 2014
 * @see Bahdanau, Cho, Bengio, "Neural machine translation by jointly learning to align and translate", 2015
 * @see Luong, Pham, Manning, "Effective approaches to attention-based neural machine translation", 2015, for the order of
 *   the decoder's layers
 * @example
 * const { input, layers } = seq2seq({ sourceVocabulary: 5, targetVocabulary: 6, sourceSteps: 3, targetSteps: 3, units: 16 });
 * const model = await sequential({ input, seed: 1 }, ...layers);
 * const trainer = new Trainer(model, { loss: sequenceCrossEntropy(), optimizer: adam({ learningRate: 0.01 }) });
 * const begin = 5;
 * const turned = { source: [[0, 1, 2], [3, 4, 0]], target: [[begin, 2, 1], [begin, 0, 4]] }; // and then 0, and 3
 * for (let i = 0; i < 10; i++) trainer.step(input.join(turned), [[2, 1, 0], [0, 4, 3]]);
 */
export function seq2seq(options: Seq2seqOptions): Network<Inputs<"source" | "target">> {
  const sizes = ["sourceVocabulary", "targetVocabulary", "sourceSteps", "targetSteps"] as const;
  checkKeys("seq2seq", options, [...sizes, "width", "units", "heads"]);
  const { sourceVocabulary, targetVocabulary, sourceSteps, targetSteps, width = 32, units = 64, heads = 1 } = options;
  for (const name of sizes) checkWhole("seq2seq", name, options[name]);
  for (const [name, value] of Object.entries({ width, units, heads })) checkWhole("seq2seq", name, value);
  const layers = [
    // the encoder
    embedding(sourceVocabulary, width),
    gru(units, { returnSequences: true, name: "encoded" }),
    globalAvgPool1d(),
    dense(units),
    tanh({ name: "start" }),
    // the decoder
    from("target", embedding(targetVocabulary, width)),
    gru(units, { returnSequences: true, initialState: "start" }),
    concat([[attention({ memory: "encoded", heads })], []]),
    dense(units),
    tanh(),
    dense(targetVocabulary),
  ];
  return { input: inputs({ source: sourceSteps, target: targetSteps }), layers };
}
