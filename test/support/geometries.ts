// Random windows for the layers that have them, and what these compute, cell by cell. Nothing of the library is asked for sizes.
import * as w from "../../src/index.ts";
import type { Linear } from "./convolutions.ts";
import { generator } from "./seeded.ts";

/** One axis: cells, and a window over them. */
interface Axis {
  readonly n: number;
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly out: number;
  /** Cells up to the end of the padding, those before not counted. */
  readonly end: number;
}

export interface Geometry {
  readonly layer: w.Layer;
  readonly input: w.Shape;
  readonly output: w.Shape;
  readonly axes: readonly [Axis, Axis];
  readonly channels: number;
  readonly filters: number;
  readonly groups: number;
  readonly depthMultiplier: number;
  readonly countPadding: boolean;
}

export const KINDS = [
  "conv1d",
  "conv2d",
  "depthwiseConv2d",
  "conv1dTranspose",
  "conv2dTranspose",
  "maxPool1d",
  "maxPool2d",
  "avgPool1d",
  "avgPool2d",
] as const;

/** A geometry of the kind that can be used, and as many tries as it took. */
export function drawGeometry(kind: (typeof KINDS)[number], seed: number): Geometry {
  const next = generator(seed);
  const whole = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  for (;;) {
    const found = tryGeometry(kind, whole);
    if (found) return found;
  }
}

function tryGeometry(
  kind: (typeof KINDS)[number],
  whole: (least: number, most: number) => number,
): Geometry | undefined {
  const rank = kind.includes("1d") ? 1 : 2;
  const pools = kind.includes("Pool");
  const transposed = kind.endsWith("Transpose");
  const groups = pools || kind === "depthwiseConv2d" ? 1 : whole(1, 3);
  const channels = groups * whole(1, pools ? 6 : 3);
  const filters = groups * whole(1, 6);
  const depthMultiplier = whole(1, 3);
  const words = rank === 1 ? ["valid", "same", "causal"] : ["valid", "same"];
  const word = [...words, undefined, undefined, undefined][whole(0, words.length + 2)];
  const ceilMode = pools && whole(0, 1) === 1;
  const countPadding = kind.startsWith("avg") && whole(0, 1) === 1;
  const sides: number[] = [];
  const more: number[] = [];
  const axes = [1, 2].map((nth): Axis | undefined => {
    if (rank === 1 && nth === 1) return { n: 1, size: 1, stride: 1, dilation: 1, before: 0, out: 1, end: 1 };
    const [n, size, stride, dilation] = [whole(1, 9), whole(1, 4), whole(1, 11) % 5 || whole(1, 14), whole(1, 3)];
    const span = (size - 1) * dilation + 1;
    const [first, last] = [whole(0, 2) && whole(0, span + 2), whole(0, 2) && whole(0, span + 2)];
    sides.push(first, last);
    if (transposed) {
      const extra = word === undefined || word === "valid" ? whole(0, Math.max(stride, dilation) - 1) : 0;
      more.push(extra);
      const full = (n - 1) * stride + span;
      const before = word === "same" ? Math.floor(Math.max(span - stride, 0) / 2) : word === undefined ? first : 0;
      const out = word === "same" || word === "causal" ? n * stride : full - before - (word ? 0 : last) + extra;
      return out > 0 ? { n, size, stride, dilation, before, out, end: 0 } : undefined;
    }
    let [before, after] = word === undefined ? [first, last] : [0, 0];
    if (word === "causal") before = span - 1;
    if (word === "same") {
      const all = Math.max((Math.ceil(n / stride) - 1) * stride + span - n, 0);
      before = Math.floor(all / 2);
      after = all - before;
    }
    // counted one by one
    const ends = ceilMode && (word === undefined || word === "valid");
    let out = 0;
    while (out * stride + span <= n + before + after || (ends && fitsBeyond(out, stride, span, n, before, after)))
      out++;
    const cells = (o: number): number[] =>
      Array.from({ length: size }, (_, a) => o * stride - before + a * dilation).filter((i) => i >= 0 && i < n);
    if (out === 0) return undefined;
    if (pools && Array.from({ length: out }, (_, o) => cells(o)).some((under) => under.length === 0)) return undefined;
    return { n, size, stride, dilation, before, out, end: n + after };
  });
  const [vertical, horizontal] = axes;
  if (!vertical || !horizontal) return undefined;
  const both = (value: (axis: Axis) => number): number | [number, number] =>
    rank === 1 ? value(horizontal) : [value(vertical), value(horizontal)];
  const options = {
    strides: both((axis) => axis.stride),
    dilation: both((axis) => axis.dilation),
    padding: word ?? sides,
    ...(transposed && { outputPadding: rank === 1 ? more[0]! : more, groups }),
    ...(pools ? { ceilMode, size: both((axis) => axis.size) } : { kernelSize: both((axis) => axis.size) }),
    ...(kind.startsWith("avg") && { countPadding }),
    ...(kind === "conv1d" || kind === "conv2d" ? { groups } : {}),
    ...(kind === "depthwiseConv2d" ? { depthMultiplier } : {}),
    ...(!pools && kind !== "depthwiseConv2d" ? { filters } : {}),
  };
  const layer = (w[kind] as (given: object) => w.Layer)(options);
  const last = pools ? channels : kind === "depthwiseConv2d" ? channels * depthMultiplier : filters;
  const input = [vertical.n, horizontal.n, channels].slice(2 - rank);
  const output = [vertical.out, horizontal.out, last].slice(2 - rank);
  return {
    layer,
    input,
    output,
    axes: [vertical, horizontal],
    channels,
    filters: last,
    groups,
    depthMultiplier,
    countPadding,
  };
}

/** PyTorch's rule: the last window may reach beyond the padding, if it begins in the image or in the padding before it. */
function fitsBeyond(i: number, stride: number, span: number, n: number, before: number, after: number): boolean {
  const previousReachesEnd = i > 0 && (i - 1) * stride + span >= n + before + after;
  return !previousReachesEnd && i * stride < n + before && i * stride + span - (n + before + after) < stride;
}

/** The products of a convolution, depthwise or in groups, or of a transposed one. */
export function productsOf({ layer, axes, channels, filters, groups, depthMultiplier }: Geometry): Linear {
  const [down, across] = axes;
  const transposed = layer.type.endsWith("Transpose");
  const depthwise = layer.type === "depthwiseConv2d";
  const inGroup = channels / groups;
  const outGroup = filters / groups;
  return {
    channel: (o) => o % filters,
    products(product) {
      const [from, to] = transposed ? [down.n, across.n] : [down.out, across.out];
      for (let i = 0; i < from; i++)
        for (let j = 0; j < to; j++)
          for (let a = 0; a < down.size; a++)
            for (let b = 0; b < across.size; b++) {
              const row = i * down.stride + a * down.dilation - down.before;
              const column = j * across.stride + b * across.dilation - across.before;
              const [rows, columns] = transposed ? [down.out, across.out] : [down.n, across.n];
              if (row < 0 || row >= rows || column < 0 || column >= columns) continue;
              const [near, far, tap] = [i * to + j, row * columns + column, a * across.size + b];
              for (let f = 0; f < filters; f++) {
                if (depthwise) {
                  const c = Math.floor(f / depthMultiplier);
                  product(near * filters + f, far * channels + c, tap * filters + f);
                  continue;
                }
                const group = Math.floor(f / outGroup);
                for (let c = 0; c < inGroup; c++) {
                  const channel = group * inGroup + c;
                  if (transposed)
                    product(
                      far * filters + f,
                      near * channels + channel,
                      (tap * outGroup + (f % outGroup)) * channels + channel,
                    );
                  else product(near * filters + f, far * channels + channel, (tap * inGroup + c) * filters + f);
                }
              }
            }
    },
  };
}

/** For each window: the cells of the image under it, row by row, and by how many its sum is divided. */
export function poolWindows({ axes: [down, across], countPadding }: Geometry): { cells: number[]; count: number }[] {
  return Array.from({ length: down.out * across.out }, (_, o) => {
    const cells: number[] = [];
    let padded = 0;
    for (let a = 0; a < down.size; a++)
      for (let b = 0; b < across.size; b++) {
        const row = Math.floor(o / across.out) * down.stride + a * down.dilation - down.before;
        const column = (o % across.out) * across.stride + b * across.dilation - across.before;
        if (row < down.end && column < across.end) padded++;
        if (row >= 0 && row < down.n && column >= 0 && column < across.n) cells.push(row * across.n + column);
      }
    return { cells, count: countPadding ? padded : cells.length };
  });
}
