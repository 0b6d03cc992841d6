// wasmgrad/data: reads tables, says what is in their columns, and splits them.

// # Tables
// Rows of files that may be larger than memory.
export type { CsvGuess, CsvOptions } from "./data/csvReader.ts";
export { type CsvReading, readCsv } from "./data/readCsv.ts";
export { type JsonLinesOptions, readJsonLines } from "./data/readJsonLines.ts";
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
export {
  type Fold,
  type FoldOptions,
  kFold,
  type Split,
  split,
  type SplitBy,
  type SplitOptions,
} from "./data/split.ts";
