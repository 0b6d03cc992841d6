// What layers on images share: the shape [height, width, channels], and windows that move over it. Sequences are images of height 1.
import { checkWhole, valueText } from "../../util/check.ts";
import { type Shape, shapeText } from "../../util/shape.ts";
import { sequenceOf } from "./sequence.ts";

/** Sizes for height and width, or one for both. */
export type Pair = number | readonly [height: number, width: number];

/** Cells above, below, to the left and to the right. */
type Sides = readonly [top: number, bottom: number, left: number, right: number];

/**
 * Cells around the image: "valid" none; "same" as many as make the output ceil(size / stride) large, the odd one last; or how many there
 * are at each side.
 */
export type Padding = "valid" | "same" | Sides;

/** Steps before and after a sequence: as `Padding`; "causal" has all of them before it, so that no output depends on a later step. */
export type Padding1d = "valid" | "same" | "causal" | readonly [before: number, after: number];

/** Axes that a window moves along: 1 in sequences, 2 in images. */
export type Rank = 1 | 2;

/**
 * Refuses what isn't a size or a pair of them; gives both. In sequences it is one number, and the other axis has the least one.
 */
export function checkPair(
  where: string,
  name: string,
  value: Pair,
  rank: Rank = 2,
  least: 0 | 1 = 1,
): readonly [number, number] {
  if (rank === 1 || !Array.isArray(value)) {
    checkWhole(where, name, value as number, least);
    return [rank === 1 ? least : (value as number), value as number];
  }
  const pair = [...(value as unknown as readonly number[])];
  if (pair.length !== 2)
    throw new RangeError(`${where}: ${name} must be a number or two, got an array of ${pair.length}`);
  pair.forEach((n, i) => checkWhole(where, `${name}[${i}]`, n, least));
  return [pair[0]!, pair[1]!];
}

/** Refuses what is neither a word for padding nor the cells at each side; those of a sequence become those of an image of height 1. */
export function checkPadding(where: string, given: Padding | Padding1d, rank: Rank): Window["padding"] {
  const words = rank === 1 ? ["valid", "same", "causal"] : ["valid", "same"];
  const sides = rank === 1 ? "[before, after]" : "[top, bottom, left, right]";
  if (typeof given === "string") {
    if (rank === 2 && given === "causal") {
      throw new RangeError(
        `${where}: padding "causal" is for sequences, where all of it comes before them; for an image give [top, bottom, left, right]`,
      );
    }
    if (words.includes(given)) return given;
    const word = given.toLowerCase();
    const hint = words.includes(word) ? `did you mean "${word}"?` : `cells at each side are ${sides}`;
    throw new RangeError(`${where}: padding must be one of ${words.join(", ")}, got ${valueText(given)}; ${hint}`);
  }
  if (Array.isArray(given) && given.length === 2 * rank) {
    const cells = [...given] as number[];
    cells.forEach((n, i) => checkWhole(where, `padding[${i}]`, n, 0));
    return (rank === 1 ? [0, 0, ...cells] : cells) as unknown as Sides;
  }
  // other libraries take a number, or one for each axis
  const each: unknown = typeof given === "number" ? [given, given].slice(0, rank) : given;
  const isMeant = Array.isArray(each) && each.length === rank && each.every((n) => Number.isInteger(n) && n >= 0);
  const hint = isMeant ? `; did you mean [${each.flatMap((n: number) => [n, n]).join(", ")}]?` : "";
  throw new RangeError(
    `${where}: padding must be one of ${words.join(", ")}, or ${sides}, got ${valueText(given)}${hint}`,
  );
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

/** The input of a layer on images; that of one on sequences as an image of height 1. */
export function asImage(input: Shape, where: string, rank: Rank): readonly [number, number, number] {
  return rank === 1 ? [1, ...sequenceOf(input, where, "[time, channels]")] : imageOf(input, where);
}

/** The shape of an input or output of such a layer, as that of an image. */
export const imageShape = (shape: Shape, rank: Rank): Shape => (rank === 1 ? [1, ...shape] : shape);

/** A window that moves over an image. */
export interface Window {
  /** Height and width. */
  readonly size: readonly [number, number];
  /** How far it moves down and to the right. */
  readonly strides: readonly [number, number];
  /** How far apart its cells are. */
  readonly dilation: readonly [number, number];
  /** Cells around the image that it may cover. */
  readonly padding: "valid" | "same" | "causal" | Sides;
  /** A last window may reach beyond the padding, if it begins before the padding at the end. */
  readonly ceilMode?: boolean;
}

/** Distance from a window's first cell to its last, both counted. */
export const spanOf = ({ size, dilation }: Window, axis: 0 | 1): number => (size[axis] - 1) * dilation[axis] + 1;

/** Cells before and after the `n` ones of an axis. */
export function sidesOf(window: Window, n: number, axis: 0 | 1): readonly [before: number, after: number] {
  const { padding } = window;
  if (padding === "valid") return [0, 0];
  if (typeof padding !== "string") return [padding[2 * axis]!, padding[2 * axis + 1]!];
  const span = spanOf(window, axis);
  if (padding === "causal") return [span - 1, 0];
  const stride = window.strides[axis];
  const both = Math.max((Math.ceil(n / stride) - 1) * stride + span - n, 0);
  const before = Math.floor(both / 2);
  return [before, both - before];
}

/** Windows along an axis of `n` cells; less than 1 if none fits. */
export function countWindows(window: Window, n: number, axis: 0 | 1): number {
  const [before, after] = sidesOf(window, n, axis);
  const stride = window.strides[axis];
  const moves = (n + before + after - spanOf(window, axis)) / stride;
  const whole = Math.floor(moves) + 1;
  // the others make ceil(n / stride) in any case
  if (!window.ceilMode || window.padding === "same" || window.padding === "causal") return whole;
  // one more, if it begins in the image or the padding before it
  return whole + Number(moves > whole - 1 && whole * stride < n + before);
}

/** Height and width of what a window makes of an image. Throws, naming `where`, if it is larger than the image and its padding. */
export function windowed(input: Shape, window: Window, where: string, rank: Rank): readonly [number, number] {
  const sides = asImage(input, where, rank).slice(0, 2);
  const padded = sides.map((n, axis) => {
    const [before, after] = sidesOf(window, n, axis as 0 | 1);
    checkWhole(where, "an axis of its input, with padding,", n + before + after);
    return n + before + after;
  });
  const counts = sides.map((n, axis) => countWindows(window, n, axis as 0 | 1));
  if (counts.every((n) => n > 0)) return counts as [number, number] & number[];
  const explicit = typeof window.padding !== "string";
  const span = [spanOf(window, 0), spanOf(window, 1)];
  throw new RangeError(
    (rank === 1
      ? `${where}: the window must fit into the sequence, but it spans ${span[1]} steps and the sequence has ` +
        `${sides[1]}${explicit ? `, with padding ${padded[1]}` : ""}`
      : `${where}: the window must fit into the image, but it is ${shapeText(span)} and the image ` +
        `${shapeText(sides)}${explicit ? `, with padding ${shapeText(padded)}` : ""}`) +
      `; use padding "same" or a smaller one`,
  );
}

/** A window's slots, in the order of assembly/convolve/window.ts. */
export function windowArgs(input: Shape, output: Shape, window: Window) {
  const [height, width, channels] = input as readonly [number, number, number];
  const { size, strides, dilation } = window;
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
    padTop: sidesOf(window, height, 0)[0],
    padLeft: sidesOf(window, width, 1)[0],
    dilationHeight: dilation[0],
    dilationWidth: dilation[1],
  };
}

/** The value of an option for both axes, as it is written to files: left out where both are the default. */
export const unlessBoth = (value: Pair | undefined, [first, second]: readonly [number, number], usual: number) =>
  first === usual && second === usual ? undefined : value;
