// The training of a setup, made with the library alone: the worker, tests in Node, and the program of "copy as code" make the same.
import {
  adadelta,
  adagrad,
  adam,
  adamw,
  binaryCrossEntropyWithLogits,
  type Core,
  cosineDecay,
  cosineWarmRestarts,
  dataset,
  type Dataset,
  dense,
  dropout,
  elu,
  exponentialDecay,
  gelu,
  glorotNormal,
  glorotUniform,
  hardSigmoid,
  heNormal,
  heUniform,
  hinge,
  huber,
  type Initializer,
  l1,
  l2,
  type Layer,
  leakyRelu,
  lecunNormal,
  lecunUniform,
  linearWarmup,
  type Loss,
  meanAbsoluteError,
  meanSquaredError,
  mish,
  type Model,
  oneCycle,
  ones,
  type Optimizer,
  orthogonal,
  type Regularizer,
  relu,
  relu6,
  rmsprop,
  type Schedule,
  selu,
  sequential,
  sgd,
  sigmoid,
  silu,
  softmaxCrossEntropy,
  softplus,
  softsign,
  stepDecay,
  tanh,
  Trainer,
  zeros,
} from "wasmgrad";
import { dataOf, scaled, scalingOf } from "./data.ts";
import type { MadeData } from "./protocol.ts";
import { type ActivationName, lossOf, outputsOf, type Setup, type Task, taskOf } from "./setup.ts";

/** What a run consists of: `trainer.fit(train, fit)` is its training. */
export interface Training {
  readonly setup: Setup;
  readonly task: Task;
  /** As drawn: not normalised. */
  readonly data: MadeData;
  /** As trained: normalised if the setup says so, y as the loss takes it. Undefined: there are no points. */
  readonly train: Dataset | undefined;
  readonly test: Dataset | undefined;
  readonly rows: number;
  /** Options of `fit`; epochs are whoever trains's. */
  readonly fit: { readonly batchSize: number; readonly progress: false };
  /** Updates of an epoch. */
  readonly batches: number;
  readonly scaling: ReturnType<typeof scalingOf>;
  readonly model: Model;
  readonly trainer: Trainer;
}

const ACTIVATION_LAYERS: Readonly<Record<Exclude<ActivationName, "linear">, () => Layer>> = {
  tanh,
  relu,
  sigmoid,
  gelu,
  elu,
  leakyRelu,
  silu,
  mish,
  softplus,
  softsign,
  selu,
  relu6,
  hardSigmoid,
};

const INITIALIZERS: Readonly<Record<Setup["initializer"], () => Initializer>> = {
  glorotUniform,
  glorotNormal,
  heUniform,
  heNormal,
  lecunUniform,
  lecunNormal,
  orthogonal,
  zeros,
  ones,
};

const LOSSES: Readonly<Record<ReturnType<typeof lossOf>, () => Loss>> = {
  bce: binaryCrossEntropyWithLogits,
  ce: softmaxCrossEntropy,
  hinge,
  mse: meanSquaredError,
  mae: meanAbsoluteError,
  huber,
};

function optimizerOf({ optimizer, rate: learningRate, momentum, beta1, beta2 }: Setup): Optimizer {
  switch (optimizer) {
    case "sgd":
      return sgd({ learningRate });
    case "momentum":
      return sgd({ learningRate, momentum });
    case "nesterov":
      return sgd({ learningRate, momentum, nesterov: momentum > 0 });
    case "adam":
      return adam({ learningRate, beta1, beta2 });
    case "adamw":
      return adamw({ learningRate, beta1, beta2 });
    case "amsgrad":
      return adam({ learningRate, beta1, beta2, amsgrad: true });
    case "rmsprop":
      return rmsprop({ learningRate });
    case "adagrad":
      return adagrad({ learningRate });
    case "adadelta":
      return adadelta({ learningRate });
  }
}

function scheduleOf({ schedule: { name, length } }: Setup): Schedule | undefined {
  switch (name) {
    case "none":
      return undefined;
    case "step":
      return stepDecay({ stepSize: length });
    case "exponential":
      // about a tenth after `length` updates
      return exponentialDecay({ gamma: 1 - 2.3 / Math.max(3, length) });
    case "cosine":
      return cosineDecay({ period: length });
    case "restarts":
      return cosineWarmRestarts({ period: length });
    case "warmup":
      return linearWarmup({ length });
    case "cycle":
      return oneCycle({ length });
  }
}

/** The layers, in the order in which `sequential` takes them. */
export function layersOf(setup: Setup): Layer[] {
  const kernelInitializer = INITIALIZERS[setup.initializer]();
  const penalty: Regularizer | undefined = setup.l2 > 0 ? l2(setup.l2) : setup.l1 > 0 ? l1(setup.l1) : undefined;
  const options = { kernelInitializer, ...(penalty && { kernelRegularizer: penalty }) };
  return [
    ...setup.layers.flatMap(({ units, activation }) => [
      dense(units, options),
      ...(activation === "linear" ? [] : [ACTIVATION_LAYERS[activation]()]),
      ...(setup.dropout > 0 ? [dropout(setup.dropout)] : []),
    ]),
    dense(outputsOf(setup), options),
    // the sum of squares of a class needs an answer between 0 and 1
    ...(lossOf(setup) === "mse" && taskOf(setup) === "binary" ? [sigmoid()] : []),
  ];
}

/** The targets as the loss takes them. */
function targetsOf(setup: Setup, y: Float32Array): Float32Array | Int32Array {
  const loss = lossOf(setup);
  if (loss === "ce") return Int32Array.from(y);
  return loss === "hinge" ? y.map((label) => 2 * label - 1) : y;
}

/**
 * Makes model, trainer and data. What the library refuses, it says in its own words.
 *
 * @param core another model's memory, to be shared
 */
export async function makeTraining(setup: Setup, core?: Core): Promise<Training> {
  const data = dataOf(setup);
  const scaling = scalingOf(setup, data.x);
  const part = (x: Float32Array, y: Float32Array): Dataset | undefined =>
    y.length === 0 ? undefined : dataset({ x: scaled(x, scaling), y: targetsOf(setup, y) });
  const rows = data.y.length;
  const batchSize = setup.batch === 0 ? Math.max(1, rows) : Math.max(1, Math.min(setup.batch, rows));
  const model = await sequential({ input: 2, seed: setup.seed, ...(core && { core }) }, ...layersOf(setup));
  const schedule = scheduleOf(setup);
  const trainer = new Trainer(model, {
    loss: LOSSES[lossOf(setup)](),
    optimizer: optimizerOf(setup),
    ...(schedule && { schedule }),
  });
  if (setup.weights.length > 0) setWeights(model, setup.weights);
  return {
    setup,
    task: taskOf(setup),
    data,
    train: part(data.x, data.y),
    test: part(data.testX, data.testY),
    rows,
    fit: { batchSize, progress: false },
    batches: Math.ceil(rows / batchSize),
    scaling,
    model,
    trainer,
  };
}

/** All parameters in their order. */
export function weightsOf(model: Model): Float32Array {
  const all = new Float32Array(model.parameterCount);
  let at = 0;
  for (const parameter of model.parameters()) {
    all.set(parameter.get(), at);
    at += parameter.size;
  }
  return all;
}

/** Sets all parameters from one list. */
export function setWeights(model: Model, weights: Float32Array): void {
  if (weights.length !== model.parameterCount) {
    throw new RangeError(
      `w: the weights are ${weights.length}, but this network has ${model.parameterCount} parameters`,
    );
  }
  let at = 0;
  for (const parameter of model.parameters()) parameter.set(weights.subarray(at, (at += parameter.size)));
}
