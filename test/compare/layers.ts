// The layers of random programs. A new layer is a row in LAYERS (and a function in server.py), a new option a line in its row.
import { sizeOf } from "../../src/util/shape.ts";
import type { Random } from "./random.ts";

export type Options = Readonly<Record<string, unknown>>;
export type Shape = readonly number[];

/** A layer by the name of its function. `inner`: the branches of layers inside. */
export interface LayerSpec {
  readonly type: string;
  readonly options: Options;
  readonly inner?: readonly (readonly LayerSpec[])[];
}

/** Another input of the model: any numbers, or whole ones from `low` to `high`, both included. */
export interface Second {
  readonly shape: Shape;
  readonly whole?: readonly [low: number, high: number];
}

/** Adds another input to the model, and gives its name. */
export type AddInput = (second: Second) => string;

/** What a layer may be drawn for. Without `add` the model can't have another input. */
type Draw = (random: Random, shape: Shape, add?: AddInput) => Options | LayerSpec;

interface Row {
  /** Ranks of inputs, the rows not counted. */
  readonly ranks: readonly number[];
  readonly draw: Draw;
  /** The output has the shape of the input, whatever is drawn. */
  readonly keeps?: true;
  readonly allows?: (shape: Shape) => boolean;
  /** It reads another input in any case. */
  readonly adds?: true;
}

const ANY = [1, 2, 3, 4, 5];
const none: Draw = () => ({});
const keeping = (draw: Draw, ranks = ANY): Row => ({ ranks, draw, keeps: true });

/** A window that fits: its size, its step, and its dilation along an axis of n cells. */
function axis(random: Random, n: number, padding: string, dilated: boolean): { k: number; s: number; d: number } {
  const d = dilated && n > 1 && random.chance(0.25) ? 2 : 1;
  const k = random.whole(1, Math.max(1, Math.min(4, padding === "same" ? 4 : Math.floor((n - 1) / d) + 1)));
  // one of the two: both at once aren't everywhere
  return { k, s: d === 1 ? random.whole(1, 3) : 1, d };
}

interface WindowOptions {
  readonly dilated?: boolean;
  /** Padding by numbers, and causal padding of sequences. */
  readonly padded?: boolean;
}

function window(random: Random, shape: Shape, { dilated = true, padded = true }: WindowOptions = {}): Options {
  const padding = random.pick(["valid", "same"]);
  const axes = shape.slice(0, -1).map((n) => axis(random, n, padding, dilated));
  const each = (key: "k" | "s" | "d"): number | number[] =>
    axes.length === 1 ? axes[0]![key] : axes.map((a) => a[key]);
  // as many as the window needs to fit
  const sides = axes.flatMap(({ k, d }, i) => {
    const before = random.whole(0, d * (k - 1));
    return [before, random.whole(Math.max(d * (k - 1) + 1 - shape[i]! - before, 0), d * (k - 1))];
  });
  const kinds = [padding, padding, sides, ...(axes.length === 1 ? ["causal"] : [])];
  return {
    kernelSize: each("k"),
    strides: each("s"),
    padding: padded ? random.pick(kinds) : padding,
    ...(dilated && { dilation: each("d") }),
  };
}

export const divisors = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
const bias = (random: Random): Options => ({ useBias: random.chance(0.8) });
const epsilon = (random: Random): Options => ({ epsilon: random.pick([1e-5, 1e-3, 0.1]) });

const convolution: Draw = (random, shape) => {
  const groups = random.chance(0.3) ? random.pick(divisors(shape.at(-1)!)) : 1;
  return { filters: groups * random.whole(1, 5), groups, ...window(random, shape), ...bias(random) };
};

/** The reverse of a convolution, of which something is left. */
const transposed: Draw = (random, shape) => {
  const channels = shape.at(-1)!;
  const groups = random.chance(0.4) ? random.pick(divisors(channels)) : 1;
  const padding = random.pick(["valid", "same", "sides", ...(shape.length === 2 ? ["causal"] : [])]);
  const word = padding === "same" || padding === "causal";
  const axes = shape.slice(0, -1).map((n) => {
    const [k, s, d] = [random.whole(1, 4), random.whole(1, 3), random.chance(0.4) ? random.whole(2, 3) : 1];
    const full = (n - 1) * s + (k - 1) * d + 1;
    const before = random.whole(0, Math.min(3, full - 1));
    const more = word || random.chance(0.5) ? 0 : random.whole(0, Math.max(s, d) - 1);
    return { k, s, d, more, sides: [before, random.whole(0, Math.min(3, full - 1 - before))] };
  });
  const each = (key: "k" | "s" | "d" | "more"): number | number[] =>
    axes.length === 1 ? axes[0]![key] : axes.map((a) => a[key]);
  return {
    filters: groups * random.whole(1, 4),
    groups,
    kernelSize: each("k"),
    strides: each("s"),
    dilation: each("d"),
    outputPadding: each("more"),
    padding: padding === "sides" ? axes.flatMap(({ sides }) => sides) : padding,
    ...bias(random),
  };
};

const pool: Draw = (random, shape) => {
  const { kernelSize, ...options } = window(random, shape);
  return { size: kernelSize, ...options, ceilMode: random.chance(0.3) };
};
const means: Draw = (random, shape) => ({ ...pool(random, shape), countPadding: random.chance(0.4) });

const border: Draw = (random) => ({ border: [0, 0, 0, 0].map(() => random.whole(0, 3)) });

const reduced: Draw = (random, { length }) => ({
  axis: random.whole(-length, length - 1),
  keepAxis: random.chance(0.3),
});

/** An operator on branches of dense layers, some of which have one number that is repeated. */
function operator(type: string, count?: number, options: Draw = none): Row {
  return {
    ranks: ANY,
    draw(random, shape) {
      const units = random.whole(1, 6);
      const branch = (one: boolean): LayerSpec[] => [
        { type: "dense", options: { units: one ? 1 : units, ...bias(random) } },
      ];
      const inner = Array.from({ length: count ?? random.whole(2, 4) }, () =>
        branch(type !== "dot" && random.chance(0.3)),
      );
      return { type, options: options(random, shape) as Options, inner };
    },
  };
}

/** Cells at both sides of the first axes, of which a negative number cuts some off. */
const sides: Draw = (random, shape) => {
  const mode = random.pick(["constant", "reflect", "edge", "wrap"]);
  const count = random.whole(1, shape.length);
  const [before, after]: [number[], number[]] = [[], []];
  for (const n of shape.slice(0, count)) {
    const most = mode === "reflect" ? Math.min(3, n - 1) : mode === "wrap" ? Math.min(3, n) : 3;
    const cells = random.whole(-Math.min(2, n - 1), most);
    before.push(cells);
    after.push(random.whole(Math.max(-2, 1 - n, 1 - n - cells), most));
  }
  return { before, after, mode, ...(mode === "constant" && { value: random.number(-1, 1) }) };
};

const larger: Draw = (random, [height, width]) => {
  const size = (n: number): number => random.whole(1, 2 * n + 1);
  const wanted = random.chance(0.6)
    ? { factor: random.chance(0.5) ? random.whole(1, 3) : [random.whole(1, 3), random.whole(1, 3)] }
    : { size: [size(height!), size(width!)] };
  const blends = random.chance(0.6);
  return {
    ...wanted,
    interpolation: blends ? "bilinear" : "nearest",
    ...(blends && { coordinates: random.pick(["halfPixel", "alignCorners", "asymmetric"]) }),
  };
};

/** Lengths and states before the first step, from other inputs. */
function given(random: Random, [steps]: Shape, units: number, states: readonly string[], add?: AddInput): Options {
  if (!add) return {};
  return {
    ...(random.chance(0.3) && { lengths: add({ shape: [1], whole: [1, steps!] }) }),
    ...Object.fromEntries(states.filter(() => random.chance(0.3)).map((name) => [name, add({ shape: [units] })])),
  };
}

const CELLS: Readonly<Record<string, readonly string[]>> = {
  simpleRnn: ["initialState"],
  lstm: ["initialState", "initialCell"],
  gru: ["initialState"],
};

const cell =
  (type: string): Draw =>
  (random, shape, add) => {
    const units = random.whole(1, 9);
    return {
      units,
      returnSequences: random.chance(0.6),
      reverse: random.chance(0.3),
      ...(type === "gru" && { resetAfter: random.chance(0.5) }),
      ...given(random, shape, units, CELLS[type]!, add),
    };
  };

/** The options of both attentions, which attend to so many positions. */
function heads(random: Random, [steps, width]: Shape, positions: number, add?: AddInput): Options {
  const count = random.pick(divisors(width!));
  const scores = (): Shape => (random.chance(0.5) ? [steps!, positions] : [count, steps!, positions]);
  return {
    heads: count,
    causal: random.chance(0.4),
    ...(random.chance(0.3) && { keyWidth: count * random.whole(1, 5) }),
    ...(random.chance(0.3) && { valueWidth: count * random.whole(1, 5) }),
    ...(add && random.chance(0.25) && { keyMask: add({ shape: [positions], whole: [0, 1] }) }),
    ...(add && random.chance(0.25) && { mask: add({ shape: scores(), whole: [0, 1] }) }),
    ...(add && random.chance(0.25) && { scoreBias: add({ shape: scores() }) }),
    ...bias(random),
  };
}

export const LAYERS: Readonly<Record<string, Row>> = {
  dense: { ranks: ANY, draw: (random) => ({ units: random.whole(1, 19), ...bias(random) }) },
  conv1d: { ranks: [2], draw: convolution },
  conv2d: { ranks: [3], draw: convolution },
  depthwiseConv2d: {
    ranks: [3],
    draw: (random, shape) => ({ depthMultiplier: random.whole(1, 3), ...window(random, shape), ...bias(random) }),
  },
  separableConv2d: {
    ranks: [3],
    draw: (random, shape) => ({
      filters: random.whole(1, 5),
      depthMultiplier: random.whole(1, 2),
      ...window(random, shape),
      ...bias(random),
    }),
  },
  conv2dTranspose: { ranks: [3], draw: transposed },
  conv1dTranspose: { ranks: [2], draw: transposed },
  maxPool1d: { ranks: [2], draw: pool },
  avgPool1d: { ranks: [2], draw: means },
  maxPool2d: { ranks: [3], draw: pool },
  avgPool2d: { ranks: [3], draw: means },
  globalMaxPool1d: { ranks: [2], draw: none },
  globalMaxPool2d: { ranks: [3], draw: none },
  globalAvgPool1d: { ranks: [2], draw: none },
  globalAvgPool2d: { ranks: [3], draw: none },
  upsample2d: { ranks: [3], draw: larger },
  pad: { ranks: ANY, draw: sides },
  zeroPad2d: { ranks: [3], draw: border },
  crop2d: {
    ranks: [3],
    draw: (random, [height, width]) => {
      const top = random.whole(0, Math.min(2, height! - 1));
      const left = random.whole(0, Math.min(2, width! - 1));
      return {
        border: [
          top,
          random.whole(0, Math.min(2, height! - top - 1)),
          left,
          random.whole(0, Math.min(2, width! - left - 1)),
        ],
      };
    },
  },
  flatten: { ranks: [2, 3, 4, 5], draw: none },
  reshape: {
    ranks: ANY,
    draw: (random, shape) => {
      const axes: number[] = [];
      let left = sizeOf(shape);
      for (let more = random.whole(0, 4); more > 0; more--) {
        axes.push(random.pick(divisors(left)));
        left /= axes.at(-1)!;
      }
      return { shape: [...axes, left] };
    },
  },
  permute: {
    ranks: ANY,
    draw: (random, { length }) => {
      const left = Array.from({ length }, (_, i) => i);
      return { order: Array.from({ length }, () => left.splice(random.whole(0, left.length - 1), 1)[0]!) };
    },
  },
  repeatVector: { ranks: [1], draw: (random) => ({ times: random.whole(1, 5) }) },
  batchNorm: keeping((random) => ({ momentum: random.number(0.01, 0.9), ...epsilon(random) })),
  layerNorm: keeping(epsilon),
  // more than one number is normalised together
  groupNorm: {
    ...keeping((random, shape) => {
      const groups = divisors(shape.at(-1)!).filter((n) => sizeOf(shape) / n > 1);
      return { groups: random.pick(groups), ...epsilon(random) };
    }),
    allows: (shape) => sizeOf(shape) > 1,
  },
  instanceNorm: { ...keeping(epsilon, [2, 3]), allows: (shape) => sizeOf(shape.slice(0, -1)) > 1 },
  rmsNorm: keeping(epsilon),
  localResponseNorm: keeping((random) => ({
    size: random.whole(1, 5),
    alpha: random.number(0.01, 2),
    beta: random.pick([0.5, 0.75, 1]),
    bias: random.number(0.5, 2),
  })),
  positionalEmbedding: keeping(none),
  sinusoidalEmbedding: keeping(none, [2]),
  prelu: keeping(none),
  simpleRnn: { ranks: [2], draw: cell("simpleRnn") },
  lstm: { ranks: [2], draw: cell("lstm") },
  gru: { ranks: [2], draw: cell("gru") },
  bidirectional: {
    ranks: [2],
    draw: (random, shape, add) => {
      const type = random.pick(Object.keys(CELLS));
      const { reverse: _, ...options } = cell(type)(random, shape, add) as Options;
      return { type: "bidirectional", options: {}, inner: [[{ type, options }]] };
    },
  },
  selfAttention: keeping((random, shape, add) => heads(random, shape, shape[0]!, add), [2]),
  attention: {
    ...keeping(
      (random, shape, add) => {
        const memory = [random.whole(1, 6), random.whole(1, 7)];
        return { memory: add!({ shape: memory }), ...heads(random, shape, memory[0]!, add) };
      },
      [2],
    ),
    adds: true,
  },
  residual: keeping((random, shape, add) => {
    const inner = Array.from({ length: random.whole(1, 2) }, () => drawLayer(random, shape, { inside: true, add }));
    return { type: "residual", options: {}, inner: [inner] };
  }),
  concat: {
    ranks: ANY,
    draw: (random, shape, add) => {
      const branch = (): LayerSpec[] => [{ type: "dense", options: { units: random.whole(1, 6), ...bias(random) } }];
      const first = random.chance(0.3)
        ? []
        : random.chance(0.5)
          ? branch()
          : [drawLayer(random, shape, { inside: true, add })];
      return { type: "concat", options: { axis: -1 }, inner: [first, branch()] };
    },
  },
  multiply: operator("multiply", 2),
  subtract: operator("subtract", 2),
  // what it divides by isn't near 0
  divide: {
    ...operator("divide", 2),
    draw: (random) => {
      const dense: LayerSpec = { type: "dense", options: { units: random.whole(1, 6), ...bias(random) } };
      return { type: "divide", options: {}, inner: [[dense], [dense, { type: "clip", options: { low: 1 } }]] };
    },
  },
  maximum: operator("maximum"),
  average: operator("average"),
  dot: operator("dot", 2, (random) => ({ normalize: random.chance(0.5) })),
  matmul: {
    ranks: [2, 3, 4, 5],
    draw: (random) => {
      const [transposeA, units] = [random.chance(0.5), random.whole(1, 6)];
      // two of [.., m, n]: one of them is turned
      const dense = (n: number): LayerSpec[] => [{ type: "dense", options: { units: n, ...bias(random) } }];
      const options = { transposeA, transposeB: !transposeA };
      return { type: "matmul", options, inner: [dense(transposeA ? random.whole(1, 6) : units), dense(units)] };
    },
  },
  sum: { ranks: ANY, draw: reduced },
  mean: { ranks: ANY, draw: reduced },
  max: { ranks: ANY, draw: reduced },
  slice: {
    ranks: ANY,
    draw: (random, shape) => {
      const at = random.whole(0, shape.length - 1);
      const n = shape[at]!;
      const from = random.whole(0, n - 1);
      return { axis: at, from: random.chance(0.3) ? from - n : from, to: random.whole(from + 1, n) };
    },
  },
  pick: {
    ranks: ANY,
    draw: (random, shape, add) => {
      const at = random.whole(0, shape.length - 1);
      const n = shape[at]!;
      if (!add || random.chance(0.5)) return { axis: at, index: random.whole(-n, n - 1) };
      return { axis: at, index: "lastValid", lengths: add({ shape: [1], whole: [1, n] }) };
    },
  },
  ...Object.fromEntries(
    [
      "hardSwish",
      "logSoftmax",
      "mish",
      "relu",
      "relu6",
      "sigmoid",
      "silu",
      "softmax",
      "softplus",
      "softsign",
      "tanh",
    ].map((type) => [type, keeping(none)]),
  ),
  celu: keeping((random) => ({ alpha: random.number(0.2, 2) })),
  clip: keeping((random) => {
    const low = random.number(-2, 0.5);
    const bounds = [{ low }, { high: low }, { low, high: low + random.number(0.1, 2) }];
    return random.pick<Options>(bounds);
  }),
  elu: keeping((random) => ({ alpha: random.number(-1, 2) })),
  gelu: keeping((random) => ({ approximate: random.pick(["none", "tanh"]) })),
  hardSigmoid: keeping((random) => ({ slope: random.pick([1 / 6, 0.2, 0.5]), offset: random.pick([0.5, 0.2, -0.1]) })),
  leakyRelu: keeping((random) => ({ slope: random.number(0.01, 0.5) })),
  selu: keeping((random) =>
    random.chance(0.4) ? {} : { alpha: random.number(-1, 2), scale: random.pick([0.7, 1.5, -0.8]) },
  ),
  shrink: keeping((random) => {
    const threshold = random.number(0, 1);
    return { threshold, bias: random.pick([0, threshold, random.number(-0.5, 0.5)]) };
  }),
  thresholdedRelu: keeping((random) => ({ threshold: random.number(-0.5, 1) })),
};

/** Layers that hold others, which a residual doesn't hold again. */
const OUTER = ["residual", "concat", "bidirectional"];

interface Where {
  /** Another layer holds it. */
  readonly inside?: boolean;
  readonly add?: AddInput | undefined;
  /** Its name, if it fits. */
  readonly only?: string | undefined;
}

export function drawLayer(random: Random, shape: Shape, { inside = false, add, only }: Where): LayerSpec {
  const rows = Object.entries(LAYERS).filter(
    ([type, { ranks, keeps, allows, adds }]) =>
      ranks.includes(shape.length) &&
      (!inside || (keeps && !OUTER.includes(type))) &&
      (!adds || add) &&
      (allows?.(shape) ?? true),
  );
  const [type, { draw }] = rows.find(([name]) => name === only) ?? random.pick(rows);
  const made = draw(random, shape, add);
  return "type" in made && "options" in made ? (made as LayerSpec) : { type, options: made as Options };
}
