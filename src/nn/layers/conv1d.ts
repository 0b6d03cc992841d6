import { withSecond } from "../../util/check.ts";
import type { Layer } from "../../graph/layer.ts";
import type { Padding1d } from "./image.ts";
import type { ConvolutionOptions, DilationOptions, KernelOptions } from "./convolution.ts";
import { convolutionLayer } from "./convolutionLayer.ts";

/** Options of `conv1d`. */
export interface Conv1dOptions extends ConvolutionOptions<number, Padding1d>, DilationOptions<number>, KernelOptions {
  /**
   * Number of groups that channels and filters are divided into: filters see the channels of their own group only; default 1.
   */
  readonly groups?: number;
}

/**
 * Moves a window along a sequence and takes a weighted sum of the numbers under it, for each filter with weights of its own:
 * y[t, o] = b[o] + the sum of x[t s + a d, c] w[a, c, o] over the window's steps a and the channels c.
 * Shapes: x [time, channels], w [kernelSize, channels / groups, filters], b [filters], y [outTime, filters].
 *
 * @param filters channels of the output, 1 or more
 * @param options.kernelSize steps under the window
 * @param options.padding "valid" (default), "same", "causal" (all of it before the sequence: y at t depends on x up to t) or
 *   [before, after]
 * @throws {TypeError | RangeError} if an option can't be used, the input is no sequence, the window is longer than it and its padding, or
 *   channels or filters don't fall into equal groups
 * @see Waibel, Hanazawa, Hinton, Shikano, Lang, "Phoneme recognition using time-delay neural networks", 1989
 * @see van den Oord and others, "WaveNet: a generative model for raw audio", 2016, for causal ones
 * @example sequential({ input: [20, 3] }, conv1d(8, { kernelSize: 5 }), relu(), flatten(), dense(2))
 * @example sequential({ input: [20, 3] }, conv1d(8, { kernelSize: 2, dilation: 4, padding: "causal" }), relu(), flatten(), dense(2))
 */
export function conv1d(
  filters: number | ({ readonly filters: number } & Conv1dOptions),
  options: Partial<Conv1dOptions> = {},
): Layer {
  const settings = withSecond<{ filters: number } & Conv1dOptions>("conv1d", "filters", "kernelSize", filters, options);
  return convolutionLayer("conv1d", settings, { rank: 1 });
}
