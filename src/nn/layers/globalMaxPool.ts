import type { Layer } from "../../graph/layer.ts";
import { sizeOf } from "../../util/shape.ts";
import { globalPool } from "./globalPooling.ts";
import { type Rank, windowArgs } from "./image.ts";
import { winners } from "./pooling.ts";
import type { Named } from "../named.ts";

/** All places of a channel, one after the other, are a single window of maxPool2d's kernel. */
const largest = (type: string, options: Named, rank: Rank): Layer =>
  globalPool(type, options, rank, "maxPool2d", (context, input, output) => {
    const places = sizeOf(input.slice(0, -1));
    const window = { size: [1, places], strides: [1, 1], dilation: [1, 1], padding: "valid" } as const;
    return { ...windowArgs([1, places, input.at(-1)!], [1, 1], window), ...winners(context, output) };
  });

/**
 * The largest number of each channel over the image: [height, width, channels] to [channels]. The gradient goes to the first largest,
 * row by row.
 *
 * @throws {RangeError} if the input is no image
 * @see Oquab, Bottou, Laptev, Sivic, "Is object localization for free?", 2015
 * @example sequential({ input: [8, 8, 3] }, globalMaxPool2d(), dense(10))
 */
export function globalMaxPool2d(options: Named = {}): Layer {
  return largest("globalMaxPool2d", options, 2);
}

/**
 * The largest number of each channel over time: [steps, channels] to [channels]. The gradient goes to the first largest.
 *
 * @throws {RangeError} if the input is no sequence
 * @see Collobert, Weston, Bottou, Karlen, Kavukcuoglu, Kuksa, "Natural language processing (almost) from scratch", 2011
 * @example sequential({ input: [16, 4] }, conv1d(8, { kernelSize: 3 }), globalMaxPool1d(), dense(2))
 */
export function globalMaxPool1d(options: Named = {}): Layer {
  return largest("globalMaxPool1d", options, 1);
}
