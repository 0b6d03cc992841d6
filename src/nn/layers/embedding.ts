import { loadSequence } from "../../../build/binaries.js";
import { checkParameterOptions, type Layer, type LibraryLayer } from "../../graph/layer.ts";
import { checkKeys, checkWhole, valueText, withFirst } from "../../util/check.ts";
import type { Initializer } from "../../graph/parameter.ts";
import { uniform } from "../initializers/uniform.ts";
import { MOST_INTEGERS, requireIntegers } from "../../graph/integerInputs.ts";
import type { Named } from "../named.ts";
import { groupOf, touchedRows } from "../../graph/touchedRows.ts";

/** Options of `embedding`. */
export interface EmbeddingOptions extends Named {
  /** Where the vectors start; default uniform from -0.05 to 0.05. */
  readonly embeddingsInitializer?: Initializer;
  /** False: the vectors stay as they are; default true. */
  readonly trainable?: boolean;
}

type Sizes = { readonly vocabulary: number; readonly width: number };

/**
 * A vector for each integer, from a table that is learned: y = weight[x]. The first layer of models of words or other
 * symbols.
 *
 * With `adagrad`, and with `sgd` without momentum, both without decay, penalties and clipping, an update costs nothing for rows that no
 * batch has looked up, unless another layer has the same table; `model.summary()` says `byRows` of such a layer. The numbers are those
 * of updates of the entire table, to the bit.
 *
 * Shapes: x [...] of integers from 0 to vocabulary - 1, `weight` [vocabulary, width], y [..., width].
 *
 * @param vocabulary how many integers there are, 1 to 2^24: float32, as which they come, tells no more apart
 * @param width numbers per vector, 1 or more
 * @throws {TypeError | RangeError} if an option can't be used
 * @throws {RangeError} if it doesn't work on an input of the model, or that has other numbers
 * @see Bengio, Ducharme, Vincent, Jauvin, "A neural probabilistic language model", 2003
 * @example sequential({ input: 5 }, embedding(100, 8), globalAvgPool1d(), dense(1)) // 5 words of 100
 */
export function embedding(
  vocabulary: number | (Sizes & EmbeddingOptions),
  width?: number,
  options: EmbeddingOptions = {},
): Layer {
  const rest = width === undefined ? options : { width, ...options };
  const settings = withFirst<Sizes & EmbeddingOptions>("embedding", "vocabulary", vocabulary, rest);
  checkKeys("embedding", settings, ["vocabulary", "width", "embeddingsInitializer", "trainable", "name"]);
  const { embeddingsInitializer = uniform(), trainable = true, name } = settings;
  const { vocabulary: rows, width: columns } = settings;
  checkWhole("embedding", "vocabulary", rows);
  if (rows > MOST_INTEGERS) {
    throw new RangeError(
      `embedding: vocabulary must be at most ${MOST_INTEGERS}, got ${rows}: inputs are float32, which tells no more integers apart`,
    );
  }
  if (columns === undefined) {
    throw new TypeError(
      `embedding: width must be a whole number of 1 or more, got undefined; did you mean embedding(${valueText(rows)}, 8)?`,
    );
  }
  checkWhole("embedding", "width", columns);
  checkParameterOptions("embedding", settings);
  return Object.freeze<LibraryLayer>({
    type: "embedding",
    name,
    options: { vocabulary: rows, width: columns, embeddingsInitializer, trainable },
    kernel: "embedding",
    parallel: { forward: "rows" },
    backwardReads: "input",
    load: loadSequence,
    rules: (nodes, node) => requireIntegers(nodes, node, "", 0, rows - 1),
    trainable,
    outputShape: (input) => [...input, columns],
    parameters: () => [
      {
        name: "weight",
        shape: [rows, columns],
        fans: { fanIn: 1, fanOut: columns }, // of the rows that a sum over all of them would have, one is looked up
        initializer: embeddingsInitializer,
        touched: touchedRows(rows, columns),
      },
    ],
    args: (context) => ({
      weight: context.parameter("weight"),
      dWeight: context.gradient("weight"),
      vocabulary: rows,
      width: columns,
      touched: context.touched?.("weight") ?? 0,
      group: groupOf(columns),
    }),
    flops: () => 0,
  });
}
