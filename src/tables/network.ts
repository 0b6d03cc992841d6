// The network that a table is trained with: a line, and hidden layers beside it that learn what the line can't.
import { type Model, sequential } from "../model/model.ts";
import { relu } from "../nn/activations/relu.ts";
import { add } from "../nn/composites/add.ts";
import { dense } from "../nn/layers/dense.ts";
import { dropout } from "../nn/layers/dropout.ts";
import { binaryCrossEntropyWithLogits } from "../nn/losses/binaryCrossEntropyWithLogits.ts";
import type { Loss } from "../nn/losses/loss.ts";
import { meanSquaredError } from "../nn/losses/meanSquaredError.ts";
import { softmaxCrossEntropy } from "../nn/losses/softmaxCrossEntropy.ts";
import type { Pipeline } from "../data/tableTypes.ts";

/** What decides a network besides the data. */
export interface NetworkOptions {
  /** Numbers of units of the hidden layers; none for a linear or logistic model. */
  readonly layers: readonly number[];
  readonly seed: number;
  readonly threads?: number | "auto";
}

/** The share of hidden units that are left out in each step. */
const DROPOUT = 0.1;

/** How many numbers the network gives for a row: one, or one for each class if they are more than two. */
export const outputsOf = ({ target }: Pipeline): number =>
  target?.classes && target.classes.length > 2 ? target.classes.length : 1;

/**
 * A network for the rows of a pipeline. What a linear model finds, it finds at least as fast: the inputs lead to the output by a dense
 * layer alone, too, beside the hidden ones (the wide and deep network of Cheng and others, 2016).
 */
export function networkFor(pipeline: Pipeline, { layers, seed, threads = 1 }: NetworkOptions): Promise<Model> {
  const outputs = outputsOf(pipeline);
  const input = pipeline.features.length;
  if (layers.length === 0) return sequential({ input, seed, threads }, dense(outputs));
  const hidden = layers.flatMap((units) => [dense(units), relu(), dropout(DROPOUT)]);
  return sequential({ input, seed, threads }, add([[dense(outputs)], [...hidden, dense(outputs)]]));
}

/** What is made small. */
export function lossFor(pipeline: Pipeline): Loss {
  if (pipeline.task !== "classification") return meanSquaredError();
  return outputsOf(pipeline) === 1 ? binaryCrossEntropyWithLogits() : softmaxCrossEntropy();
}

/** Rows of a step: the more rows there are, the more fit into one. */
export const batchSizeFor = (rows: number): number => (rows < 1000 ? 16 : rows < 5000 ? 32 : rows < 50_000 ? 64 : 256);
