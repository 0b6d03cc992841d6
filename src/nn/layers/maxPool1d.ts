import type { Layer } from "../../graph/layer.ts";
import type { Padding1d } from "./image.ts";
import { pool, type PoolOptions } from "./pooling.ts";

/**
 * The largest number of each window over time, channel by channel: [time, channels] to [outTime, channels]. The gradient goes to the
 * first largest. Padding is never the largest.
 *
 * @param size steps of the window; default 2
 * @param options.strides how far the window moves; default its size
 * @param options.padding "valid" (default), "same", "causal" (all of it before the sequence) or [before, after]
 * @throws {TypeError | RangeError} if an option can't be used, the input is no sequence, the window is longer than it
 *   and its padding (ceilMode allows it), or one has padding alone
 * @see `maxPool2d`
 * @example sequential({ input: [20, 3] }, conv1d(8, { kernelSize: 5 }), relu(), maxPool1d(2), flatten(), dense(2))
 */
export function maxPool1d(
  size: number | ({ size?: number } & PoolOptions<number, Padding1d>) = 2,
  options: PoolOptions<number, Padding1d> = {},
): Layer {
  return pool("maxPool1d", size, options);
}
