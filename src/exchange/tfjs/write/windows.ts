// Our convolutions, and what adds to images or takes from them, as TensorFlow.js'.
import { type Pair, sidesOf, type Window } from "../../../nn/layers/image.ts";
import { type Shape, sizeOf } from "../../../util/shape.ts";
import type { Context } from "./context.ts";
import type { Write } from "./plain.ts";
import { asImage, both, padded, windowOf } from "./window.ts";
import type { Ref, WrittenWeight } from "./writer.ts";

/** What a kernel is in memory: windows of blocks of numbers. */
interface Kernel {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** The same window with zeros between its cells, and behind them. */
function spread(kernel: Kernel, dilation: readonly [number, number], more: readonly [number, number] = [0, 0]): Kernel {
  const [height, width, ...rest] = kernel.shape as [number, number, ...number[]];
  const size = [(height - 1) * dilation[0] + 1 + more[0], (width - 1) * dilation[1] + 1 + more[1]] as const;
  const block = sizeOf(rest);
  const data = new Float32Array(size[0] * size[1] * block);
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const from = (i * width + j) * block;
      data.set(kernel.data.subarray(from, from + block), (i * dilation[0] * size[1] + j * dilation[1]) * block);
    }
  }
  return { shape: [...size, ...rest], data };
}

/** A kernel of groups as one of all channels: zeros where a filter doesn't see a channel. */
function ungrouped({ shape, data }: Kernel, groups: number): Kernel {
  const [height, width, channels, filters] = shape as [number, number, number, number];
  const all = new Float32Array(data.length * groups);
  const own = filters / groups;
  for (let cell = 0; cell < height * width; cell++) {
    for (let group = 0; group < groups; group++) {
      for (let channel = 0; channel < channels; channel++) {
        const from = (cell * channels + channel) * filters + group * own;
        const to = ((cell * groups + group) * channels + channel) * filters + group * own;
        all.set(data.subarray(from, from + own), to);
      }
    }
  }
  return { shape: [height, width, channels * groups, filters], data: all };
}

const bias = (c: Context): WrittenWeight[] => (c.has("bias") ? [c.weight("bias", "bias")] : []);

/** What all convolutions say. */
const common = (c: Context, window: Window, padding: string, rank: 1 | 2) => ({
  kernel_size: window.size.slice(0, rank),
  strides: window.strides.slice(0, rank),
  padding,
  data_format: "channels_last",
  dilation_rate: window.dilation.slice(0, rank),
  activation: "linear",
  use_bias: c.has("bias"),
  ...c.config("bias", "bias"),
  activity_regularizer: null,
});

/** Gaps, which TensorFlow.js leaves out where each channel is by itself. */
const hasGaps = ({ dilation }: Window): boolean => dilation.some((n) => n > 1);

/** Both gaps and steps larger than 1: TensorFlow.js has either. */
const isBoth = ({ strides, dilation }: Window): boolean => strides.some((n) => n > 1) && dilation.some((n) => n > 1);

function convolution(rank: 1 | 2): Write {
  return (c) => {
    const window = windowOf(c, rank, "kernelSize");
    const groups = c.option<number>("groups", 1);
    const { shape: given, data } = c.values("kernel");
    const shape = rank === 1 ? [given[0]!, 1, given[1]!, given[2]!] : given;
    let kernel: Kernel = { shape, data };
    const filters = shape[3]!;
    const channels = shape[2]! * groups;
    const depthwise = rank === 2 && groups > 1 && groups === channels;
    const wide = depthwise ? hasGaps(window) : isBoth(window);
    const moved = wide ? { ...window, dilation: [1, 1] as const } : window;
    if (wide) kernel = spread(kernel, window.dilation);
    if (groups > 1 && !depthwise) kernel = ungrouped(kernel, groups);
    const called = { ...moved, size: [kernel.shape[0]!, kernel.shape[1]!] as const };
    let x = c.x;
    let padding = "valid";
    if (window.padding === "same") padding = "same";
    else if (window.padding !== "valid") {
      const image = asImage(c, x, rank);
      const [height, width] = image.shape as [number, number];
      const around = [...sidesOf(window, height, 0), ...(rank === 1 ? [0, 0] : sidesOf(window, width, 1))];
      const y = padded(c, image, around);
      x = rank === 1 ? c.reshape(y, [y.shape[0]!, y.shape[2]!], "steps") : y;
    }
    const config = common(c, called, padding, rank);
    const parts = c.config("kernel", "kernel");
    if (depthwise) {
      const weight = {
        name: "depthwise_kernel",
        shape: [...kernel.shape.slice(0, 2), channels, filters / channels],
        data: kernel.data,
      };
      const own = Object.fromEntries(
        Object.entries(parts).map(([key, value]) => [key.replace("kernel", "depthwise"), value]),
      );
      return c.main(
        "DepthwiseConv2D",
        { ...config, ...own, depth_multiplier: filters / channels },
        [x],
        c.node.output,
        [weight, ...bias(c)],
      );
    }
    const flat = rank === 1 ? [kernel.shape[0]!, ...kernel.shape.slice(2)] : kernel.shape;
    const weights = [{ name: "kernel", shape: flat, data: kernel.data }, ...bias(c)];
    return c.main(rank === 1 ? "Conv1D" : "Conv2D", { filters, ...config, ...parts }, [x], c.node.output, weights);
  };
}

/** Padding by a word, or zeros put around before. */
function beforehand(c: Context, window: Window): readonly [x: Ref, padding: string] {
  if (window.padding === "same" || window.padding === "valid") return [c.x, window.padding];
  return [padded(c, c.x, window.padding as readonly number[]), "valid"];
}

const depthwise: Write = (c) => {
  const window = windowOf(c, 2, "kernelSize");
  const [x, padding] = beforehand(c, window);
  const given = c.values("kernel");
  const wide = hasGaps(window);
  const kernel = wide ? spread(given, window.dilation) : given;
  const moved = wide
    ? { ...window, dilation: [1, 1] as const, size: kernel.shape.slice(0, 2) as [number, number] & number[] }
    : window;
  const own = Object.fromEntries(
    Object.entries(c.config("kernel", "kernel")).map(([key, value]) => [key.replace("kernel", "depthwise"), value]),
  );
  const config = { ...common(c, moved, padding, 2), ...own, depth_multiplier: kernel.shape[3] };
  return c.main("DepthwiseConv2D", config, [x], c.node.output, [{ name: "depthwise_kernel", ...kernel }, ...bias(c)]);
};

const separable: Write = (c) => {
  const window = windowOf(c, 2, "kernelSize");
  const [x, padding] = beforehand(c, window);
  const given = c.values("depthwiseKernel");
  const wide = isBoth(window);
  const kernel = wide ? spread(given, window.dilation) : given;
  const moved = wide
    ? { ...window, dilation: [1, 1] as const, size: kernel.shape.slice(0, 2) as [number, number] & number[] }
    : window;
  const config = {
    filters: c.option("filters"),
    ...common(c, moved, padding, 2),
    ...c.config("depthwise", "depthwiseKernel"),
    ...c.config("pointwise", "pointwiseKernel"),
    depth_multiplier: kernel.shape[3],
  };
  return c.main("SeparableConv2D", config, [x], c.node.output, [
    { name: "depthwise_kernel", ...kernel },
    c.weight("pointwise_kernel", "pointwiseKernel"),
    ...bias(c),
  ]);
};

function transposed(rank: 1 | 2): Write {
  return (c) => {
    if (c.option("groups", 1) !== 1) throw c.refuse("has groups", "one without groups would work");
    const window = windowOf(c, rank, "kernelSize");
    const given = c.values("kernel");
    const shape = rank === 1 ? [given.shape[0]!, 1, given.shape[1]!, given.shape[2]!] : given.shape;
    const image = asImage(c, c.x, rank);
    const sides = image.shape.slice(0, 2);
    const [filters, out] = [shape[2]!, rank === 1 ? [c.node.output[0]!, 1, shape[2]!] : c.node.output];
    const gaps = window.dilation.some((n) => n > 1);
    const same = window.padding === "same" && !gaps;
    const add = c.option<Pair>("outputPadding", 0);
    const more = rank === 1 ? ([add as number, 0] as const) : both(add, 0);
    // zeros at the window's end make the output so much larger
    const kernel = spread({ shape, data: given.data }, window.dilation, same ? [0, 0] : more);
    const size = kernel.shape.slice(0, 2);
    const full = sides.map((n, i) =>
      same ? n * window.strides[i]! : n * window.strides[i]! + Math.max(size[i]! - window.strides[i]!, 0),
    );
    const front = [0, 1].map((axis) => {
      if (same || window.padding === "valid" || window.padding === "causal") return 0;
      if (window.padding === "same") return sidesOf(window, out[axis]!, axis as 0 | 1)[0];
      return (window.padding as readonly number[])[2 * axis]!;
    });
    const back = full.map((n, axis) => n - front[axis]! - out[axis]!);
    if (back.some((n) => n < 0)) throw c.refuse("has an output beyond its window", "outputPadding of 0 would work");
    const cropped = front.some((n) => n > 0) || back.some((n) => n > 0);
    const alone = !cropped && rank === 2;
    const config = {
      filters,
      ...common(
        c,
        { ...window, size: size as [number, number] & number[], dilation: [1, 1] },
        same ? "same" : "valid",
        2,
      ),
      ...c.config("kernel", "kernel"),
    };
    const weights = [{ name: "kernel", ...kernel }, ...bias(c)];
    let y = c.main(
      "Conv2DTranspose",
      config,
      [image],
      [...full, filters],
      weights,
      alone ? c.name : c.writer.fresh(`${c.name}_full`),
    );
    if (cropped) {
      const cropping = [
        [front[0]!, back[0]!],
        [front[1]!, back[1]!],
      ];
      y = c.step("Cropping2D", "crop", { cropping, data_format: "channels_last" }, y, out);
    }
    return alone ? y : c.plain("Reshape", { target_shape: [...c.node.output] }, y);
  };
}

const upsample: Write = (c) => {
  const [height, width] = c.x.shape as [number, number];
  const [outHeight, outWidth] = c.node.output as [number, number];
  if (outHeight % height !== 0 || outWidth % width !== 0) {
    throw c.refuse(`makes ${outHeight}x${outWidth} of ${height}x${width}`, "whole factors would work");
  }
  const interpolation = c.option<string>("interpolation");
  const coordinates = c.option<string | undefined>("coordinates");
  if (interpolation === "bilinear" && coordinates !== "asymmetric") {
    throw c.refuse(`has coordinates "${coordinates}"`, 'coordinates: "asymmetric" would work, which TensorFlow.js has');
  }
  return c.plain("UpSampling2D", {
    size: [outHeight / height, outWidth / width],
    data_format: "channels_last",
    interpolation,
  });
};

const border =
  (className: string, key: string): Write =>
  (c) => {
    const [top, bottom, left, right] = c.option<readonly [number, number, number, number]>("border");
    return c.plain(className, {
      [key]: [
        [top, bottom],
        [left, right],
      ],
      data_format: "channels_last",
    });
  };

const globally =
  (className: string): Write =>
  (c) =>
    c.plain(className, className.endsWith("2D") ? { data_format: "channels_last" } : {});

/** By the layer's type. */
export const WINDOWS: Readonly<Record<string, Write>> = {
  conv1d: convolution(1),
  conv1dTranspose: transposed(1),
  conv2d: convolution(2),
  conv2dTranspose: transposed(2),
  crop2d: border("Cropping2D", "cropping"),
  depthwiseConv2d: depthwise,
  globalAvgPool1d: globally("GlobalAveragePooling1D"),
  globalAvgPool2d: globally("GlobalAveragePooling2D"),
  globalMaxPool1d: globally("GlobalMaxPooling1D"),
  globalMaxPool2d: globally("GlobalMaxPooling2D"),
  separableConv2d: separable,
  upsample2d: upsample,
  zeroPad2d: border("ZeroPadding2D", "padding"),
};
