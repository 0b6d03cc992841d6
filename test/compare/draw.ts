// Draws random programs: layers, a loss, an optimizer, and the sizes of their data.
import { sizeOf } from "../../src/util/shape.ts";
import { divisors, drawLayer, LAYERS, type LayerSpec, type Options, type Second, type Shape } from "./layers.ts";
import { Random } from "./random.ts";

export interface FunctionSpec {
  readonly type: string;
  readonly options: Options;
}

/** What a case computes, complete but for its numbers, which follow from its seed. */
export interface Program {
  readonly seed: number;
  readonly input: readonly number[];
  /** The first layer looks its inputs up in a table: they are integers below this. */
  readonly vocabulary?: number;
  /** The model's other inputs, by name. */
  readonly seconds: Readonly<Record<string, Second>>;
  readonly layers: readonly LayerSpec[];
  readonly loss: FunctionSpec;
  readonly optimizer: FunctionSpec;
  /** Rows of each step. */
  readonly rows: readonly number[];
  readonly weighted: boolean;
}

interface LossRow {
  /** What the output is made by before the loss sees it. */
  readonly after?: string;
  readonly rank?: number;
  /** A row's numbers are three parts of one size. */
  readonly thirds?: boolean;
  readonly options: (random: Random, outputs: number) => Options;
}

const reduction = (random: Random): Options => ({ reduction: random.pick(["mean", "mean", "sum"]) });
const classWeights = (random: Random, outputs: number): Options =>
  random.chance(0.3) ? { classWeights: Array.from({ length: outputs }, () => random.number(0.2, 3)) } : {};

export const LOSSES: Readonly<Record<string, LossRow>> = {
  meanSquaredError: { options: reduction },
  meanAbsoluteError: { options: reduction },
  huber: { options: (random) => ({ delta: random.number(0.1, 3), ...reduction(random) }) },
  hinge: { options: (random) => ({ margin: random.number(0.2, 2), ...reduction(random) }) },
  binaryCrossEntropy: {
    after: "sigmoid",
    options: (random) => ({ clamp: random.pick(["log", "none", { low: 0.0625, high: 0.9375 }]), ...reduction(random) }),
  },
  binaryCrossEntropyWithLogits: {
    options: (random) => ({ positiveWeight: random.number(0.2, 4), ...reduction(random) }),
  },
  klDivergence: {
    after: "logSoftmax",
    options: (random) => ({ reduction: random.pick(["mean", "sum", "batchMean"]) }),
  },
  softmaxCrossEntropy: {
    rank: 1,
    options: (random, outputs) => ({
      labelSmoothing: random.pick([0, 0, 0.1]),
      ...classWeights(random, outputs),
      ...reduction(random),
    }),
  },
  negativeLogLikelihood: {
    rank: 1,
    after: "logSoftmax",
    options: (random, outputs) => ({ ...classWeights(random, outputs), ...reduction(random) }),
  },
  sequenceCrossEntropy: {
    rank: 2,
    options: (random, outputs) => ({
      labelSmoothing: random.pick([0, 0, 0.1]),
      ...classWeights(random, outputs),
      ...reduction(random),
    }),
  },
  poisson: { after: "sigmoid", options: (random) => ({ logInput: random.chance(0.5), ...reduction(random) }) },
  quantile: {
    options: (random, outputs) => ({
      quantile: random.chance(0.5)
        ? random.number(0.05, 0.95)
        : Array.from({ length: outputs }, () => random.number(0.05, 0.95)),
      ...reduction(random),
    }),
  },
  cosineSimilarity: { options: reduction },
  focal: {
    options: (random) => ({
      gamma: random.pick([0, 0.5, 2, 5]),
      ...(random.chance(0.5) && { alpha: random.number(0, 1) }),
      ...reduction(random),
    }),
  },
  dice: { after: "sigmoid", options: (random) => ({ smooth: random.number(0.1, 2), ...reduction(random) }) },
  tripletMargin: {
    thirds: true,
    options: (random) => ({ margin: random.number(0.1, 3), p: random.pick([1, 2]), ...reduction(random) }),
  },
  ctc: {
    rank: 2,
    options: (random, outputs) => ({
      blank: random.whole(0, outputs - 1),
      lengths: random.chance(0.5),
      zeroInfinity: random.chance(0.5),
      ...reduction(random),
    }),
  },
};

const betas = (random: Random): Options => ({
  beta1: random.number(0.5, 0.95),
  beta2: random.pick([0.8, 0.9, 0.99, 0.999]),
  epsilon: random.pick([1e-8, 1e-5, 1e-3]),
  amsgrad: random.chance(0.3),
});

export const OPTIMIZERS: Readonly<Record<string, (random: Random) => Options>> = {
  sgd(random) {
    const momentum = random.pick([0, 0.5, 0.9]);
    return { momentum, nesterov: momentum > 0 && random.chance(0.5) };
  },
  rmsprop: (random) => ({
    rho: random.number(0.5, 0.99),
    epsilon: random.pick([1e-6, 1e-3]),
    momentum: random.pick([0, 0.5]),
    centered: random.chance(0.3),
  }),
  adagrad: (random) => ({ epsilon: random.pick([1e-8, 1e-5]), initialAccumulator: random.pick([0, 0.1]) }),
  adadelta: (random) => ({ rho: random.number(0.5, 0.99), epsilon: random.pick([1e-6, 1e-4]) }),
  adam: betas,
  adamw: betas,
};

function drawOptimizer(random: Random, type: string): FunctionSpec {
  const clip = random.pick(["", "", "clipValue", "clipNorm", "clipGlobalNorm"]);
  return {
    type,
    options: {
      learningRate: random.number(0.001, 0.1),
      weightDecay: random.pick([0, 0, 0.1]),
      l1: random.pick([0, 0, 0.01]),
      ...(clip && { [clip]: random.number(0.05, 2) }),
      ...OPTIMIZERS[type]!(random),
    },
  };
}

/** What a program can be asked to have. */
export const NAMES: readonly string[] = [
  "embedding", // always the first layer
  ...[LAYERS, LOSSES, OPTIMIZERS].flatMap((table) => Object.keys(table)),
];

/** Gives the shape after some layers. */
export type ShapeOf = (input: Shape, layers: readonly LayerSpec[], seconds: Program["seconds"]) => Promise<Shape>;

/** @param only a layer, loss or optimizer that the program has in any case */
export async function drawProgram(seed: number, shapeOf: ShapeOf, only?: string): Promise<Program> {
  const random = new Random(seed);
  const layers: LayerSpec[] = [];
  let input: Shape;
  let vocabulary: number | undefined;
  const seconds: Record<string, Second> = {};
  const wanted = only === undefined ? undefined : LAYERS[only];
  const rank = random.pick(wanted?.ranks ?? [1, 2, 2, 2, 3, 3, 3, 4, 5]);
  if (only === "embedding" || (rank === 2 && !wanted?.adds && random.chance(0.2))) {
    input = [random.whole(1, 7)];
    vocabulary = random.whole(2, 13);
    layers.push({ type: "embedding", options: { vocabulary, width: random.whole(1, 9) } });
  } else {
    const most = [[19], [8, 9], [9, 9, 6], [4, 5, 3, 4], [3, 3, 4, 3, 3]][rank - 1]!;
    input = most.map((n) => random.whole(1, n));
  }
  let shape = await shapeOf(input, layers, seconds);
  const add = async (layer: LayerSpec): Promise<void> => {
    layers.push(layer);
    shape = await shapeOf(input, layers, seconds);
  };
  const addInput = (second: Second): string => {
    const made = `given${Object.keys(seconds).length}`;
    seconds[made] = second;
    return made;
  };
  const any = vocabulary === undefined ? addInput : undefined; // a row of tokens has nothing else
  const count = random.whole(1, 4);
  const drawn = random.whole(0, count - 1);
  const place = wanted ? 0 : drawn; // while the shape has its rank
  for (let i = 0; i < count; i++)
    await add(drawLayer(random, shape, { add: any, only: i === place ? only : undefined }));
  if (wanted && !layers.some(({ type }) => type === only) && wanted.ranks.includes(shape.length)) {
    await add(drawLayer(random, shape, { add: any, only }));
  }

  const type = only !== undefined && Object.hasOwn(LOSSES, only) ? only : random.pick(Object.keys(LOSSES));
  const row = LOSSES[type]!;
  if (row.rank === 1 && shape.length > 1) await add({ type: "flatten", options: {} });
  if (row.rank === 2 && shape.length !== 2) {
    const size = sizeOf(shape);
    const steps = random.pick(divisors(size));
    await add({ type: "reshape", options: { shape: [steps, size / steps] } });
  }
  // what can train, two or more classes, and no activation that the loss has in it
  const trains = layers.some(({ type: name }) => name === "dense");
  const last = layers.findLast(({ type: name }) => name !== "flatten" && name !== "reshape")?.type ?? "";
  const twice = ["softmax", "logSoftmax", "sigmoid"].includes(last);
  if (!trains || twice || (row.rank !== undefined && shape.at(-1)! < 2)) {
    await add({ type: "dense", options: { units: random.whole(2, 7), useBias: true } });
  }
  if (row.thirds) await add({ type: "dense", options: { units: 3 * random.whole(1, 3), useBias: true } });
  if (row.after) await add({ type: row.after, options: {} });
  const optimizer = only !== undefined && Object.hasOwn(OPTIMIZERS, only) ? only : random.pick(Object.keys(OPTIMIZERS));
  const least = JSON.stringify(layers).includes('"batchNorm"') ? 2 : 1;
  return {
    seed,
    input,
    ...(vocabulary !== undefined && { vocabulary }),
    seconds,
    layers,
    loss: { type, options: row.options(random, shape.at(-1)!) },
    optimizer: drawOptimizer(random, optimizer),
    rows: Array.from({ length: random.whole(1, 4) }, () => random.whole(least, 17)),
    weighted: random.chance(0.25),
  };
}
