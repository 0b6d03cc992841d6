// Cross-validation: every row is tested once, by a network that was trained without it.
import type { Table } from "../data/tableTypes.ts";
import { checkWhole } from "../util/check.ts";
import { fitNetwork } from "./fitNetwork.ts";
import { foldsOf } from "./parts.ts";
import { evaluationOf, outcomeOf } from "./predictions.ts";
import type { Metrics } from "./results.ts";
import { type CheckedTableOptions, checkTableOptions, type TableOptions } from "./tableOptions.ts";
import { fittedParts } from "./targetScale.ts";

/** What a cross-validation gives. */
export interface CrossValidation {
  /** The number of parts. */
  readonly k: number;
  /** The mean of each metric over the parts. */
  readonly mean: Metrics;
  /** Its standard deviation: the sum of squares is divided by k - 1. */
  readonly sd: Metrics;
  /** The metrics of each part. */
  readonly each: readonly Metrics[];
}

/**
 * Trains k networks on a table, as `trainTable` does, each without a k-th of the rows, and measures them on these rows: how good such a network
 * is, and by how much that depends on which rows it was trained on. Rows are divided as `options.split` says, by default each
 * class alike or at random, or of a series by time. Types, scaling and when to stop are found anew in every part.
 *
 * @param table a table with types
 * @param k how many parts, 2 or more
 * @param options as of `trainTable`, without `test`
 * @throws {TypeError | RangeError} as `trainTable` and `kFold` do
 * @example
 * const rows = Array.from({ length: 120 }, (_, i) => ({ size: i % 20, rent: 30 + 4 * (i % 20) + (i % 3) }));
 * const { mean, sd } = await crossValidate(table(rows).infer(), 3, { target: "rent", epochs: 10 });
 * console.log(mean.r2, sd.r2);
 */
export async function crossValidate(table: Table, k: number, options: TableOptions): Promise<CrossValidation> {
  const where = "crossValidate";
  checkWhole(where, "k", k, 2);
  const checked = checkTableOptions(where, table, options);
  return crossValidated(where, foldsFor(where, table, k, checked), checked);
}

/** A part of a cross-validation: what is trained on, and rows to test with. */
export type TableFolds = ReturnType<typeof foldsOf>;

/** The parts, with options that were validated. `name`: what `k` is called. */
export const foldsFor = (
  where: string,
  table: Table,
  k: number,
  { target, task, division }: CheckedTableOptions,
  name = "k",
): TableFolds => foldsOf(where, table, k, target, task, division, name);

/** Trains and measures a network for each part. */
export async function crossValidated(
  where: string,
  folds: TableFolds,
  { fitting, training }: CheckedTableOptions,
): Promise<CrossValidation> {
  const each: Metrics[] = [];
  for (const { parts, rows, test } of folds) {
    const { pipeline, transformed } = await fittedParts(where, rows, parts, test, fitting, training);
    const { model, decisions } = await fitNetwork(pipeline, transformed.train, transformed.validation, training);
    const outcome = outcomeOf(model, pipeline, decisions, transformed.test!);
    each.push(evaluationOf(pipeline, outcome).metrics);
  }
  return { k: folds.length, ...summaryOf(each), each };
}

/** The mean and the standard deviation of the metrics that all parts have. */
function summaryOf(each: readonly Metrics[]): { mean: Metrics; sd: Metrics } {
  const names = Object.keys(each[0]!).filter((name) => each.every((metrics) => metrics[name] !== undefined));
  const entries = names.map((name) => {
    const values = each.map((metrics) => metrics[name]!);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
    return { name, mean, sd: Math.sqrt(squares / (values.length - 1)) };
  });
  return {
    mean: Object.fromEntries(entries.map(({ name, mean }) => [name, mean])),
    sd: Object.fromEntries(entries.map(({ name, sd }) => [name, sd])),
  };
}
