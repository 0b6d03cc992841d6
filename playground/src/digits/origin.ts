// Where one number of a layer comes from: what it was computed from, and how, for layers whose formula is short enough to be read.
import type { LayerInfo } from "./messages.ts";

/** A part of an image, in its pixels; it may begin outside of it, where padding is. */
export interface Window {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** A channel under a window, row by row; the weights that it meets, and what comes out. */
export interface Products {
  readonly channel: number;
  readonly values: readonly number[];
  readonly weights: readonly number[];
  readonly sum: number;
}

export type Origin =
  | {
      readonly kind: "convolution";
      readonly window: Window;
      readonly channels: readonly Products[];
      readonly bias: number;
      readonly result: number;
    }
  | {
      readonly kind: "pool";
      readonly of: "maximum" | "mean";
      readonly window: Window;
      readonly channel: number;
      readonly values: readonly number[];
      readonly result: number;
    }
  | { readonly kind: "activation"; readonly z: number; readonly result: number | undefined }
  | {
      readonly kind: "sum";
      readonly values: readonly number[];
      readonly weights: readonly number[];
      readonly bias: number;
      readonly result: number;
    };

const ACTIVATIONS: Readonly<Record<string, (z: number) => number>> = {
  relu: (z) => Math.max(0, z),
  // shown beside what the library computed, and never given to it
  // oxlint-disable-next-line no-restricted-properties
  tanh: (z) => Math.tanh(z),
  // oxlint-disable-next-line no-restricted-properties
  sigmoid: (z) => 1 / (1 + Math.exp(-z)),
};
const OTHER_ACTIVATIONS = ["elu", "gelu", "leakyRelu", "selu", "silu", "softplus", "hardSigmoid", "hardSwish"];

/** Is it one number in, one number out? */
export const isActivation = (type: string): boolean => type in ACTIVATIONS || OTHER_ACTIVATIONS.includes(type);

/** An option that is one number for both axes, or two. */
export const pair = (option: unknown, initial = 1): [number, number] =>
  Array.isArray(option) ? (option as [number, number]) : [Number(option ?? initial), Number(option ?? initial)];

/** Cells of padding before an image's first one. */
const before = (padding: unknown, input: number, output: number, stride: number, reach: number): number =>
  padding === "same" ? Math.floor(Math.max(0, (output - 1) * stride + reach - input) / 2) : 0;

/**
 * How number `index` of a layer's output is computed from its input.
 *
 * @returns undefined of layers whose formula isn't written out here
 */
export function originOf(layer: LayerInfo, x: ArrayLike<number>, index: number): Origin | undefined {
  const { type, options, input, output, parameters } = layer;
  if (isActivation(type)) {
    const z = x[index]!;
    return { kind: "activation", z, result: ACTIVATIONS[type]?.(z) };
  }
  if (type === "dense" && input.length === 1) {
    const [units] = output as [number];
    const values = Array.from(x);
    const weights = values.map((_, i) => parameters["weight"]![i * units + index]!);
    const bias = parameters["bias"]?.[index] ?? 0;
    return { kind: "sum", values, weights, bias, result: values.reduce((sum, v, i) => sum + v * weights[i]!, bias) };
  }
  const isPool = type === "maxPool2d" || type === "avgPool2d";
  const isPlainConvolution =
    type === "conv2d" && options["groups"] === 1 && pair(options["dilation"]).every((d) => d === 1);
  if (!isPool && !isPlainConvolution) return undefined;
  const [height, width, channels] = input as [number, number, number];
  const [outHeight, outWidth, maps] = output as [number, number, number];
  const [row, column, map] = [Math.floor(index / maps / outWidth), Math.floor(index / maps) % outWidth, index % maps];
  const [h, w] = pair(isPool ? options["size"] : options["kernelSize"]);
  const [down, right] = pair(options["strides"]);
  const window = {
    top: row * down - before(options["padding"], height, outHeight, down, h),
    left: column * right - before(options["padding"], width, outWidth, right, w),
    height: h,
    width: w,
  };
  /** What is under the window in a channel; undefined outside of the image. */
  const under = (channel: number): (number | undefined)[] =>
    Array.from({ length: h * w }, (_, i) => {
      const [r, c] = [window.top + Math.floor(i / w), window.left + (i % w)];
      const inside = r >= 0 && r < height && c >= 0 && c < width;
      return inside ? x[(r * width + c) * channels + channel] : undefined;
    });
  if (isPool) {
    const values = under(map).filter((v) => v !== undefined);
    const sum = values.reduce((total, v) => total + v, 0);
    return type === "maxPool2d"
      ? { kind: "pool", of: "maximum", window, channel: map, values, result: Math.max(...values) }
      : { kind: "pool", of: "mean", window, channel: map, values, result: sum / values.length };
  }
  const all = Array.from(Array(channels).keys(), (channel): Products => {
    const values = under(channel).map((v) => v ?? 0);
    const weights = values.map((_, i) => parameters["kernel"]![(i * channels + channel) * maps + map]!);
    return { channel, values, weights, sum: values.reduce((sum, v, i) => sum + v * weights[i]!, 0) };
  });
  const bias = parameters["bias"]?.[map] ?? 0;
  return {
    kind: "convolution",
    window,
    channels: all,
    bias,
    result: all.reduce((total, { sum }) => total + sum, bias),
  };
}

/** Were two numbers computed from the same, one of them in float32? The bound grows with the numbers that were added up. */
export function agree(shown: number, again: number, largest: number): boolean {
  return Math.abs(shown - again) <= 2e-6 * Math.max(Math.abs(shown), largest, 1e-3);
}
