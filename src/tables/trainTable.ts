// Trains a network on a table, and measures it: beside simple models, by columns, and by the number of rows.
import { shortNumber } from "../data/columns.ts";
import type { SplitBy } from "../data/divide.ts";
import { checkShare } from "../data/split.ts";
import { table } from "../data/table.ts";
import type { Pipeline, RawRows, Table, Task, Transformed } from "../data/tableTypes.ts";
import type { Callback } from "../training/callbacks.ts";
import { checkStore } from "../training/checkpointStore.ts";
import type { FitOptions } from "../training/fitOptions.ts";
import { checkBoolean, checkKind, checkWhole, isObject, isRecord, valueText } from "../util/check.ts";
import { baselinesOf } from "./baselines.ts";
import { checkCosts } from "./classification.ts";
import { crossValidated, foldsFor } from "./crossValidate.ts";
import type { Costs } from "./decisions.ts";
import { featureImportance } from "./featureImportance.ts";
import { fitNetwork, type TrainedNetwork } from "./fitNetwork.ts";
import { learningCurve, scoreOf } from "./learningCurve.ts";
import { partsOf } from "./parts.ts";
import { evaluationOf, metricsByPart, type Outcome, outcomeOf, refuseCosts } from "./predictions.ts";
import { qualityReport } from "./quality.ts";
import type { TableReport, WorstRow } from "./results.ts";
import { type TableModel, tableModelOf } from "./tableModel.ts";
import { checkTableOptions, type TableOptions } from "./tableOptions.ts";
import { fittedParts } from "./targetScale.ts";
import { ofParts, type TestRows } from "./transformedParts.ts";
import { worstRows } from "./worst.ts";

/** What `trainTable` is at: the network, simple models to compare it with, networks of fewer rows and of folds, and what columns are worth. */
export type TableStage = "network" | "baselines" | "rows" | "folds" | "importance";

/** Options of `trainTable`. */
export interface TrainTableOptions extends TableOptions {
  /** Rows to test with: a share below 1, their number, or rows of another file; default none. */
  readonly test?: number | Table | RawRows;
  /** What a wrong "yes" and a wrong "no" cost, of two classes; default 1 and 1. */
  readonly costs?: Costs;
  /** Parts of a cross-validation besides; default none. */
  readonly kFold?: number;
  /** Callbacks of the network's training, such as `checkpoint(store)`. */
  readonly callbacks?: readonly Callback[];
  /** Where the network's training goes on. */
  readonly resumeFrom?: FitOptions["resumeFrom"];
  /** Write a progress line; default false. */
  readonly progress?: boolean;
  /** Is told what comes next, which waits for what it returns. */
  readonly onStage?: (stage: TableStage) => unknown;
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
    "costs",
    "callbacks",
    "resumeFrom",
    "progress",
    "onStage",
  ]);
  const { target, task, seed, training } = checked;
  const { kFold, costs, callbacks = [], resumeFrom, progress = false, onStage: stage = () => {} } = options;
  const { share, rows: others } = checkTest(where, options.test);
  checkKind(Array.isArray(callbacks), where, "callbacks", "an array such as [checkpoint(store)]", callbacks);
  Array.from(callbacks, (each, i) =>
    checkKind(
      isObject(each) && !Array.isArray(each),
      where,
      `callbacks[${i}]`,
      "an object such as checkpoint(store)",
      each,
    ),
  );
  if (resumeFrom !== undefined) checkStore(where, "resumeFrom", resumeFrom);
  checkBoolean(where, "progress", progress);
  checkKind(typeof stage === "function", where, "onStage", "a function", stage);
  if (costs !== undefined) checkCosts(where, costs);
  if (kFold !== undefined) checkWhole(where, "kFold", kFold, 2);

  if (costs !== undefined && task !== "classification") refuseCosts(where, undefined);
  const parts = partsOf(where, given, target, task, { ...checked.division, test: share });
  const folds = kFold === undefined ? undefined : foldsFor(where, given, kFold, checked, "kFold");
  const { pipeline, transformed } = await fittedParts(where, given, parts, others, checked.fitting, training);
  if (costs !== undefined) refuseCosts(where, pipeline.target!.classes);
  const judged = withoutDropped(given, checked.fitting.columns);
  const found = qualityReport(judged.take(parts.train), {
    target,
    task,
    validation: judged.take(parts.validation),
    ...(parts.test ? { test: judged.take(parts.test) } : {}),
    features: pipeline.features.length,
  });
  // what is learnt relative to a value before goes on where that goes
  const relative = transformed.train.before !== undefined;
  const quality = {
    ...found,
    findings: found.findings.filter(({ kind, column }) => !(relative && kind === "drift" && column === target)),
  };

  await stage("network");
  const network = await fitNetwork(pipeline, transformed.train, transformed.validation, {
    ...training,
    callbacks,
    progress,
    resumeFrom,
  });
  const { model, decisions } = network;
  const part = transformed.test ? "test" : "validation";
  const rows = transformed[part]!;
  const of = others === undefined ? given : typed(others);
  const outcomes = ofParts(transformed, (some) => outcomeOf(model, pipeline, decisions, some));
  const evaluations = ofParts(outcomes, (outcome) =>
    evaluationOf(pipeline, outcome, outcome === outcomes[part] ? { costs, times: timesOf(pipeline, rows, of) } : {}),
  );
  const metrics = metricsByPart(evaluations);

  await stage("baselines");
  const baselines = await baselinesOf(pipeline, transformed, training);
  await stage("rows");
  const byRows = await learningCurve(pipeline, transformed, training, metrics);
  if (folds) await stage("folds");
  const crossed = folds && (await crossValidated(where, folds, checked));

  await stage("importance");
  const score = (some: Transformed): number =>
    scoreOf(evaluationOf(pipeline, outcomeOf(model, pipeline, decisions, some)).metrics);
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
      notes: [
        ...pipeline.notes,
        ...datedRows(given, task, checked.division.by),
        ...(options.task === undefined || options.task === "auto" ? mayBeClasses(given, target, task) : []),
        ...notesOn(network, pipeline),
      ],
    },
    epochs: { loss: network.loss, train: network.train, validation: network.validation, best: network.best },
    ...(byRows ? { byRows } : {}),
    metrics,
    baselines,
    ...(crossed ? { folds: crossed } : {}),
    evaluation: { part, of: evaluations[part]! },
    importance: featureImportance(pipeline, rows, score, { seed, most: MOST_SHUFFLED }),
    worst: worstOf(pipeline, of, outcomes[part]!),
    fingerprint: model.fingerprint(),
  };
  // rows that come after these are predicted from the first on
  const known = task === "series" ? pipeline.withHistory(given.take(parts.all)) : pipeline;
  return { tableModel: tableModelOf(model, known, decisions, {}), report };
}

/** What is tested with: a share of the rows or their number, or other rows. */
function checkTest(where: string, test: TrainTableOptions["test"]): { share: number | undefined; rows: TestRows } {
  if (typeof test === "number") {
    checkShare(where, "test", test);
    return { share: test, rows: undefined };
  }
  const isTable = isObject(test) && (Array.isArray(test) || ("columns" in test && "infer" in test) || "take" in test);
  checkKind(test === undefined || isTable, where, "test", "a share or a number of rows, or a table of others", test);
  if (Array.isArray(test)) {
    Array.from(test as readonly unknown[], (row, i) =>
      checkKind(isRecord(row), where, `test[${i}]`, "an object of cells", row),
    );
  }
  return { share: undefined, rows: test };
}

const layersText = (layers: readonly number[]): string =>
  layers.length === 0 ? "linear" : `hidden layers of ${layers.join(" and ")} units, and a linear layer beside them`;

/** The table without the columns that options say aren't used. */
function withoutDropped(given: Table, columns: TableOptions["columns"]): Table {
  const dropped = Object.entries(columns ?? {}).flatMap(([name, steps]) => (steps === "drop" ? [name] : []));
  if (dropped.length === 0) return given;
  return given.select(given.columns.map(({ name }) => name).filter((name) => !dropped.includes(name)));
}

/** A column dates the rows if this share of them has a day or time of its own. */
const DATED = 0.9;

/** What is said of rows that are dated, but divided by chance: in use, those to predict come later than all that are known. */
function datedRows(given: Table, task: Task, by: SplitBy | undefined): string[] {
  if (task === "series" || by === "time" || by === "group") return [];
  const dates = given.columns.filter(({ type, values }) => {
    if (type !== "date" || given.rows === 0) return false;
    return new Set(values).size >= DATED * given.rows;
  });
  return dates.slice(0, 1).map(({ name }) => {
    const how = 'split: "time" measures on later rows, which is harder';
    return `the rows are dated by ${valueText(name)}, but were divided by chance: if later ones are to be predicted, ${how}`;
  });
}

/** The most different numbers that may be classes. */
const FEW = 10;

/** What is said of a target of few whole numbers that was taken for a number without being told. */
function mayBeClasses(given: Table, target: string, task: Task): string[] {
  const { values } = given.column(target);
  if (task !== "regression" || !values) return [];
  const different = new Set<number>();
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    if (!Number.isInteger(value) || different.add(value).size > FEW) return [];
  }
  const numbers = `${different.size} different whole numbers`;
  return [`target ${target}: ${numbers}, predicted as a number; if they are classes, take task: "classification"`];
}

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

/** Rows as a table with types, for their cells. */
const typed = (rows: Table | RawRows): Table =>
  "columns" in rows && "take" in rows ? rows : "infer" in rows ? rows.infer() : table(rows).infer();

/** When each row was, of a series. */
function timesOf(pipeline: Pipeline, { rows }: Transformed, of: Table): Float64Array | undefined {
  const { type, values } = pipeline.series ? of.column(pipeline.series.time) : {};
  return type === "date" ? Float64Array.from(rows, (row) => values![row]!) : undefined;
}

/** The rows that are predicted worst, by their positions in the table that they are of. */
function worstOf(pipeline: Pipeline, of: Table, { predictions, actual }: Outcome): WorstRow[] {
  const { rows, probabilities, labels, values } = predictions;
  const some = of.take(rows);
  const { classes } = pipeline.target!;
  const worst = classes
    ? worstRows(some, { probabilities: probabilities!, labels: actual, classes, called: labels! }, WORST)
    : worstRows(some, { predicted: values!, actual }, WORST);
  return worst.map((each) => ({ ...each, row: rows[each.row]! }));
}
