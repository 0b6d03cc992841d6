// wasmgrad/data: reads tables and arrays, says what is in them, makes numbers of rows, trains on tables, and says how good that is.

// # Tables
// Rows of files that may be larger than memory.
export type { CsvGuess, CsvOptions } from "./data/csvReader.ts";
export { type CsvReading, readCsv } from "./data/readCsv.ts";
export { type JsonLinesOptions, readJsonLines } from "./data/readJsonLines.ts";
export { readTable, type TableReading, type TableReadOptions } from "./data/readTable.ts";
export type { TableGuess, TableKind } from "./data/tableReader.ts";
export type { Rows } from "./data/rows.ts";
export type { ResponseLike, StreamLike, TableSource } from "./data/tableSource.ts";
export type { Column, ColumnType, Table, Value } from "./data/tableTypes.ts";
export type {
  FitTableOptions,
  Pipeline,
  PipelineBatchesOptions,
  PipelineColumn,
  PipelineFile,
  RawRows,
  Step,
  Task,
  Transformed,
  TransformOptions,
} from "./data/tableTypes.ts";
export {
  type ClipOptions,
  dateParts,
  type DatePartsOptions,
  impute,
  type ImputeOptions,
  lag,
  type LagOptions,
  log1p,
  minMax,
  type MinMaxOptions,
  oneHot,
  type OneHotOptions,
  ordinal,
  type OrdinalOptions,
  robustScale,
  standardize,
  window,
  type WindowOptions,
} from "./data/pipeline/steps.ts";
export { pipelineFromJSON } from "./data/pipeline/file.ts";
export type { PartName } from "./data/pipeline/calendar.ts";
export type { DateType, InferOptions } from "./data/infer.ts";
export { type ColumnsByName, type RawTable, table, type TableOptions } from "./data/table.ts";
export { type Fold, type FoldOptions, kFold, type Split, split, type SplitOptions } from "./data/split.ts";
export type { SplitBy } from "./data/divide.ts";

// # Evaluation
// How good predictions are, what they depend on, and where they fail: plain values, for reports and JSON.
export { type ClassificationPredictions, evaluateClassification } from "./tables/classification.ts";
export type { Costs } from "./tables/decisions.ts";
export type { ClassPredictions } from "./tables/judged.ts";
export { type ImportanceOptions, permutationImportance } from "./tables/importance.ts";
export { evaluateRegression, type NumberPredictions, type RegressionPredictions } from "./tables/regression.ts";
export type {
  ClassificationEvaluation,
  Curve,
  Importance,
  Metrics,
  RegressionEvaluation,
  WorstRow,
} from "./tables/results.ts";
export { worstRows } from "./tables/worst.ts";

// # Quality
// What may spoil a model, said of the data.
export { qualityReport, type QualityOptions } from "./tables/quality.ts";
export type { Finding, QualityReport } from "./tables/results.ts";

// # Training on tables
// From a table to a model that takes its rows as they are, and what is known of it.
export { type CrossValidation, crossValidate } from "./tables/crossValidate.ts";
export type { Decisions, Predictions, TableEvaluation } from "./tables/predictions.ts";
export type { Baseline, MetricsByPart, TableReport } from "./tables/results.ts";
export { type TableModel, tableModelFromBytes, tableModelToBytes } from "./tables/tableModel.ts";
export type { TableOptions as TableTrainingOptions } from "./tables/tableOptions.ts";
export { type TableStage, type TableTraining, trainTable, type TrainTableOptions } from "./tables/trainTable.ts";

// # Arrays
// Numbers in files of NumPy, and in IDX.
export { type NpzOptions, readIdxFile, readNpy, readNpz, writeNpy, writeNpz } from "./data/readNpy.ts";
export type { FileError } from "./formats/fileError.ts";
export type { NpyArray, NpyInput } from "./formats/npy.ts";
export type { NpyData, NpyType } from "./formats/npyTypes.ts";
