// Trains the network of a pipeline, and keeps the weights of the epoch that was best on the rows to choose by.
import type { Pipeline, Transformed } from "../data/tableTypes.ts";
import type { Model } from "../model/model.ts";
import { adamw } from "../nn/optimizers/adam.ts";
import { type Callback, earlyStopping } from "../training/callbacks.ts";
import type { FitOptions } from "../training/fitOptions.ts";
import { Trainer } from "../training/trainer.ts";
import { classWeightsOf, probabilitiesOf } from "./classWeights.ts";
import { batchSizeFor, lossFor, networkFor } from "./network.ts";
import type { Decisions } from "./predictions.ts";

/** How a network is trained. */
export interface NetworkTraining extends Pick<FitOptions, "signal" | "resumeFrom" | "progress" | "group"> {
  readonly layers: readonly number[];
  readonly seed: number;
  readonly threads: number | "auto";
  /** Default by the number of steps in an epoch. */
  readonly epochs: number | undefined;
  readonly patience: number | undefined;
  readonly learningRate: number;
  /** Of a pass. */
  readonly batchSize: number | undefined;
  /** Passes of an update; undefined: 1. */
  readonly accumulate: number | undefined;
  readonly classWeights: "auto" | false;
  readonly callbacks: readonly Callback[];
}

/** A network that was trained. */
export interface TrainedNetwork {
  readonly model: Model;
  readonly decisions: Decisions;
  /** The loss by epoch, and the epoch whose weights were kept, from 0. */
  readonly train: readonly number[];
  readonly validation: readonly number[];
  readonly best: number;
  readonly loss: string;
}

/** How strongly weights are drawn to 0. */
const WEIGHT_DECAY = 0.01;

/** The most epochs, as a multiple of the patience. */
const EPOCHS = 10;

/** Epochs without improvement after which it stops: of few rows more, so that there are steps enough. */
const patienceFor = (rows: number, batchSize: number): number =>
  Math.min(100, Math.max(20, Math.ceil(1000 / Math.ceil(rows / batchSize))));

/** Trains a network on rows that were transformed. */
export async function fitNetwork(
  pipeline: Pipeline,
  train: Transformed,
  validation: Transformed,
  options: NetworkTraining,
): Promise<TrainedNetwork> {
  const { accumulate = 1, group } = options;
  const batchSize = options.batchSize ?? Math.ceil(batchSizeFor(train.rows.length) / accumulate);
  const { patience = patienceFor(train.rows.length, batchSize * accumulate) } = options;
  const {
    layers,
    seed,
    threads,
    epochs = EPOCHS * patience,
    learningRate,
    signal,
    resumeFrom,
    progress = false,
  } = options;
  const model = await networkFor(pipeline, { layers, seed, threads });
  const loss = lossFor(pipeline);
  const classes = pipeline.target?.classes?.length ?? 1;
  const weights = classes > 1 && options.classWeights === "auto" ? classWeightsOf(train.y!, classes) : undefined;
  const weighted = ({ x, y }: Transformed) => ({
    x,
    y: y!,
    ...(weights ? { sampleWeights: Float32Array.from(y!, (label) => weights[label]!) } : {}),
  });
  const trainer = new Trainer(model, { loss, optimizer: adamw({ learningRate, weightDecay: WEIGHT_DECAY }) });
  const history = await trainer.fit(weighted(train), {
    epochs,
    batchSize,
    ...(accumulate === 1 ? {} : { accumulate }),
    ...(group ? { group } : {}),
    validationData: weighted(validation),
    callbacks: [earlyStopping({ patience }), ...options.callbacks],
    progress,
    warnings: false,
    ...(signal ? { signal } : {}),
    ...(resumeFrom ? { resumeFrom } : {}),
  });
  const curve = history["validationLoss"]!;
  const best = curve.reduce((least, value, epoch) => (value < curve[least]! ? epoch : least), 0);
  const factors = weights && classes === 2 ? factorsFor(model, validation, weights) : undefined;
  const result = { model, train: history.loss, validation: curve, best, loss: loss.type };
  return { ...result, decisions: { ...(weights ? { weights } : {}), ...(factors ? { factors } : {}) } };
}

/**
 * By what the probabilities of two classes are multiplied, so that F1 of the second one is largest on the rows to choose by: of an unbalanced
 * target 0.5 would call nearly all rows the frequent class.
 */
function factorsFor(model: Model, { x, y }: Transformed, weights: readonly number[]): number[] {
  const probabilities = probabilitiesOf(model.probabilities(x), 2, weights);
  const rare = weights[0]! > weights[1]! ? 0 : 1;
  const order = Array.from(y!.keys()).toSorted((a, b) => probabilities[2 * b + rare]! - probabilities[2 * a + rare]!);
  const all = order.reduce((sum, row) => sum + (y![row] === rare ? 1 : 0), 0);
  let [best, threshold, hits] = [0, 0.5, 0];
  order.forEach((row, i) => {
    if (y![row] === rare) hits++;
    const own = probabilities[2 * row + rare]!;
    const next = i + 1 < order.length ? probabilities[2 * order[i + 1]! + rare]! : 0;
    const f1 = (2 * hits) / (i + 1 + all);
    if (next < own && f1 > best) [best, threshold] = [f1, (own + next) / 2];
  });
  const factors = [threshold, threshold];
  factors[rare] = 1 - threshold;
  return factors;
}
