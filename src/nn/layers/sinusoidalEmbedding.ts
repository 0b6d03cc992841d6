import { loadSequence } from "../../../build/binaries.js";
import { checkKeys } from "../../util/check.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { sizeOf } from "../../util/shape.ts";
import { sequenceOf } from "./sequence.ts";
import type { Named } from "../named.ts";

/**
 * Adds sine waves that tell positions apart; nothing is learned. At position t, sin(t w) to column 2 i and cos(t w) to
 * column 2 i + 1, with w = 10000^(-2 i / width). Shapes: x [steps, width], y [steps, width].
 *
 * @throws {TypeError} if an option can't be used
 * @throws {RangeError} if the input isn't a sequence
 * @see Vaswani et al., "Attention is all you need", 2017
 * @example sequential({ input: [4, 6] }, sinusoidalEmbedding(), selfAttention({ heads: 2 }))
 */
export function sinusoidalEmbedding(options: Named = {}): Layer {
  checkKeys("sinusoidalEmbedding", options, ["name"]);
  return Object.freeze<LibraryLayer>({
    type: "sinusoidalEmbedding",
    name: options.name,
    options: {},
    kernel: "sinusoidalEmbedding",
    parallel: { forward: "rows" },
    backwardReads: "neither",
    inPlace: true,
    load: loadSequence,
    outputShape(input, where) {
      sequenceOf(input, where, "[steps, width]");
      return input;
    },
    args: (context, input) => ({
      n: input[1]!,
      scratch: context.scratch(4 * sizeOf(input) + 16 * input[1]! + 32 + 16),
    }),
    flops: sizeOf,
  });
}
