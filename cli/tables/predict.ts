// The command `predict`: the rows of a file, with what a model says about each.
import papaparse from "papaparse";
import { type Predictions, type Rows, table, type TableModel } from "../../src/data.ts";
import { draftOf } from "../drafts.ts";
import { stoppable } from "../stop.ts";
import { checkWritable, placeOf } from "../writable.ts";
import { csvChoices, type CsvChoices } from "./input.ts";
import { noteSums } from "./noteSums.ts";
import { checkColumns, openModel } from "./openModel.ts";
import { type StatusLine, statusLine } from "./progress.ts";
import { adviceOn, type Piece, piecesOf } from "./readData.ts";
import { commandWords, failure } from "./words.ts";

/** Options of the command `predict`. */
export interface PredictOptions extends CsvChoices {
  readonly out?: string;
}

/** Probabilities of more classes than these aren't written. */
const MOST_CLASSES = 20;
/** Significant digits of predicted numbers: a network computes with about 7. */
const DIGITS = 9;

type Say = (line: string) => void;

/**
 * Writes the rows of a file as CSV in UTF-8, with what is predicted of each in columns of its own: to a file, which is replaced as a whole, or to
 * the standard output. What is to be said, such as words that the model doesn't know, goes to `say`. Ctrl-C ends it between two pieces.
 */
export function predict(path: string, file: string, { out, ...csv }: PredictOptions, say: Say): Promise<void> {
  return stoppable(async (signal) => {
    const tableModel = await openModel("predict", path);
    if (out === undefined) {
      await written(tableModel, file, { write: toOutput, say, signal, line: statusLine(false), csv });
      return;
    }
    for (const [what, other] of [
      ["the model", path],
      ["the data", file],
    ] as const) {
      if ((await placeOf(other)) === (await placeOf(out))) {
        throw new Error(`predict: --out ${out} would replace ${what}; give another file`);
      }
    }
    await checkWritable("predict", out);
    const draft = await draftOf("predict", out);
    const line = statusLine(process.stdout.isTTY === true);
    try {
      const write = (text: string): Promise<void> => draft.write(text);
      const rows = await written(tableModel, file, { write, say, signal, line, csv });
      await draft.keep();
      say(`predict: ${rows.toLocaleString("en-US")} ${rows === 1 ? "row" : "rows"} with predictions: ${out}`);
    } finally {
      line.clear();
      await draft.discard();
    }
  });
}

/** Writes a text, and waits until it has been taken. */
const toOutput = (text: string): Promise<void> =>
  new Promise((done, failed) => process.stdout.write(text, (error) => (error ? failed(error) : done())));

interface Surroundings {
  write(text: string): Promise<void>;
  readonly say: Say;
  readonly signal: AbortSignal;
  readonly line: StatusLine;
  readonly csv: CsvChoices;
}

/** Predicts a file piece by piece; of a series as a whole, since its rows depend on each other. Gives the number of those that were predicted. */
async function written(
  tableModel: TableModel,
  file: string,
  { write, say, signal, line, csv }: Surroundings,
): Promise<number> {
  const notes = noteSums();
  let [count, predicted] = [0, 0];
  const watching = { signal, csv: csvChoices(csv) };
  let form: Written = { delimiter: ",", decimal: "." };
  const pieces = tableModel.pipeline.task === "series" ? inOne(file, watching) : piecesOf("predict", file, watching);
  for await (const piece of pieces) {
    const { columns, rows, first } = piece;
    const cells = rows as readonly (readonly unknown[])[];
    if (first === 0) {
      checkColumns("predict", tableModel, { file, names: columns, advice: adviceOn(file, piece, csv) });
      form = writtenAs(piece, tableModel);
    }
    const predictions = predictedPiece(tableModel, { columns, rows, first });
    const names = namesOf(tableModel, columns);
    const added = cells.map(() => names.map((): unknown => ""));
    predictions.rows.forEach((row, i) => (added[row] = answersOf(tableModel, predictions, i, names.length, form)));
    const data = cells.map((row, i) => [...row.map(cellOf), ...added[i]!]);
    const fields = [...columns, ...names];
    const header = first === 0;
    const text = papaparse.unparse({ fields, data }, { ...form, newline: "\n", header, escapeFormulae: false });
    if (text !== "") await write(`${rows.length === 0 ? text.trimEnd() : text}\n`);
    notes.add(predictions.notes);
    count += rows.length;
    predicted += predictions.rows.length;
    line.show(`${count.toLocaleString("en-US")} rows ...`);
  }
  line.clear();
  for (const note of notes.texts()) say(`predict: ${commandWords(note)}`);
  return predicted;
}

/** A cell as it is written; what is no value of its own, which JSON may have, as JSON. */
const cellOf = (cell: unknown): unknown => (typeof cell === "object" && cell !== null ? JSON.stringify(cell) : cell);

/** How the output is written: as the input, if that is CSV. */
interface Written {
  readonly delimiter: string;
  readonly decimal: "." | ",";
}

/** The delimiter of the input; decimal commas if its numbers have them, and no decimal point, and commas don't divide the cells. */
function writtenAs({ guess: { csv }, columns, rows }: Piece, { pipeline }: TableModel): Written {
  const delimiter = csv?.delimiter ?? ",";
  if (!csv || delimiter.includes(",")) return { delimiter, decimal: "." };
  const numbers = new Set(pipeline.columns.filter(({ type }) => type === "number").map(({ name }) => name));
  if (!pipeline.target!.classes) numbers.add(pipeline.target!.name);
  const cells = columns.flatMap((name, i) =>
    numbers.has(name) ? rows.map((row) => String((row as readonly unknown[])[i]).trim()) : [],
  );
  const commas = cells.some((cell) => /^[-+]?[\d.'\s]*\d,\d+$/.test(cell));
  const points = cells.some((cell) => /^[-+]?\d*\.\d+$/.test(cell) && !/\d\.\d{3}$/.test(cell));
  return { delimiter, decimal: commas && !points ? "," : "." };
}

/** Predicts some rows of a file; messages count rows from the file's beginning. */
function predictedPiece(tableModel: TableModel, { columns, rows, first }: Rows): Predictions {
  const { task, target, columns: used } = tableModel.pipeline;
  try {
    // of what the model doesn't look at, anything may be in a cell
    const needed = new Set([...used.map(({ name }) => name), target!.name]);
    const places = columns.flatMap((name, i) => (needed.has(name) ? [i] : []));
    const names = places.map((place) => columns[place]!);
    const cells = (rows as readonly (readonly unknown[])[]).map((row) => places.map((place) => row[place]));
    // rows of a series that are still to come have no values
    if (task === "series" && !columns.includes(target!.name)) {
      names.push(target!.name);
      for (const row of cells) row.push("");
    }
    return tableModel.predict(table(cells, { columns: names }));
  } catch (error) {
    throw failure("predict", countedFrom(error, first));
  }
}

/** The error with places of rows as they are in the whole file. */
function countedFrom(error: unknown, first: number): Error {
  const { message } = error as Error;
  let said = false;
  const text = message.replaceAll(/\brow (\d+)/g, (_, row) => {
    const place = `row ${Number(row) + first}${said ? "" : " (counted from 0)"}`;
    said = true;
    return place;
  });
  return new Error(text, { cause: error });
}

/** All rows of a file as one piece. */
async function* inOne(file: string, how: Parameters<typeof piecesOf>[2]): AsyncGenerator<Piece> {
  const all: (readonly unknown[])[] = [];
  let start: Piece | undefined;
  for await (const piece of piecesOf("predict", file, how)) {
    start ??= piece;
    for (const row of piece.rows) all.push(row);
  }
  if (start) yield { ...start, rows: all };
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
function answersOf(
  { pipeline }: TableModel,
  predictions: Predictions,
  i: number,
  width: number,
  { decimal }: Written,
): unknown[] {
  const withSign = (number: string): string => (decimal === "," ? number.replace(".", ",") : number);
  const { values, labels, probabilities } = predictions;
  if (values) return [withSign(String(Number(values[i]!.toPrecision(DIGITS))))];
  const { classes } = pipeline.target!;
  const k = classes!.length;
  const chances =
    width === 1 ? [] : Array.from(probabilities!.subarray(i * k, (i + 1) * k), (p) => withSign(p.toFixed(6)));
  return [classes![labels![i]!], ...chances];
}
