// wasmgrad/data: reads tables, says what is in their columns, and splits them.

// # Tables
// Rows of files that may be larger than memory.
export type { CsvGuess, CsvOptions } from "./data/csvReader.ts";
export { type CsvReading, readCsv } from "./data/readCsv.ts";
export { type JsonLinesOptions, readJsonLines } from "./data/readJsonLines.ts";
export type { Rows } from "./data/rows.ts";
export type { ResponseLike, StreamLike, TableSource } from "./data/tableSource.ts";
export type { Column, ColumnType, Table, Value } from "./data/tableTypes.ts";
export type { DateType, InferOptions } from "./data/infer.ts";
export { type ColumnsByName, type RawTable, table, type TableOptions } from "./data/table.ts";
export {
  type Fold,
  type FoldOptions,
  kFold,
  type Split,
  split,
  type SplitBy,
  type SplitOptions,
} from "./data/split.ts";

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
