// wasmgrad/data: reads tables, says what is in their columns, and splits them.

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

// # Arrays
// Numbers in files of NumPy, and in IDX.
export { type NpzOptions, readIdxFile, readNpy, readNpz, writeNpy, writeNpz } from "./data/readNpy.ts";
export type { NpyArray, NpyInput } from "./formats/npy.ts";
export type { NpyData, NpyType } from "./formats/npyTypes.ts";
