// What a run on the Play page is: everything that decides its numbers. No DOM and no library: pages, workers and Node read it alike.
import type { OptimizerName } from "../steps/optimizers.ts";

export { OPTIMIZERS, type OptimizerName, rateAfter } from "../steps/optimizers.ts";

/** Where the points come from. */
export const DATA_NAMES = [
  "and",
  "or",
  "xor",
  "not",
  "circles",
  "moons",
  "spirals",
  "gaussians",
  "clusters",
  "sine",
  "cubic",
  "abs",
  "slope",
  "hill",
  "mine",
] as const;
export type DataName = (typeof DATA_NAMES)[number];

/** How far the points of each are strewn unless one says otherwise. */
export const USUAL_NOISE: Readonly<Record<DataName, number>> = {
  and: 0,
  or: 0,
  xor: 0,
  not: 0,
  circles: 0.05,
  moons: 0.05,
  spirals: 0.02,
  gaussians: 0.15,
  clusters: 0.12,
  sine: 0,
  cubic: 0,
  abs: 0,
  slope: 0.05,
  hill: 0.05,
  mine: 0,
};

/** What is to be told of a point: one of two classes, one of several, or a number. */
export type Task = "binary" | "classes" | "number";

/** Letters of the URL's `net`, and the functions of the library. */
export const ACTIVATIONS = {
  t: "tanh",
  r: "relu",
  s: "sigmoid",
  g: "gelu",
  e: "elu",
  k: "leakyRelu",
  w: "silu",
  m: "mish",
  p: "softplus",
  n: "softsign",
  u: "selu",
  x: "relu6",
  h: "hardSigmoid",
  l: "linear",
} as const;
export type ActivationLetter = keyof typeof ACTIVATIONS;
export type ActivationName = (typeof ACTIVATIONS)[ActivationLetter];

export interface HiddenLayer {
  readonly units: number;
  readonly activation: ActivationName;
}

/** "auto" is the one that goes with the data: bce for two classes, ce for several, mse for numbers. */
export const LOSSES = ["auto", "bce", "ce", "hinge", "mse", "mae", "huber"] as const;
export type LossName = (typeof LOSSES)[number];

/** `cosine-1000`: a name, and the updates that it takes; `step` is tenfold less after each so many. */
export const SCHEDULES = ["none", "step", "exponential", "cosine", "restarts", "warmup", "cycle"] as const;
export type ScheduleName = (typeof SCHEDULES)[number];
export interface ScheduleSetup {
  readonly name: ScheduleName;
  /** Updates. */
  readonly length: number;
}

export const INITIALIZERS = [
  "glorotUniform",
  "glorotNormal",
  "heUniform",
  "heNormal",
  "lecunUniform",
  "lecunNormal",
  "orthogonal",
  "zeros",
  "ones",
] as const;
export type InitializerName = (typeof INITIALIZERS)[number];

/** Own points: x1, x2 and what is to be told of each. */
export interface Points {
  /** Two for each point. */
  readonly x: Float32Array;
  /** A class from 0 on, or a number. */
  readonly y: Float32Array;
}

/** All that decides the numbers of a run. */
export interface Setup {
  readonly data: DataName;
  /** Points to train on; half as many more are to test with. Gates are their four corners, whatever it says. */
  readonly rows: number;
  /** How far points are strewn: standard deviation. Gates have none. */
  readonly noise: number;
  readonly dataSeed: number;
  /** Classes of spirals and gaussians: 2 to 6. */
  readonly classes: number;
  /** Own points, if `data` is "mine". */
  readonly points: Points;
  /** x is shifted and scaled to mean 0 and deviation 1. */
  readonly normalise: boolean;
  readonly layers: readonly HiddenLayer[];
  readonly loss: LossName;
  readonly optimizer: OptimizerName;
  readonly rate: number;
  /** Of momentum, nesterov and rmsprop. */
  readonly momentum: number;
  /** Of adam and its kin. */
  readonly beta1: number;
  readonly beta2: number;
  readonly schedule: ScheduleSetup;
  readonly l1: number;
  readonly l2: number;
  /** Share of a layer's units that are left out, after each hidden layer. */
  readonly dropout: number;
  /** Rows of an update; 0: all of them. */
  readonly batch: number;
  readonly seed: number;
  readonly initializer: InitializerName;
  /** Weights that take the place of the initial ones: all parameters in their order; empty: none. */
  readonly weights: Float32Array;
}

/** Most that is computed; maps are drawn up to fewer, see LIMITS. */
export const LIMITS = {
  rows: 5000,
  layers: 16,
  units: 4096,
  /** Parameters of all layers together. */
  parameters: 4_000_000,
  mapLayers: 8,
  mapUnits: 32,
  /** Weights are sent to the page with each frame up to so many. */
  shown: 20_000,
  /** Own points in a link. */
  points: 2000,
  /** Weights typed by hand go to the URL up to so many parameters. */
  weights: 200,
} as const;

export const NO_POINTS: Points = { x: new Float32Array(0), y: new Float32Array(0) };

export const DEFAULT: Setup = {
  data: "spirals",
  rows: 400,
  noise: USUAL_NOISE.spirals,
  dataSeed: 1,
  classes: 2,
  points: NO_POINTS,
  normalise: false,
  layers: [
    { units: 8, activation: "tanh" },
    { units: 8, activation: "tanh" },
    { units: 8, activation: "tanh" },
  ],
  loss: "auto",
  optimizer: "adam",
  rate: 0.01,
  momentum: 0.9,
  beta1: 0.9,
  beta2: 0.999,
  schedule: { name: "none", length: 1000 },
  l1: 0,
  l2: 0,
  dropout: 0,
  batch: 32,
  seed: 3,
  initializer: "glorotUniform",
  weights: new Float32Array(0),
};

/** What is asked of a data set's points. */
export function taskOf({ data, classes, points }: Pick<Setup, "data" | "classes" | "points">): Task {
  if (data === "slope" || data === "hill") return "number";
  if (data === "spirals" || data === "gaussians") return classes > 2 ? "classes" : "binary";
  if (data !== "mine") return "binary";
  if (points.y.some((y) => !Number.isInteger(y) || y < 0 || y > 9)) return "number";
  return points.y.some((y) => y > 1) ? "classes" : "binary";
}

/** How many classes: 2 of a binary task, 1 of a number. */
export function classesOf(setup: Pick<Setup, "data" | "classes" | "points">): number {
  const task = taskOf(setup);
  if (task === "number") return 1;
  if (setup.data === "mine") return Math.max(2, ...setup.points.y.map((y) => y + 1));
  return task === "binary" ? 2 : setup.classes;
}

/** The loss that is trained: "auto" says which. */
export function lossOf(setup: Pick<Setup, "data" | "classes" | "points" | "loss">): Exclude<LossName, "auto"> {
  return setup.loss === "auto" ? ({ binary: "bce", classes: "ce", number: "mse" } as const)[taskOf(setup)] : setup.loss;
}

/** Can the loss be trained for the task? */
export const lossFits = (loss: LossName, task: Task): boolean =>
  ({
    auto: true,
    bce: task === "binary",
    hinge: task === "binary",
    ce: task !== "number",
    mse: task !== "classes",
    mae: task === "number",
    huber: task === "number",
  })[loss];

/** Units of the output layer. */
export const outputsOf = (setup: Pick<Setup, "data" | "classes" | "points" | "loss">): number =>
  lossOf(setup) === "ce" ? classesOf(setup) : 1;

/** Numbers of each layer with the inputs and outputs: 2-8-8-8-1. */
export const widthsOf = (setup: Setup): number[] => [2, ...setup.layers.map(({ units }) => units), outputsOf(setup)];

/** Parameters of all layers: a weight for each pair of neighbours, a bias for each unit. */
export function parametersOf(setup: Setup): number {
  const widths = widthsOf(setup);
  return widths.slice(1).reduce((sum, units, i) => sum + units * (widths[i]! + 1), 0);
}

/** Where the URL's keys keep them; settings of playground/src/play/settings.ts read and write each. */
export const activationLetter = (name: ActivationName): ActivationLetter =>
  (Object.keys(ACTIVATIONS) as ActivationLetter[]).find((letter) => ACTIVATIONS[letter] === name)!;

/** `8t-8t-8t`; a layer without a letter is tanh. An empty text: no hidden layer. */
export const netText = (layers: readonly HiddenLayer[]): string =>
  layers.map(({ units, activation }) => `${units}${activationLetter(activation)}`).join("-") || "0";

/** Undefined: not understood, or too large. */
export function readNet(text: string): readonly HiddenLayer[] | undefined {
  if (text.trim() === "0") return [];
  const layers: HiddenLayer[] = [];
  for (const part of text.trim().split(/[-\s,]+/)) {
    const [, digits, letter = "t"] = /^(\d{1,9})([a-z])?$/.exec(part) ?? [];
    const activation = ACTIVATIONS[letter as ActivationLetter] as ActivationName | undefined;
    const units = Number(digits);
    if (!(units >= 1 && units <= LIMITS.units) || activation === undefined) return undefined;
    layers.push({ units, activation });
  }
  const widths = [2, ...layers.map(({ units }) => units), 1];
  const parameters = widths.slice(1).reduce((sum, units, i) => sum + units * (widths[i]! + 1), 0);
  return layers.length <= LIMITS.layers && parameters <= LIMITS.parameters ? layers : undefined;
}
