import type { Layer } from "../../graph/layer.ts";
import { transposedLayer, type TransposeOptions } from "./transposedLayer.ts";

/** Options of `conv2dTranspose`. */
export interface Conv2dTransposeOptions extends TransposeOptions {}

/**
 * The reverse of a convolution's shapes: every pixel adds its window, weighted, to the output.
 * y[i s + a d, j s + b d, o] = b[o] + the sum of x[i, j, c] w[a, b, o, c] over the channels c of the group. The full output is
 * (n - 1) s + (k - 1) d + 1 large; "valid" keeps all of it, "same" crops it to n s, floor(((k - 1) d + 1 - s) / 2) cells at the front;
 * [top, bottom, left, right] says how much is cut off. `outputPadding` adds rows below and columns to the right: of several sizes
 * that a convolution with strides makes this one of, the wanted one.
 * Shapes: x [height, width, channels], w [kernelHeight, kernelWidth, filters / groups, channels], b [filters],
 * y [outHeight, outWidth, filters].
 *
 * @param filters channels of the output, 1 or more
 * @param options.kernelSize height and width of the window, or one number for both
 * @param options.padding "valid" (default), "same" or [top, bottom, left, right]
 * @throws {TypeError | RangeError} if an option can't be used, the input is no image, channels or filters don't fall into equal
 *   groups, or nothing is left of the output
 * @see Zeiler, Krishnan, Taylor, Fergus, "Deconvolutional networks", 2010
 * @example sequential({ input: [7, 7, 8] }, conv2dTranspose(3, { kernelSize: 4, strides: 2, padding: "same" }), flatten(), dense(2))
 */
export function conv2dTranspose(
  filters: number | ({ readonly filters: number } & Conv2dTransposeOptions),
  options: Partial<Conv2dTransposeOptions> = {},
): Layer {
  return transposedLayer("conv2dTranspose", filters, options, 2);
}
