// Layers and activations of ours by their golden names, alone or in a model.
import * as w from "../../../src/index.ts";
import type { Config } from "./config.ts";
import { type Entry, needed } from "./entry.ts";
import { recurrentOf } from "./recurrents.ts";

const ACTIVATIONS: Readonly<Record<string, (config: Config) => w.Layer>> = {
  sigmoid: () => w.sigmoid(),
  tanh: () => w.tanh(),
  relu: () => w.relu(),
  leaky_relu: (c) => w.leakyRelu({ slope: c.number("negative_slope") }),
  elu: (c) => w.elu({ alpha: c.number("alpha") }),
  gelu: (c) => w.gelu({ approximate: c.choice("approximate", { none: "none", tanh: "tanh" } as const, "none") }),
  silu: () => w.silu(),
  softplus: () => w.softplus(),
  hard_sigmoid: (c) => w.hardSigmoid({ slope: c.choice("variant", { "x/6+0.5": 1 / 6, "0.2x+0.5": 0.2 }) }),
  softmax: lastAxis(() => w.softmax()),
  log_softmax: lastAxis(() => w.logSoftmax()),
};

function lastAxis(make: () => w.Layer): (config: Config) => w.Layer {
  return (c) => {
    c.expect("axis", -1);
    return make();
  };
}

export const isActivation = (type: string): boolean => Object.hasOwn(ACTIVATIONS, type);

/** Throws for an unknown one. */
export function activationOf(type: string, config: Config): w.Layer {
  const make = isActivation(type) ? ACTIVATIONS[type] : undefined;
  if (!make) throw new Error(`${config.where}: nothing here knows the activation "${type}"`);
  return make(config);
}

const LAYERS: Readonly<Record<string, (entry: Entry) => w.Layer>> = {
  dense(entry) {
    const { config } = entry;
    const [features, units] = needed(entry, "weight") as [number, number];
    config.expect("in_features", features);
    for (const name of ["out_features", "units"]) config.expect(name, units);
    return w.dense({ units, useBias: useBias(entry) });
  },
  embedding(entry) {
    const [vocabulary, width] = needed(entry, "weight") as [number, number];
    entry.config.expect("vocab_size", vocabulary);
    entry.config.expect("dim", width);
    return w.embedding(vocabulary, width);
  },
  conv2d(entry) {
    const [height, width, , filters] = needed(entry, "kernel") as [number, number, number, number];
    entry.config.expect("filters", filters);
    entry.config.expect("kernel_layout", "HWIO");
    return w.conv2d({ filters, groups: entry.config.number("groups", 1), ...dilated(entry, [height, width]) });
  },
  depthwise_conv2d(entry) {
    const [height, width, channels, depthMultiplier] = needed(entry, "kernel") as [number, number, number, number];
    entry.config.expect("depth_multiplier", depthMultiplier);
    entry.config.expect("kernel_layout", "HWIM");
    entry.config.expect("groups", channels);
    entry.config.expect("filters", channels * depthMultiplier);
    return w.depthwiseConv2d({ depthMultiplier, ...dilated(entry, [height, width]) });
  },
  conv1d(entry) {
    const { config } = entry;
    const [kernelSize, , filters] = needed(entry, "kernel") as [number, number, number];
    config.expect("filters", filters);
    config.expect("kernel_size", kernelSize, [kernelSize]);
    config.expect("kernel_layout", "WIO");
    config.describes("pads");
    const window = { kernelSize, strides: config.single("stride", 1), dilation: config.single("dilation", 1) };
    const padding = config.choice("padding", PADDINGS, "valid");
    return w.conv1d({ filters, groups: config.number("groups", 1), ...window, padding, useBias: useBias(entry) });
  },
  conv2d_transpose(entry) {
    const [height, width, filters] = needed(entry, "kernel") as [number, number, number];
    entry.config.expect("filters", filters);
    entry.config.expect("kernel_layout", "HWOI");
    entry.config.expect("dilation", 1, [1, 1]);
    entry.config.expect("groups", 1);
    return w.conv2dTranspose({ filters, ...convolution(entry, [height, width]) });
  },
  max_pool2d: ({ config }) => w.maxPool2d(...pool(config)),
  avg_pool2d: ({ config }) => w.avgPool2d(...pool(config)),
  global_avg_pool1d: () => w.globalAvgPool1d(),
  global_avg_pool2d: () => w.globalAvgPool2d(),
  flatten: () => w.flatten(),
  upsample2d({ config }) {
    config.expect("mode", "nearest");
    const [factor, across] = config.pair("factor", [2, 2]);
    if (factor !== across) throw new Error(`${config.where}.factor: must be one number, got ${factor} and ${across}`);
    return w.upsample2d(factor);
  },
  batch_norm({ config }) {
    config.expect("axis", -1);
    return w.batchNorm({ momentum: config.number("momentum"), epsilon: config.number("eps") });
  },
  layer_norm({ config }) {
    config.expect("axis", -1);
    return w.layerNorm({ epsilon: config.number("eps") });
  },
  dropout: ({ config }) => w.dropout(config.number("rate")),
  position: () => w.positionalEmbedding(),
  self_attention(entry) {
    const { config, others } = entry;
    const [width] = needed(entry, "weight_q") as [number, number];
    const heads = config.number("num_heads");
    config.expect("model_dim", width);
    config.expect("head_dim", width / heads);
    config.expect("key_mask", others.includes("key_mask"));
    const biased = entry.parameter("bias_q") !== undefined;
    config.expect("use_bias", biased);
    const mask = others.includes("key_mask") ? { keyMask: "key_mask" } : {};
    return w.selfAttention({ heads, causal: config.flag("causal", false), useBias: biased, ...mask });
  },
  ...Object.fromEntries(
    ["simple_rnn", "lstm", "gru", "bidirectional_lstm"].map((type) => [type, (entry: Entry) => recurrentOf(entry)]),
  ),
};

/** Throws for an unknown one. */
export function layerOf(entry: Entry): w.Layer {
  const { type, config, name } = entry;
  if (!Object.hasOwn(LAYERS, type)) throw new Error(`${config.where}: nothing here knows the layer "${type}"`);
  const layer = LAYERS[type]!(entry);
  // a composite gives its name to the layers inside when it is made
  return layer.kernel === undefined ? layer : Object.freeze({ ...layer, name });
}

const PADDINGS = { valid: "valid", same: "same" } as const;

function useBias(entry: Entry): boolean {
  const has = entry.parameter("bias") !== undefined;
  entry.config.expect("use_bias", has);
  return has;
}

function convolution(entry: Entry, kernelSize: [number, number]) {
  const { config } = entry;
  config.expect("kernel_size", kernelSize, ...(kernelSize[0] === kernelSize[1] ? [kernelSize[0]] : []));
  config.describes("pads"); // follows from the rest
  return {
    kernelSize,
    strides: config.pair("stride", [1, 1]),
    padding: config.choice("padding", PADDINGS, "valid"),
    useBias: useBias(entry),
  };
}

const dilated = (entry: Entry, kernelSize: [number, number]) => ({
  ...convolution(entry, kernelSize),
  dilation: entry.config.pair("dilation", [1, 1]),
});

function pool(config: Config): Parameters<typeof w.maxPool2d> {
  const size = config.pair("pool_size");
  config.describes("pads");
  return [size, { strides: config.pair("stride", size), padding: config.choice("padding", PADDINGS, "valid") }];
}
