// Describes maxPool2d and avgPool2d: a window that moves over an image, channel by channel.
import { loadConvolution } from "../../../build/binaries.js";
import { checkKeys, checkOneOf, checkWhole, withSecond } from "../../util/check.ts";
import type { Layer, KernelContext, LibraryLayer } from "../../graph/layer.ts";
import type { KernelArgs } from "../../runtime/record.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";
import { checkPair, type Padding, type Pair, windowed, windowArgs } from "./image.ts";
import type { Named } from "../named.ts";

/** Options of pooling. */
export interface PoolOptions extends Named {
  /** How far the window moves; default its own size. */
  readonly strides?: Pair;
  /**
   * "valid" (default): the window stays inside the image; "same": the output is ceil(size / stride) large, and padding
   * counts for nothing.
   */
  readonly padding?: Padding;
}

/** The window's size, by itself or among the options. */
export type PoolSize = Pair | ({ readonly size?: Pair } & PoolOptions);

/**
 * Checks the options that a user gave and describes the layer.
 *
 * @param ownArgs the arguments after those of the window
 */
export function pool2d(
  type: "avgPool2d" | "maxPool2d",
  sizeOrOptions: PoolSize,
  more: PoolOptions,
  ownArgs: (context: KernelContext, output: Shape) => KernelArgs = () => ({}),
): Layer {
  const options = withSecond<{ size?: Pair } & PoolOptions>(type, "size", "strides", sizeOrOptions, more);
  checkKeys(type, options, ["size", "strides", "padding", "name"]);
  const { size = 2, strides = size, padding = "valid", name } = options;
  const window = { size: checkPair(type, "size", size), strides: checkPair(type, "strides", strides), padding };
  checkWhole(type, "the cells of size", sizeOf(window.size)); // the kernel numbers them
  checkOneOf(type, "padding", padding, ["valid", "same"]);
  return Object.freeze<LibraryLayer>({
    type,
    name,
    options: { ...window },
    kernel: type,
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "neither",
    load: loadConvolution,
    outputShape: (input, where) => [...windowed(input, window, where), input[2]!],
    args: (context, input, output) => ({ ...windowArgs(input, output, window), ...ownArgs(context, output) }),
    flops: (_input, output) => sizeOf(output) * window.size[0] * window.size[1],
  });
}
