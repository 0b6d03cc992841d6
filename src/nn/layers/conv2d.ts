import { withSecond } from "../../util/check.ts";
import type { Layer } from "../../graph/layer.ts";
import type { ConvolutionOptions, DilationOptions, KernelOptions } from "./convolution.ts";
import { convolutionLayer } from "./convolutionLayer.ts";

/** Options of `conv2d`. */
export interface Conv2dOptions extends ConvolutionOptions, DilationOptions, KernelOptions {
  /**
   * Number of groups that channels and filters are divided into: filters see the channels of their own group only; default 1.
   */
  readonly groups?: number;
}

/**
 * Moves a window over an image and takes a weighted sum of the numbers under it, for each filter with weights of its own:
 * y[i, j, o] = b[o] + the sum of x[i s + a d, j s + b d, c] w[a, b, c, o] over the window's cells a, b and the channels c.
 * Shapes: x [height, width, channels], w [kernelHeight, kernelWidth, channels / groups, filters], b [filters],
 * y [outHeight, outWidth, filters]. The window isn't flipped (cross-correlation). With "same" padding the odd cell comes
 * last, as in Keras.
 *
 * @param filters channels of the output, 1 or more
 * @param options.kernelSize height and width of the window, or one number for both
 * @param options.padding "valid" (default), "same" or [top, bottom, left, right]
 * @throws {TypeError | RangeError} if an option can't be used, the input is no image, the window is larger than it and its padding, or
 *   channels or filters don't fall into equal groups
 * @see LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998
 * @example sequential({ input: [28, 28, 1] }, conv2d(8, { kernelSize: 5, padding: "same" }), relu(), flatten(), dense(10))
 * @example sequential({ input: [28, 28, 1] }, conv2d(8, { kernelSize: 3, strides: 2, padding: [1, 1, 1, 1] }), flatten(), dense(10))
 */
export function conv2d(
  filters: number | ({ readonly filters: number } & Conv2dOptions),
  options: Partial<Conv2dOptions> = {},
): Layer {
  const settings = withSecond<{ filters: number } & Conv2dOptions>("conv2d", "filters", "kernelSize", filters, options);
  return convolutionLayer("conv2d", settings, { rank: 2 });
}
