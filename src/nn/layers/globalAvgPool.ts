import type { Layer } from "../../graph/layer.ts";
import { sizeOf } from "../../util/shape.ts";
import { globalPool } from "./globalPooling.ts";
import type { Rank } from "./image.ts";
import type { Named } from "../named.ts";

const averaging = (type: string, options: Named, rank: Rank): Layer =>
  globalPool(type, options, rank, "globalAvgPool", (_context, input) => ({
    places: sizeOf(input.slice(0, -1)),
    channels: input.at(-1)!,
  }));

/**
 * The mean of each channel over the image: [height, width, channels] to [channels].
 *
 * @throws {RangeError} if the input is no image
 * @see Lin, Chen, Yan, "Network in network", 2014
 * @example sequential({ input: [8, 8, 3] }, globalAvgPool2d(), dense(10))
 */
export function globalAvgPool2d(options: Named = {}): Layer {
  return averaging("globalAvgPool2d", options, 2);
}

/**
 * The mean of each channel over time: [steps, channels] to [channels].
 *
 * @throws {RangeError} if the input is no sequence
 * @example sequential({ input: [16, 4] }, globalAvgPool1d(), dense(2))
 */
export function globalAvgPool1d(options: Named = {}): Layer {
  return averaging("globalAvgPool1d", options, 1);
}
