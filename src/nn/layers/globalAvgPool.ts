import { loadConvolution } from "../../../build/binaries.js";
import { checkKeys } from "../../util/check.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";
import { imageOf } from "./image.ts";
import { sequenceOf } from "./sequence.ts";
import type { Named } from "../named.ts";

function globalAvgPool(type: string, options: Named, check: (input: Shape, where: string) => void): Layer {
  checkKeys(type, options, ["name"]);
  return Object.freeze<LibraryLayer>({
    type,
    name: options.name,
    options: {},
    kernel: "globalAvgPool",
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "neither",
    load: loadConvolution,
    outputShape(input, where) {
      check(input, where);
      return [input.at(-1)!];
    },
    args: (_context, input) => ({ places: sizeOf(input.slice(0, -1)), channels: input.at(-1)! }),
    flops: sizeOf,
  });
}

/**
 * The mean of each channel over the image: [height, width, channels] to [channels].
 *
 * @throws {RangeError} if the input is no image
 * @see Lin, Chen, Yan, "Network in network", 2014
 * @example sequential({ input: [8, 8, 3] }, globalAvgPool2d(), dense(10))
 */
export function globalAvgPool2d(options: Named = {}): Layer {
  return globalAvgPool("globalAvgPool2d", options, imageOf);
}

/**
 * The mean of each channel over time: [steps, channels] to [channels].
 *
 * @throws {RangeError} if the input is no sequence
 * @example sequential({ input: [16, 4] }, globalAvgPool1d(), dense(2))
 */
export function globalAvgPool1d(options: Named = {}): Layer {
  return globalAvgPool("globalAvgPool1d", options, sequenceOf);
}
