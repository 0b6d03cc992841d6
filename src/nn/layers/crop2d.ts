import type { Layer } from "../../graph/layer.ts";
import { type Border, borderLayer, type BorderOptions } from "./border.ts";
import type { Named } from "../named.ts";

/**
 * Cuts a border off an image: [height, width, channels] to [outHeight, outWidth, channels], with
 * outHeight = height - top - bottom and outWidth = width - left - right.
 *
 * @param border cells at each side, or [top, bottom, left, right]; default 1
 * @throws {TypeError | RangeError} if the border can't be used, the input is no image, or nothing would be left of it
 * @example sequential({ input: [6, 6, 1] }, crop2d(1), flatten(), dense(1)) // 4 x 4
 */
export function crop2d(border: Border | BorderOptions = 1, options: Named = {}): Layer {
  return borderLayer("crop2d", border, options);
}
