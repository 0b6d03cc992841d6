import { loadConvolution } from "../../../build/binaries.js";
import { checkKeys, withFirst } from "../../util/check.ts";
import type { Layer } from "../../graph/layer.ts";
import { type Border, borderArgs, checkBorder, imageOf } from "./image.ts";

interface ZeroPad2dOptions {
  readonly border?: Border;
  readonly name?: string;
}

/**
 * Puts zeros around an image: [height, width, channels] to [outHeight, outWidth, channels], with
 * outHeight = top + height + bottom and outWidth = left + width + right.
 *
 * @param border cells at each side, or [top, bottom, left, right]; default 1
 * @throws TypeError, RangeError if the border can't be used or the input is no image
 * @example sequential({ input: [4, 4, 1] }, zeroPad2d(1), flatten(), dense(1)) // 6 x 6
 */
export function zeroPad2d(borderOrOptions: Border | ZeroPad2dOptions = 1, more: { name?: string } = {}): Layer {
  const options = withFirst<ZeroPad2dOptions>("zeroPad2d", "border", borderOrOptions, more);
  checkKeys("zeroPad2d", options, ["border", "name"]);
  const { border = 1, name } = options;
  const sides = checkBorder("zeroPad2d", border);
  const [top, bottom, left, right] = sides;
  return Object.freeze<Layer>({
    type: "zeroPad2d",
    name,
    options: { border: sides },
    kernel: "zeroPad2d",
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "neither",
    load: loadConvolution,
    outputShape(input, where) {
      const [height, width, channels] = imageOf(input, where);
      return [top + height + bottom, left + width + right, channels];
    },
    args: (_context, input) => borderArgs(input, sides),
  });
}
