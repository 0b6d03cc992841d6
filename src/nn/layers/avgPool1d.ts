import type { Layer } from "../../graph/layer.ts";
import type { Padding1d } from "./image.ts";
import { type AvgPoolOptions, pool } from "./pooling.ts";

/**
 * The mean of each window over time, channel by channel: [time, channels] to [outTime, channels]. Padding doesn't count, unless
 * `countPadding` says so.
 *
 * @param size steps of the window; default 2
 * @param options.strides how far the window moves; default its size
 * @param options.padding "valid" (default), "same", "causal" (all of it before the sequence) or [before, after]
 * @param options.countPadding true: padding counts as zeros, as is PyTorch's default; default false
 * @throws {TypeError | RangeError} if an option can't be used, the input is no sequence, the window is longer than it
 *   and its padding (ceilMode allows it), or one has padding alone
 * @see `avgPool2d`
 * @example sequential({ input: [20, 3] }, avgPool1d(4, { strides: 1, padding: "causal" }), flatten(), dense(2)) // a moving average
 */
export function avgPool1d(
  size: number | ({ size?: number } & AvgPoolOptions<number, Padding1d>) = 2,
  options: AvgPoolOptions<number, Padding1d> = {},
): Layer {
  return pool("avgPool1d", size, options);
}
