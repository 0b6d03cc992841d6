import { checkKeys, withFirst } from "../check.ts";
import type { Layer } from "../layer.ts";
import { sizeOf } from "../shape.ts";
import { checkWindow, loadImageKernels, type Pair, windowed, windowTail } from "./image.ts";
import type { PoolOptions } from "./maxPool2d.ts";

/**
 * The mean of each window, channel by channel: [height, width, channels] to [outHeight, outWidth, channels]. Padding doesn't
 * count.
 *
 * @param size height and width of the window, or one number for both; default 2
 * @param options.strides how far the window moves; default its size
 * @param options.padding "valid" (default) or "same"
 * @throws TypeError, RangeError if an option can't be used, the input is no image, or the window is larger than it
 * @example sequential({ input: [28, 28, 1] }, avgPool2d(2), flatten(), dense(10))
 */
export function avgPool2d(sizeOrOptions: Pair | ({ size?: Pair } & PoolOptions) = 2, more: PoolOptions = {}): Layer {
  const options = withFirst<{ size?: Pair } & PoolOptions>("avgPool2d", "size", sizeOrOptions, more);
  checkKeys("avgPool2d", options, ["size", "strides", "padding", "name"]);
  const { size = 2, strides, padding = "valid", name } = options;
  const window = checkWindow("avgPool2d", size, strides, padding);
  return Object.freeze<Layer>({
    type: "avgPool2d",
    name,
    options: { ...window },
    kernel: "avgPool2d",
    needs: "neither",
    load: loadImageKernels,
    outputShape: (input, where) => [...windowed(input, window, where), input[2]!],
    tail: (_context, input, output) => windowTail(input, output, window),
    flops: (_input, output) => sizeOf(output) * window.size[0] * window.size[1],
  });
}
