// Small networks and their data by the words of attributes and of the URL: what a lesson walks through.
import {
  adam,
  adamw,
  binaryCrossEntropy,
  dense,
  elu,
  gelu,
  hardSigmoid,
  type Layer,
  leakyRelu,
  type Loss,
  meanSquaredError,
  mish,
  type Model,
  type Optimizer,
  relu,
  relu6,
  selu,
  sequential,
  sgd,
  sigmoid,
  silu,
  softmaxCrossEntropy,
  softplus,
  softsign,
  tanh,
  Trainer,
} from "wasmgrad";
import { circles, gate, type GateName, gaussians, moons, spirals } from "wasmgrad/datasets";
import { type OptimizerName, USUAL_RATE } from "./optimizers.ts";
import type * as Rarer from "./rarer.ts";

export { OPTIMIZERS, type OptimizerName, rateAfter } from "./optimizers.ts";

/** Letters of the activations in texts such as 3s-2t: those of the Play page. */
export const ACTIVATIONS = {
  s: { name: "sigmoid", layer: () => sigmoid() },
  t: { name: "tanh", layer: () => tanh() },
  r: { name: "relu", layer: () => relu() },
  k: { name: "leakyRelu", layer: () => leakyRelu() },
  e: { name: "elu", layer: () => elu() },
  g: { name: "gelu", layer: () => gelu() },
  w: { name: "silu", layer: () => silu() },
  m: { name: "mish", layer: () => mish() },
  p: { name: "softplus", layer: () => softplus() },
  n: { name: "softsign", layer: () => softsign() },
  u: { name: "selu", layer: () => selu() },
  x: { name: "relu6", layer: () => relu6() },
  h: { name: "hardSigmoid", layer: () => hardSigmoid() },
  l: { name: "linear", layer: () => undefined },
} as const satisfies Record<string, { name: string; layer: () => Layer | undefined }>;
export type ActivationLetter = keyof typeof ACTIVATIONS;

/** A hidden layer. */
export interface Hidden {
  readonly units: number;
  readonly activation: ActivationLetter;
}

/** Units of a layer at most: matrices beyond are no longer looked at number by number. */
export const MOST_UNITS = 64;
export const MOST_LAYERS = 6;

/** Reads 3s-2t, or 3-2 with the usual sigmoid; "0" has no hidden layer. Undefined: not understood. */
export function readHidden(text: string): readonly Hidden[] | undefined {
  if (text === "0") return [];
  const parts = text.split("-").map((part): Hidden | undefined => {
    const [, digits, letter = "s"] = /^(\d{1,3})([a-z])?$/.exec(part) ?? [];
    const units = Number(digits);
    return letter in ACTIVATIONS && units >= 1 && units <= MOST_UNITS
      ? { units, activation: letter as ActivationLetter }
      : undefined;
  });
  return parts.length <= MOST_LAYERS && parts.every((part) => part !== undefined) ? parts : undefined;
}

/** Writes it; the usual sigmoid is left out. */
export const writeHidden = (hidden: readonly Hidden[]): string =>
  hidden.length === 0
    ? "0"
    : hidden.map(({ units, activation }) => `${units}${activation === "s" ? "" : activation}`).join("-");

export const LOSSES = ["bce", "ce", "mse", "mae", "huber", "hinge"] as const;
export type LossName = (typeof LOSSES)[number];
export const GATES = ["xor", "and", "or", "not", "nand", "nor"] as const satisfies readonly GateName[];
export const CLOUDS = ["circles", "moons", "spirals", "gaussians"] as const;
/** "mine": points of one's own. */
export const DATA = [...GATES, ...CLOUDS, "mine"] as const;
export type DataName = (typeof DATA)[number];

/** A network that is walked through, in words. */
export interface Plan {
  readonly data: DataName;
  readonly hidden: readonly Hidden[];
  readonly seed: number;
  readonly rate: number;
  readonly optimizer: OptimizerName;
  readonly loss: LossName;
  /** Of "mine": x1 and x2 of each point, and its class. */
  readonly points?: Points | undefined;
}

/** Points of one's own, as a link has them. */
export interface Points {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

export const USUAL: Plan = {
  data: "xor",
  hidden: [{ units: 3, activation: "s" }],
  seed: 5,
  rate: 1,
  optimizer: "sgd",
  loss: "bce",
};

/** Learning rates as this page begins with them: so few rows stand a large one. */
export const usualRate = (name: OptimizerName): number => (name === USUAL.optimizer ? USUAL.rate : USUAL_RATE[name]);

/** The smallest and the largest rate that an attribute or an address may say: float32 has no smaller one in full. */
export const RATE_LIMITS = { least: 1.2e-38, most: 999_999_999 } as const;
export const fitsRate = (rate: number): boolean => rate >= RATE_LIMITS.least && rate <= RATE_LIMITS.most;

/** Points of data sets that aren't gates: few, so that each can be looked at. */
export const CLOUD_ROWS = 24;
/** Rows of a batch of them: their numbers have room in cells. */
export const BATCH = 8;

/** Rows of numbers with what is wanted of each. */
export interface Rows {
  readonly x: readonly (readonly number[])[];
  readonly y: readonly number[];
}

const CLOUD_OF = { circles, moons, spirals, gaussians } as const;

/** The rows of a plan: always the same numbers. The hinge takes its two classes as −1 and 1. */
export function rowsOf({ data, points, loss }: Pick<Plan, "data" | "points" | "loss">): Rows {
  const make = CLOUD_OF[data as keyof typeof CLOUD_OF];
  const { x, y } =
    data === "mine" ? (points ?? gate("xor")) : make ? make({ rows: CLOUD_ROWS }) : gate(data as GateName);
  const inputs = x.length / y.length;
  return {
    x: Array.from(y, (_, r) => Array.from({ length: inputs }, (_v, i) => x[r * inputs + i]!)),
    y: Array.from(y, (label) => (loss === "hinge" ? 2 * label - 1 : label)),
  };
}

/** What few walk through: fetched when it is chosen, with its kernels. */
const rarer = (): Promise<typeof Rarer> => import("./rarer.ts");

const OPTIMIZER_OF: Readonly<Record<OptimizerName, (learningRate: number) => Optimizer | Promise<Optimizer>>> = {
  sgd: (learningRate) => sgd({ learningRate }),
  momentum: (learningRate) => sgd({ learningRate, momentum: 0.9 }),
  nesterov: (learningRate) => sgd({ learningRate, momentum: 0.9, nesterov: true }),
  adam: (learningRate) => adam({ learningRate }),
  adamw: (learningRate) => adamw({ learningRate }),
  amsgrad: (learningRate) => adam({ learningRate, amsgrad: true }),
  rmsprop: async (learningRate) => (await rarer()).rmsprop({ learningRate }),
  adagrad: async (learningRate) => (await rarer()).adagrad({ learningRate }),
  adadelta: async (learningRate) => (await rarer()).adadelta({ learningRate }),
};

/** Classes have a number each at the output; else one number answers. */
const LOSS_OF: Readonly<Record<LossName, { loss: () => Loss | Promise<Loss>; last: () => Layer | undefined }>> = {
  bce: { loss: () => binaryCrossEntropy(), last: () => sigmoid() },
  ce: { loss: () => softmaxCrossEntropy(), last: () => undefined },
  mse: { loss: () => meanSquaredError(), last: () => sigmoid() },
  mae: { loss: async () => (await rarer()).meanAbsoluteError(), last: () => undefined },
  huber: { loss: async () => (await rarer()).huber(), last: () => undefined },
  hinge: { loss: async () => (await rarer()).hinge(), last: () => undefined },
};

/** Units of the output. */
const outputsOf = ({ loss, points, data }: Pick<Plan, "data" | "points" | "loss">): number =>
  loss === "ce" ? Math.max(1, ...(data === "mine" && points ? Array.from(points.y) : [])) + 1 : 1;

/** The model of a plan. */
export function modelOf(plan: Plan): Promise<Model> {
  const { data, hidden, seed, loss } = plan;
  const layers: Layer[] = hidden.flatMap(({ units, activation }) => {
    const bend = ACTIVATIONS[activation].layer();
    return bend ? [dense(units), bend] : [dense(units)];
  });
  const end = LOSS_OF[loss].last();
  return sequential({ input: data === "not" ? 1 : 2, seed }, ...layers, dense(outputsOf(plan)), ...(end ? [end] : []));
}

/** A trainer for it: without any update yet. */
export const trainerOf = async (model: Model, { loss, optimizer, rate }: Plan): Promise<Trainer> =>
  new Trainer(model, { loss: await LOSS_OF[loss].loss(), optimizer: await OPTIMIZER_OF[optimizer](rate) });

/** Numbers of units from the input to the output. */
export const sizesOf = (plan: Plan): number[] => [
  plan.data === "not" ? 1 : 2,
  ...plan.hidden.map(({ units }) => units),
  outputsOf(plan),
];

/** The rows of one update: all, a batch, or one. */
export type FixedRows = "all" | `b${number}` | `${number}`;
/** Each update takes the next sample of the epoch, or the next batch. */
export type RowsInTurn = "turn" | "bturn";
/** Which rows updates use. */
export type RowsChoice = FixedRows | RowsInTurn;

export const isInTurn = (choice: RowsChoice): choice is RowsInTurn => choice === "turn" || choice === "bturn";

/** Updates of an epoch that takes samples, or batches, in turn. */
export const turnsOf = (choice: RowsInTurn, count: number, batch = BATCH): number =>
  choice === "turn" ? count : Math.ceil(count / batch);

/** The rows of the update after so many in turn. */
export const rowsInTurn = (choice: RowsInTurn, made: number, count: number): FixedRows => {
  const at = made % turnsOf(choice, count);
  return choice === "turn" ? `${at}` : `b${at}`;
};

/** Row numbers of a choice. */
export function rowNumbers(choice: FixedRows, count: number, batch = BATCH): number[] {
  if (choice === "all") return Array.from({ length: count }, (_, i) => i);
  const number = Number(choice.replace("b", ""));
  if (!choice.startsWith("b")) return [Math.min(number, count - 1)];
  const first = Math.min(number, Math.ceil(count / batch) - 1) * batch;
  return Array.from({ length: Math.min(batch, count - first) }, (_, i) => first + i);
}

/** So many updates with the same choice of rows. */
export interface Run {
  readonly count: number;
  readonly rows: RowsChoice;
}

/** Updates as the URL has them: 100 with all rows, then one with row 0: 100-1r0; a batch: 1rb2; samples in turn: 8rturn. */
export const writeRuns = (runs: readonly Run[]): string =>
  runs.length === 0
    ? "0"
    : runs.map(({ count, rows }) => (rows === "all" ? String(count) : `${count}r${rows}`)).join("-");

/** Updates that are made again when a link is opened, at most. */
export const MOST_UPDATES = 100_000;

/** @param most updates that are still understood */
export function readRuns(text: string, most = MOST_UPDATES): readonly Run[] | undefined {
  if (text === "0") return [];
  const runs = text.split("-").map((part): Run | undefined => {
    const [, count, rows = "all"] = /^(\d{1,9})(?:r(b?(?:\d{1,4}|turn)))?$/.exec(part) ?? [];
    return count ? { count: Number(count), rows: rows as RowsChoice } : undefined;
  });
  const known = runs.filter((run) => run !== undefined);
  const total = known.reduce((sum, { count }) => sum + count, 0);
  return known.length === runs.length && total <= most ? known : undefined;
}

/** The first so many updates of runs. */
export function firstRuns(runs: readonly Run[], most: number): readonly Run[] {
  let left = most;
  return runs.flatMap(({ count, rows }) => {
    const some = Math.min(count, left);
    left -= some;
    return some > 0 ? [{ count: some, rows }] : [];
  });
}

/** Runs with some updates more. */
export function withRun(runs: readonly Run[], { count, rows }: Run): readonly Run[] {
  const last = runs.at(-1);
  return last?.rows === rows ? [...runs.slice(0, -1), { count: last.count + count, rows }] : [...runs, { count, rows }];
}
