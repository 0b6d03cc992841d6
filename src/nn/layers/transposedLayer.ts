// Describes conv1dTranspose and conv2dTranspose: the reverse of a convolution, whose record is that of the convolution from this
// layer's output to its input.
import { loadConvolution } from "../../../build/binaries.js";
import { checkNumber, checkWhole, withSecond } from "../../util/check.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { type Shape, shapeText } from "../../util/shape.ts";
import {
  biasOf,
  biasOptions,
  checkConvolution,
  checkGroups,
  checkKernel,
  convolutionArgs,
  convolutionFlops,
  type ConvolutionOptions,
  type DilationOptions,
  KERNEL_KEYS,
  kernelOf,
  type KernelOptions,
  windowFans,
} from "./convolution.ts";
import {
  asImage,
  checkPair,
  imageShape,
  type Padding,
  type Padding1d,
  type Pair,
  type Rank,
  spanOf,
  unlessBoth,
} from "./image.ts";

/** Options of transposed convolutions. */
export interface TransposeOptions<Size = Pair, Sides = Padding>
  extends Omit<ConvolutionOptions<Size, Sides>, "padding">, DilationOptions<Size>, KernelOptions {
  /** "valid" (default): the full output; "same": of the size of the input times the strides; or how many cells are cut off at each side. */
  readonly padding?: Sides;
  /**
   * Number of groups that channels and filters are divided into: filters see the channels of their own group only; default 1.
   */
  readonly groups?: number;
  /** Cells more at the end of the output, less than the stride or the dilation; default 0. Not with padding by a word but "valid". */
  readonly outputPadding?: Size;
}

/** The options of both layers, and the number of filters. */
type Given = { readonly filters: number } & TransposeOptions<Pair, Padding | Padding1d>;

/** Checks the options that a user gave and describes the layer. */
export function transposedLayer(type: string, first: number | Given, rest: Partial<Given>, rank: Rank): Layer {
  const options = withSecond<Given>(type, "filters", "kernelSize", first, rest);
  const own = ["filters", "dilation", "groups", "outputPadding", ...KERNEL_KEYS];
  const common = checkConvolution(type, options, own, rank);
  const { filters, dilation, outputPadding = 0 } = options;
  const { window, name, trainable } = common;
  const kernel = checkKernel(type, options);
  checkWhole(type, "filters", filters);
  const { size, strides, padding, groups } = window;
  checkGroups(type, groups, filters, "filters");
  const more = checkPair(type, "outputPadding", outputPadding, rank, 0);
  more.forEach((n, i) => {
    const most = Math.max(strides[i]!, window.dilation[i]!);
    checkNumber(n < most, type, "outputPadding", `less than the stride or the dilation, ${most}`, n);
  });
  const word = padding === "same" || padding === "causal";
  if (word && more.some((n) => n > 0)) {
    throw new RangeError(`${type}: outputPadding goes with padding "valid" or in numbers, got "${padding}"`);
  }
  const along = (n: number, axis: 0 | 1): number => {
    if (word) return n * strides[axis];
    const cut = padding === "valid" ? 0 : padding[2 * axis]! + padding[2 * axis + 1]!;
    return (n - 1) * strides[axis] + spanOf(window, axis) - cut + more[axis];
  };
  // what is cut off before the output is padding of the convolution back; a causal output is cut at its end alone
  const back = padding === "causal" ? { ...window, padding: "valid" as const } : window;
  return Object.freeze<LibraryLayer>({
    type,
    name,
    trainable,
    options: {
      filters,
      ...common.options,
      dilation: unlessBoth(dilation, window.dilation, 1),
      groups: groups === 1 ? undefined : groups,
      outputPadding: unlessBoth(outputPadding, more, 0),
      ...kernel,
      ...biasOptions(common),
    },
    kernel: "conv2dTranspose",
    backwardReads: "input",
    parallel: { forward: "kernel", backward: "kernel" },
    load: loadConvolution,
    outputShape(input, where) {
      const [height, width, channels] = asImage(input, where, rank);
      checkGroups(where, groups, channels, "channels");
      const sides = [along(height, 0), along(width, 1)].slice(2 - rank);
      [height, width].forEach((n, i) => {
        const axis = i as 0 | 1;
        checkWhole(where, "an axis of its output, before it is cut,", (n - 1) * strides[axis] + spanOf(window, axis));
      });
      if (sides.every((n) => n > 0)) return [...sides, filters];
      throw new RangeError(
        `${where}: something must be left of the output, but padding makes it ${shapeText(sides)}; use less of it`,
      );
    },
    parameters(input) {
      const channels = input.at(-1)!;
      // those of the convolution from the output to the input, turned round
      const { fanIn, fanOut } = windowFans(window, filters / groups, channels / groups);
      const shape = [...size.slice(2 - rank), filters / groups, channels];
      return [kernelOf(shape, { fanIn: fanOut, fanOut: fanIn }, kernel), ...biasOf(filters, common)];
    },
    args: (context, input, output) =>
      convolutionArgs(context, imageShape(output, rank), imageShape(input, rank), back, 0),
    flops: (input: Shape) => convolutionFlops(filters / groups, input, window),
  });
}
