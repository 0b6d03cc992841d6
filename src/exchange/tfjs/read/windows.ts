// Convolutions, pooling, and what adds to images or takes from them: of TensorFlow.js, as ours.
import * as layers from "../../../nn/layers/index.ts";
import type { Layer } from "../../../graph/layer.ts";
import { activationLayers } from "./activations.ts";
import { initializerOf, parameterOptions, regularizerOf } from "./parts.ts";
import { type Call, type Convert, inputShape, single, weightOf } from "./reader.ts";
import { channels } from "./shapes.ts";

/** One axis, as a number; two as they are. */
const pair = (sizes: readonly number[]): number | readonly [number, number] =>
  sizes.length === 1 ? sizes[0]! : [sizes[0]!, sizes[1]!];

/** What all convolutions have. */
function common({ config, reader }: Call, rank: 1 | 2) {
  const kernelSize = config.wholes("kernel_size", rank);
  const strides = config.wholes("strides", rank, 1, 1);
  const dilation = config.wholes("dilation_rate", rank, 1, 1);
  const useBias = config.flag("use_bias", true);
  const options = {
    kernelSize: pair(kernelSize),
    strides: pair(strides),
    dilation: pair(dilation),
    useBias,
    ...parameterOptions(config, "bias"),
    trainable: reader.trainable,
  };
  return { kernelSize, strides, dilation, useBias, options };
}

function convolution(rank: 1 | 2): Convert {
  return (call) => {
    const { config, reader, key, name } = call;
    const around = channels(call, inputShape(call, rank + 1));
    const { kernelSize, useBias, options } = common(call, rank);
    const filters = config.whole("filters");
    const groups = config.whole("groups", 1, 1);
    const words = rank === 1 ? (["valid", "same", "causal"] as const) : (["valid", "same"] as const);
    const padding = config.word<"valid" | "same" | "causal">("padding", words, "valid");
    const kernel = parameterOptions(config, "kernel");
    const given = around.shape.at(-1)!;
    if (given % groups !== 0) throw config.odd("groups", `must divide the ${given} channels`);
    const make = (called: string): Layer => {
      const all = { ...options, ...kernel, filters, groups, padding, name: called };
      return rank === 1
        ? layers.conv1d(all as Parameters<typeof layers.conv1d>[0])
        : layers.conv2d(all as Parameters<typeof layers.conv2d>[0]);
    };
    const own = reader.flow.own(key, name, make, {
      kernel: weightOf(call, "kernel", 0, [...kernelSize, given / groups, filters]),
      ...(useBias && { bias: weightOf(call, "bias", 1, [filters]) }),
    });
    return single(call, [...around.before, own, ...activationLayers(config), ...around.after]);
  };
}

function transposed(rank: 1 | 2): Convert {
  return (call) => {
    const { config, reader, key, name } = call;
    const around = channels(call, inputShape(call, rank + 1));
    const { kernelSize, strides, dilation, useBias, options } = common(call, rank);
    if (dilation.some((n) => n !== 1)) throw config.odd("dilation_rate", "must be 1");
    config.only("output_padding", "null", "padding says how large the output is");
    const filters = config.whole("filters");
    const padding = config.word("padding", ["valid", "same"], "valid");
    const kernel = parameterOptions(config, "kernel");
    // where the window is smaller than the stride, the last one is followed by cells that it doesn't reach
    const more = strides.map((stride, i) => (padding === "valid" ? Math.max(stride - kernelSize[i]!, 0) : 0));
    const { dilation: _dilation, ...rest } = options;
    const make = (called: string): Layer => {
      const all = {
        ...rest,
        ...kernel,
        filters,
        padding,
        name: called,
        ...(more.some((n) => n > 0) && { outputPadding: pair(more) }),
      };
      return rank === 1
        ? layers.conv1dTranspose(all as Parameters<typeof layers.conv1dTranspose>[0])
        : layers.conv2dTranspose(all as Parameters<typeof layers.conv2dTranspose>[0]);
    };
    const own = reader.flow.own(key, name, make, {
      kernel: weightOf(call, "kernel", 0, [...kernelSize, filters, around.shape.at(-1)!]),
      ...(useBias && { bias: weightOf(call, "bias", 1, [filters]) }),
    });
    return single(call, [...around.before, own, ...activationLayers(config), ...around.after]);
  };
}

const depthwise: Convert = (call) => {
  const { config, reader, key, name } = call;
  const around = channels(call, inputShape(call, 3));
  const { kernelSize, useBias, options } = common(call, 2);
  const depthMultiplier = config.whole("depth_multiplier", 1, 1);
  const padding = config.word("padding", ["valid", "same"], "valid");
  const kernel = parameterOptions(config, "depthwise", "kernel");
  const given = around.shape.at(-1)!;
  for (const unused of ["kernel_initializer", "kernel_regularizer", "kernel_constraint", "filters", "groups"])
    config.raw(unused);
  const make = (called: string): Layer =>
    layers.depthwiseConv2d({ ...options, ...kernel, padding, depthMultiplier, name: called });
  const own = reader.flow.own(key, name, make, {
    kernel: weightOf(call, "depthwise_kernel", 0, [...kernelSize, given, depthMultiplier]),
    ...(useBias && { bias: weightOf(call, "bias", 1, [given * depthMultiplier]) }),
  });
  return single(call, [...around.before, own, ...activationLayers(config), ...around.after]);
};

const separable: Convert = (call) => {
  const { config, reader, key, name } = call;
  const around = channels(call, inputShape(call, 3));
  const { kernelSize, useBias, options } = common(call, 2);
  const filters = config.whole("filters");
  // TensorFlow.js leaves it out of what it writes
  const written = reader.weights.find(call.paths, "depthwise_kernel", 0)?.shape[3];
  const depthMultiplier = config.whole("depth_multiplier", 1, written ?? 1);
  const padding = config.word("padding", ["valid", "same"], "valid");
  config.only("groups", 1, "separableConv2d has none");
  const steps = ["depthwise", "pointwise"].map((step) => {
    if (config.raw(`${step}_constraint`) !== undefined)
      throw config.odd(`${step}_constraint`, "can't be kept; it must be null");
    const [initializer, regularizer] = [
      initializerOf(config, `${step}_initializer`),
      regularizerOf(config, `${step}_regularizer`),
    ];
    return {
      ...(initializer && { [`${step}Initializer`]: initializer }),
      ...(regularizer && { [`${step}Regularizer`]: regularizer }),
    };
  });
  for (const unused of ["kernel_initializer", "kernel_regularizer", "kernel_constraint"]) config.raw(unused);
  const given = around.shape.at(-1)!;
  const make = (called: string): Layer =>
    layers.separableConv2d({ ...options, ...steps[0], ...steps[1], filters, padding, depthMultiplier, name: called });
  const own = reader.flow.own(key, name, make, {
    depthwiseKernel: weightOf(call, "depthwise_kernel", 0, [...kernelSize, given, depthMultiplier]),
    pointwiseKernel: weightOf(call, "pointwise_kernel", 1, [1, 1, given * depthMultiplier, filters]),
    ...(useBias && { bias: weightOf(call, "bias", 2, [filters]) }),
  });
  return single(call, [...around.before, own, ...activationLayers(config), ...around.after]);
};

function pooling(kind: "max" | "avg", rank: 1 | 2): Convert {
  return (call) => {
    const { config } = call;
    const around = channels(call, inputShape(call, rank + 1));
    const size = config.wholes("pool_size", rank, 1, 2);
    const strides = config.wholes("strides", rank, 1, size);
    const options = {
      size: pair(size),
      strides: pair(strides),
      padding: config.word("padding", ["valid", "same"], "valid"),
    };
    const make = layers[`${kind}Pool${rank}d`] as (all: typeof options) => Layer;
    return single(call, [...around.before, make(options), ...around.after]);
  };
}

function globalPooling(kind: "Max" | "Avg", rank: 1 | 2): Convert {
  return (call) => {
    const shape = inputShape(call, rank + 1);
    const keep = call.config.flag("keepdims", false);
    const around = channels(call, shape, false);
    const made = around.shape.at(-1)!;
    const first = around.before.length > 0;
    const ones = Array.from<number>({ length: rank }).fill(1);
    const back = keep ? [layers.reshape(first ? [made, ...ones] : [...ones, made])] : [];
    return single(call, [...around.before, layers[`global${kind}Pool${rank}d`](), ...back]);
  };
}

/** Cells at the sides: one number, one for each axis, or two for each. */
function sides({ config }: Call, key: string, rank: 1 | 2, usual: number): number[] {
  const given = config.raw(key) ?? usual;
  const isWhole = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0;
  if (isWhole(given)) return Array.from<number>({ length: 2 * rank }).fill(given);
  const list = (Array.isArray(given) ? given : []) as unknown[];
  const each =
    rank === 1 && list.every(isWhole)
      ? list
      : list.flatMap((n) => (isWhole(n) ? [n, n] : Array.isArray(n) ? n : [undefined]));
  if (each.length !== 2 * rank || !each.every(isWhole))
    throw config.odd(key, "must be whole numbers of 0 or more for each side");
  return each;
}

const padding2d: Convert = (call) => {
  const around = channels(call, inputShape(call, 3));
  const [top, bottom, left, right] = sides(call, "padding", 2, 1) as [number, number, number, number];
  return single(call, [...around.before, layers.zeroPad2d([top, bottom, left, right]), ...around.after]);
};

const cropping2d: Convert = (call) => {
  const around = channels(call, inputShape(call, 3));
  const [top, bottom, left, right] = sides(call, "cropping", 2, 0) as [number, number, number, number];
  return single(call, [...around.before, layers.crop2d([top, bottom, left, right]), ...around.after]);
};

const upsampling2d: Convert = (call) => {
  const { config } = call;
  const around = channels(call, inputShape(call, 3));
  const factor = pair(config.wholes("size", 2, 1, 2));
  const interpolation = config.word("interpolation", ["nearest", "bilinear"], "nearest");
  // as TensorFlow.js computes it; Keras takes half pixels
  const blends = interpolation === "bilinear" && ({ interpolation, coordinates: "asymmetric" } as const);
  return single(call, [...around.before, layers.upsample2d({ factor, ...blends }), ...around.after]);
};

const upsampling1d: Convert = (call) => {
  const [steps, features] = inputShape(call, 2) as [number, number];
  const size = call.config.whole("size", 1, 2);
  return single(call, [
    layers.reshape([steps, 1, features]),
    layers.upsample2d([size, 1]),
    layers.reshape([steps * size, features]),
  ]);
};

/** By class_name. */
export const WINDOWS: Readonly<Record<string, Convert>> = {
  AveragePooling1D: pooling("avg", 1),
  AveragePooling2D: pooling("avg", 2),
  Conv1D: convolution(1),
  Conv1DTranspose: transposed(1),
  Conv2D: convolution(2),
  Conv2DTranspose: transposed(2),
  Cropping1D: (call) => {
    const [from, end] = sides(call, "cropping", 1, 1);
    const [steps] = inputShape(call, 2);
    return single(call, [layers.slice({ from: from!, to: steps! - end! })]);
  },
  Cropping2D: cropping2d,
  DepthwiseConv2D: depthwise,
  GlobalAveragePooling1D: globalPooling("Avg", 1),
  GlobalAveragePooling2D: globalPooling("Avg", 2),
  GlobalMaxPooling1D: globalPooling("Max", 1),
  GlobalMaxPooling2D: globalPooling("Max", 2),
  MaxPooling1D: pooling("max", 1),
  MaxPooling2D: pooling("max", 2),
  SeparableConv2D: separable,
  UpSampling1D: upsampling1d,
  UpSampling2D: upsampling2d,
  ZeroPadding1D: (call) => {
    const [before, after] = sides(call, "padding", 1, 1);
    inputShape(call, 2);
    return single(call, [layers.pad({ before: before!, after: after! })]);
  },
  ZeroPadding2D: padding2d,
};
