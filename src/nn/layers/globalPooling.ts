// Describes the layers that make one number of all that a channel has.
import { loadConvolution } from "../../../build/binaries.js";
import type { KernelContext, Layer, LibraryLayer } from "../../graph/layer.ts";
import type { KernelArgs } from "../../runtime/record.ts";
import { checkKeys } from "../../util/check.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";
import { imageOf, type Rank } from "./image.ts";
import { sequenceOf } from "./sequence.ts";
import type { Named } from "../named.ts";

/**
 * Checks the options that a user gave and describes the layer.
 *
 * @param rank axes that the numbers of a channel have
 */
export function globalPool(
  type: string,
  options: Named,
  rank: Rank,
  kernel: "globalAvgPool" | "maxPool2d",
  args: (context: KernelContext, input: Shape, output: Shape) => KernelArgs,
): Layer {
  checkKeys(type, options, ["name"]);
  return Object.freeze<LibraryLayer>({
    type,
    name: options.name,
    options: {},
    kernel,
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "neither",
    load: loadConvolution,
    outputShape(input, where) {
      if (rank === 1) sequenceOf(input, where);
      else imageOf(input, where);
      return [input.at(-1)!];
    },
    args,
    flops: sizeOf,
  });
}
