import { loadSequence } from "../../../build/binaries.js";
import { checkKeys } from "../../util/check.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { f32 } from "../../runtime/record.ts";
import { sizeOf } from "../../util/shape.ts";
import { checkNorm, NORM_KEYS, normArgs, type NormOptions, normParameters } from "./normalisation.ts";

/**
 * Gives the numbers of the last axis mean 0 and variance 1, and then a factor and an offset each, which are learned:
 * y = gamma (x - mean) / sqrt(variance + epsilon) + beta; the variance divides by n. Any shape.
 *
 * @param options.epsilon above 0; default 1e-5
 * @throws {TypeError | RangeError} if an option can't be used
 * @see Ba, Kiros, Hinton, "Layer normalization", 2016
 * @example sequential({ input: 16 }, dense(32), layerNorm(), relu(), dense(1))
 */
export function layerNorm(options: NormOptions = {}): Layer {
  checkKeys("layerNorm", options, NORM_KEYS);
  const settings = checkNorm("layerNorm", options);
  const { epsilon, trainable } = settings;
  return Object.freeze<LibraryLayer>({
    type: "layerNorm",
    name: options.name,
    options: settings,
    trainable,
    kernel: "layerNorm",
    parallel: { forward: "rows" },
    backwardReads: "input",
    load: loadSequence,
    outputShape: (input) => input,
    parameters: (input) => normParameters(input, settings),
    args(context, input) {
      const n = input.at(-1)!;
      return {
        ...normArgs(context),
        n,
        epsilon: f32(epsilon),
        statistics: context.saved("statistics", (8 * sizeOf(input)) / n),
        scratch: context.scratch(4 * n + 16),
      };
    },
    flops: (input) => 8 * sizeOf(input),
  });
}
