import { loadSequence } from "../../../build/binaries.js";
import { checkParameterOptions, type Layer } from "../../graph/layer.ts";
import { checkKeys, checkWhole, withFirst } from "../../util/check.ts";
import type { Initializer } from "../../graph/parameter.ts";
import { uniform } from "../initializers.ts";
import { requireIntegers } from "../../graph/integerInputs.ts";

export interface EmbeddingOptions {
  /** Where the vectors start; default uniform from -0.05 to 0.05. */
  readonly embeddingsInitializer?: Initializer;
  /** False: the vectors stay as they are; default true. */
  readonly trainable?: boolean;
  readonly name?: string;
}

type Sizes = { readonly vocabulary: number; readonly width: number };

/**
 * A vector for each whole number, from a table that is learned: y = weight[x]. The first layer of models of words or other
 * symbols.
 * Shapes: x [...] of whole numbers from 0 to vocabulary - 1, `weight` [vocabulary, width], y [..., width].
 * see: Bengio, Ducharme, Vincent, Jauvin, "A neural probabilistic language model", 2003
 *
 * @param vocabulary numbers that there are, 1 or more
 * @param width numbers of a vector, 1 or more
 * @throws TypeError, RangeError if an option can't be used; RangeError if it doesn't stand on an input of the model, or that has
 * other numbers
 * @example sequential({ input: 5 }, embedding(100, 8), globalAvgPool1d(), dense(1)) // 5 words of 100
 */
export function embedding(
  vocabularyOrOptions: number | (Sizes & EmbeddingOptions),
  widthOrNothing?: number,
  more: EmbeddingOptions = {},
): Layer {
  const rest = widthOrNothing === undefined ? more : { width: widthOrNothing, ...more };
  const options = withFirst<Sizes & EmbeddingOptions>("embedding", "vocabulary", vocabularyOrOptions, rest);
  checkKeys("embedding", options, ["vocabulary", "width", "embeddingsInitializer", "trainable", "name"]);
  const { vocabulary, width, embeddingsInitializer = uniform(), trainable = true, name } = options;
  checkWhole("embedding", "vocabulary", vocabulary);
  checkWhole("embedding", "width", width);
  checkParameterOptions("embedding", options);
  return Object.freeze<Layer>({
    type: "embedding",
    name,
    options: { vocabulary, width, embeddingsInitializer, trainable },
    kernel: "embedding",
    parallel: { forward: "rows" },
    backwardReads: "input",
    load: loadSequence,
    rules: (nodes, node) => requireIntegers(nodes, node, "", 0, vocabulary - 1),
    trainable,
    outputShape: (input) => [...input, width],
    parameters: () => [{ name: "weight", shape: [vocabulary, width], initializer: embeddingsInitializer }],
    args: (context) => ({
      weight: context.parameter("weight"),
      dWeight: context.gradient("weight"),
      vocabulary,
      width,
    }),
    flops: () => 0,
  });
}
