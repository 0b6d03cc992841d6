import { withSecond } from "../../util/check.ts";
import type { Layer } from "../../graph/layer.ts";
import type { ConvolutionOptions, DilationOptions, KernelOptions } from "./convolution.ts";
import { convolutionLayer } from "./convolutionLayer.ts";
import type { Pair } from "./image.ts";

/** Options of `depthwiseConv2d`. */
export interface DepthwiseConv2dOptions extends Omit<ConvolutionOptions, "kernelSize">, DilationOptions, KernelOptions {
  /** Channels of the output for each one of the input; default 1. */
  readonly depthMultiplier?: number;
}

/**
 * A convolution that filters each channel by itself, with windows of its own:
 * y[i, j, c m + q] = b[c m + q] + the sum of x[i s + a d, j s + b d, c] w[a, b, c, q] over the window's cells a, b.
 * Shapes: x [height, width, channels], w [kernelHeight, kernelWidth, channels, m], b [channels m],
 * y [outHeight, outWidth, channels m]; m is `depthMultiplier`.
 *
 * @param kernelSize height and width of the window, or one number for both
 * @param options.padding "valid" (default), "same" or [top, bottom, left, right]
 * @throws {TypeError | RangeError} if an option can't be used, the input is no image, or the window is larger than it and its padding
 * @see Sifre, "Rigid-motion scattering for image classification", 2014
 * @example sequential({ input: [16, 16, 3] }, depthwiseConv2d(3, { depthMultiplier: 2 }), flatten(), dense(2))
 */
export function depthwiseConv2d(
  kernelSize: Pair | ({ readonly kernelSize: Pair } & DepthwiseConv2dOptions),
  options: DepthwiseConv2dOptions = {},
): Layer {
  const settings = withSecond<{ kernelSize: Pair } & DepthwiseConv2dOptions>(
    "depthwiseConv2d",
    "kernelSize",
    "strides",
    kernelSize,
    options,
  );
  return convolutionLayer("depthwiseConv2d", settings, { rank: 2, depthwise: true });
}
