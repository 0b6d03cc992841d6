import { loadConvolution } from "../../../build/binaries.js";
import { checkWhole, withSecond } from "../../util/check.ts";
import { glorotUniform } from "../initializers/uniform.ts";
import type { Initializer, Regularizer } from "../../graph/parameter.ts";
import { checkParameterOptions, type Layer, type LibraryLayer } from "../../graph/layer.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";
import {
  biasOf,
  biasOptions,
  checkConvolution,
  convolutionFlops,
  convolutionArgs,
  type ConvolutionOptions,
  type DilationOptions,
  scratchBytes,
  windowFans,
} from "./convolution.ts";
import { windowed } from "./image.ts";

/** Options of `separableConv2d`. */
export interface SeparableConv2dOptions extends ConvolutionOptions, DilationOptions {
  /** Outputs of the first step per channel; default 1. */
  readonly depthMultiplier?: number;
  /** Initial weights of the first step; default `glorotUniform()`. */
  readonly depthwiseInitializer?: Initializer;
  /** Initial weights of the second step; default `glorotUniform()`. */
  readonly pointwiseInitializer?: Initializer;
  /** Penalty on the weights of the first step; default none. */
  readonly depthwiseRegularizer?: Regularizer;
  /** Penalty on the weights of the second step; default none. */
  readonly pointwiseRegularizer?: Regularizer;
}

const OWN = [
  "filters",
  "dilation",
  "depthMultiplier",
  "depthwiseInitializer",
  "pointwiseInitializer",
  "depthwiseRegularizer",
  "pointwiseRegularizer",
];

/**
 * A convolution in two steps, with fewer weights. First each channel by itself, as by depthwiseConv2d without a bias, then
 * weighted sums of the results, pixel by pixel: y[i, j, o] = b[o] + the sum of z[i, j, k] v[k, o].
 * Shapes: x [height, width, channels], depthwiseKernel [kernelHeight, kernelWidth, channels, m],
 * pointwiseKernel [1, 1, channels m, filters], b [filters], y [outHeight, outWidth, filters]; m is `depthMultiplier`.
 *
 * @param filters channels of the output, 1 or more
 * @param options.kernelSize height and width of the window, or one number for both
 * @param options.padding "valid" (default), "same" or [top, bottom, left, right]
 * @throws {TypeError | RangeError} if an option can't be used, the input is no image, or the window is larger than it and its padding
 * @see Chollet, "Xception: deep learning with depthwise separable convolutions", 2017
 * @example sequential({ input: [16, 16, 3] }, separableConv2d(8, { kernelSize: 3 }), relu(), flatten(), dense(2))
 */
export function separableConv2d(
  filters: number | ({ readonly filters: number } & SeparableConv2dOptions),
  options: Partial<SeparableConv2dOptions> = {},
): Layer {
  const settings = withSecond<{ filters: number } & SeparableConv2dOptions>(
    "separableConv2d",
    "filters",
    "kernelSize",
    filters,
    options,
  );
  const common = checkConvolution("separableConv2d", settings, OWN);
  const { filters: outputs, dilation = 1, depthMultiplier = 1, depthwiseRegularizer, pointwiseRegularizer } = settings;
  const { depthwiseInitializer = glorotUniform(), pointwiseInitializer = glorotUniform() } = settings;
  const { window, name, trainable } = common;
  checkWhole("separableConv2d", "filters", outputs);
  checkWhole("separableConv2d", "depthMultiplier", depthMultiplier);
  checkParameterOptions("separableConv2d", settings);
  const between = (input: Shape, output: Shape): Shape => [output[0]!, output[1]!, input[2]! * depthMultiplier];
  return Object.freeze<LibraryLayer>({
    type: "separableConv2d",
    name,
    trainable,
    options: {
      filters: outputs,
      ...common.options,
      dilation,
      depthMultiplier,
      depthwiseInitializer,
      pointwiseInitializer,
      depthwiseRegularizer,
      pointwiseRegularizer,
      ...biasOptions(common),
    },
    kernel: "separableConv2d",
    backwardReads: "input",
    parallel: { forward: "barrier", backward: "barrier" },
    load: loadConvolution,
    outputShape: (input, where) => [...windowed(input, window, where, 2), outputs],
    parameters: (input) => [
      {
        name: "depthwiseKernel",
        shape: [...window.size, input[2]!, depthMultiplier],
        fans: windowFans(window, 1, depthMultiplier),
        initializer: depthwiseInitializer,
        regularizer: depthwiseRegularizer,
      },
      {
        name: "pointwiseKernel",
        shape: [1, 1, input[2]! * depthMultiplier, outputs],
        initializer: pointwiseInitializer,
        regularizer: pointwiseRegularizer,
      },
      ...biasOf(outputs, common),
    ],
    args(context, input, output) {
      const middle = between(input, output);
      const bytes = 4 * sizeOf(middle);
      const first = convolutionArgs(context, input, middle, window, depthMultiplier, "depthwiseKernel");
      const one = { windowHeight: 1, windowWidth: 1, strideHeight: 1, strideWidth: 1, padTop: 0, padLeft: 0 };
      const [height, width, channels] = middle as [number, number, number];
      const second = {
        ...first,
        ...one,
        height,
        width,
        channels,
        filters: outputs,
        dilationHeight: 1,
        dilationWidth: 1,
      };
      return {
        ...first,
        scratch: context.scratch(Math.max(scratchBytes(first, depthMultiplier), scratchBytes(second, 0))),
        points: context.parameter("pointwiseKernel"),
        dPoints: context.gradient("pointwiseKernel"),
        units: outputs,
        between: context.saved("between", bytes),
        dBetween: context.training ? context.saved("dBetween", bytes) : 0,
      };
    },
    flops(input, output) {
      const middle = between(input, output);
      return convolutionFlops(1, middle, window) + 2 * sizeOf(middle) * outputs;
    },
  });
}
