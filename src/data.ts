// wasmgrad/data: reads tables, some rows at a time.
export { type CsvGuess, type CsvOptions, type CsvReading, readCsv } from "./data/readCsv.ts";
export { type JsonLinesOptions, readJsonLines } from "./data/readJsonLines.ts";
export type { Rows } from "./data/rows.ts";
export type { TableSource } from "./data/tableSource.ts";
