import { loadSequence } from "../../../build/binaries.js";
import { checkKeys, checkPositive } from "../../util/check.ts";
import type { Initializer } from "../../graph/parameter.ts";
import { ones, zeros } from "../initializers.ts";
import { checkParameterOptions, type Layer } from "../../graph/layer.ts";
import { f32 } from "../../runtime/record.ts";
import { sizeOf } from "../../util/shape.ts";

export interface LayerNormOptions {
  /** Keeps the division finite; default 1e-5. */
  readonly epsilon?: number;
  /** Where the factors start; default 1. */
  readonly gammaInitializer?: Initializer;
  /** Where the offsets start; default 0. */
  readonly betaInitializer?: Initializer;
  /** False: what is learned otherwise stays as it is; default true. */
  readonly trainable?: boolean;
  readonly name?: string;
}

/**
 * Gives the numbers of the last axis mean 0 and variance 1, and then a factor and an offset each, which are learned:
 * y = gamma (x - mean) / sqrt(variance + epsilon) + beta; the variance divides by n. Any shape.
 * see: Ba, Kiros, Hinton, "Layer normalization", 2016
 *
 * @param options.epsilon above 0; default 1e-5
 * @throws TypeError, RangeError if an option can't be used
 * @example sequential({ input: 16 }, dense(32), layerNorm(), relu(), dense(1))
 */
export function layerNorm(options: LayerNormOptions = {}): Layer {
  checkKeys("layerNorm", options, ["epsilon", "gammaInitializer", "betaInitializer", "trainable", "name"]);
  const { epsilon = 1e-5, gammaInitializer = ones(), betaInitializer = zeros(), trainable = true, name } = options;
  checkPositive("layerNorm", "epsilon", epsilon);
  checkParameterOptions("layerNorm", options);
  return Object.freeze<Layer>({
    type: "layerNorm",
    name,
    options: { epsilon, gammaInitializer, betaInitializer, trainable },
    trainable,
    kernel: "layerNorm",
    parallel: { forward: "rows" },
    backwardReads: "input",
    load: loadSequence,
    outputShape: (input) => input,
    parameters: (input) => [
      { name: "gamma", shape: [input.at(-1)!], initializer: gammaInitializer },
      { name: "beta", shape: [input.at(-1)!], initializer: betaInitializer },
    ],
    args(context, input) {
      const n = input.at(-1)!;
      return {
        gamma: context.parameter("gamma"),
        dGamma: context.gradient("gamma"),
        beta: context.parameter("beta"),
        dBeta: context.gradient("beta"),
        n,
        epsilon: f32(epsilon),
        statistics: context.saved("statistics", (8 * sizeOf(input)) / n),
        scratch: context.scratch(4 * n + 16),
      };
    },
    flops: (input) => 8 * sizeOf(input),
  });
}
