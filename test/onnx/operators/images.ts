// Convolutions and pooling, of sequences and of images.
import * as w from "../../../src/index.ts";
import type { Case } from "../archive.ts";
import { apply, type Mapping } from "../mapping.ts";
import { input, need, numberOf, numbersOf, textOf } from "../node.ts";
import type { Tensor } from "../proto.ts";
import { channelsFirst, channelsLast, reshape, transpose } from "../tensors.ts";

/** What convolutions and pools have in common: for each axis that the window moves along. */
interface Window {
  readonly size: readonly number[];
  readonly strides: readonly number[];
  readonly dilation: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
}

type Pair = [number, number];

/** An option of all axes, as layers on images or on sequences take it. */
const pair = (values: readonly number[]): Pair => values as Pair;
const single = (values: readonly number[]): number => values[0]!;

/** [top, bottom, left, right], or [before, after]. */
const sidesOf = ({ before, after }: Window): number[] => before.flatMap((n, axis) => [n, after[axis]!]);
const sides2 = (window: Window): [number, number, number, number] =>
  sidesOf(window) as [number, number, number, number];
const sides1 = (window: Window): Pair => sidesOf(window) as Pair;

/** Axes that the window moves along. */
function rankOf(entry: Case): number {
  const rank = input(entry, 0).shape.length - 2;
  need(rank <= 2, `${rank} dimensions`);
  return rank;
}

/** The window over axes of these sizes, with the padding that `auto_pad` makes. */
function windowOf(entry: Case, size: readonly number[]): Window {
  const ones = size.map(() => 1);
  const strides = numbersOf(entry, "strides", ones);
  const dilation = numbersOf(entry, "dilations", ones);
  const pads = numbersOf(entry, "pads", [...ones, ...ones].fill(0));
  const auto = textOf(entry, "auto_pad", "NOTSET");
  if (!auto.startsWith("SAME")) {
    return { size, strides, dilation, before: pads.slice(0, size.length), after: pads.slice(size.length) };
  }
  const all = input(entry, 0)
    .shape.slice(2)
    .map((n, axis) => {
      const last = (Math.ceil(n / strides[axis]!) - 1) * strides[axis]!;
      return Math.max(last + (size[axis]! - 1) * dilation[axis]! + 1 - n, 0);
    });
  // the odd cell comes last with SAME_UPPER, first with SAME_LOWER
  const before = all.map((n) => (auto === "SAME_UPPER" ? Math.floor(n / 2) : Math.ceil(n / 2)));
  return { size, strides, dilation, before, after: all.map((n, axis) => n - before[axis]!) };
}

/** A layer on what has the channels last. */
const onChannels = async (x: Tensor, layer: w.Layer, parameters = {}): Promise<Tensor> =>
  channelsFirst(await apply(channelsLast(x), [layer], parameters));

/** [filters, channels / groups, ...window] to [...window, channels / groups, filters]; transposed ones, too. */
function parametersOf(entry: Case): Readonly<Record<string, ArrayLike<number>>> {
  const kernel = input(entry, 1);
  const axes = kernel.shape.map((_, axis) => axis);
  const bias = entry.inputs[2];
  return { kernel: transpose(kernel, [...axes.slice(2), 1, 0]).data, ...(bias ? { bias: bias.data } : {}) };
}

async function conv(entry: Case): Promise<[Tensor]> {
  const rank = rankOf(entry);
  const [filters, , ...size] = input(entry, 1).shape;
  const window = windowOf(entry, size);
  const common = { groups: numberOf(entry, "group", 1), useBias: entry.inputs[2] !== undefined };
  const { strides, dilation } = window;
  const layer =
    rank === 1
      ? w.conv1d(filters!, {
          kernelSize: single(size),
          strides: single(strides),
          dilation: single(dilation),
          padding: sides1(window),
          ...common,
        })
      : w.conv2d(filters!, {
          kernelSize: pair(size),
          strides: pair(strides),
          dilation: pair(dilation),
          padding: sides2(window),
          ...common,
        });
  return [await onChannels(input(entry, 0), layer, parametersOf(entry))];
}

/** With `output_shape` or `auto_pad`, what is too much is cut off: half in front, the odd cell as they say. */
function cutTo(entry: Case, window: Window, more: readonly number[]): Window {
  const auto = textOf(entry, "auto_pad", "NOTSET");
  const from = input(entry, 0).shape.slice(2);
  const scaled = auto.startsWith("SAME") ? from.map((n, axis) => n * window.strides[axis]!) : undefined;
  const wanted = (entry.node.attributes.get("output_shape") as readonly number[] | undefined) ?? scaled;
  if (!wanted) return window;
  const cut = from.map((n, axis) => {
    const span = (window.size[axis]! - 1) * window.dilation[axis]! + 1;
    return (n - 1) * window.strides[axis]! + span + more[axis]! - wanted[axis]!;
  });
  const before = cut.map((n) => (auto === "SAME_UPPER" ? Math.floor(n / 2) : Math.ceil(n / 2)));
  return { ...window, before, after: cut.map((n, axis) => n - before[axis]!) };
}

async function convTranspose(entry: Case): Promise<[Tensor]> {
  const rank = rankOf(entry);
  const [, filters, ...size] = input(entry, 1).shape;
  const more = numbersOf(entry, "output_padding", size.map(() => 0)); // prettier-ignore
  const given = cutTo(entry, windowOf(entry, size), more);
  // what would have to be cut off below 0 is added behind
  const window = { ...given, after: given.after.map((n) => Math.max(n, 0)) };
  const added = more.map((n, axis) => n - Math.min(given.after[axis]!, 0));
  const groups = numberOf(entry, "group", 1);
  const common = { groups, useBias: entry.inputs[2] !== undefined };
  const { strides, dilation } = window;
  const layer =
    rank === 1
      ? w.conv1dTranspose(filters! * groups, {
          kernelSize: single(size),
          strides: single(strides),
          dilation: single(dilation),
          padding: sides1(window),
          outputPadding: single(added),
          ...common,
        })
      : w.conv2dTranspose(filters! * groups, {
          kernelSize: pair(size),
          strides: pair(strides),
          dilation: pair(dilation),
          padding: sides2(window),
          outputPadding: pair(added),
          ...common,
        });
  return [await onChannels(input(entry, 0), layer, parametersOf(entry))];
}

async function pool(entry: Case): Promise<[Tensor]> {
  const rank = rankOf(entry);
  const { operator, outputs } = entry.node;
  need(outputs.length === 1, "Indices");
  const window = windowOf(entry, numbersOf(entry, "kernel_shape", []));
  const { size, strides, dilation } = window;
  const common = { ceilMode: numberOf(entry, "ceil_mode", 0) === 1 };
  const mean = { countPadding: numberOf(entry, "count_include_pad", 0) === 1 };
  const options1 = { strides: single(strides), dilation: single(dilation), padding: sides1(window), ...common };
  const options2 = { strides: pair(strides), dilation: pair(dilation), padding: sides2(window), ...common };
  const layers = {
    MaxPool: () => (rank === 1 ? w.maxPool1d(single(size), options1) : w.maxPool2d(pair(size), options2)),
    AveragePool: () =>
      rank === 1
        ? w.avgPool1d(single(size), { ...options1, ...mean })
        : w.avgPool2d(pair(size), { ...options2, ...mean }),
  };
  return [await onChannels(input(entry, 0), layers[operator as keyof typeof layers]())];
}

/** One number for each channel; the other axes stay, with the size 1. */
const overall =
  (one: () => w.Layer, two: () => w.Layer): Mapping =>
  async (entry) => {
    const x = input(entry, 0);
    const y = await apply(channelsLast(x), [rankOf(entry) === 1 ? one() : two()]);
    return [reshape(y, x.shape.map((n, axis) => (axis < 2 ? n : 1)))]; // prettier-ignore
  };

export const images: Readonly<Record<string, Mapping>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: pool,
  AveragePool: pool,
  GlobalAveragePool: overall(() => w.globalAvgPool1d(), () => w.globalAvgPool2d()), // prettier-ignore
  GlobalMaxPool: overall(() => w.globalMaxPool1d(), () => w.globalMaxPool2d()), // prettier-ignore
};
