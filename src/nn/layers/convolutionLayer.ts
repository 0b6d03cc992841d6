// Describes conv1d, conv2d and depthwiseConv2d, which differ in the axes that the window moves along and in the kernel's shape.
import { loadConvolution } from "../../../build/binaries.js";
import { checkWhole } from "../../util/check.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import type { Shape } from "../../util/shape.ts";
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
import { imageShape, type Padding, type Padding1d, type Pair, type Rank, windowed } from "./image.ts";

/** The options of the three layers together. `filters` and `groups`, or `depthMultiplier`. */
interface Options extends ConvolutionOptions<Pair, Padding | Padding1d>, DilationOptions, KernelOptions {
  readonly filters?: number;
  readonly groups?: number;
  readonly depthMultiplier?: number;
}

/** What makes the layer one of the three. */
interface Kind {
  /** Axes that the window moves along: 1 in sequences, which are images of height 1, and 2 in images. */
  readonly rank: Rank;
  /** Each channel has `depthMultiplier` filters of its own; otherwise the filters of a group see all of its channels. */
  readonly depthwise?: boolean;
}

/** Checks the options that a user gave and describes the layer. */
export function convolutionLayer(type: string, options: Options, { rank, depthwise = false }: Kind): Layer {
  const { dilation = 1, groups = 1, depthMultiplier = 1 } = options;
  const filters = options.filters!;
  // in the order of files and messages: before and after the window's options
  const front = depthwise ? {} : { filters };
  const back = depthwise ? { dilation, depthMultiplier } : { dilation, groups };
  const known = [...Object.keys({ ...front, ...back }), ...KERNEL_KEYS];
  const settings = checkConvolution(type, options, known, rank);
  const kernel = checkKernel(type, options);
  if (depthwise) checkWhole(type, "depthMultiplier", depthMultiplier);
  else {
    checkWhole(type, "filters", filters);
    checkGroups(type, groups, filters, "filters");
  }
  const { window, name, trainable } = settings;
  const outputs = (channels: number): number => (depthwise ? channels * depthMultiplier : filters);
  const lastAxes = (channels: number): Shape =>
    depthwise ? [channels, depthMultiplier] : [channels / groups, filters];
  return Object.freeze<LibraryLayer>({
    type,
    name,
    trainable,
    options: { ...front, ...settings.options, ...back, ...kernel, ...biasOptions(settings) },
    kernel: depthwise ? "depthwiseConv2d" : "conv2d",
    backwardReads: "input",
    parallel: { forward: "kernel", backward: "kernel" },
    load: loadConvolution,
    outputShape(input, where) {
      const sides = windowed(input, window, where, rank);
      checkGroups(where, groups, input.at(-1)!, "channels");
      return [...sides.slice(2 - rank), outputs(input.at(-1)!)];
    },
    parameters(input) {
      const channels = input.at(-1)!;
      const shape = [...window.size.slice(2 - rank), ...lastAxes(channels)];
      const fans = depthwise
        ? windowFans(window, 1, depthMultiplier)
        : windowFans(window, channels / groups, filters / groups);
      return [kernelOf(shape, fans, kernel), ...biasOf(outputs(channels), settings)];
    },
    args: (context, input, output) =>
      convolutionArgs(
        context,
        imageShape(input, rank),
        imageShape(output, rank),
        window,
        depthwise ? depthMultiplier : 0,
      ),
    flops: (input, output) => convolutionFlops(depthwise ? 1 : input.at(-1)! / groups, output, window),
  });
}
