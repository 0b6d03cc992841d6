// What convolutions and pooling share while they are written: images of sequences, windows, and zeros around them.
import { type Pair, type Window } from "../../../nn/layers/image.ts";
import type { Context } from "./context.ts";
import type { Ref } from "./writer.ts";

export const both = (value: Pair | undefined, usual: number): readonly [number, number] =>
  value === undefined ? [usual, usual] : typeof value === "number" ? [value, value] : value;

/** A sequence as an image of one column; an image as it is. */
export function asImage(c: Context, x: Ref, rank: 1 | 2, suffix = "image"): Ref {
  if (rank === 2) return x;
  const [steps, features] = x.shape as [number, number];
  return c.reshape(x, [steps, 1, features], suffix);
}

/** The options of the layer's window, along the axes of an image. In sequences the second axis is of one place. */
export function windowOf(c: Context, rank: 1 | 2, sizeKey: "kernelSize" | "size"): Window {
  const along = (key: string, usual: number): readonly [number, number] => {
    const value = c.option<Pair | undefined>(key);
    return rank === 1 ? [typeof value === "number" ? value : usual, 1] : both(value, usual);
  };
  const padding = c.option<Window["padding"] | readonly number[]>("padding", "valid");
  const sides = Array.isArray(padding) && rank === 1 ? [padding[0]!, padding[1]!, 0, 0] : padding;
  const size = along(sizeKey, 2);
  return {
    size,
    strides: sizeKey === "size" ? along("strides", size[0]) : along("strides", 1),
    dilation: along("dilation", 1),
    padding: sides as Window["padding"],
    ceilMode: c.option("ceilMode", false),
  };
}

/** Zeros around an image. */
export function padded(c: Context, x: Ref, [top, bottom, left, right]: readonly number[], suffix = "pad"): Ref {
  const padding = [
    [top!, bottom!],
    [left!, right!],
  ];
  const [height, width, channels] = x.shape as [number, number, number];
  const shape = [top! + height + bottom!, left! + width + right!, channels];
  return c.step("ZeroPadding2D", suffix, { padding, data_format: "channels_last" }, x, shape);
}
