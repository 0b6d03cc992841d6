// Describes the layers that pool: a window that moves over an image or a sequence, channel by channel.
import { loadConvolution } from "../../../build/binaries.js";
import { checkBoolean, checkKeys, checkWhole, withSecond } from "../../util/check.ts";
import type { KernelContext, Layer, LibraryLayer } from "../../graph/layer.ts";
import type { KernelArgs } from "../../runtime/record.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";
import {
  asImage,
  checkPadding,
  checkPair,
  countWindows,
  imageShape,
  type Padding,
  type Padding1d,
  type Pair,
  type Rank,
  sidesOf,
  spanOf,
  unlessBoth,
  type Window,
  windowArgs,
  windowed,
} from "./image.ts";
import type { Named } from "../named.ts";

/** Options of pooling. */
export interface PoolOptions<Size = Pair, Sides = Padding> extends Named {
  /** How far the window moves; default its own size. */
  readonly strides?: Size;
  /**
   * "valid" (default): the window stays inside; "same": the output is ceil(size / stride) large; or the cells at each side. They count
   * for nothing, and no window may have them alone.
   */
  readonly padding?: Sides;
  /** How far apart the cells of the window are; default 1. */
  readonly dilation?: Size;
  /**
   * A last window may reach beyond the padding, if it begins before the padding at the end; default false. Says nothing with "same" and
   * "causal", whose windows end with it.
   */
  readonly ceilMode?: boolean;
}

/** Options of pooling by means. */
export interface AvgPoolOptions<Size = Pair, Sides = Padding> extends PoolOptions<Size, Sides> {
  /** Padding counts as zeros, but not what a window has beyond it (PyTorch, ONNX: count_include_pad); default false. */
  readonly countPadding?: boolean;
}

/** The layers, and the axes that their windows move along. */
const RANKS = { avgPool1d: 1, avgPool2d: 2, maxPool1d: 1, maxPool2d: 2 } as const;

const ELSEWHERE = { countincludepad: "countPadding", dilationrate: "dilation", kernelsize: "size", poolsize: "size" };

/** Any layer's options. */
type Given = { readonly size?: Pair } & AvgPoolOptions<Pair, Padding | Padding1d>;

/** Checks the options that a user gave and describes the layer. */
export function pool(type: keyof typeof RANKS, sizeOrOptions: Pair | Given, more: Given): Layer {
  const rank = RANKS[type];
  const averages = type.startsWith("avg");
  const options = withSecond<Given>(type, "size", "strides", sizeOrOptions, more);
  const own = averages ? ["countPadding"] : [];
  checkKeys(type, options, ["size", "strides", "padding", "dilation", "ceilMode", ...own, "name"], ELSEWHERE);
  const { size = 2, strides = size, padding = "valid", dilation = 1, ceilMode = false, name } = options;
  const { countPadding = false } = options;
  const window = {
    size: checkPair(type, "size", size, rank),
    strides: checkPair(type, "strides", strides, rank),
    padding: checkPadding(type, padding, rank),
    dilation: checkPair(type, "dilation", dilation, rank),
    ceilMode,
  };
  checkBoolean(type, "ceilMode", ceilMode);
  checkBoolean(type, "countPadding", countPadding);
  checkWhole(type, "the cells of size", sizeOf(window.size)); // the kernel numbers them
  for (const axis of [0, 1] as const) checkWhole(type, "the cells that size and dilation span", spanOf(window, axis));
  const both = (pair: readonly [number, number]): number | readonly [number, number] => (rank === 1 ? pair[1] : pair);
  return Object.freeze<LibraryLayer>({
    type,
    name,
    options: {
      size: both(window.size),
      strides: both(window.strides),
      padding: typeof padding === "string" ? padding : [...padding],
      dilation: unlessBoth(both(window.dilation), window.dilation, 1),
      ceilMode: ceilMode || undefined,
      countPadding: countPadding || undefined,
    },
    kernel: averages ? "avgPool2d" : "maxPool2d",
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "neither",
    load: loadConvolution,
    outputShape(input, where) {
      const sides = asImage(input, where, rank);
      const counts = windowed(input, window, where, rank);
      for (const axis of [0, 1] as const) checkCovered(where, window, sides[axis], axis, rank);
      return [...counts.slice(2 - rank), sides[2]];
    },
    args(context, input, output) {
      const given = imageShape(input, rank);
      const end = (axis: 0 | 1): number => (countPadding ? given[axis]! + sidesOf(window, given[axis]!, axis)[1] : 0);
      return {
        ...windowArgs(given, imageShape(output, rank), window),
        ...(averages ? { bottom: end(0), right: end(1) } : winners(context, output)),
      };
    },
    flops: (_input, output) => sizeOf(output) * sizeOf(window.size),
  });
}

/** Where the kernel of maxima writes which cell of each window was the largest. */
export const winners = (context: KernelContext, output: Shape): KernelArgs => ({
  winner: context.saved("winner", 4 * sizeOf(output)),
});

/** Refuses windows that have nothing but padding under them. */
function checkCovered(where: string, window: Window, n: number, axis: 0 | 1, rank: Rank): void {
  const [size, stride, dilation] = [window.size[axis], window.strides[axis], window.dilation[axis]];
  const [before] = sidesOf(window, n, axis);
  const last = countWindows(window, n, axis) - 1;
  const isBare = (i: number): boolean => {
    const first = i * stride - before;
    const outside = Math.max(Math.ceil(-first / dilation), 0); // cells before the image
    return outside >= size || first + outside * dilation >= n;
  };
  let bare = 0;
  // one that begins before an image smaller than its gaps can miss it
  if (dilation > n) while (bare < last && bare * stride < before && !isBare(bare)) bare++;
  if (!isBare(bare)) bare = last;
  if (!isBare(bare)) return;
  const what = rank === 1 ? "step" : axis === 0 ? "row" : "column";
  throw new RangeError(
    `${where}: no window may have padding alone, but that of ${what} ${bare} of the output does; use less padding`,
  );
}
