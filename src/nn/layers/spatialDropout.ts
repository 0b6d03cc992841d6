import { loadSequence } from "../../../build/binaries.js";
import type { Layer } from "../../graph/layer.ts";
import type { Shape } from "../../util/shape.ts";
import { tileOf } from "./channels.ts";
import { dropoutLayer, type DropoutOptions } from "./dropout.ts";
import { imageOf } from "./image.ts";
import { sequenceOf } from "./sequence.ts";
import type { Named } from "../named.ts";

function spatialDropout(
  type: string,
  rateOrOptions: number | DropoutOptions,
  more: Named,
  check: (input: Shape, where: string) => void,
): Layer {
  const kernel = { kernel: "spatialDropout", load: loadSequence } as const;
  const sizesOf = (input: Shape) => {
    const n = input.at(-1)!;
    const tile = tileOf(input);
    return { mask: n, scratch: Math.max(64, 4 * tile), slots: { n, tile } };
  };
  return dropoutLayer(type, rateOrOptions, more, kernel, sizesOf, check);
}

/**
 * Dropout of entire channels of images, whose neighbouring pixels carry much the same information. While training, each channel
 * of each row is set to zero with probability `rate`, and the rest is divided by 1 - rate. During `predict` and `evaluate`
 * it passes its input through.
 * Shapes: [height, width, channels], unchanged.
 *
 * @param rate fraction of the channels set to zero, from 0 up to but not including 1
 * @throws {RangeError} if `rate` is outside, or the input is no image
 * @see Tompson, Goroshin, Jain, LeCun, Bregler, "Efficient object localization using convolutional networks", 2015
 * @example sequential({ input: [8, 8, 3] }, dense(12), relu(), spatialDropout2d(0.2), flatten(), dense(1))
 */
export function spatialDropout2d(rate: number | DropoutOptions, options: Named = {}): Layer {
  return spatialDropout("spatialDropout2d", rate, options, imageOf);
}

/**
 * Dropout of entire channels of sequences, as `spatialDropout2d`. Shapes: [steps, channels], unchanged.
 *
 * @param rate fraction of the channels set to zero, from 0 up to but not including 1
 * @throws {RangeError} if `rate` is outside, or the input is no sequence
 * @example sequential({ input: [16, 4] }, dense(12), relu(), spatialDropout1d(0.2), flatten(), dense(1))
 */
export function spatialDropout1d(rate: number | DropoutOptions, options: Named = {}): Layer {
  return spatialDropout("spatialDropout1d", rate, options, sequenceOf);
}
