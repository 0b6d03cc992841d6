// What the simplest answers reach on the same rows: a constant, the last season, and a linear or logistic model.
import type { Pipeline, Transformed } from "../data/tableTypes.ts";
import { fitNetwork, type NetworkTraining } from "./fitNetwork.ts";
import { evaluationOf, metricsByPart, type Predictions, predictionsOf, truthOf } from "./predictions.ts";
import type { Baseline } from "./results.ts";
import { ofParts, type TransformedParts } from "./transformedParts.ts";

/** How a linear model is trained beside a network: faster. */
export const linearTraining = (training: NetworkTraining): NetworkTraining => ({
  ...withoutGroup(training),
  layers: [],
  // until it is as good as it gets, however long the network is trained
  epochs: undefined,
  patience: undefined,
  learningRate: 3e-3,
});

/**
 * Of several ranks each trains the whole of it: an update takes less time than talking about it. A signal ends it
 * afterwards, where all ranks hear of it: one that ended alone would leave the others waiting.
 */
function withoutGroup(training: NetworkTraining): NetworkTraining {
  const { group, signal: _, accumulate = 1, batchSize, ...rest } = training;
  if (!group) return training;
  return { ...rest, accumulate: undefined, batchSize: batchSize && batchSize * accumulate };
}

/** The baselines of a task. The linear model is trained as the network is, faster. */
export async function baselinesOf(
  pipeline: Pipeline,
  parts: TransformedParts,
  training: NetworkTraining,
): Promise<Baseline[]> {
  const of = (name: Baseline["name"], predict: (part: Transformed) => Predictions): Baseline => ({
    name,
    metrics: metricsByPart(
      ofParts(parts, (part) => evaluationOf(pipeline, { predictions: predict(part), actual: truthOf(part) })),
    ),
  });
  const linear = await fitNetwork(pipeline, parts.train, parts.validation, linearTraining(training));
  const trained = (part: Transformed): Predictions => predictionsOf(linear.model, pipeline, linear.decisions, part);
  const classes = pipeline.target!.classes?.length;
  if (classes) return [of("majority", shares(parts.train, classes)), of("logistic", trained)];
  const season = parts.train.before ? [of("seasonal", asBefore)] : [];
  return [of("mean", mean(parts.train)), ...season, of("linear", trained)];
}

/** The shares of the classes for every row, which makes the most frequent one the answer. */
function shares({ y }: Transformed, classes: number): (part: Transformed) => Predictions {
  const counts = Array.from({ length: classes }, () => 0);
  for (const label of y!) counts[label]!++;
  const label = counts.indexOf(Math.max(...counts));
  return ({ rows, notes }) => ({
    rows,
    notes,
    values: undefined,
    labels: new Int32Array(rows.length).fill(label),
    probabilities: Float32Array.from({ length: rows.length * classes }, (_, i) => counts[i % classes]! / y!.length),
  });
}

/** The mean of the training rows for every row. */
function mean(train: Transformed): (part: Transformed) => Predictions {
  const known = truthOf(train);
  const value = known.reduce((sum, each) => sum + each, 0) / known.length;
  return numbers(({ rows }) => new Float64Array(rows.length).fill(value));
}

/** The value that a series had before: a season earlier, or last. */
const asBefore = numbers(({ before }) => before!);

function numbers(predict: (part: Transformed) => Float64Array): (part: Transformed) => Predictions {
  return (part) => ({
    rows: part.rows,
    notes: part.notes,
    values: predict(part),
    labels: undefined,
    probabilities: undefined,
  });
}
