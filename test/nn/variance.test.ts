// What goes through a layer keeps its size: numbers of variance 1 come out with variance 1 for lecunUniform and lecunNormal, with 2 for
// heUniform and heNormal, of which a relu lets half pass, and with glorotUniform and glorotNormal the mean of the ways forward and
// back is 1. For every layer that has an option for initial values: one that isn't in the tables fails.
import { describe, expect, test } from "vitest";
import * as w from "../../src/index.ts";
import * as layers from "../../src/nn/layers/index.ts";
import { type Shape, sizeOf } from "../../src/util/shape.ts";
import { LAYERS } from "../support/cases.ts";
import { normal } from "../support/seeded.ts";

const FAMILIES = {
  lecun: [w.lecunUniform(), w.lecunNormal()],
  he: [w.heUniform(), w.heNormal()],
  glorot: [w.glorotUniform(), w.glorotNormal()],
};
type Family = keyof typeof FAMILIES;

const SEEDS = [1, 2, 3, 4];
/** One of each, for the many windows. */
const ONE_OF_EACH = { lecun: [w.lecunUniform()], he: [w.heUniform()], glorot: [w.glorotUniform()] };

const { core } = await w.sequential({ input: 1 }, w.dense(1));

const meanSquare = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, v) => sum + v * v, 0) / values.length;
const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;

/** `forward` and `back`: what becomes of the variance 1. About a thousand independent weights tell it that well. */
function check(family: Family, initializer: w.Initializer, { forward, back = forward }: Ways): void {
  const found = { lecun: forward, he: forward / 2, glorot: (forward + back) / 2 }[family];
  expect(Math.abs(found - 1), `${initializer.initializer} gives ${found} in place of 1`).toBeLessThan(0.1);
}

interface Ways {
  readonly forward: number;
  readonly back?: number;
}

/** Checks all initializers, or some. */
async function checkAll(
  measure: (initializer: w.Initializer, seed: number) => Promise<Ways>,
  families: Readonly<Record<Family, readonly w.Initializer[]>> = FAMILIES,
  seeds = SEEDS,
): Promise<void> {
  for (const [family, initializers] of Object.entries(families)) {
    for (const initializer of initializers) {
      const found = await Promise.all(seeds.map((seed) => measure(initializer, seed)));
      const forward = mean(found.map((ways) => ways.forward));
      check(family as Family, initializer, { forward, back: mean(found.map((ways) => ways.back ?? ways.forward)) });
    }
  }
}

// Sums: of independent numbers with variance 1, a sum weighted with w has the variance of all w^2 together. So with squares in place
// of the weights, ones become the variances, forward and back.

interface Window {
  readonly kernelSize: number | readonly [number, number];
  readonly strides?: number | readonly [number, number];
  readonly dilation?: number | readonly [number, number];
}

interface Sum {
  readonly layer: (initializer: w.Initializer) => w.Layer;
  readonly input: Shape;
  /** What moves over the input. Its borders are left out: fewer windows reach there. */
  readonly window?: Window;
}

const windowed = <O extends Window>(
  input: Shape,
  list: readonly O[],
  layer: (options: O, initializer: w.Initializer) => w.Layer,
): Sum[] => list.map((window) => ({ layer: (initializer) => layer(window, initializer), input, window }));

const WINDOWS: readonly Window[] = [
  { kernelSize: 1 },
  { kernelSize: 3 },
  { kernelSize: [1, 5] },
  { kernelSize: 2, strides: 2 },
  { kernelSize: 3, strides: 2 },
  { kernelSize: 1, strides: 2 },
  { kernelSize: [3, 2], strides: [1, 3] },
  { kernelSize: 5, strides: 3 },
];
const DILATED: readonly Window[] = [...WINDOWS, { kernelSize: 3, dilation: 2 }];

/** By factory and option. */
const SUMS: Readonly<Record<string, readonly Sum[]>> = {
  "dense kernelInitializer": [
    { layer: (kernelInitializer) => w.dense(300, { kernelInitializer }), input: [5, 30] },
    { layer: (kernelInitializer) => w.dense(30, { kernelInitializer }), input: [300] },
  ],
  "conv1d kernelInitializer": windowed(
    [40, 24],
    [
      { filters: 40, kernelSize: 3 },
      { filters: 24, kernelSize: 4, strides: 2 },
      { filters: 60, kernelSize: 3, strides: 4 },
      { filters: 96, kernelSize: 5, groups: 4 },
      { filters: 240, kernelSize: 3, groups: 24, dilation: 3 },
    ],
    (options, kernelInitializer) => w.conv1d({ ...options, kernelInitializer }),
  ),
  "conv2d kernelInitializer": windowed(
    [11, 13, 24],
    DILATED.flatMap((window) => [
      { filters: 60, ...window },
      { filters: 96, groups: 3, ...window },
      { filters: 360, groups: 12, ...window },
    ]),
    (options, kernelInitializer) => w.conv2d({ ...options, kernelInitializer }),
  ),
  "depthwiseConv2d kernelInitializer": windowed(
    [11, 13, 60],
    DILATED.flatMap((window) => [
      { depthMultiplier: 4, ...window },
      { depthMultiplier: 9, ...window },
    ]),
    (options, kernelInitializer) => w.depthwiseConv2d({ ...options, kernelInitializer }),
  ),
  // the second step passes on what it gets, both ways
  "separableConv2d depthwiseInitializer": windowed(
    [11, 13, 40],
    DILATED.map((window) => ({ depthMultiplier: 6, ...window })),
    (options, depthwiseInitializer) =>
      w.separableConv2d(240, { ...options, depthwiseInitializer, pointwiseInitializer: w.orthogonal() }),
  ),
  "separableConv2d pointwiseInitializer": [
    {
      layer: (pointwiseInitializer) =>
        w.separableConv2d(90, { kernelSize: 1, depthwiseInitializer: w.ones(), pointwiseInitializer }),
      input: [5, 5, 40],
    },
  ],
  "conv2dTranspose kernelInitializer": windowed(
    [11, 13, 20],
    [...WINDOWS, { kernelSize: 4, strides: 2 }, { kernelSize: 2, strides: 3 }].flatMap((window) => [
      { filters: 60, ...window },
      { filters: 20, padding: "same" as const, ...window },
    ]),
    (options, kernelInitializer) => w.conv2dTranspose({ ...options, kernelInitializer }),
  ),
  "conv1dTranspose kernelInitializer": windowed(
    [40, 20],
    [{ kernelSize: 3 }, { kernelSize: 4, strides: 2 }, { kernelSize: 3, dilation: 2 }].map((window) => ({
      filters: 60,
      ...window,
    })),
    (options, kernelInitializer) => w.conv1dTranspose({ ...options, kernelInitializer }),
  ),
};

/** The numbers that are far enough from the borders, whole periods of the strides. */
function inside(values: Float32Array, shape: Shape, { kernelSize, strides, dilation }: Window): number[] {
  const axes = shape.length - 1;
  const both = (size: Window["kernelSize"] = 1): readonly number[] =>
    typeof size === "number" ? Array.from({ length: axes }, () => size) : size;
  const [sizes, steps, gaps] = [both(kernelSize), both(strides), both(dilation)];
  const first = sizes.map((size, axis) => (size - 1) * gaps[axis]!);
  const end = first.map((margin, axis) => {
    const whole = Math.floor((shape[axis]! - 2 * margin) / steps[axis]!) * steps[axis]!;
    expect(whole, `the inside of axis ${axis} of ${shape.join("x")}`).toBeGreaterThan(0);
    return margin + whole;
  });
  return Array.from(values).filter((_, i) => {
    let rest = Math.floor(i / shape.at(-1)!);
    for (let axis = axes - 1; axis >= 0; axis--) {
      const place = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
      if (place < first[axis]! || place >= end[axis]!) return false;
    }
    return true;
  });
}

describe("sums", () => {
  for (const [name, cases] of Object.entries(SUMS)) {
    for (const { layer, input, window } of cases) {
      test(`${name} ${JSON.stringify(window ?? input)}`, async () => {
        const measure = async (initializer: w.Initializer, seed: number): Promise<Ways> => {
          const made = layer(initializer);
          const model = await w.sequential({ input, seed, core }, made);
          for (const parameter of model.parameters())
            parameter.set(parameter.get().map((value) => (parameter.name.endsWith("bias") ? 0 : value * value)));
          const y = model.forward(new Float32Array(sizeOf(input)).fill(1));
          const dx = model.backward(new Float32Array(y.length).fill(1))!;
          if (!window) return { forward: mean(y), back: mean(dx) };
          return made.type.endsWith("Transpose")
            ? { forward: mean(inside(y, model.outputShape, window)), back: mean(dx) }
            : { forward: mean(y), back: mean(inside(dx, input, window)) };
        };
        await (window ? checkAll(measure, ONE_OF_EACH, [1, 2]) : checkAll(measure));
      });
    }
  }
});

/** Weights in front of a gate or of a softmax, [inputs, outputs], by factory and option: what they sum is told by their squares. */
const recurrent = (name: "simpleRnn" | "lstm" | "gru", option: string, weight: string) =>
  [`${name} ${option}`, (initializer: w.Initializer) => w[name](40, { [option]: initializer }), [weight]] as const;
const ATTENTION = ["weightQ", "weightK", "weightV", "weightO"];
const WEIGHTS = [
  ...(["simpleRnn", "lstm", "gru"] as const).flatMap((name) => [
    recurrent(name, "kernelInitializer", "weightIh"),
    recurrent(name, "recurrentInitializer", "weightHh"),
  ]),
  [
    "selfAttention kernelInitializer",
    (kernelInitializer: w.Initializer) => w.selfAttention({ heads: 2, kernelInitializer }),
    ATTENTION,
  ],
  [
    "attention kernelInitializer",
    (kernelInitializer: w.Initializer) =>
      w.chain(
        w.dense(30, { name: "memory" }),
        w.dense(80),
        w.attention({ memory: "memory", heads: 2, kernelInitializer, name: "a" }),
      ),
    ATTENTION.map((name) => `a.${name}`),
  ],
] as const;

describe("sums within a layer", () => {
  for (const [name, layer, weights] of WEIGHTS) {
    test(name, () =>
      checkAll(async (initializer, seed) => {
        const model = await w.sequential({ input: [3, 50], seed, core }, layer(initializer));
        const found = model.parameters().filter((p) => weights.some((weight) => p.name.endsWith(weight)));
        expect(found.length).toBe(weights.length);
        const ways = found.map((p) => [p.shape[0]! * meanSquare(p.get()), p.shape[1]! * meanSquare(p.get())] as const);
        return { forward: mean(ways.map(([forward]) => forward)), back: mean(ways.map(([, back]) => back)) };
      }),
    );
  }
});

/** A factor for each number, by factory and option. A normalisation's gradient is no sum: forward alone. */
const WIDE = [2, 3000];
const FACTORS: Readonly<Record<string, readonly [layer: (gammaInitializer: w.Initializer) => w.Layer, input: Shape]>> =
  {
    "layerNorm gammaInitializer": [(gammaInitializer) => w.layerNorm({ gammaInitializer }), WIDE],
    "rmsNorm gammaInitializer": [(gammaInitializer) => w.rmsNorm({ gammaInitializer }), WIDE],
    "batchNorm gammaInitializer": [(gammaInitializer) => w.batchNorm({ gammaInitializer }), WIDE],
    "groupNorm gammaInitializer": [(gammaInitializer) => w.groupNorm(10, { gammaInitializer }), [3, 3, 3000]],
    "instanceNorm gammaInitializer": [(gammaInitializer) => w.instanceNorm({ gammaInitializer }), [3, 3, 3000]],
  };

describe("factors", () => {
  for (const [name, [layer, input]] of Object.entries(FACTORS)) {
    test(name, () =>
      checkAll(async (initializer, seed) => {
        const model = await w.sequential({ input, seed, core }, layer(initializer));
        return { forward: meanSquare(model.forward(normal(sizeOf(input), { seed }))) };
      }),
    );
  }

  test("prelu slopeInitializer", () =>
    checkAll(async (slopeInitializer, seed) => {
      const model = await w.sequential({ input: 3000, seed, core }, w.prelu({ slopeInitializer }));
      const size = (sign: number): Ways => {
        const x = normal(3000, { seed }).map((value) => sign * Math.abs(value));
        const forward = meanSquare(model.forward(x));
        return { forward, back: meanSquare(model.backward(normal(3000, { seed: 5 }))!) };
      };
      expect(size(1).forward).toBeCloseTo(1, 0); // what isn't negative passes as it is
      return size(-1);
    }));
});

test("embedding embeddingsInitializer: a number of the table is an output; the gradient has none of the input", async () => {
  for (const [family, initializers] of Object.entries(FAMILIES)) {
    for (const embeddingsInitializer of initializers) {
      const model = await w.sequential({ input: 1, core }, w.embedding(500, 30, { embeddingsInitializer }));
      const rows = model.forward(Float32Array.from({ length: 500 }, (_, i) => i));
      const forward = meanSquare(rows);
      check(family as Family, embeddingsInitializer, { forward, back: 30 * forward });
    }
  }
});

/** What is added: no numbers of the input meet in it, and the shape alone tells how large it is. */
const ADDED = /^(?:\w+ (?:bias|beta)Initializer|positionalEmbedding initializer)$/;

test("an option for initial values that is in no table fails here", () => {
  const others: Readonly<Record<string, w.Layer>> = { tiedDense: w.tiedDense({ to: "a" }) };
  const options = Object.keys(layers).flatMap((name) => {
    const layer = others[name] ?? LAYERS[name]![0]!([6, 6, 2]);
    return Object.keys(layer.options).flatMap((key) => (/initializer$/i.test(key) ? [`${name} ${key}`] : []));
  });
  expect(options.length).toBeGreaterThan(30);
  const summed = options.filter((option) => !ADDED.test(option));
  const known = [...Object.keys(SUMS), ...WEIGHTS.map(([name]) => name), ...Object.keys(FACTORS)];
  expect(summed.toSorted()).toEqual([...known, "prelu slopeInitializer", "embedding embeddingsInitializer"].toSorted());
});

describe("what goes through", () => {
  /** The variance of the output, for an input of variance 1. */
  async function through(input: Shape, ...made: w.Layer[]): Promise<number> {
    const model = await w.sequential({ input, seed: 1, core }, ...made);
    return meanSquare(model.forward(normal(sizeOf(input), { seed: 1 })));
  }

  test("four layers on images keep the size", async () => {
    for (const make of [w.conv2d, w.separableConv2d, w.conv2dTranspose]) {
      const four = Array.from({ length: 4 }, () => make(64, { kernelSize: 3, padding: "same" }));
      const size = await through([12, 12, 64], ...four);
      expect(size, make.name).toBeGreaterThan(0.3); // each has zeros around the image, or nothing
      expect(size, make.name).toBeLessThan(1.3);
    }
  });

  test("one of them with lecunUniform", async () => {
    const kernelInitializer = w.lecunUniform();
    for (const layer of [
      w.depthwiseConv2d({ kernelSize: 3, kernelInitializer }),
      w.depthwiseConv2d({ kernelSize: 3, strides: 2, depthMultiplier: 3, kernelInitializer }),
      ...[1, 2, 3, 4].map((strides) =>
        w.conv2dTranspose(16, { kernelSize: 4, strides, padding: "same", kernelInitializer }),
      ),
    ]) {
      const size = await through([12, 12, 64], layer);
      expect(size, JSON.stringify(layer.options)).toBeGreaterThan(0.75);
      expect(size, JSON.stringify(layer.options)).toBeLessThan(1.25);
    }
  });
});
