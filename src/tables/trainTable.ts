// Trains a network on a table, and measures it: beside simple models, by columns, and by the number of rows.
import { shortNumber } from "../data/columns.ts";
import { table } from "../data/table.ts";
import type { Pipeline, RawRows, Table, Transformed } from "../data/tableTypes.ts";
import type { Callback } from "../training/callbacks.ts";
import type { FitOptions } from "../training/fitOptions.ts";
import { checkKind, checkWhole, isObject } from "../util/check.ts";
import { baselinesOf } from "./baselines.ts";
import { crossValidated } from "./crossValidate.ts";
import { featureImportance } from "./featureImportance.ts";
import { fitNetwork, type TrainedNetwork } from "./fitNetwork.ts";
import { learningCurve, scoreOf } from "./learningCurve.ts";
import { partsOf } from "./parts.ts";
import { evaluationOf, type Predictions, predictionsOf, truthOf } from "./predictions.ts";
import { qualityReport } from "./quality.ts";
import type { TableReport, WorstRow } from "./results.ts";
import { type TableModel, tableModelOf } from "./tableModel.ts";
import { checkShare, checkTableOptions, type TableOptions } from "./tableOptions.ts";
import { fittedPipeline } from "./targetScale.ts";
import { byPart, transformParts } from "./transformedParts.ts";
import { worstRows } from "./worst.ts";

/** What `trainTable` is at: the network, simple models to compare it with, networks of fewer rows and of folds, and what columns are worth. */
export type TableStage = "network" | "baselines" | "rows" | "folds" | "importance";

/** Options of `trainTable`. */
export interface TrainTableOptions extends TableOptions {
  /** Rows to test with: a share below 1, their number, or rows of another file; default none. */
  readonly test?: number | Table | RawRows;
  /** Parts of a cross-validation besides; default none. */
  readonly kFold?: number;
  /** Callbacks of the network's training, such as `checkpoint(store)`. */
  readonly callbacks?: readonly Callback[];
  /** Where the network's training goes on. */
  readonly resumeFrom?: FitOptions["resumeFrom"];
  /** Write a progress line; default false. */
  readonly progress?: boolean;
  /** Is told what comes next. The network's training waits for what it returns. */
  readonly onStage?: (stage: TableStage) => void | Promise<void>;
}

/** What a training on a table gives. */
export interface TableTraining {
  /** What predicts rows. */
  readonly tableModel: TableModel;
  /** What is known of it, but for what a command adds. */
  readonly report: Omit<TableReport, "title" | "command" | "version" | "files">;
}

/** The most rows with which importances are measured. */
const MOST_SHUFFLED = 2000;
const WORST = 10;

/**
 * Trains a network on a table: types of columns become numbers by a pipeline that is fitted on the rows to train on alone, a share of the
 * rows chooses when to stop, and the result is measured beside a constant and a linear or logistic model on the same rows.
 *
 * The network has a dense layer from the inputs to the output beside hidden ones with relu and dropout; it is trained by AdamW. Where a class
 * is rare, its rows count more, and the probabilities are corrected for that; of two such classes one is decided by the threshold that
 * makes F1 of the rare one largest on the validation rows. The same table, options and seed give the same bits.
 *
 * @param given a table with types, made by `table(...).infer()`
 * @param options.target the column to predict
 * @throws {TypeError | RangeError} if an option can't be used, the target isn't there or has one value alone, or there are too few rows
 * @example
 * const rows = Array.from({ length: 200 }, (_, i) => ({ size: i % 20, floor: i % 3, rent: 30 + 4 * (i % 20) - (i % 3) }));
 * const { tableModel, report } = await trainTable(table(rows).infer(), { target: "rent", epochs: 30 });
 * console.log(report.metrics.validation!.r2, tableModel.predict([{ size: "12", floor: "1" }]).values);
 */
export async function trainTable(given: Table, options: TrainTableOptions): Promise<TableTraining> {
  const where = "trainTable";
  const checked = checkTableOptions(where, given, options, [
    "test",
    "kFold",
    "callbacks",
    "resumeFrom",
    "progress",
    "onStage",
  ]);
  const { target, task, seed, costs } = checked;
  const { test, kFold, callbacks = [], resumeFrom, progress = false, onStage: stage = () => {} } = options;
  if (typeof test === "number") checkShare(where, "test", test);
  else checkKind(test === undefined || isObject(test), where, "test", "a share, a number of rows, or a table", test);
  if (kFold !== undefined) checkWhole(where, "kFold", kFold, 2);
  checkKind(typeof stage === "function", where, "onStage", "a function", stage);

  const division = { ...checked.division, test: typeof test === "number" ? test : undefined };
  const parts = partsOf(where, given, target, task, division);
  const pipeline = await fittedPipeline(parts, checked.fitting, checked.training);
  const transformed = transformParts(where, pipeline, parts, typeof test === "number" ? parts.test : test);
  const quality = qualityReport(parts.train, {
    target,
    task,
    validation: parts.validation,
    ...(parts.test ? { test: parts.test } : {}),
    features: pipeline.features.length,
  });

  await stage("network");
  const { training } = checked;
  const network = await fitNetwork(pipeline, transformed.train, transformed.validation, {
    ...training,
    callbacks,
    progress,
    ...(resumeFrom ? { resumeFrom } : {}),
  });
  const { model, decisions } = network;
  const outcomesOf = (rows: Transformed) => predictionsOf(model, pipeline, decisions, rows);
  const evaluated = (rows: Transformed, more = {}) =>
    evaluationOf(pipeline, outcomesOf(rows), truthOf(pipeline, rows), more);
  const metrics = byPart(transformed, (rows) => evaluated(rows).metrics);

  stage("baselines");
  const baselines = await baselinesOf(pipeline, transformed, training);
  stage("rows");
  const byRows = await learningCurve(pipeline, transformed, training, metrics);
  if (kFold !== undefined) stage("folds");
  const folds = kFold === undefined ? undefined : await crossValidated(where, given, kFold, checked);

  stage("importance");
  const part = transformed.test ? "test" : "validation";
  const rows = transformed.test ?? transformed.validation;
  // of a series, rows are places in the whole table
  const own = task === "series" ? parts.all : (parts.test ?? parts.validation);
  const of = transformed.test && typeof test !== "number" ? typed(test!) : own;
  const importance = featureImportance(pipeline, rows, (some) => scoreOf(evaluated(some).metrics), {
    seed,
    most: MOST_SHUFFLED,
  });
  const report: TableTraining["report"] = {
    task,
    target,
    seed,
    rows: {
      total: given.rows,
      train: transformed.train.rows.length,
      validation: transformed.validation.rows.length,
      test: transformed.test?.rows.length ?? 0,
      left: parts.left,
      how: parts.how,
    },
    quality,
    pipeline: { columns: pipeline.columns, dropped: pipeline.dropped, features: pipeline.features.length },
    model: {
      layers: layersText(training.layers),
      parameters: model.parameterCount,
      notes: [...pipeline.notes, ...notesOn(network, pipeline)],
    },
    epochs: { loss: network.loss, train: network.train, validation: network.validation, best: network.best },
    ...(byRows ? { byRows } : {}),
    metrics,
    baselines,
    ...(folds ? { folds } : {}),
    evaluation: { part, of: evaluated(rows, { costs, times: timesOf(pipeline, rows, of) }) },
    importance,
    worst: worstOf(pipeline, of, outcomesOf(rows), truthOf(pipeline, rows)),
    fingerprint: model.fingerprint(),
  };
  // rows that come after these are predicted from the first on
  const known = task === "series" ? pipeline.withHistory(parts.all) : pipeline;
  return { tableModel: tableModelOf(model, known, decisions, {}), report };
}

const layersText = (layers: readonly number[]): string =>
  layers.length === 0 ? "linear" : `hidden layers of ${layers.join(" and ")} units, and a linear layer beside them`;

/** What was decided after the training, in words. */
function notesOn({ decisions }: TrainedNetwork, pipeline: Pipeline): string[] {
  const { weights, factors } = decisions;
  if (!weights) return [];
  const classes = pipeline.target!.classes!;
  const counts = weights.flatMap((weight, k) => (weight > 1 ? [`${classes[k]} ${shortNumber(weight)}`] : []));
  const threshold = factors && factors[0]! / (factors[0]! + factors[1]!);
  return [
    `rows of rare classes counted more: ${counts.join(", ")}; probabilities are corrected for it`,
    ...(threshold === undefined
      ? []
      : [`a row is called ${classes[1]} from a probability of ${shortNumber(threshold)} on, which makes F1 largest`]),
  ];
}

/** The rows of a part as a table with types, for its cells. */
const typed = (rows: Table | RawRows): Table =>
  "columns" in rows && "take" in rows ? rows : "infer" in rows ? rows.infer() : table(rows).infer();

/** When each row was, of a series. */
function timesOf(pipeline: Pipeline, { rows }: Transformed, of: Table): Float64Array | undefined {
  const values = pipeline.series && of.column(pipeline.series.time).values;
  return values && Float64Array.from(rows, (row) => values[row]!);
}

function worstOf(pipeline: Pipeline, of: Table, predictions: Predictions, actual: Float64Array): WorstRow[] {
  const some = of.take(predictions.rows);
  const { classes } = pipeline.target!;
  const worst = classes
    ? worstRows(
        some,
        { probabilities: predictions.probabilities!, labels: actual, classes, called: predictions.labels! },
        WORST,
      )
    : worstRows(some, { predicted: predictions.values!, actual }, WORST);
  return worst.map((each) => ({ ...each, row: predictions.rows[each.row]! }));
}
