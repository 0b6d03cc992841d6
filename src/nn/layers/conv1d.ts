import { loadConvolution } from "../../../build/binaries.js";
import { checkWhole, withFirst } from "../../util/check.ts";
import type { Layer } from "../../graph/layer.ts";
import { type Shape, shapeText } from "../../util/shape.ts";
import {
  biasOf,
  biasOptions,
  checkConvolution,
  checkGroups,
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

export interface Conv1dOptions extends ConvolutionOptions<number>, DilationOptions<number>, KernelOptions {
  /** Channels and filters fall into so many groups that know nothing of each other; default 1. */
  readonly groups?: number;
}

/** A sequence as an image of one row. */
const asImage = (shape: Shape): Shape => [1, ...shape];

/**
 * Moves a window along a sequence and takes a weighted sum of what lies under it, for each filter with weights of its own:
 * y[t, o] = b[o] + the sum of x[t s + a d, c] w[a, c, o] over the window's steps a and the channels c.
 * Shapes: x [time, channels], w [kernelSize, channels / groups, filters], b [filters], y [outTime, filters].
 * see: Waibel, Hanazawa, Hinton, Shikano, Lang, "Phoneme recognition using time-delay neural networks", 1989
 *
 * @param filters channels of the output, 1 or more
 * @param options.kernelSize steps under the window
 * @throws TypeError, RangeError if an option can't be used, the input is no sequence, the window is longer than it, or channels or
 * filters don't fall into equal groups
 * @example sequential({ input: [20, 3] }, conv1d(8, { kernelSize: 5 }), relu(), flatten(), dense(2))
 */
export function conv1d(
  filtersOrOptions: number | ({ readonly filters: number } & Conv1dOptions),
  more: Partial<Conv1dOptions> = {},
): Layer {
  const given = withFirst<{ filters: number } & Conv1dOptions>("conv1d", "filters", filtersOrOptions, more);
  const own = ["filters", "dilation", "groups", ...KERNEL_KEYS];
  const settings = checkConvolution("conv1d", given, own, (where, option, value) => {
    checkWhole(where, option, value);
    return [1, value];
  });
  const { filters, dilation = 1, groups = 1 } = given;
  const { window, name, trainable } = settings;
  const kernel = checkKernel("conv1d", given);
  checkWhole("conv1d", "filters", filters);
  checkGroups("conv1d", groups, filters, "filters");
  return Object.freeze<Layer>({
    type: "conv1d",
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
      if (input.length !== 2) {
        throw new RangeError(`${where}: the input must be a sequence, [time, channels], got ${shapeText(input)}`);
      }
      const span = (window.size[1] - 1) * dilation + 1;
      if (window.padding === "valid" && span > input[0]!) {
        throw new RangeError(
          `${where}: the window must fit into the sequence, but it spans ${span} steps and the sequence has ${input[0]}; ` +
            `use padding "same" or a smaller one`,
        );
      }
      checkGroups(where, groups, input[1]!, "channels");
      return [convolved(asImage(input), window, where)[1], filters];
    },
    parameters: (input) => [
      kernelOf([window.size[1], input[1]! / groups, filters], kernel),
      ...biasOf(filters, settings),
    ],
    args: (context, input, output) => convolutionArgs(context, asImage(input), asImage(output), window, 0),
    flops: (input, output) => convolutionFlops(input[1]! / groups, output, window),
  });
}
