import { loadSequence } from "../../../build/binaries.js";
import { checkFraction, checkKeys, withFirst } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import type { Layer } from "../../graph/layer.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";
import { tileOf } from "./channels.ts";
import { imageOf } from "./image.ts";
import { sequenceOf } from "./sequence.ts";

interface SpatialDropoutOptions {
  readonly rate: number;
  readonly name?: string;
}

function spatialDropout(
  type: string,
  rateOrOptions: number | SpatialDropoutOptions,
  more: { name?: string },
  check: (input: Shape, where: string) => void,
): Layer {
  const options = withFirst<SpatialDropoutOptions>(type, "rate", rateOrOptions, more);
  checkKeys(type, options, ["rate", "name"]);
  const { rate, name } = options;
  checkFraction(type, "rate", rate);
  return Object.freeze<Layer>({
    type,
    name,
    options: { rate },
    kernel: "spatialDropout",
    backwardReads: "neither",
    inPlace: true,
    prepare: ["spatialDropoutMask"],
    trainingOnly: true,
    load: loadSequence,
    outputShape(input, where) {
      check(input, where);
      return input;
    },
    args(context, input) {
      const n = input.at(-1)!;
      const tile = tileOf(input);
      return {
        mask: context.saved("mask", n),
        keep: f32(1 - rate),
        stream: context.index,
        program: context.program,
        scratch: context.scratch(Math.max(64, 4 * tile)),
        n,
        tile,
      };
    },
    flops: sizeOf,
  });
}

/**
 * Dropout of whole channels of images, whose neighbouring places say much the same. While training, each channel of each row is set to zero
 * with probability `rate`, and the rest is divided by 1 - rate. During `predict` and `evaluate` it passes its input through.
 * Shapes: [height, width, channels], unchanged.
 * see: Tompson, Goroshin, Jain, LeCun, Bregler, "Efficient object localization using convolutional networks", 2015
 *
 * @param rate fraction of the channels set to zero, from 0 up to but not including 1
 * @throws RangeError if `rate` is outside, or the input is no image
 * @example sequential({ input: [8, 8, 3] }, dense(12), relu(), spatialDropout2d(0.2), flatten(), dense(1))
 */
export function spatialDropout2d(
  rateOrOptions: number | { rate: number; name?: string },
  more: { name?: string } = {},
): Layer {
  return spatialDropout("spatialDropout2d", rateOrOptions, more, imageOf);
}

/**
 * Dropout of whole channels of sequences, as `spatialDropout2d`. Shapes: [steps, channels], unchanged.
 *
 * @param rate fraction of the channels set to zero, from 0 up to but not including 1
 * @throws RangeError if `rate` is outside, or the input is no sequence
 * @example sequential({ input: [16, 4] }, dense(12), relu(), spatialDropout1d(0.2), flatten(), dense(1))
 */
export function spatialDropout1d(
  rateOrOptions: number | { rate: number; name?: string },
  more: { name?: string } = {},
): Layer {
  return spatialDropout("spatialDropout1d", rateOrOptions, more, sequenceOf);
}
