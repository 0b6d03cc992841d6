import type { Layer } from "../../graph/layer.ts";
import type { Pair } from "./image.ts";
import { type AvgPoolOptions, pool } from "./pooling.ts";

/**
 * The mean of each window, channel by channel: [height, width, channels] to [outHeight, outWidth, channels]. Padding doesn't
 * count, unless `countPadding` says so.
 *
 * @param size height and width of the window, or one number for both; default 2
 * @param options.strides how far the window moves; default its size
 * @param options.padding "valid" (default), "same" or [top, bottom, left, right]
 * @param options.countPadding true: padding counts as zeros, as is PyTorch's default; default false
 * @throws {TypeError | RangeError} if an option can't be used, the input is no image, the window is larger than it
 *   and its padding (ceilMode allows it), or one has padding alone
 * @see LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998
 * @example sequential({ input: [28, 28, 1] }, avgPool2d(2), flatten(), dense(10))
 */
export function avgPool2d(size: Pair | ({ size?: Pair } & AvgPoolOptions) = 2, options: AvgPoolOptions = {}): Layer {
  return pool("avgPool2d", size, options);
}
