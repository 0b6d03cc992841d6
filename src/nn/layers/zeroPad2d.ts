import type { Layer } from "../../graph/layer.ts";
import { type Border, borderLayer, type BorderOptions } from "./border.ts";
import type { Named } from "../named.ts";

/**
 * Puts zeros around an image: [height, width, channels] to [outHeight, outWidth, channels], with
 * outHeight = top + height + bottom and outWidth = left + width + right.
 *
 * @param border cells at each side, or [top, bottom, left, right]; default 1
 * @throws {TypeError | RangeError} if the border can't be used or the input is no image
 * @example sequential({ input: [4, 4, 1] }, zeroPad2d(1), flatten(), dense(1)) // 6 x 6
 */
export function zeroPad2d(border: Border | BorderOptions = 1, options: Named = {}): Layer {
  return borderLayer("zeroPad2d", border, options);
}
