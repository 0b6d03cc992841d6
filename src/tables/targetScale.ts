// Whether logarithms of a target are learnt, where its shape suggests it: what predicts the rows to choose by better.
import type { FitTableOptions, Pipeline, Table } from "../data/tableTypes.ts";
import { linearTraining } from "./baselines.ts";
import { fitNetwork, type NetworkTraining } from "./fitNetwork.ts";
import type { Parts } from "./parts.ts";
import { evaluationOf, outcomeOf } from "./predictions.ts";
import { type TestRows, type TransformedParts, transformParts } from "./transformedParts.ts";

/** The pipeline of the rows to train on, and what it makes of all parts. */
export interface FittedParts {
  readonly pipeline: Pipeline;
  readonly transformed: TransformedParts;
}

/**
 * Fits a pipeline to the rows to train on, and transforms all parts. The target of a regression whose shape suggests logarithms is learnt
 * as it is if a linear model then predicts the validation rows better, in the target's units.
 */
export async function fittedParts(
  where: string,
  table: Table,
  parts: Parts,
  test: TestRows,
  fitting: FitTableOptions,
  training: NetworkTraining,
): Promise<FittedParts> {
  const rows = table.take(parts.train);
  const fittedBy = (options: FitTableOptions): FittedParts => {
    const pipeline = rows.fit(options);
    return { pipeline, transformed: transformParts(where, pipeline, table, parts, test) };
  };
  const usual = fittedBy(fitting);
  if (usual.pipeline.task !== "regression" || fitting.log !== undefined || !usual.pipeline.target?.log) return usual;
  const plain = fittedBy({ ...fitting, log: false });
  return (await linearError(plain, training)) < (await linearError(usual, training)) ? plain : usual;
}

async function linearError(
  { pipeline, transformed: { train, validation } }: FittedParts,
  training: NetworkTraining,
): Promise<number> {
  const { model, decisions } = await fitNetwork(pipeline, train, validation, linearTraining(training));
  return evaluationOf(pipeline, outcomeOf(model, pipeline, decisions, validation)).metrics["rmse"]!;
}
