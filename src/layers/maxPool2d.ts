import { checkKeys, withFirst } from "../check.ts";
import type { Layer } from "../layer.ts";
import { sizeOf } from "../shape.ts";
import { checkWindow, loadImageKernels, type Padding, type Pair, windowed, windowTail } from "./image.ts";

export interface PoolOptions {
  /** How far the window moves; default its own size. */
  readonly strides?: Pair;
  /** "valid" (default): only whole windows; "same": the output is ceil(size / stride) large, and padding counts for nothing. */
  readonly padding?: Padding;
  readonly name?: string;
}

/**
 * The largest number of each window, channel by channel: [height, width, channels] to [outHeight, outWidth, channels]. The
 * gradient goes to the first largest, row by row.
 *
 * @param size height and width of the window, or one number for both; default 2
 * @param options.strides how far the window moves; default its size
 * @param options.padding "valid" (default) or "same"
 * @throws TypeError, RangeError if an option can't be used, the input is no image, or the window is larger than it
 * @example sequential({ input: [28, 28, 1] }, maxPool2d(2), flatten(), dense(10))
 */
export function maxPool2d(sizeOrOptions: Pair | ({ size?: Pair } & PoolOptions) = 2, more: PoolOptions = {}): Layer {
  const options = withFirst<{ size?: Pair } & PoolOptions>("maxPool2d", "size", sizeOrOptions, more);
  checkKeys("maxPool2d", options, ["size", "strides", "padding", "name"]);
  const { size = 2, strides, padding = "valid", name } = options;
  const window = checkWindow("maxPool2d", size, strides, padding);
  return Object.freeze<Layer>({
    type: "maxPool2d",
    name,
    options: { ...window },
    kernel: "maxPool2d",
    needs: "neither",
    load: loadImageKernels,
    outputShape: (input, where) => [...windowed(input, window, where), input[2]!],
    tail: (context, input, output) => ({
      ...windowTail(input, output, window),
      winner: context.saved("winner", 4 * sizeOf(output)),
    }),
    flops: (_input, output) => sizeOf(output) * window.size[0] * window.size[1],
  });
}
