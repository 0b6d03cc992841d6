// What pooling layers share: a window that moves over an image, channel by channel.
import { checkKeys, checkOneOf, withFirst } from "../../util/check.ts";
import type { Layer, TailContext } from "../../graph/layer.ts";
import type { Tail } from "../../runtime/record.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";
import { checkPair, loadImageKernels, type Padding, type Pair, windowed, windowTail } from "./image.ts";

export interface PoolOptions {
  /** How far the window moves; default its own size. */
  readonly strides?: Pair;
  /** "valid" (default): only whole windows; "same": the output is ceil(size / stride) large, and padding counts for nothing. */
  readonly padding?: Padding;
  readonly name?: string;
}

/** A size, alone or among the options. */
export type PoolSize = Pair | ({ readonly size?: Pair } & PoolOptions);

/** @param own the tail's slots behind those of the window */
export function pool2d(
  type: "avgPool2d" | "maxPool2d",
  sizeOrOptions: PoolSize,
  more: PoolOptions,
  own: (context: TailContext, output: Shape) => Tail = () => ({}),
): Layer {
  const options = withFirst<{ size?: Pair } & PoolOptions>(type, "size", sizeOrOptions, more);
  checkKeys(type, options, ["size", "strides", "padding", "name"]);
  const { size: given = 2, strides: moves = given, padding = "valid", name } = options;
  const size = checkPair(type, "size", given);
  const strides = checkPair(type, "strides", moves);
  checkOneOf(type, "padding", padding, ["valid", "same"]);
  const window = { size, strides, padding };
  return Object.freeze<Layer>({
    type,
    name,
    options: { ...window },
    kernel: type,
    split: ["rows", "rows"],
    needs: "neither",
    load: loadImageKernels,
    outputShape: (input, where) => [...windowed(input, window, where), input[2]!],
    tail: (context, input, output) => ({ ...windowTail(input, output, window), ...own(context, output) }),
    flops: (_input, output) => sizeOf(output) * size[0] * size[1],
  });
}
