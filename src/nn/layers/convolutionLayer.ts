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
  type ConvolutionWindow,
  convolved,
  type DilationOptions,
  KERNEL_KEYS,
  kernelOf,
  type KernelOptions,
  windowFans,
} from "./convolution.ts";
import { checkPair, type Pair } from "./image.ts";
import { sequenceOf } from "./sequence.ts";

/** The options of the three layers together. `filters` and `groups`, or `depthMultiplier`. */
interface Options extends ConvolutionOptions, DilationOptions, KernelOptions {
  readonly filters?: number;
  readonly groups?: number;
  readonly depthMultiplier?: number;
}

/** What makes the layer one of the three. */
interface Kind {
  /** Axes that the window moves along: 1 in sequences, which are images of height 1, and 2 in images. */
  readonly rank: 1 | 2;
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
  const settings = checkConvolution(type, options, known, rank === 1 ? checkWidth : checkPair);
  const kernel = checkKernel(type, options);
  if (depthwise) checkWhole(type, "depthMultiplier", depthMultiplier);
  else {
    checkWhole(type, "filters", filters);
    checkGroups(type, groups, filters, "filters");
  }
  const { window, name, trainable } = settings;
  const asImage = (shape: Shape): Shape => (rank === 1 ? [1, ...shape] : shape);
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
      if (rank === 1) checkSteps(input, window, where);
      const sides = convolved(asImage(input), window, where);
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
      convolutionArgs(context, asImage(input), asImage(output), window, depthwise ? depthMultiplier : 0),
    flops: (input, output) => convolutionFlops(depthwise ? 1 : input.at(-1)! / groups, output, window),
  });
}

/** The size of a window over a sequence, as that of one over an image of height 1. */
function checkWidth(where: string, name: string, value: Pair): readonly [number, number] {
  checkWhole(where, name, value as number);
  return [1, value as number];
}

/** Refuses what isn't a sequence, or is shorter than the window. */
function checkSteps(input: Shape, { size, dilation, padding }: ConvolutionWindow, where: string): void {
  const [steps] = sequenceOf(input, where, "[time, channels]");
  const span = (size[1] - 1) * dilation[1] + 1;
  if (padding === "same" || span <= steps) return;
  throw new RangeError(
    `${where}: the window must fit into the sequence, but it spans ${span} steps and the sequence has ${steps}; ` +
      `use padding "same" or a smaller one`,
  );
}
