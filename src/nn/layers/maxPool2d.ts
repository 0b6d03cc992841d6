import type { Layer } from "../../graph/layer.ts";
import type { Pair } from "./image.ts";
import { pool, type PoolOptions } from "./pooling.ts";

/**
 * The largest number of each window, channel by channel: [height, width, channels] to [outHeight, outWidth, channels]. The
 * gradient goes to the first largest, row by row. Padding is never the largest.
 *
 * @param size height and width of the window, or one number for both; default 2
 * @param options.strides how far the window moves; default its size
 * @param options.padding "valid" (default), "same" or [top, bottom, left, right]
 * @throws {TypeError | RangeError} if an option can't be used, the input is no image, the window is larger than it
 *   and its padding (ceilMode allows it), or one has padding alone
 * @see Riesenhuber, Poggio, "Hierarchical models of object recognition in cortex", 1999
 * @example sequential({ input: [28, 28, 1] }, maxPool2d(2), flatten(), dense(10))
 * @example sequential({ input: [28, 28, 1] }, maxPool2d(3, { strides: 2, padding: [1, 1, 1, 1] }), flatten(), dense(10)) // as in ResNet
 */
export function maxPool2d(size: Pair | ({ size?: Pair } & PoolOptions) = 2, options: PoolOptions = {}): Layer {
  return pool("maxPool2d", size, options);
}
