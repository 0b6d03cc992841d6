// Pooling: windows, and all places of a channel.
import { type Padding, type Padding1d, type Pair, type Rank, spanOf, type Window } from "../../../nn/layers/image.ts";
import { int, ints } from "./graphWriter.ts";
import type { LayerWriter, Place } from "./place.ts";
import { along, placesOf, sidesOfAll, windowOf } from "./convolution.ts";

interface PoolOptions {
  readonly size: Pair;
  readonly strides: Pair;
  readonly padding: Padding | Padding1d;
  readonly dilation?: Pair;
  readonly countPadding?: boolean;
}

type Sides = readonly (readonly [before: number, after: number])[];

/** How far the last window reaches beyond the image: what is behind, in its padding or beyond it. */
function reachOf(place: Place, window: Window, sides: Sides, rank: Rank): Sides {
  const [n, out] = [along(placesOf(place.input, rank), rank), along(placesOf(place.output, rank), rank)];
  const [strides, spans] = [along(window.strides, rank), along([spanOf(window, 0), spanOf(window, 1)] as const, rank)];
  return sides.map(([before], i) => {
    const end = (out[i]! - 1) * strides[i]! + spans[i]! - before;
    return [before, Math.max(end - n[i]!, 0)];
  });
}

const listed = (sides: Sides): number[] => [...sides.map(([before]) => before), ...sides.map(([, after]) => after)];

/** The operators take less padding than their window has cells. */
const isLess = (sides: Sides, size: readonly number[]): boolean =>
  sides.every((side, i) => side.every((n) => n < size[i]!));

function padded(place: Place, x: string, sides: Sides, value: number): string {
  if (sides.every(([before, after]) => before + after === 0)) return x;
  const pads = [0, 0, ...sides.map(([before]) => before), 0, 0, ...sides.map(([, after]) => after)];
  return place.op("Pad", [x, place.graph.integers(pads), place.graph.number(value)]);
}

const NONE: Sides = [
  [0, 0],
  [0, 0],
];

function windowFor(place: Place, rank: Rank): Window {
  const { size, strides, dilation, padding } = place.options as unknown as PoolOptions;
  return windowOf(size, strides, dilation, padding, rank);
}

const maxPool =
  (rank: Rank): LayerWriter =>
  (place) => {
    const window = windowFor(place, rank);
    const size = along(window.size, rank);
    let sides = reachOf(place, window, sidesOfAll(window, place.input, rank), rank);
    let x = place.x.get("first");
    if (!isLess(sides, size)) {
      x = padded(place, x, sides, -Infinity);
      sides = NONE.slice(0, rank);
    }
    const attributes = {
      dilations: ints(along(window.dilation, rank)),
      kernel_shape: ints(size),
      pads: ints(listed(sides)),
      strides: ints(along(window.strides, rank)),
    };
    return place.give("first", place.op("MaxPool", [x], attributes));
  };

/** Cells of each window that count. */
function countsOf(place: Place, window: Window, sides: Sides, counted: Sides, rank: Rank): Float32Array {
  const [n, out] = [along(placesOf(place.input, rank), rank), along(placesOf(place.output, rank), rank)];
  const [size, strides] = [along(window.size, rank), along(window.strides, rank)];
  const dilation = along(window.dilation, rank);
  const counts = out.map((windows, i) =>
    Array.from({ length: windows }, (_, at) => {
      const begin = at * strides[i]! - sides[i]![0];
      const cells = Array.from({ length: size[i]! }, (__, cell) => begin + cell * dilation[i]!);
      return cells.filter((place_) => place_ >= -counted[i]![0] && place_ < n[i]! + counted[i]![1]).length;
    }),
  );
  const all = counts.length === 1 ? counts[0]! : counts[0]!.flatMap((a) => counts[1]!.map((b) => a * b));
  return Float32Array.from(all);
}

const avgPool =
  (rank: Rank): LayerWriter =>
  (place) => {
    const { countPadding = false } = place.options as unknown as PoolOptions;
    const window = windowFor(place, rank);
    const size = along(window.size, rank);
    const given = sidesOfAll(window, place.input, rank);
    const sides = reachOf(place, window, given, rank);
    const dilates = window.dilation.some((n) => n > 1);
    let x = place.x.get("first");
    if (!dilates) {
      // padding that counts is zeros; what is beyond it counts for nothing
      const inside = sides.map(([before, after], i) => [before, Math.min(after, given[i]![1])] as const);
      const own = countPadding ? sides.map(([, after], i) => [0, after - inside[i]![1]] as const) : sides;
      if (isLess(own, size)) {
        if (countPadding) x = padded(place, x, inside, 0);
        const attributes = {
          count_include_pad: int(0),
          kernel_shape: ints(size),
          pads: ints(listed(own)),
          strides: ints(along(window.strides, rank)),
        };
        return place.give("first", place.op("AveragePool", [x], attributes));
      }
    }
    // the sum of the cells as a convolution, and how many there are
    const channels = place.input.at(-1)!;
    const cells = size.reduce((product, n) => product * n, 1);
    const ones = place.made("window", [channels, 1, ...size], () => new Float32Array(channels * cells).fill(1));
    const attributes = {
      dilations: ints(along(window.dilation, rank)),
      group: int(channels),
      kernel_shape: ints(size),
      pads: ints(listed(sides)),
      strides: ints(along(window.strides, rank)),
    };
    const sum = place.op("Conv", [x, ones], attributes);
    const counted = countPadding ? given : NONE.slice(0, rank);
    const shape = [1, ...along(placesOf(place.output, rank), rank)];
    const counts = place.made("counts", shape, () => countsOf(place, window, sides, counted, rank));
    return place.give("first", place.op("Div", [sum, counts]));
  };

/** All places of a channel. */
const global =
  (pool: string, reduce: "ReduceMean" | "ReduceMax"): LayerWriter =>
  (place) => {
    const { x, input, graph } = place;
    const axes = input.slice(1).map((_, axis) => axis + 1);
    if (x.natural === "first") {
      const pooled = place.op(pool, [x.get("first")]);
      return place.give("last", place.op("Flatten", [pooled], { axis: int(1) }));
    }
    const form = x.natural === "time" ? "time" : "last";
    return place.give("last", graph.reduce(reduce, x.get(form), form === "time" ? [0] : axes, false));
  };

export const POOLING: Readonly<Record<string, LayerWriter>> = {
  avgPool1d: avgPool(1),
  avgPool2d: avgPool(2),
  globalAvgPool1d: global("GlobalAveragePool", "ReduceMean"),
  globalAvgPool2d: global("GlobalAveragePool", "ReduceMean"),
  globalMaxPool1d: global("GlobalMaxPool", "ReduceMax"),
  globalMaxPool2d: global("GlobalMaxPool", "ReduceMax"),
  maxPool1d: maxPool(1),
  maxPool2d: maxPool(2),
};
