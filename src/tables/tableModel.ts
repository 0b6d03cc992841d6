// Models of tables: a network and the pipeline that makes its inputs, which predict rows as they are in a file; and their files.
import { pipelineFromJSON } from "../data/pipeline/file.ts";
import type { Pipeline, RawRows, Table, Transformed } from "../data/tableTypes.ts";
import { readSafetensors, withChecksum, writeSafetensors } from "../formats/safetensors.ts";
import { modelFromBytes, modelToBytes } from "../io/modelFile.ts";
import type { ReadingOptions } from "../io/readModel.ts";
import type { Model } from "../model/model.ts";
import { checkKeys, checkKind, isObject, isRecord, valueText } from "../util/check.ts";
import { checkCosts } from "./classification.ts";
import type { Costs } from "./decisions.ts";
import { outputsOf } from "./network.ts";
import {
  type Decisions,
  evaluationOf,
  outcomeOf,
  type Predictions,
  predictionsOf,
  refuseCosts,
  type TableEvaluation,
} from "./predictions.ts";

/** A network, and the pipeline that makes its inputs of the rows of a table. Made by `trainTable`, or by `tableModelFromBytes`. */
export interface TableModel {
  /** The network. */
  readonly model: Model;
  /** What makes its inputs. */
  readonly pipeline: Pipeline;
  /** How classes are decided. */
  readonly decisions: Decisions;
  /** How it was made: plain values, for people. */
  readonly about: Readonly<Record<string, unknown>>;
  /**
   * Predicts rows as they are in a file, or of a table.
   *
   * @throws {TypeError | RangeError} if a column is missing, or a cell can't be read as those that the model was trained on
   */
  predict(rows: Table | RawRows): Predictions;
  /**
   * How good the predictions are on rows that have the target.
   *
   * @param options.costs what a wrong "yes" and a wrong "no" cost, of two classes; default 1 and 1
   * @throws {TypeError | RangeError} as `predict` does, or if no row has a target
   */
  evaluate(rows: Table | RawRows, options?: { costs?: Costs }): TableEvaluation;
}

/** Numbers of x that are made at once, about; of a series it is all, since rows depend on those before them. */
const MOST_NUMBERS = 2 ** 24;

/** The model of tables of a network and its pipeline. */
export function tableModelOf(
  model: Model,
  pipeline: Pipeline,
  decisions: Decisions,
  about: Readonly<Record<string, unknown>>,
): TableModel {
  return Object.freeze<TableModel>({
    model,
    pipeline,
    decisions,
    about,
    predict: (rows) =>
      joined(piecesOf(pipeline, rows, false, (piece) => predictionsOf(model, pipeline, decisions, piece))),
    evaluate(rows, options = {}) {
      checkKeys("evaluate", options, ["costs"]);
      const { costs } = options;
      if (costs !== undefined) {
        checkCosts("evaluate", costs);
        refuseCosts("evaluate", pipeline.target?.classes);
      }
      const outcomes = piecesOf(pipeline, rows, true, (piece) =>
        piece.y && piece.rows.length > 0 ? outcomeOf(model, pipeline, decisions, piece) : undefined,
      ).filter((outcome) => outcome !== undefined);
      if (outcomes.length === 0) {
        throw new RangeError(
          `evaluate: no row that can be predicted has a ${valueText(pipeline.target?.name)} to compare with; predict needs none`,
        );
      }
      const predictions = joined(outcomes.map((outcome) => outcome.predictions));
      const actual = joinedArrays(outcomes.map((outcome) => outcome.actual));
      return evaluationOf(pipeline, { predictions, actual }, { costs });
    },
  });
}

/** Something of rows that are transformed, of large tables some at a time. */
function piecesOf<T>(pipeline: Pipeline, rows: Table | RawRows, target: boolean, of: (piece: Transformed) => T): T[] {
  const size = Math.max(1, Math.floor(MOST_NUMBERS / pipeline.features.length));
  if (!isTable(rows) || rows.rows <= size || pipeline.task === "series")
    return [of(pipeline.transform(rows, { target }))];
  return Array.from({ length: Math.ceil(rows.rows / size) }, (_, i) => {
    const first = i * size;
    const last = Math.min(first + size, rows.rows) - 1;
    const places = Uint32Array.from({ length: last - first + 1 }, (_row, k) => first + k);
    const piece = pipeline.transform(rows.take(places), { target });
    return of({
      ...piece,
      rows: piece.rows.map((row) => row + first),
      notes: piece.notes.map((note) => `rows ${first} to ${last}: ${note}`),
    });
  });
}

const isTable = (rows: Table | RawRows): rows is Table => isObject(rows) && "take" in rows;

function joined(parts: readonly Predictions[]): Predictions {
  const [first] = parts;
  if (parts.length === 1) return first!;
  return {
    rows: joinedArrays(parts.map((part) => part.rows)),
    values: first!.values && joinedArrays(parts.map((part) => part.values!)),
    labels: first!.labels && joinedArrays(parts.map((part) => part.labels!)),
    probabilities: first!.probabilities && joinedArrays(parts.map((part) => part.probabilities!)),
    notes: parts.flatMap((part) => part.notes),
  };
}

function joinedArrays<A extends Float64Array | Float32Array | Int32Array | Uint32Array>(arrays: readonly A[]): A {
  const length = arrays.reduce((sum, each) => sum + each.length, 0);
  const all = new (arrays[0]!.constructor as new (count: number) => A)(length);
  let place = 0;
  for (const each of arrays) {
    all.set(each, place);
    place += each.length;
  }
  return all;
}

/** Of the metadata's texts, the one that has all but the network. */
const KEY = "table";
const TABLE_VERSION = 1;

/**
 * Writes a model of tables as a safetensors file: that of its network, which `loadModel` reads, too, and in the metadata its pipeline as JSON.
 *
 * @param about how it was made, for people: plain values, which the model has as `about` when it is read
 * @throws {TypeError} if it isn't a model of tables
 * @throws {Error} as `modelToBytes` does
 * @example
 * const homes = table(Array.from({ length: 60 }, (_, i) => ({ size: i % 20, rent: 30 + 4 * (i % 20) }))).infer();
 * const { tableModel } = await trainTable(homes, { target: "rent", epochs: 5 });
 * const bytes = tableModelToBytes(tableModel, { made: "for the lease" });
 */
export function tableModelToBytes(
  tableModel: TableModel,
  about: Readonly<Record<string, unknown>> = {},
): Uint8Array<ArrayBuffer> {
  const where = "tableModelToBytes";
  const holds =
    isObject(tableModel) &&
    isObject(tableModel.pipeline) &&
    "toJSON" in tableModel.pipeline &&
    isRecord(tableModel.about);
  checkKind(holds, where, "the argument", "a model of tables, as trainTable gives it", tableModel);
  checkKind(isRecord(about), where, "about", "an object of plain values", about);
  const { model, pipeline, decisions } = tableModel;
  const { tensors, metadata } = readSafetensors(modelToBytes(model));
  const known = { version: TABLE_VERSION, pipeline, decisions };
  let text: string;
  try {
    text = JSON.stringify({ ...known, about: { ...tableModel.about, ...about } });
  } catch (error) {
    throw new TypeError(`${where}: about must be plain values, as JSON has them: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return writeSafetensors(tensors, withChecksum(tensors, { ...metadata, [KEY]: text }, where));
}

/**
 * Reads a model of tables from the bytes of its file: it predicts the same bits.
 *
 * @param options.name the file's name, for messages
 * @param options.core another model's `core`, to share its memory
 * @param options.threads as `sequential` takes it, with `createWorker`
 * @throws {TypeError} if `bytes` isn't a Uint8Array, or an option can't be used
 * @throws {Error} if the file is of another kind, damaged, or of a network without a pipeline
 * @example
 * const homes = table(Array.from({ length: 60 }, (_, i) => ({ size: i % 20, rent: 30 + 4 * (i % 20) }))).infer();
 * const { tableModel } = await trainTable(homes, { target: "rent", epochs: 5 });
 * const copy = await tableModelFromBytes(tableModelToBytes(tableModel));
 * console.log(copy.predict([{ size: "12" }]).values);
 */
export async function tableModelFromBytes(
  bytes: Uint8Array,
  options: ReadingOptions & { name?: string } = {},
): Promise<TableModel> {
  checkKeys("tableModelFromBytes", options, ["name", "core", "threads", "createWorker"]);
  const { name = "tableModelFromBytes" } = options;
  checkKind(typeof name === "string", "tableModelFromBytes", "name", "a string", name);
  const model = await modelFromBytes(bytes, { ...options, name });
  const text = readSafetensors(bytes, name).metadata[KEY];
  if (text === undefined) {
    throw new Error(
      `${name}: a model without a pipeline, which takes arrays of numbers alone: loadModel reads it; trainTable makes models of tables`,
    );
  }
  return tableModelOf(model, ...detailsOf(text, name, model));
}

function detailsOf(text: string, name: string, model: Model): [Pipeline, Decisions, Readonly<Record<string, unknown>>] {
  const refuse = (what: string, cause?: unknown): never => {
    throw new Error(`${name}: the table in the metadata ${what}`, { cause });
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refuse("is not JSON", error);
  }
  if (!isRecord(value)) return refuse("must be an object");
  const { version, pipeline: json, decisions = {}, about = {} } = value;
  if (version !== TABLE_VERSION)
    refuse(`is of version ${valueText(version)}; this wasmgrad reads version ${TABLE_VERSION}`);
  if (!isRecord(about)) return refuse("must have an object as about");
  let pipeline: Pipeline;
  try {
    pipeline = pipelineFromJSON(json);
  } catch (error) {
    return refuse(`can't be used: ${(error as Error).message}`, error);
  }
  const features = pipeline.features.length;
  const takes = model.inputShape;
  if (takes.length !== 1 || takes[0] !== features) {
    return refuse(`makes ${features} numbers of a row, but the network takes ${takes.join("x")}`);
  }
  if (!pipeline.target) return refuse("has a pipeline without a target");
  const classes = pipeline.target.classes?.length;
  const outputs = outputsOf(pipeline);
  if (model.outputShape.length !== 1 || model.outputShape[0] !== outputs) {
    return refuse(
      `needs a network with ${outputs} output${outputs === 1 ? "" : "s"}, but it has ${model.outputShape.join("x")}`,
    );
  }
  const link = classes === undefined ? "identity" : outputs === 1 ? "sigmoid" : "softmax";
  if (model.outputActivation !== link) {
    return refuse(
      `needs a network whose outputs are read by ${link}, but these are by ${model.outputActivation ?? "none"}`,
    );
  }
  return [pipeline, decisionsOf(decisions, classes, refuse), about];
}

/** `classes`: how many there are; undefined where numbers are predicted. */
function decisionsOf(value: unknown, classes: number | undefined, refuse: (what: string) => never): Decisions {
  if (!isRecord(value)) return refuse("must have an object as decisions");
  const entries = ["weights", "factors"].flatMap((key) => {
    const list = value[key];
    if (list === undefined) return [];
    if (classes === undefined) return refuse(`has decisions.${key}, but predicts numbers`);
    const holds =
      Array.isArray(list) &&
      list.length === classes &&
      list.every((each) => typeof each === "number" && each > 0 && Number.isFinite(each));
    if (!holds) refuse(`must have as decisions.${key} a number above 0 for each of ${classes} classes`);
    return [[key, list as number[]] as const];
  });
  return Object.fromEntries(entries);
}
