import { loadSequence } from "../../../build/binaries.js";
import { checkKeys, checkNotNegative, withFirst } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import type { Layer } from "../../graph/layer.ts";
import { sizeOf } from "../../util/shape.ts";

/**
 * Adds normal random numbers of mean 0 while training: y = x + deviation e. During `predict` and `evaluate` it passes its input through. The
 * numbers depend on the model's seed, the layer's place and the pass, and on nothing else. Any shape.
 * see: Bishop, "Training with noise is equivalent to Tikhonov regularization", 1995
 *
 * @param deviation standard deviation of what is added, 0 or more
 * @throws TypeError, RangeError if `deviation` can't be used
 * @example sequential({ input: 4 }, gaussianNoise(0.1), dense(8), relu(), dense(1))
 */
export function gaussianNoise(
  deviationOrOptions: number | { deviation: number; name?: string },
  more: { name?: string } = {},
): Layer {
  const options = withFirst<{ deviation: number; name?: string }>(
    "gaussianNoise",
    "deviation",
    deviationOrOptions,
    more,
  );
  checkKeys("gaussianNoise", options, ["deviation", "name"]);
  const { deviation, name } = options;
  checkNotNegative("gaussianNoise", "deviation", deviation);
  return Object.freeze<Layer>({
    type: "gaussianNoise",
    name,
    options: { deviation },
    kernel: "gaussianNoise",
    backwardReads: "neither",
    inPlace: true,
    trainingOnly: true,
    load: loadSequence,
    outputShape: (input) => input,
    args: (context) => ({
      deviation: f32(deviation),
      stream: context.index,
      program: context.program,
      scratch: context.scratch(64),
    }),
    flops: (input) => 40 * sizeOf(input),
  });
}
