// Fuzzes `tableModelFromBytes`: models of tables whose pipeline, decisions, network or bytes are changed. What is read must be saved and
// read again as the same, and predict the same.
import {
  table,
  type TableModel,
  tableModelFromBytes,
  tableModelToBytes,
  trainTable,
  type TrainTableOptions,
} from "../../src/data.ts";
import { readSafetensors, writeSafetensors } from "../../src/files.ts";
import * as w from "../../src/index.ts";
import { dayRows, groupRows, linearRows, rareRows, type Row } from "../support/generatedTables.ts";
import type { Draw } from "./draw.ts";
import { bytesText, ended, endedReading, type Fuzzer, type Tried } from "./engine.ts";
import { changedBytes, changedOften, changedText, changeJson, type Json, jsonText } from "./mutate.ts";

/** A file, and rows as they are in the file that it was trained on. */
interface Trained {
  readonly bytes: Uint8Array;
  readonly rows: readonly Readonly<Record<string, string>>[];
}

const TABLES: readonly (readonly [rows: readonly Row[], options: TrainTableOptions])[] = [
  [linearRows(40), { target: "y" }],
  [rareRows(80, 0.1), { target: "class" }],
  [groupRows(40), { target: "kind" }],
  [dayRows(60), { target: "visitors", task: "series" }],
];

const trained = async ([rows, options]: (typeof TABLES)[number]): Promise<Trained> => {
  const { tableModel } = await trainTable(table(rows).infer(), { ...options, layers: [3], epochs: 1 });
  const texts = rows
    .slice(0, 30)
    .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)])));
  return { bytes: tableModelToBytes(tableModel, { made: "by a test", seed: 1 }), rows: texts };
};

let files: Promise<readonly Trained[]> | undefined;

const ODD: readonly Json[] = [
  "number",
  "date",
  "words",
  "boolean",
  "series",
  "classification",
  "regression",
  { step: "lag", steps: [1, 100000] },
  { step: "window", length: 10000, horizon: 1, of: "values" },
  { step: "ordinal" },
  { step: "log1p" },
  { step: "minMax", least: 0, most: 1e-300, low: 0, high: 1 },
  { step: "oneHot", own: 3, other: true, missing: true },
  { step: "dateParts", parts: [{ part: "monthDay", values: [0, 371] }], missing: true },
  { log: true, mean: 0, deviation: 1e300 },
  { rows: 1, columns: [] },
  { weights: [1, 1e300], factors: [1e-320, 1] },
];

/** A file that was changed in its table, its network, its texts, or its bytes. */
function changedFile(draw: Draw, file: Uint8Array): Uint8Array<ArrayBuffer> {
  if (draw.chance(0.1)) return changedOften(draw, Uint8Array.from(file), changedBytes);
  const { tensors, metadata } = readSafetensors(file);
  const texts = { ...metadata };
  const key = draw.chance(0.95) ? "table" : "model";
  if (draw.chance(0.95)) {
    const value = JSON.parse(texts[key]!) as { [name: string]: Json };
    // most of a table is its pipeline
    const part = key === "table" && draw.chance(0.5) ? draw.pick(["decisions", "pipeline"]) : undefined;
    changeJson(draw, part === undefined ? value : value[part]!, ODD);
    texts[key] = jsonText(value);
  } else texts[key] = changedText(draw, texts[key]!);
  try {
    return writeSafetensors([...tensors], texts);
  } catch {
    return Uint8Array.from(file); // a text that can't be written
  }
}

/** What predictions are, to the bit. */
function bitsOf({ values, labels, probabilities, rows, notes }: ReturnType<TableModel["predict"]>): string {
  const arrays = [values, labels, probabilities, rows];
  return JSON.stringify([...arrays.map((each) => each && Buffer.from(each.buffer).toString("hex")), notes]);
}

/** What predictions and evaluations may be refused by. */
const USES = ["transform", "decode", "predict", "evaluate", "evaluateClassification", "evaluateRegression"];

async function attempt(bytes: Uint8Array<ArrayBuffer>, rows: Trained["rows"], core: w.Core): Promise<Tried> {
  const input = (): string => bytesText(bytes);
  const end = await endedReading(bytes.length, ["f"], () => tableModelFromBytes(bytes, { name: "f", core }));
  if (end.fault !== undefined || end.error) return { fault: end.fault, refused: true, input };
  const fault = (text: string): Tried => ({ fault: text, refused: false, input });
  const saved = await ended(["tableModelToBytes"], () => tableModelToBytes(end.value));
  if (saved.error) return fault(`can't be saved: ${saved.error.message}`);
  const again = await ended(["f"], () => tableModelFromBytes(saved.value, { name: "f", core }));
  if (again.error) return fault(`can't be read again: ${again.error.message}`);
  if (Buffer.compare(tableModelToBytes(again.value), saved.value) !== 0)
    return fault("is another file when it is saved again");
  for (const use of ["predict", "evaluate"] as const) {
    const [one, two] = await Promise.all(
      [end.value, again.value].map((own) =>
        ended(USES, () => (use === "predict" ? bitsOf(own.predict(rows)) : JSON.stringify(own.evaluate(rows)))),
      ),
    );
    if (one!.fault !== undefined) return fault(`${use}: ${one!.fault}`);
    if ((one!.value ?? one!.error!.message) !== (two!.value ?? two!.error!.message))
      return fault(`${use} gives something else when it was saved`);
  }
  return { fault: undefined, refused: false, input };
}

export const tableModels: Fuzzer = {
  name: "table-model",
  what: "tableModelFromBytes, of models of tables with changed pipelines, decisions, networks and bytes",
  inTests: 1500,
  each: 100,
  async prepare() {
    const given = await (files ??= Promise.all(TABLES.map(trained)));
    const { core } = await w.sequential({ input: 1 }, w.dense(1)); // memory is shared: an engine has room for few
    return (draw) => {
      const { bytes, rows } = draw.pick(given);
      return attempt(changedFile(draw, bytes), rows, core);
    };
  },
};
