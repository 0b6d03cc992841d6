import { loadConvolution } from "../../../build/binaries.js";
import { checkKeys, withFirst } from "../../util/check.ts";
import type { Layer } from "../../graph/layer.ts";
import { type Border, borderArgs, checkBorder, imageOf } from "./image.ts";

interface Crop2dOptions {
  readonly border?: Border;
  readonly name?: string;
}

/**
 * Cuts a border off an image: [height, width, channels] to [outHeight, outWidth, channels], with
 * outHeight = height - top - bottom and outWidth = width - left - right.
 *
 * @param border cells at each side, or [top, bottom, left, right]; default 1
 * @throws TypeError, RangeError if the border can't be used, the input is no image, or nothing would be left of it
 * @example sequential({ input: [6, 6, 1] }, crop2d(1), flatten(), dense(1)) // 4 x 4
 */
export function crop2d(borderOrOptions: Border | Crop2dOptions = 1, more: { name?: string } = {}): Layer {
  const options = withFirst<Crop2dOptions>("crop2d", "border", borderOrOptions, more);
  checkKeys("crop2d", options, ["border", "name"]);
  const { border = 1, name } = options;
  const sides = checkBorder("crop2d", border);
  const [top, bottom, left, right] = sides;
  return Object.freeze<Layer>({
    type: "crop2d",
    name,
    options: { border: sides },
    kernel: "crop2d",
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "neither",
    load: loadConvolution,
    outputShape(input, where) {
      const [height, width, channels] = imageOf(input, where);
      if (top + bottom >= height || left + right >= width) {
        throw new RangeError(
          `${where}: something must be left of the image, but ${height}x${width} loses ${top + bottom} rows and ${left + right} columns`,
        );
      }
      return [height - top - bottom, width - left - right, channels];
    },
    args: (_context, _input, output) => borderArgs(output, sides),
  });
}
