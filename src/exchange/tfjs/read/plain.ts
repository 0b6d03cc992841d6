// Layers of TensorFlow.js on whole rows or along the last axis, as ours.
import * as layers from "../../../nn/layers/index.ts";
import { clip, elu, leakyRelu, relu, relu6, softmax, thresholdedRelu } from "../../../nn/activations/index.ts";
import type { Layer } from "../../../graph/layer.ts";
import { sizeOf } from "../../../util/shape.ts";
import { activationLayers, activationName, activationOf } from "./activations.ts";
import { refuse } from "./config.ts";
import { initialOnly, parameterOptions } from "./parts.ts";
import { type Call, type Convert, inputShape, single, weightOf } from "./reader.ts";
import { affine, axisLast, axisOf, channels } from "./shapes.ts";

const dense: Convert = (call) => {
  const { config, reader, key, name } = call;
  const units = config.whole("units");
  const inputs = inputShape(call).at(-1)!;
  const useBias = config.flag("use_bias", true);
  const options = {
    ...parameterOptions(config, "kernel"),
    ...parameterOptions(config, "bias"),
    useBias,
    trainable: reader.trainable,
  };
  const own = reader.flow.own(key, name, (called) => layers.dense(units, { ...options, name: called }), {
    weight: weightOf(call, "kernel", 0, [inputs, units]),
    ...(useBias && { bias: weightOf(call, "bias", 1, [units]) }),
  });
  return single(call, [own, ...activationLayers(config)]);
};

const embedding: Convert = (call) => {
  const { config, reader, key, name } = call;
  const [vocabulary, width] = [config.whole("input_dim"), config.whole("output_dim")];
  config.raw("input_length");
  config.only("mask_zero", false, "steps that don't count are said by lengths here: lstm(8, { lengths: ... })");
  const options = { ...initialOnly(config, "embeddings", "embeddings"), trainable: reader.trainable };
  const own = reader.flow.own(
    key,
    name,
    (called) => layers.embedding(vocabulary, width, { ...options, name: called }),
    {
      weight: weightOf(call, "embeddings", 0, [vocabulary, width]),
    },
  );
  return single(call, [own, ...activationLayers(config)]);
};

const batchNorm: Convert = (call) => {
  const { config, reader, key, name } = call;
  const shape = inputShape(call);
  const given = config.raw("axis") ?? -1;
  const axis = Array.isArray(given) && given.length === 1 ? (given[0] as unknown) : given;
  if (!Number.isInteger(axis)) throw config.odd("axis", "must be a whole number");
  const around = axisLast(shape, axisOf(call, axis as number, shape));
  const channelCount = around.shape.at(-1)!;
  const momentum = 1 - config.number("momentum", 0.99);
  const epsilon = config.number("epsilon", 1e-3);
  const [center, scale] = [config.flag("center", true), config.flag("scale", true)];
  for (const part of ["beta", "gamma"]) initialOnly(config, part, part);
  for (const part of ["moving_mean_initializer", "moving_variance_initializer"]) config.raw(part);
  for (const part of ["renorm", "fused", "virtual_batch_size", "adjustment"]) config.raw(part);
  const one = [channelCount];
  let place = 0;
  const constant = (value: number) => ({ shape: one, constant: new Float32Array(channelCount).fill(value) });
  const gamma = scale ? weightOf(call, "gamma", place++, one) : undefined;
  const beta = center ? weightOf(call, "beta", place++, one) : undefined;
  const runningMean = weightOf(call, "moving_mean", place++, one);
  const runningVariance = weightOf(call, "moving_variance", place++, one);
  const options = { momentum, epsilon, trainable: reader.trainable };
  const own = reader.flow.own(key, name, (called) => layers.batchNorm({ ...options, name: called }), {
    gamma: gamma ?? constant(1),
    beta: beta ?? constant(0),
    runningMean,
    runningVariance,
  });
  return single(call, [...around.before, own, ...around.after]);
};

const layerNorm: Convert = (call) => {
  const { config, reader, key, name } = call;
  const shape = inputShape(call);
  const given = config.raw("axis") ?? -1;
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0 || !list.every(Number.isInteger))
    throw config.odd("axis", "must be a whole number or some of them");
  const axes = (list as number[]).map((axis) => axisOf(call, axis, shape));
  const first = shape.length - axes.length;
  if (axes.some((axis, i) => axis !== first + i)) throw config.odd("axis", "must be the last axes, in their order");
  const epsilon = config.number("epsilon", 1e-3);
  const [center, scale] = [config.flag("center", true), config.flag("scale", true)];
  for (const part of ["beta", "gamma"]) initialOnly(config, part, part);
  config.only("rms_scaling", false, "rmsNorm is another layer");
  const sizes = shape.slice(first);
  const n = sizeOf(sizes);
  const as = { shape: [n] };
  // memory is in proportion to the file, which has nothing of such a layer
  if (!center && !scale && n > 65_536) throw config.odd("scale", `and center can't both be false for ${n} numbers`);
  const constant = (value: number) => ({ shape: [n], constant: new Float32Array(n).fill(value) });
  const own = reader.flow.own(
    key,
    name,
    (called) => layers.layerNorm({ epsilon, trainable: reader.trainable, name: called }),
    {
      gamma: scale ? weightOf(call, "gamma", 0, sizes, as) : constant(1),
      beta: center ? weightOf(call, "beta", scale ? 1 : 0, sizes, as) : constant(0),
    },
  );
  if (axes.length === 1) return single(call, [own]);
  return single(call, [layers.reshape([...shape.slice(0, first), n]), own, layers.reshape(shape)]);
};

const prelu: Convert = (call) => {
  const { config, reader, key, name } = call;
  const shape = inputShape(call);
  const given = config.raw("shared_axes") ?? [];
  const shared = (Array.isArray(given) ? given : [given]) as unknown[];
  const slopes = shape.map((n, axis) => (shared.includes(axis + 1) ? 1 : n));
  const free = slopes.findIndex((n, axis) => n !== 1 || shape[axis] === 1);
  const from = free < 0 ? shape.length : free;
  if (slopes.slice(from).some((n, i) => n !== shape[from + i])) {
    throw config.odd("shared_axes", "must be the first axes, 1 and those that follow");
  }
  const n = sizeOf(shape.slice(from));
  const options = { ...initialOnly(config, "alpha", "slope"), trainable: reader.trainable };
  const own = reader.flow.own(key, name, (called) => layers.prelu({ ...options, name: called }), {
    slope: weightOf(call, "alpha", 0, slopes, { shape: [n] }),
  });
  if (from === shape.length - 1) return single(call, [own]);
  return single(call, [layers.reshape([sizeOf(shape) / n, n]), own, layers.reshape(shape)]);
};

const softmaxLayer: Convert = (call) => {
  const shape = inputShape(call);
  const given = call.config.raw("axis") ?? -1;
  const axis: unknown = Array.isArray(given) && given.length === 1 ? given[0] : given;
  if (!Number.isInteger(axis)) throw call.config.odd("axis", "must be one whole number");
  const { before, after } = axisLast(shape, axisOf(call, axis as number, shape));
  return single(call, [...before, softmax(), ...after]);
};

const reluLayer: Convert = (call) => {
  const { config } = call;
  const slope = config.number("negative_slope", 0);
  config.only("threshold", 0, "thresholdedRelu has another one");
  const most = config.raw("max_value") === undefined ? undefined : config.number("max_value");
  if (most !== undefined && slope !== 0) throw config.odd("negative_slope", "must be 0 where max_value is given");
  if (slope !== 0) return single(call, [leakyRelu({ slope })]);
  return single(call, [most === undefined ? relu() : most === 6 ? relu6() : clip(0, most)]);
};

/** The number of an option that writers give as a number, or Keras 2 as an array. */
function numberOf({ config }: Call, key: string, usual: number): number {
  const value = config.raw(key);
  if (Array.isArray(value) && value.length === 1 && Number.isFinite(value[0])) return value[0] as number;
  return config.number(key, usual);
}

const dropout: Convert = (call) => {
  const { config } = call;
  const shape = inputShape(call);
  const rate = config.number("rate");
  const noise = config.raw("noise_shape");
  if (noise === undefined) return single(call, [layers.dropout(rate)]);
  const whole = (value: unknown, n: number): boolean => value === null || value === n;
  const isNoise =
    Array.isArray(noise) &&
    noise.length === shape.length + 1 &&
    whole(noise[0], -1) &&
    whole(noise.at(-1), shape.at(-1)!);
  if (!isNoise || !noise.slice(1, -1).every((n) => n === 1) || shape.length < 2 || shape.length > 3) {
    throw config.odd("noise_shape", "must be null, or leave out entire channels: [null, 1, 1, null]");
  }
  return single(call, [shape.length === 2 ? layers.spatialDropout1d(rate) : layers.spatialDropout2d(rate)]);
};

const reshape: Convert = (call) => {
  const shape = inputShape(call);
  const target = call.config.raw("target_shape");
  const isOpen = (n: unknown): boolean => n === null || n === -1;
  const holds =
    Array.isArray(target) &&
    target.every((n: unknown) => isOpen(n) || (Number.isSafeInteger(n) && (n as number) > 0)) &&
    target.filter(isOpen).length <= 1;
  if (!holds) throw call.config.odd("target_shape", "must be a list of sizes, of which one may be left open");
  const known = (target as (number | null)[]).reduce<number>((product, n) => (isOpen(n) ? product : product * n!), 1);
  const sizes = (target as (number | null)[]).map((n) => (isOpen(n) ? sizeOf(shape) / known : n!));
  return single(call, [layers.reshape(sizes.length === 0 ? [1] : sizes)]);
};

const permute: Convert = (call) => {
  const { config } = call;
  const shape = inputShape(call);
  const dims = config.wholes("dims", shape.length);
  return single(call, [layers.permute(dims.map((n) => n - 1))]);
};

const flatten: Convert = (call) => {
  const shape = inputShape(call);
  return single(call, [...(shape.length > 1 ? channels(call, shape).before : []), layers.flatten()]);
};

const rescaling: Convert = (call) => {
  const [scale, offset] = [numberOf(call, "scale", 1), numberOf(call, "offset", 0)];
  return single(call, affine(call, inputShape(call), scale, offset, "scale"));
};

/** Layers that pass their input on, or do what one of ours does by one number. */
const by =
  (make: (call: Call) => Layer): Convert =>
  (call) =>
    single(call, [make(call)]);

/** By class_name. */
export const PLAIN: Readonly<Record<string, Convert>> = {
  Activation: (call) => {
    const layer = activationOf(activationName(call.config, "activation"));
    return single(call, layer ? [layer] : []);
  },
  ActivityRegularization: by(({ config }) =>
    layers.activityPenalty({ l1: config.number("l1", 0), l2: config.number("l2", 0) }),
  ),
  BatchNormalization: batchNorm,
  BatchNormalizationV1: batchNorm,
  Dense: dense,
  Dropout: dropout,
  ELU: by((call) => elu({ alpha: numberOf(call, "alpha", 1) })),
  Embedding: embedding,
  Flatten: flatten,
  GaussianNoise: by(({ config }) => layers.gaussianNoise(config.number("stddev"))),
  LayerNormalization: layerNorm,
  LeakyReLU: by((call) => {
    const key = call.config.raw("negative_slope") === undefined ? "alpha" : "negative_slope";
    return leakyRelu({ slope: numberOf(call, key, 0.3) });
  }),
  PReLU: prelu,
  Permute: permute,
  ReLU: reluLayer,
  RepeatVector: by(({ config }) => layers.repeatVector(config.whole("n"))),
  Rescaling: rescaling,
  Reshape: reshape,
  Softmax: softmaxLayer,
  SpatialDropout1D: by(({ config }) => layers.spatialDropout1d(config.number("rate"))),
  SpatialDropout2D: (call) => {
    const { before, after } = channels(call, inputShape(call, 3));
    return single(call, [...before, layers.spatialDropout2d(call.config.number("rate")), ...after]);
  },
  ThresholdedReLU: by((call) => thresholdedRelu({ threshold: numberOf(call, "theta", 1) })),
};

/** Classes that change what other layers do with steps, or draw other random numbers, and what to do. */
const REFUSED: Readonly<Record<string, string>> = {
  AlphaDropout:
    "its random numbers are others than dropout's; take the layer out of model.json, or put Dropout in its place",
  GaussianDropout:
    "its random numbers are others than dropout's; take the layer out of model.json, or put Dropout in its place",
  Masking: "steps that don't count are said by lengths here: lstm(8, { lengths: ... })",
  RNN: "a layer of cells; LSTM, GRU and SimpleRNN are read",
  MultiHeadAttention: "it can't be read from a layers model; selfAttention and attention are ours",
};

for (const [name, why] of Object.entries(REFUSED)) {
  (PLAIN as Record<string, Convert>)[name] = ({ where }) => {
    throw refuse(where, why);
  };
}
