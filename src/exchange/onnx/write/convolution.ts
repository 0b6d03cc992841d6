// Convolutions: channels first, the filters' axes in front of the window's.
import {
  checkPair,
  type Padding1d,
  type Padding,
  type Pair,
  type Rank,
  sidesOf,
  spanOf,
  type Window,
} from "../../../nn/layers/image.ts";
import type { Shape } from "../../../util/shape.ts";
import { int, ints } from "./graphWriter.ts";
import type { LayerWriter, Place } from "./place.ts";

/** The options that windows have. */
interface WindowOptions {
  readonly kernelSize: Pair;
  readonly strides: Pair;
  readonly padding: Padding | Padding1d;
  readonly dilation?: Pair;
  readonly groups?: number;
  readonly outputPadding?: Pair;
}

/** The axes along which windows move: of a sequence the second of a pair. */
export const along = <T>(pair: readonly [T, T], rank: Rank): readonly T[] => (rank === 1 ? [pair[1]] : pair);

/** A window of a layer's options. */
export function windowOf(
  size: Pair,
  strides: Pair,
  dilation: Pair | undefined,
  padding: Padding | Padding1d,
  rank: Rank,
): Window {
  const pair = (value: Pair): readonly [number, number] => checkPair("toOnnx", "a size", value, rank);
  const sides = typeof padding === "string" || padding.length === 4 ? padding : ([0, 0, ...padding] as const);
  return { size: pair(size), strides: pair(strides), dilation: pair(dilation ?? 1), padding: sides };
}

/** Height and width, or those of a sequence as an image of height 1. */
export const placesOf = (shape: Shape, rank: Rank): readonly [number, number] =>
  rank === 1 ? [1, shape[0]!] : [shape[0]!, shape[1]!];

/** Cells before and after each axis, in ONNX's order. */
const padsOf = (sides: readonly (readonly [number, number])[]): number[] => [
  ...sides.map(([before]) => before),
  ...sides.map(([, after]) => after),
];

export function sidesOfAll(window: Window, input: Shape, rank: Rank): readonly (readonly [number, number])[] {
  const places = placesOf(input, rank);
  return along([sidesOf(window, places[0], 0), sidesOf(window, places[1], 1)], rank);
}

/** What Conv and ConvTranspose say of a window. */
const attributesOf = (window: Window, rank: Rank, sides: readonly (readonly [number, number])[], group: number) => ({
  dilations: ints(along(window.dilation, rank)),
  group: int(group),
  kernel_shape: ints(along(window.size, rank)),
  pads: ints(padsOf(sides)),
  strides: ints(along(window.strides, rank)),
});

const biasOf = (place: Place): string[] => (place.parameter("bias") ? [place.weight("bias")] : []);

const convolution =
  (rank: Rank): LayerWriter =>
  (place) => {
    const { kernelSize, strides, dilation, padding, groups = 1 } = place.options as unknown as WindowOptions;
    const window = windowOf(kernelSize, strides, dilation, padding, rank);
    const weight = place.weight("kernel", rank === 1 ? [2, 1, 0] : [3, 2, 0, 1]);
    const attributes = attributesOf(window, rank, sidesOfAll(window, place.input, rank), groups);
    return place.give("first", place.op("Conv", [place.x.get("first"), weight, ...biasOf(place)], attributes));
  };

/** Each channel has filters of its own: as many groups as channels. */
function depthwise(place: Place, local: string, bias: readonly string[]): string {
  const { strides, dilation, padding } = place.options as unknown as WindowOptions;
  const [height, width, channels, multiplier] = place.parameter(local)!.shape as [number, number, number, number];
  const window = windowOf([height, width], strides, dilation, padding, 2);
  const weight = place.weight(local, [2, 3, 0, 1], [channels * multiplier, 1, height, width]);
  const attributes = attributesOf(window, 2, sidesOfAll(window, place.input, 2), channels);
  return place.op("Conv", [place.x.get("first"), weight, ...bias], attributes);
}

const separable: LayerWriter = (place) => {
  const between = depthwise(place, "depthwiseKernel", []);
  const weight = place.weight("pointwiseKernel", [3, 2, 0, 1]);
  const attributes = { kernel_shape: ints([1, 1]) };
  return place.give("first", place.op("Conv", [between, weight, ...biasOf(place)], attributes));
};

const transposed =
  (rank: Rank): LayerWriter =>
  (place) => {
    const options = place.options as unknown as WindowOptions;
    const { kernelSize, strides, dilation, padding, groups = 1 } = options;
    const window = windowOf(kernelSize, strides, dilation, padding, rank);
    const [from, to] = [placesOf(place.input, rank), placesOf(place.output, rank)];
    const parts = ([0, 1] as const).map((axis) => {
      const full = (from[axis] - 1) * window.strides[axis] + spanOf(window, axis);
      // what is cut off before the output is padding of the convolution back; a causal output is cut at its end alone
      const before = padding === "causal" ? 0 : sidesOf(window, to[axis], axis)[0];
      const after = full - before - to[axis];
      return { sides: [before, Math.max(after, 0)] as const, more: Math.max(-after, 0) };
    }) as [{ sides: readonly [number, number]; more: number }, { sides: readonly [number, number]; more: number }];
    const own = along(parts, rank);
    const attributes = {
      ...attributesOf(
        window,
        rank,
        own.map(({ sides }) => sides),
        groups,
      ),
      output_padding: ints(own.map(({ more }) => more)),
    };
    const weight = place.weight("kernel", rank === 1 ? [2, 1, 0] : [3, 2, 0, 1]);
    return place.give("first", place.op("ConvTranspose", [place.x.get("first"), weight, ...biasOf(place)], attributes));
  };

export const CONVOLUTIONS: Readonly<Record<string, LayerWriter>> = {
  conv1d: convolution(1),
  conv1dTranspose: transposed(1),
  conv2d: convolution(2),
  conv2dTranspose: transposed(2),
  depthwiseConv2d: (place) => place.give("first", depthwise(place, "kernel", biasOf(place))),
  separableConv2d: separable,
};
