import { loadSequence } from "../../../build/binaries.js";
import { checkKeys } from "../../util/check.ts";
import { constant } from "../initializers/constant.ts";
import type { Initializer } from "../../graph/parameter.ts";
import { checkParameterOptions, type Layer, type LibraryLayer } from "../../graph/layer.ts";
import { sizeOf } from "../../util/shape.ts";
import type { Named } from "../named.ts";

/**
 * A relu whose slope below 0 is learned, one for each number of the last axis: y = x where x > 0, else slope x. Any shape.
 *
 * @param options.slopeInitializer where the slopes start; default 0.25
 * @param options.trainable false: the slopes stay as they are; default true
 * @throws {TypeError} if an option can't be used
 * @see He, Zhang, Ren, Sun, "Delving deep into rectifiers", 2015
 * @example sequential({ input: 4 }, dense(8), prelu(), dense(1))
 */
export function prelu(options: { slopeInitializer?: Initializer; trainable?: boolean } & Named = {}): Layer {
  checkKeys("prelu", options, ["slopeInitializer", "trainable", "name"]);
  const { slopeInitializer = constant(0.25), trainable = true, name } = options;
  checkParameterOptions("prelu", options);
  return Object.freeze<LibraryLayer>({
    type: "prelu",
    name,
    options: { slopeInitializer, trainable },
    trainable,
    kernel: "prelu",
    parallel: { forward: "rows" },
    backwardReads: "input",
    load: loadSequence,
    outputShape: (input) => input,
    parameters: (input) => [
      { name: "slope", shape: [input.at(-1)!], fans: { fanIn: 1, fanOut: 1 }, initializer: slopeInitializer },
    ],
    args: (context, input) => ({
      slope: context.parameter("slope"),
      dSlope: context.gradient("slope"),
      n: input.at(-1)!,
    }),
    flops: sizeOf,
  });
}
