// The command `predict`: the rows of a file, with what a model says about each.
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import papaparse from "papaparse";
import { type Predictions, type Rows, table, type TableModel } from "../../src/data.ts";
import { checkWritable } from "../writable.ts";
import { openModel } from "./openModel.ts";
import { piecesOf } from "./readData.ts";

/** Options of the command `predict`. */
export interface PredictOptions {
  readonly out?: string;
}

/** Probabilities of more classes than these aren't written. */
const MOST_CLASSES = 20;

type Say = (line: string) => void;

/**
 * Writes the rows of a file as CSV, with what is predicted of each in columns of its own: to a file, which is replaced as a whole, or to
 * the standard output. What is to be said, such as words that the model doesn't know, goes to `say`.
 */
export async function predict(path: string, file: string, { out }: PredictOptions, say: Say): Promise<void> {
  const tableModel = await openModel("predict", path);
  if (out === undefined) return void (await written(tableModel, file, toOutput, say));
  await checkWritable("predict", out);
  const draft = `${out}.new`;
  const handle = await open(draft, "w");
  try {
    const rows = await written(tableModel, file, (text) => toFile(handle, text), say);
    await handle.close();
    await rename(draft, out);
    say(`predict: ${rows.toLocaleString("en-US")} rows with predictions are in ${out}`);
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(draft, { force: true });
    throw error;
  }
}

/** Writes a text, and waits until it has been taken. */
const toOutput = (text: string): Promise<void> =>
  new Promise((done, failed) => process.stdout.write(text, (error) => (error ? failed(error) : done())));

const toFile = async (handle: FileHandle, text: string): Promise<void> => void (await handle.write(text));

/** Predicts a file piece by piece; of a series as a whole, since its rows depend on each other. Gives the number of rows. */
async function written(
  tableModel: TableModel,
  file: string,
  write: (text: string) => Promise<void>,
  say: Say,
): Promise<number> {
  const notes = new Set<string>();
  let count = 0;
  const pieces = tableModel.pipeline.task === "series" ? inOne(file) : piecesOf("predict", file);
  for await (const { columns, rows, first } of pieces) {
    const cells = rows as readonly (readonly unknown[])[];
    const predictions = predictedPiece(tableModel, { columns, rows, first });
    const names = namesOf(tableModel, columns);
    const added = cells.map(() => names.map((): unknown => ""));
    predictions.rows.forEach((row, i) => (added[row] = answersOf(tableModel, predictions, i, names.length)));
    const data = cells.map((row, i) => [...row, ...added[i]!]);
    const fields = [...columns, ...names];
    const header = first === 0;
    await write(`${papaparse.unparse({ fields, data }, { newline: "\n", header, escapeFormulae: false })}\n`);
    for (const note of predictions.notes) notes.add(note);
    count += rows.length;
  }
  for (const note of notes) say(`predict: ${note}`);
  return count;
}

/** Predicts some rows of a file; messages count rows from the file's beginning. */
function predictedPiece(tableModel: TableModel, { columns, rows, first }: Rows): Predictions {
  try {
    return tableModel.predict(table(rows as readonly (readonly unknown[])[], { columns }));
  } catch (error) {
    const { message } = error as Error;
    const at = first === 0 ? message : message.replaceAll(/\brow (\d+)/g, (_, row) => `row ${Number(row) + first}`);
    throw new Error(`predict: ${at}`, { cause: error });
  }
}

/** All rows of a file as one piece. */
async function* inOne(file: string): AsyncGenerator<Rows> {
  const all: (readonly unknown[])[] = [];
  let columns: readonly string[] | undefined;
  for await (const piece of piecesOf("predict", file)) {
    columns ??= piece.columns;
    for (const row of piece.rows) all.push(row);
  }
  if (columns) yield { columns, rows: all, first: 0 };
}

/** The names of the columns that are added; none of the file's own. */
function namesOf({ pipeline }: TableModel, columns: readonly string[]): string[] {
  const { name, classes = [] } = pipeline.target!;
  const chances =
    classes.length > 0 && classes.length <= MOST_CLASSES ? classes.map((word) => `probability of ${word}`) : [];
  const free = (wanted: string): string => (columns.includes(wanted) ? free(`${wanted} (2)`) : wanted);
  return [`predicted ${name}`, ...chances].map(free);
}

/** What is said of the i-th row that could be predicted. */
function answersOf({ pipeline }: TableModel, predictions: Predictions, i: number, width: number): unknown[] {
  const { values, labels, probabilities } = predictions;
  if (values) return [String(values[i])];
  const { classes } = pipeline.target!;
  const k = classes!.length;
  const chances = width === 1 ? [] : Array.from(probabilities!.subarray(i * k, (i + 1) * k), (p) => p.toFixed(6));
  return [classes![labels![i]!], ...chances];
}
