// What a network says about the rows of a table, by its pipeline, and how good that is.
import type { Pipeline, Transformed } from "../data/tableTypes.ts";
import type { Model } from "../model/model.ts";
import { evaluateClassification } from "./classification.ts";
import { decide, probabilitiesOf } from "./classWeights.ts";
import type { Costs } from "./decisions.ts";
import { evaluateRegression } from "./regression.ts";
import type { ClassificationEvaluation, MetricsByPart, RegressionEvaluation } from "./results.ts";
import type { PartsWith } from "./transformedParts.ts";

/** What a model of tables says about rows. */
export interface Predictions {
  /** The positions of the rows that could be predicted: of a series the first ones can't, which have nothing before them. */
  readonly rows: Uint32Array;
  /** The predicted numbers, one for each of `rows`; undefined of a classification. */
  readonly values: Float64Array | undefined;
  /** The predicted labels, places in the target's `classes`; undefined of numbers. */
  readonly labels: Int32Array | undefined;
  /** The probabilities of all classes, [rows, classes]; undefined of numbers. */
  readonly probabilities: Float32Array | undefined;
  /** What was done with odd cells and rows, in words. */
  readonly notes: readonly string[];
}

/** How a classification makes classes of what the network gives. */
export interface Decisions {
  /** What a row of each class counted in the training; undefined where all counted the same. */
  readonly weights?: readonly number[] | undefined;
  /** By what the probabilities of the classes are multiplied before the largest is taken; undefined for 1. */
  readonly factors?: readonly number[] | undefined;
}

/** How good predictions are. */
export type TableEvaluation = ClassificationEvaluation | RegressionEvaluation;

/** What a network says about rows that were transformed. */
export function predictionsOf(
  model: Model,
  pipeline: Pipeline,
  decisions: Decisions,
  transformed: Transformed,
): Predictions {
  const { x, rows, notes } = transformed;
  const classes = pipeline.target?.classes;
  const none = rows.length === 0;
  if (!classes) {
    const values = none ? new Float64Array(0) : pipeline.decode(model.predict(x), transformed);
    return { rows, values, labels: undefined, probabilities: undefined, notes };
  }
  const outputs = none ? new Float32Array(0) : model.probabilities(x);
  const probabilities = probabilitiesOf(outputs, classes.length, decisions.weights);
  const labels = decide(probabilities, decisions.factors ?? classes.map(() => 1));
  return { rows, values: undefined, labels, probabilities, notes };
}

/** What is true of rows that were transformed with their target: labels, or numbers as they are in its cells. */
export const truthOf = ({ y, targets }: Transformed): Float64Array => targets ?? Float64Array.from(y!);

/** Predictions, and what is true of their rows. */
export interface Outcome {
  readonly predictions: Predictions;
  readonly actual: Float64Array;
}

/** Predicts rows that were transformed with their target. */
export const outcomeOf = (
  model: Model,
  pipeline: Pipeline,
  decisions: Decisions,
  transformed: Transformed,
): Outcome => ({
  predictions: predictionsOf(model, pipeline, decisions, transformed),
  actual: truthOf(transformed),
});

/** How good predictions are. */
export function evaluationOf(
  pipeline: Pipeline,
  { predictions: { values, labels, probabilities }, actual }: Outcome,
  { costs, times }: { costs?: Costs | undefined; times?: ArrayLike<number> | undefined } = {},
): TableEvaluation {
  const { classes } = pipeline.target!;
  if (classes) {
    return evaluateClassification({
      probabilities: probabilities!,
      labels: actual,
      classes,
      called: labels!,
      ...(costs ? { costs } : {}),
    });
  }
  return evaluateRegression({
    predicted: values!,
    actual,
    task: pipeline.task === "series" ? "series" : "regression",
    ...(times ? { times } : {}),
  });
}

/** The metrics of evaluations. */
export const metricsByPart = ({ train, validation, test }: PartsWith<TableEvaluation>): MetricsByPart => ({
  train: train.metrics,
  validation: validation.metrics,
  test: test?.metrics ?? null,
});

/** Refuses costs of other predictions than of two classes. */
export function refuseCosts(where: string, classes: readonly string[] | undefined): void {
  if (classes?.length === 2) return;
  const found = classes ? `there are ${classes.length}` : "numbers are predicted";
  throw new RangeError(`${where}: costs must be of two classes, but ${found}; leave them out`);
}
