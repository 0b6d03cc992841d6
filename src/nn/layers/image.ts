// What layers on images share: the shape [height, width, channels], and windows that move over it.
import { checkWhole } from "../../util/check.ts";
import { type Shape, shapeText } from "../../util/shape.ts";

/** Sizes for height and width, or one for both. */
export type Pair = number | readonly [height: number, width: number];

/**
 * Cells around the image: "valid" none, "same" as many as make the output ceil(size / stride) large; the odd one comes last.
 */
export type Padding = "valid" | "same";

/** Refuses what isn't a size or a pair of them; gives both. */
export function checkPair(where: string, name: string, value: Pair): readonly [number, number] {
  if (!Array.isArray(value)) {
    checkWhole(where, name, value as number);
    return [value as number, value as number];
  }
  const pair = value as unknown as readonly number[];
  if (pair.length !== 2)
    throw new RangeError(`${where}: ${name} must be a number or two, got an array of ${pair.length}`);
  pair.forEach((n, i) => checkWhole(where, `${name}[${i}]`, n));
  return [pair[0]!, pair[1]!];
}

/** Height, width and channels of an input. */
export function imageOf(input: Shape, where: string): readonly [number, number, number] {
  if (input.length !== 3) {
    throw new RangeError(
      `${where}: the input must be an image, [height, width, channels], got ${shapeText(input)}; reshape([28, 28, 1]) makes one`,
    );
  }
  return input as readonly [number, number, number];
}

/** A window that moves over an image. */
export interface Window {
  /** Height and width. */
  readonly size: readonly [number, number];
  /** How far it moves down and to the right. */
  readonly strides: readonly [number, number];
  /** Cells around the image that it may cover. */
  readonly padding: Padding;
}

/** Output size and padding before the first cell, along one axis. */
function along(size: number, window: number, stride: number, padding: Padding): readonly [out: number, before: number] {
  if (padding === "valid") return [Math.floor((size - window) / stride) + 1, 0];
  const out = Math.ceil(size / stride);
  return [out, Math.floor(Math.max((out - 1) * stride + window - size, 0) / 2)];
}

/** Height and width of what a window makes of an image. Throws, naming `where`, if it is larger than the image. */
export function windowed(input: Shape, { size, strides, padding }: Window, where: string): readonly [number, number] {
  const [height, width] = imageOf(input, where);
  if (padding === "valid" && (size[0] > height || size[1] > width)) {
    throw new RangeError(
      `${where}: the window must fit into the image, but it is ${shapeText(size)} and the image ${height}x${width}; ` +
        `use padding "same" or a smaller one`,
    );
  }
  return [along(height, size[0], strides[0], padding)[0], along(width, size[1], strides[1], padding)[0]];
}

/** A window's slots, in the order of assembly/convolve/window.ts. */
export function windowArgs(input: Shape, output: Shape, { size, strides, padding }: Window) {
  const [height, width, channels] = input as readonly [number, number, number];
  return {
    height,
    width,
    channels,
    outHeight: output[0]!,
    outWidth: output[1]!,
    windowHeight: size[0],
    windowWidth: size[1],
    strideHeight: strides[0],
    strideWidth: strides[1],
    padTop: along(height, size[0], strides[0], padding)[1],
    padLeft: along(width, size[1], strides[1], padding)[1],
  };
}
