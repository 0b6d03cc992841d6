import { checkFraction, checkKeys, withFirst } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import { type Layer } from "../../graph/layer.ts";
import { sizeOf } from "../../util/shape.ts";

/**
 * Sets a random fraction of its inputs to zero while training and divides the rest by 1 - rate, so the expected value is
 * unchanged: y = x mask / (1 - rate). During `predict` and `evaluate` it passes its input through. Any shape.
 * see: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, "Dropout", 2014
 *
 * @param rate fraction set to zero, from 0 up to but not including 1
 * @throws RangeError if `rate` is outside
 * @example sequential({ input: 784 }, dense(128), relu(), dropout(0.2), dense(10))
 */
export function dropout(rateOrOptions: number | { rate: number; name?: string }, more: { name?: string } = {}): Layer {
  const options = withFirst<{ rate: number; name?: string }>("dropout", "rate", rateOrOptions, more);
  checkKeys("dropout", options, ["rate", "name"]);
  const { rate, name } = options;
  checkFraction("dropout", "rate", rate);
  return Object.freeze<Layer>({
    type: "dropout",
    name,
    options: { rate },
    kernel: "dropout",
    backwardReads: "neither",
    inPlace: true,
    parallel: { forward: "rows", backward: "rows" },
    prepare: ["dropoutMask"],
    trainingOnly: true,
    outputShape: (input) => input,
    args: (context, input) => ({
      mask: context.saved("mask", sizeOf(input)),
      keep: f32(1 - rate),
      stream: context.index,
      program: context.program,
      scratch: context.scratch(64),
    }),
    flops: sizeOf,
  });
}
