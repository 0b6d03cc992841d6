import { loadSequence } from "../../../build/binaries.js";
import { checkKeys } from "../../util/check.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { f32 } from "../../runtime/record.ts";
import { sizeOf } from "../../util/shape.ts";
import { checkNorm, type NormOptions } from "./normalisation.ts";

/** Options of `rmsNorm`. */
export type RmsNormOptions = Omit<NormOptions, "betaInitializer">;

/**
 * Divides the numbers of the last axis by their root mean square and gives each a factor, which is learned:
 * y = gamma x / sqrt(mean of x^2 + epsilon). Any shape.
 *
 * @param options.epsilon above 0; default 1e-5
 * @throws {TypeError | RangeError} if an option can't be used
 * @see Zhang, Sennrich, "Root mean square layer normalization", 2019
 * @example sequential({ input: 16 }, dense(32), rmsNorm(), silu(), dense(1))
 */
export function rmsNorm(options: RmsNormOptions = {}): Layer {
  checkKeys("rmsNorm", options, ["epsilon", "gammaInitializer", "trainable", "name"]);
  const { betaInitializer: _none, ...settings } = checkNorm("rmsNorm", options);
  const { epsilon, gammaInitializer, trainable } = settings;
  return Object.freeze<LibraryLayer>({
    type: "rmsNorm",
    name: options.name,
    options: settings,
    trainable,
    kernel: "rmsNorm",
    parallel: { forward: "rows" },
    backwardReads: "input",
    load: loadSequence,
    outputShape: (input) => input,
    parameters: (input) => [
      { name: "gamma", shape: [input.at(-1)!], fans: { fanIn: 1, fanOut: 1 }, initializer: gammaInitializer },
    ],
    args(context, input) {
      const n = input.at(-1)!;
      return {
        gamma: context.parameter("gamma"),
        dGamma: context.gradient("gamma"),
        n,
        epsilon: f32(epsilon),
        statistics: context.saved("statistics", (4 * sizeOf(input)) / n),
        scratch: context.scratch(4 * n + 16),
      };
    },
    flops: (input) => 5 * sizeOf(input),
  });
}
