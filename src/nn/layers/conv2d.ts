import { loadConvolution } from "../../../build/binaries.js";
import { checkWhole, withFirst } from "../../util/check.ts";
import type { Layer } from "../../graph/layer.ts";
import {
  biasOf,
  biasOptions,
  checkGroups,
  checkImageConvolution,
  checkKernel,
  convolutionFlops,
  convolutionArgs,
  convolved,
  type ConvolutionOptions,
  type DilationOptions,
  KERNEL_KEYS,
  kernelOf,
  type KernelOptions,
} from "./convolution.ts";

export interface Conv2dOptions extends ConvolutionOptions, DilationOptions, KernelOptions {
  /** Channels and filters fall into so many groups that know nothing of each other; default 1. */
  readonly groups?: number;
}

/**
 * Moves a window over an image and takes a weighted sum of what lies under it, for each filter with weights of its own:
 * y[i, j, o] = b[o] + the sum of x[i s + a d, j s + b d, c] w[a, b, c, o] over the window's cells a, b and the channels c.
 * Shapes: x [height, width, channels], w [kernelHeight, kernelWidth, channels / groups, filters], b [filters],
 * y [outHeight, outWidth, filters]. The window isn't turned round (cross-correlation). With "same" padding the odd cell comes
 * last, as in Keras.
 * see: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998
 *
 * @param filters channels of the output, 1 or more
 * @param options.kernelSize height and width of the window, or one number for both
 * @throws TypeError, RangeError if an option can't be used, the input is no image, the window is larger than it, or channels or
 * filters don't fall into equal groups
 * @example sequential({ input: [28, 28, 1] }, conv2d(8, { kernelSize: 5, padding: "same" }), relu(), flatten(), dense(10))
 */
export function conv2d(
  filtersOrOptions: number | ({ readonly filters: number } & Conv2dOptions),
  more: Partial<Conv2dOptions> = {},
): Layer {
  const given = withFirst<{ filters: number } & Conv2dOptions>("conv2d", "filters", filtersOrOptions, more);
  const settings = checkImageConvolution("conv2d", given, ["filters", "dilation", "groups", ...KERNEL_KEYS]);
  const { filters, dilation = 1, groups = 1 } = given;
  const { window, name, trainable } = settings;
  const kernel = checkKernel("conv2d", given);
  checkWhole("conv2d", "filters", filters);
  checkGroups("conv2d", groups, filters, "filters");
  return Object.freeze<Layer>({
    type: "conv2d",
    name,
    trainable,
    options: {
      filters,
      ...settings.options,
      dilation,
      groups,
      ...kernel,
      ...biasOptions(settings),
    },
    kernel: "conv2d",
    backwardReads: "input",
    parallel: { forward: "kernel", backward: "kernel" },
    load: loadConvolution,
    outputShape(input, where) {
      const [height, width] = convolved(input, window, where);
      checkGroups(where, groups, input[2]!, "channels");
      return [height, width, filters];
    },
    parameters: (input) => [
      kernelOf([...window.size, input[2]! / groups, filters], kernel),
      ...biasOf(filters, settings),
    ],
    args: (context, input, output) => convolutionArgs(context, input, output, window, 0),
    flops: (input, output) => convolutionFlops(input[2]! / groups, output, window),
  });
}
