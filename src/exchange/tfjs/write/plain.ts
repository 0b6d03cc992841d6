// Our layers on whole rows or along the last axis, as TensorFlow.js'.
import { SELU_ALPHA, SELU_SCALE } from "../../../nn/activations/selu.ts";
import { sizeOf } from "../../../util/shape.ts";
import type { Context } from "./context.ts";
import type { Ref } from "./writer.ts";

/** Writes a node; gives what it puts out. */
export type Write = (context: Context) => Ref;

const dense: Write = (c) =>
  c.main(
    "Dense",
    {
      units: c.node.output.at(-1),
      activation: "linear",
      use_bias: c.has("bias"),
      ...c.config("kernel", "weight"),
      ...c.config("bias", "bias"),
    },
    [c.x],
    c.node.output,
    [c.weight("kernel", "weight"), ...(c.has("bias") ? [c.weight("bias", "bias")] : [])],
  );

const embedding: Write = (c) =>
  c.main(
    "Embedding",
    {
      input_dim: c.option("vocabulary"),
      output_dim: c.option("width"),
      ...c.config("embeddings", "weight"),
      activity_regularizer: null,
      mask_zero: false,
      input_length: null,
    },
    [c.x],
    c.node.output,
    [c.weight("embeddings", "weight")],
  );

const batchNorm: Write = (c) =>
  c.main(
    "BatchNormalization",
    { axis: -1, momentum: 1 - c.option<number>("momentum"), epsilon: c.option("epsilon"), center: true, scale: true },
    [c.x],
    c.node.output,
    [
      c.weight("gamma", "gamma"),
      c.weight("beta", "beta"),
      c.weight("moving_mean", "runningMean"),
      c.weight("moving_variance", "runningVariance"),
    ],
  );

const layerNorm: Write = (c) =>
  c.main(
    "LayerNormalization",
    { axis: -1, epsilon: c.option("epsilon"), center: true, scale: true },
    [c.x],
    c.node.output,
    [c.weight("gamma", "gamma"), c.weight("beta", "beta")],
  );

const prelu: Write = (c) => {
  const { shape } = c.x;
  const leading = shape.slice(0, -1);
  return c.main("PReLU", { shared_axes: leading.length > 0 ? leading.map((_, i) => i + 1) : null }, [c.x], shape, [
    c.weight("alpha", "slope", [...leading.map(() => 1), shape.at(-1)!]),
  ]);
};

/** Cut to [low, high] by relu, whose largest number can be given. */
const clip: Write = (c) => {
  const [low, high] = [c.option<number | undefined>("low"), c.option<number | undefined>("high")];
  const { shape } = c.x;
  if (low === 0) return c.plain("ReLU", { max_value: high ?? null });
  if (low === undefined) {
    const below = c.step("ReLU", "relu", { max_value: null }, c.rescale(c.x, -1, high!, "from"), shape);
    return c.plain("Rescaling", { scale: -1, offset: high! }, below);
  }
  const most = high === undefined ? null : high - low;
  const above = c.step("ReLU", "relu", { max_value: most }, c.rescale(c.x, 1, -low, "from"), shape);
  return c.plain("Rescaling", { scale: 1, offset: low }, above);
};

/** Theirs is 0.2 x + 0.5. */
const hardSigmoid: Write = (c) => {
  const [slope, offset] = [c.option<number>("slope"), c.option<number>("offset", 0.5)];
  if (slope === 0.2 && offset === 0.5) return c.activation("hard_sigmoid");
  return c.plain("Activation", { activation: "hard_sigmoid" }, c.rescale(c.x, slope / 0.2, (offset - 0.5) / 0.2));
};

const hardSwish: Write = (c) => {
  const { shape } = c.x;
  const gate = c.step("Activation", "gate", { activation: "hard_sigmoid" }, c.rescale(c.x, 1 / 1.2, 0), shape);
  return c.writer.add("Multiply", c.name, {}, [c.x, gate], shape);
};

const noise =
  (className: string, config: (c: Context) => object): Write =>
  (c) =>
    c.plain(className, config(c) as Record<string, unknown>);

/** Several numbers along an axis become one. */
function reduction(kind: "sum" | "mean" | "max"): Write {
  return (c) => {
    const { shape } = c.x;
    const axis = c.option<number>("axis");
    const place = axis < 0 ? shape.length + axis : axis;
    const order = [place, ...shape.map((_, i) => i).filter((i) => i !== place)];
    const moved = order.every((from, i) => from === i)
      ? c.x
      : c.step(
          "Permute",
          "first",
          { dims: order.map((from) => from + 1) },
          c.x,
          order.map((from) => shape[from]!),
        );
    const n = shape[place]!;
    const rest = sizeOf(shape) / n;
    const rows = c.reshape(moved, [n, rest], "rows");
    const pooled = c.step(kind === "max" ? "GlobalMaxPooling1D" : "GlobalAveragePooling1D", "pool", {}, rows, [rest]);
    const all = kind === "sum" ? c.rescale(pooled, n, 0, "times") : pooled;
    return c.plain("Reshape", { target_shape: [...c.node.output] }, all);
  };
}

const upsampled: Write = (c) => {
  // expand: the same numbers n times
  const [from, to] = [sizeOf(c.x.shape), sizeOf(c.node.output)];
  const inner = c.option<number>("inner");
  const rows = c.reshape(c.x, [from / inner, 1, inner], "rows");
  const all = c.step(
    "UpSampling2D",
    "repeat",
    { size: [1, to / from], data_format: "channels_last", interpolation: "nearest" },
    rows,
    [from / inner, to / from, inner],
  );
  return c.plain("Reshape", { target_shape: [...c.node.output] }, all);
};

const slice: Write = (c) => {
  const { shape } = c.x;
  const axis = c.option<number>("axis", 0);
  const place = axis < 0 ? shape.length + axis : axis;
  const n = shape[place]!;
  const at = (value: number): number => (value < 0 ? n + value : value);
  if (c.node.layer.type === "pick") {
    const index = c.option<number | string>("index");
    if (typeof index === "string") throw c.refuse("picks each row's own last step", "a fixed index would work");
    const first = at(index);
    const one = c.pad(c.x, place, -first, first + 1 - n, "cut");
    return c.plain("Reshape", { target_shape: [...c.node.output] }, one);
  }
  const [from, to] = [at(c.option<number>("from", 0)), at(c.option<number>("to", n))];
  const cut = c.pad(c.x, place, -from, to - n, "cut");
  return c.plain("Activation", { activation: "linear" }, cut);
};

const pad: Write = (c) => {
  if (c.option("mode") !== "constant")
    throw c.refuse(`has mode "${c.option<string>("mode")}"`, 'mode "constant" would work');
  const value = c.option<number>("value", 0);
  const [before, after] = [c.option<readonly number[]>("before", []), c.option<readonly number[]>("after", [])];
  let y = value === 0 ? c.x : c.rescale(c.x, 1, -value, "from");
  c.x.shape.forEach((_, axis) => {
    y = c.pad(y, axis, before[axis] ?? 0, after[axis] ?? 0, `axis${axis}`);
  });
  return value === 0
    ? c.plain("Activation", { activation: "linear" }, y)
    : c.plain("Rescaling", { scale: 1, offset: value }, y);
};

const activation =
  (name: string): Write =>
  (c) =>
    c.activation(name);

/** By the layer's type. */
export const PLAIN: Readonly<Record<string, Write>> = {
  average: (c) => c.plain("Rescaling", { scale: 1 / c.option<number>("count"), offset: 0 }),
  batchNorm,
  clip,
  dense,
  dropout: noise("Dropout", (c) => ({ rate: c.option("rate"), noise_shape: null, seed: null })),
  elu: (c) => {
    if (c.option("alpha") !== 1)
      throw c.refuse(`has alpha ${c.option<number>("alpha")}`, "elu() has an alpha of 1, which would work");
    return c.activation("elu");
  },
  embedding,
  expand: upsampled,
  // theirs takes rows of two axes or more
  flatten: (c) =>
    c.x.shape.length > 1 ? c.plain("Flatten", {}) : c.plain("Reshape", { target_shape: [...c.node.output] }),
  gaussianNoise: noise("GaussianNoise", (c) => ({ stddev: c.option("deviation") })),
  gelu: (c) => {
    // there is one, but TensorFlow.js doesn't find it again in its own files
    if (c.option("approximate") === "tanh") throw c.refuse('has approximate "tanh"', "gelu() would work");
    return c.activation("gelu");
  },
  hardSigmoid,
  hardSwish,
  layerNorm,
  leakyRelu: (c) => c.plain("LeakyReLU", { alpha: c.option("slope") }),
  logSoftmax: activation("log_softmax"),
  max: reduction("max"),
  mean: reduction("mean"),
  mish: activation("mish"),
  pad,
  permute: (c) => c.plain("Permute", { dims: c.option<readonly number[]>("order").map((axis) => axis + 1) }),
  pick: slice,
  prelu,
  relu: activation("relu"),
  relu6: activation("relu6"),
  repeatVector: (c) => c.plain("RepeatVector", { n: c.option("times") }),
  reshape: (c) => c.plain("Reshape", { target_shape: [...c.node.output] }),
  selu: (c) => {
    const usual = c.option("alpha", SELU_ALPHA) === SELU_ALPHA && c.option("scale", SELU_SCALE) === SELU_SCALE;
    if (!usual) throw c.refuse("has an alpha or scale of its own", "selu() would work");
    return c.activation("selu");
  },
  sigmoid: activation("sigmoid"),
  silu: activation("swish"),
  slice,
  softmax: activation("softmax"),
  softplus: activation("softplus"),
  softsign: activation("softsign"),
  spatialDropout1d: noise("SpatialDropout1D", (c) => ({ rate: c.option("rate"), seed: null })),
  spatialDropout2d: noise("Dropout", (c) => ({ rate: c.option("rate"), noise_shape: [null, 1, 1, null], seed: null })),
  sum: reduction("sum"),
  tanh: activation("tanh"),
  thresholdedRelu: (c) => c.plain("ThresholdedReLU", { theta: c.option("threshold") }),
};
