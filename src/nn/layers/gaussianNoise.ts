import { loadSequence } from "../../../build/binaries.js";
import { checkKeys, checkNotNegative, withFirst } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { sizeOf } from "../../util/shape.ts";
import type { Named } from "../named.ts";

/**
 * Adds normal random numbers of mean 0 while training: y = x + deviation e. During `predict` and `evaluate` it passes its
 * input through. The numbers depend on the model's seed, the layer's index and the pass, and on nothing else. Any shape.
 *
 * @param deviation standard deviation of what is added, 0 or more
 * @throws {TypeError | RangeError} if `deviation` can't be used
 * @see Bishop, "Training with noise is equivalent to Tikhonov regularization", 1995
 * @example sequential({ input: 4 }, gaussianNoise(0.1), dense(8), relu(), dense(1))
 */
export function gaussianNoise(deviation: number | ({ deviation: number } & Named), options: Named = {}): Layer {
  const settings = withFirst<{ deviation: number } & Named>("gaussianNoise", "deviation", deviation, options);
  checkKeys("gaussianNoise", settings, ["deviation", "name"]);
  const { deviation: scale, name } = settings;
  checkNotNegative("gaussianNoise", "deviation", scale);
  return Object.freeze<LibraryLayer>({
    type: "gaussianNoise",
    name,
    options: { deviation: scale },
    kernel: "gaussianNoise",
    backwardReads: "neither",
    inPlace: true,
    trainingOnly: true,
    load: loadSequence,
    outputShape: (input) => input,
    args: (context) => ({
      deviation: f32(scale),
      stream: context.index,
      program: context.program,
      scratch: context.scratch(64),
    }),
    flops: (input) => 40 * sizeOf(input),
  });
}
