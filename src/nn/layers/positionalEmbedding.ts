import { loadSequence } from "../../../build/binaries.js";
import { checkKeys } from "../../util/check.ts";
import type { Initializer } from "../../graph/parameter.ts";
import { uniform } from "../initializers/uniform.ts";
import { checkParameterOptions, type Layer, type LibraryLayer } from "../../graph/layer.ts";
import { sizeOf } from "../../util/shape.ts";
import type { Named } from "../named.ts";

/** Options of `positionalEmbedding`. */
export interface PositionalEmbeddingOptions extends Named {
  /** Where the numbers start; default uniform from -0.05 to 0.05. */
  readonly initializer?: Initializer;
  /** False: the numbers stay as they are; default true. */
  readonly trainable?: boolean;
}

/**
 * Adds numbers that are learned, one for each position of a row: y = x + weight. So layers that treat all positions alike can
 * tell them apart. Any shape, such as [steps, width]; `weight` has the same.
 *
 * @throws {TypeError} if an option can't be used
 * @see Gehring, Auli, Grangier, Yarats, Dauphin, "Convolutional sequence to sequence learning", 2017
 * @example sequential({ input: [4, 6] }, positionalEmbedding(), selfAttention({ heads: 2 }))
 */
export function positionalEmbedding(options: PositionalEmbeddingOptions = {}): Layer {
  checkKeys("positionalEmbedding", options, ["initializer", "trainable", "name"]);
  const { initializer = uniform(), trainable = true, name } = options;
  checkParameterOptions("positionalEmbedding", options);
  return Object.freeze<LibraryLayer>({
    type: "positionalEmbedding",
    name,
    options: { initializer, trainable },
    kernel: "positionalEmbedding",
    parallel: { forward: "rows" },
    backwardReads: "neither",
    inPlace: true,
    load: loadSequence,
    trainable,
    outputShape: (input) => input,
    parameters: (input) => [{ name: "weight", shape: input, initializer }],
    args: (context) => ({ weight: context.parameter("weight"), dWeight: context.gradient("weight") }),
    flops: sizeOf,
  });
}
