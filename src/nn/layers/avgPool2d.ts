import type { Layer } from "../../graph/layer.ts";
import { pool2d, type PoolOptions, type PoolSize } from "./pooling.ts";

/**
 * The mean of each window, channel by channel: [height, width, channels] to [outHeight, outWidth, channels]. Padding doesn't
 * count.
 *
 * @param size height and width of the window, or one number for both; default 2
 * @param options.strides how far the window moves; default its size
 * @param options.padding "valid" (default) or "same"
 * @throws {TypeError | RangeError} if an option can't be used, the input is no image, or the window is larger than it
 * @see LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998
 * @example sequential({ input: [28, 28, 1] }, avgPool2d(2), flatten(), dense(10))
 */
export function avgPool2d(size: PoolSize = 2, options: PoolOptions = {}): Layer {
  return pool2d("avgPool2d", size, options);
}
