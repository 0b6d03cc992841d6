import type { Layer } from "../../graph/layer.ts";
import type { Padding1d } from "./image.ts";
import { transposedLayer, type TransposeOptions } from "./transposedLayer.ts";

/** Options of `conv1dTranspose`. */
export interface Conv1dTransposeOptions extends TransposeOptions<number, Padding1d> {}

/**
 * The reverse of a convolution's shapes, over time: every step adds its window, weighted, to the output.
 * y[t s + a d, o] = b[o] + the sum of x[t, c] w[a, o, c] over the channels c of the group. The full output is
 * (n - 1) s + (k - 1) d + 1 long; "valid" keeps all of it, "same" crops it to n s, floor(((k - 1) d + 1 - s) / 2) steps at the front;
 * "causal" crops it to n s at the end alone, so that no output depends on a later step; [before, after] says how much is cut off.
 * `outputPadding` adds steps at the end.
 * Shapes: x [time, channels], w [kernelSize, filters / groups, channels], b [filters], y [outTime, filters].
 *
 * @param filters channels of the output, 1 or more
 * @param options.kernelSize steps under the window
 * @param options.padding "valid" (default), "same", "causal" or [before, after]
 * @throws {TypeError | RangeError} if an option can't be used, the input is no sequence, channels or filters don't fall into equal
 *   groups, or nothing is left of the output
 * @see `conv2dTranspose`
 * @example sequential({ input: [10, 8] }, conv1dTranspose(3, { kernelSize: 4, strides: 2, padding: "same" }), flatten(), dense(2))
 */
export function conv1dTranspose(
  filters: number | ({ readonly filters: number } & Conv1dTransposeOptions),
  options: Partial<Conv1dTransposeOptions> = {},
): Layer {
  return transposedLayer("conv1dTranspose", filters, options, 1);
}
