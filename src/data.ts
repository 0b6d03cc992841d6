// wasmgrad/data: reads tables, some rows at a time.

// # Tables
// Rows of files that may be larger than memory.
export type { CsvGuess, CsvOptions } from "./data/csvReader.ts";
export { type CsvReading, readCsv } from "./data/readCsv.ts";
export { type JsonLinesOptions, readJsonLines } from "./data/readJsonLines.ts";
export type { Rows } from "./data/rows.ts";
export type { ResponseLike, StreamLike, TableSource } from "./data/tableSource.ts";
