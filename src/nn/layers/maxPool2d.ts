import type { Layer } from "../../graph/layer.ts";
import { sizeOf } from "../../util/shape.ts";
import { pool2d, type PoolOptions, type PoolSize } from "./pooling.ts";

/**
 * The largest number of each window, channel by channel: [height, width, channels] to [outHeight, outWidth, channels]. The
 * gradient goes to the first largest, row by row.
 *
 * @param size height and width of the window, or one number for both; default 2
 * @param options.strides how far the window moves; default its size
 * @param options.padding "valid" (default) or "same"
 * @throws {TypeError | RangeError} if an option can't be used, the input is no image, or the window is larger than it
 * @see Riesenhuber, Poggio, "Hierarchical models of object recognition in cortex", 1999
 * @example sequential({ input: [28, 28, 1] }, maxPool2d(2), flatten(), dense(10))
 */
export function maxPool2d(size: PoolSize = 2, options: PoolOptions = {}): Layer {
  return pool2d("maxPool2d", size, options, (context, output) => ({
    winner: context.saved("winner", 4 * sizeOf(output)),
  }));
}
