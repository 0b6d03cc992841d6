import { loadConvolution } from "../../../build/binaries.js";
import { checkWhole, withSecond } from "../../util/check.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";
import {
  biasOf,
  biasOptions,
  checkConvolution,
  checkKernel,
  convolutionArgs,
  type ConvolutionOptions,
  KERNEL_KEYS,
  kernelOf,
  type KernelOptions,
  windowFans,
} from "./convolution.ts";
import { imageOf } from "./image.ts";

/** Options of `conv2dTranspose`. */
export interface Conv2dTransposeOptions extends ConvolutionOptions, KernelOptions {}

/**
 * The reverse of a convolution's shapes: every pixel adds its window, weighted, to the output.
 * y[i s + a, j s + b, o] = b[o] + the sum of x[i, j, c] w[a, b, o, c]. The full output is (n - 1) s + k large; "valid"
 * keeps all of it, "same" crops it to n s, floor((k - s) / 2) cells at the front.
 * Shapes: x [height, width, channels], w [kernelHeight, kernelWidth, filters, channels], b [filters],
 * y [outHeight, outWidth, filters].
 *
 * @param filters channels of the output, 1 or more
 * @param options.kernelSize height and width of the window, or one number for both
 * @throws {TypeError | RangeError} if an option can't be used, or the input is no image
 * @see Zeiler, Krishnan, Taylor, Fergus, "Deconvolutional networks", 2010
 * @example sequential({ input: [7, 7, 8] }, conv2dTranspose(3, { kernelSize: 4, strides: 2, padding: "same" }), flatten(), dense(2))
 */
export function conv2dTranspose(
  filters: number | ({ readonly filters: number } & Conv2dTransposeOptions),
  options: Partial<Conv2dTransposeOptions> = {},
): Layer {
  const settings = withSecond<{ filters: number } & Conv2dTransposeOptions>(
    "conv2dTranspose",
    "filters",
    "kernelSize",
    filters,
    options,
  );
  const common = checkConvolution("conv2dTranspose", settings, ["filters", ...KERNEL_KEYS]);
  const { filters: outputs } = settings;
  const { window, name, trainable } = common;
  const kernel = checkKernel("conv2dTranspose", settings);
  checkWhole("conv2dTranspose", "filters", outputs);
  const { size, strides, padding } = window;
  const along = (n: number, axis: 0 | 1): number =>
    padding === "same" ? n * strides[axis] : (n - 1) * strides[axis] + size[axis];
  return Object.freeze<LibraryLayer>({
    type: "conv2dTranspose",
    name,
    trainable,
    options: {
      filters: outputs,
      ...common.options,
      ...kernel,
      ...biasOptions(common),
    },
    kernel: "conv2dTranspose",
    backwardReads: "input",
    parallel: { forward: "kernel", backward: "kernel" },
    load: loadConvolution,
    outputShape(input, where) {
      const [height, width] = imageOf(input, where);
      return [along(height, 0), along(width, 1), outputs];
    },
    parameters(input) {
      const channels = input[2]!;
      // those of the convolution from the output to the input, turned round
      const { fanIn, fanOut } = windowFans(window, outputs, channels);
      const fans = { fanIn: fanOut, fanOut: fanIn };
      return [kernelOf([...size, outputs, channels], fans, kernel), ...biasOf(outputs, common)];
    },
    // the record is that of the convolution from this layer's output to its input
    args: (context, input, output) => convolutionArgs(context, output, input, window, 0),
    flops: (input: Shape) => 2 * sizeOf(input) * size[0] * size[1] * outputs,
  });
}
