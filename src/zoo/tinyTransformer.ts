import { gelu } from "../nn/activations/index.ts";
import { checkFraction, checkKeys, checkWhole } from "../util/check.ts";
import { residual } from "../nn/composites/index.ts";
import type { Layer } from "../graph/layer.ts";
import { dense, dropout, embedding, layerNorm, positionalEmbedding, selfAttention } from "../nn/layers/index.ts";
import type { Network } from "./network.ts";

/** The layers are made at once, so that a typing error must not make millions. */
const MOST_BLOCKS = 1000;

/** Sizes and variants of `tinyTransformer`. */
export interface TinyTransformerOptions {
  /** How many different symbols there are. */
  readonly vocabulary: number;
  /** Length of a sequence, in symbols; default 32. */
  readonly steps?: number;
  /** Numbers per symbol: the width of its vector; default 64. */
  readonly width?: number;
  /** Heads of the attention, a divisor of the width; default 4. */
  readonly heads?: number;
  /** Blocks of attention and dense layers; default 2. */
  readonly blocks?: number;
  /** Dropout rate of what each half of a block adds; default 0. */
  readonly dropout?: number;
}

/**
 * A small language model, as GPT is built: each position attends to itself and those before it, and predicts the next
 * symbol. A block adds to its input what attention makes of it, and to that what two dense layers make of it, each after a
 * `layerNorm`.
 *
 * The output is numbers for `sequenceCrossEntropy`, whose targets are the next symbols.
 * Shapes: x [steps] of integers below the vocabulary, y [steps, vocabulary]. With a width of w,
 * (2 vocabulary + steps + 2) w + vocabulary + blocks (12 w^2 + 13 w) parameters: 110,529 for 65 symbols.
 *
 * @throws {TypeError | RangeError} if an option can't be used
 * @see Vaswani et al., "Attention is all you need", 2017
 * @see Radford et al., "Language models are unsupervised multitask learners", 2019
 * @example
 * const { input, layers } = tinyTransformer({ vocabulary: 5, steps: 4, width: 16, heads: 2, blocks: 1 });
 * const model = await sequential({ input, seed: 1 }, ...layers);
 * const trainer = new Trainer(model, { loss: sequenceCrossEntropy(), optimizer: adam({ learningRate: 0.01 }) });
 * for (let i = 0; i < 10; i++) trainer.step([[0, 1, 2, 3]], [[1, 2, 3, 4]]);
 */
export function tinyTransformer(options: TinyTransformerOptions): Network {
  checkKeys("tinyTransformer", options, ["vocabulary", "steps", "width", "heads", "blocks", "dropout"]);
  const { vocabulary, steps = 32, width = 64, heads = 4, blocks = 2, dropout: rate = 0 } = options;
  const sizes = { vocabulary, steps, width, heads, blocks };
  for (const [name, value] of Object.entries(sizes)) checkWhole("tinyTransformer", name, value);
  if (blocks > MOST_BLOCKS) {
    throw new RangeError(`tinyTransformer: blocks must be at most ${MOST_BLOCKS}, got ${blocks}`);
  }
  checkFraction("tinyTransformer", "dropout", rate);
  const end = rate > 0 ? [dropout(rate)] : [];
  const block = (): Layer[] => [
    residual(layerNorm(), selfAttention({ heads, causal: true }), ...end),
    residual(layerNorm(), dense(4 * width), gelu(), dense(width), ...end),
  ];
  const layers = [
    embedding(vocabulary, width),
    positionalEmbedding(),
    ...Array.from({ length: blocks }, block).flat(),
    layerNorm(),
    dense(vocabulary),
  ];
  return { input: [steps], layers };
}
