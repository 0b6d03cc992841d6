// The tables that come with the package for the lessons.
import { readCsv, type Table, table } from "../src/data.ts";

// this file and the bundle are one folder below package.json, both
const file = (name: string): URL => new URL(`../lessons/data/${name}.csv.gz`, import.meta.url);

/** The rows of a table, their columns' types inferred. */
export const lessonRows = async (name: "concrete" | "credit_data"): Promise<Table> =>
  (await table(readCsv(file(name)))).infer();
