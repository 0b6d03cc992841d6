// Whether logarithms of a target are learnt, where its shape suggests it: what predicts the rows to choose by better.
import type { FitTableOptions, Pipeline } from "../data/tableTypes.ts";
import { linearTraining } from "./baselines.ts";
import { fitNetwork, type NetworkTraining } from "./fitNetwork.ts";
import type { Parts } from "./parts.ts";
import { evaluationOf, predictionsOf, truthOf } from "./predictions.ts";

/**
 * The pipeline of the rows to train on. The target of a regression whose shape suggests logarithms is learnt as it is if a linear
 * model then predicts the validation rows better, in the target's units.
 */
export async function fittedPipeline(
  parts: Parts,
  fitting: FitTableOptions,
  training: NetworkTraining,
): Promise<Pipeline> {
  const usual = parts.train.fit(fitting);
  if (usual.task !== "regression" || fitting.log !== undefined || !usual.target?.log) return usual;
  const plain = parts.train.fit({ ...fitting, log: false });
  return (await linearError(plain, parts, training)) < (await linearError(usual, parts, training)) ? plain : usual;
}

async function linearError(pipeline: Pipeline, parts: Parts, training: NetworkTraining): Promise<number> {
  const [train, validation] = [pipeline.transform(parts.train), pipeline.transform(parts.validation)];
  const { model, decisions } = await fitNetwork(pipeline, train, validation, linearTraining(training));
  const predictions = predictionsOf(model, pipeline, decisions, validation);
  return evaluationOf(pipeline, predictions, truthOf(pipeline, validation)).metrics["rmse"]!;
}
