// Models from files, and files of models.
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { tableModelFromBytes } from "../../src/data.ts";
import { exportModule, modelFromBytes, modelToBytes, readSafetensors, writeSafetensors } from "../../src/files.ts";
import type { Model } from "../../src/index.ts";
import { fromOnnx, toOnnx } from "../../src/onnx.ts";
import { fromLayersModel, toLayersModel } from "../../src/tfjs.ts";
import { loadStateDict, stateDict } from "../../src/torch.ts";
import { shellWord } from "../shell.ts";
import type { Text } from "../text.ts";
import type { Run } from "./check.ts";
import { doneOf, endsOf, type Mapped, type Row, rowsOf, telling } from "./mapping.ts";
import { type ConvertOptions, type Kind, refusal, type Target } from "./options.ts";
import type { Axes } from "./onnxRuntime.ts";
import type { Files } from "./output.ts";
import { type Weight, type Weights, writeWeights } from "./weights.ts";

/** A model that was read. */
export interface ReadModel {
  readonly model: Model;
  /** What became of what, if the file isn't one of ours. */
  readonly rows: readonly Row[];
  /** Its bytes, if the file is one of ours. */
  readonly own?: Uint8Array;
  readonly notes: readonly Text[];
  /** What its inputs and outputs are called in the file. */
  readonly ends?: ReturnType<typeof endsOf>;
  /** Of ONNX: the order of axes in the file. */
  readonly toFile?: Axes;
}

/** Has the file the architecture of a model, too, or weights alone? */
export function isModelFile(kind: Kind, bytes: Uint8Array, path: string): boolean {
  if (kind !== "safetensors") return kind === "onnx" || kind === "tfjs";
  const { metadata } = readSafetensors(bytes, path);
  if (metadata["format"] === "wasmgrad" && metadata["checkpoint"] !== undefined) {
    throw refusal(
      `${path} is a checkpoint of a training; give the file that the training wrote in the end, or saveModel`,
    );
  }
  return metadata["format"] === "wasmgrad" && metadata["model"] !== undefined;
}

/** Reads a model. */
export async function readModel(
  kind: Kind,
  bytes: Uint8Array,
  path: string,
  options: ConvertOptions,
): Promise<ReadModel> {
  if (kind === "safetensors") {
    if (readSafetensors(bytes, path).metadata["table"] === undefined) {
      return { model: await modelFromBytes(bytes, { name: path }), rows: [], own: bytes, notes: [] };
    }
    const { model, pipeline } = await tableModelFromBytes(bytes, { name: path });
    return { model, rows: [], own: bytes, notes: [ofTable(pipeline.features.length)] };
  }
  const all: Mapped[] = [];
  const model = kind === "onnx" ? await readOnnx(bytes, path, options, all) : await readLayersModel(path, options, all);
  return {
    model,
    rows: rowsOf(all, model),
    notes: [],
    ends: endsOf(all),
    ...(options.layout === "channelsLast" ? { toFile: imagesFirst } : {}),
  };
}

/** Reads a model of ONNX. */
function readOnnx(bytes: Uint8Array, path: string, { layout }: ConvertOptions, all: Mapped[]): Promise<Model> {
  const given = layout === undefined || layout === "channelsFirst" ? {} : { layout };
  return fromOnnx(bytes, { name: path, ...given, ...telling(all) });
}

/** Reads a model of TensorFlow.js: its shards are files in the folder of its model.json, or below. */
function readLayersModel(path: string, { input }: ConvertOptions, all: Mapped[]): Promise<Model> {
  const folder = dirname(path);
  return fromLayersModel((file) => readFile(join(folder, file)), {
    name: basename(path),
    ...(input ? { input: input[""] ?? input } : {}),
    ...telling(all),
  });
}

/** A model of tables is more than its network. */
const ofTable = (features: number): Text => ({
  en: `It is a model of tables: what makes its ${features} inputs of a row's columns stays behind; only the network is converted.`,
  zh: `这是表格模型：把一行的各列变成 ${features} 个输入的部分不随之转换；转换的只是网络。`,
});

/** Puts weights into a model, whose architecture is all that is used of it. */
export function fillModel(model: Model, weights: Weights, path: string, options: ConvertOptions): readonly Row[] {
  return sourceOf(model, weights, path, options) === "wasmgrad"
    ? fillByOwnNames(model, weights, path, options)
    : fillByTorch(model, weights, options);
}

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

/** Whose names and layouts weights have. */
function sourceOf(
  model: Model,
  weights: Weights,
  path: string,
  { source, names, prefix }: ConvertOptions,
): "torch" | "wasmgrad" {
  if (source !== undefined) return source;
  if (names !== undefined || prefix !== undefined) return "torch";
  const isOwn = model.parameters().every(({ name, shape }) => sameShape(weights.get(name)?.shape ?? [-1], shape));
  if (!isOwn) return "torch";
  const isTorch = Array.from(stateDictOf(model)).every(([name, { shape }]) =>
    sameShape(weights.get(name)?.shape ?? [-1], shape),
  );
  if (!isTorch) return "wasmgrad";
  throw refusal(
    `${path} may have PyTorch's weights or our own, as names and shapes fit both, which are transposed; say it: --source torch or --source wasmgrad`,
  );
}

/** The state dict of a model; of one that PyTorch has no modules for, none. */
function stateDictOf(model: Model): ReturnType<typeof stateDict> {
  try {
    return stateDict(model);
  } catch {
    return new Map([["", { shape: [-1], data: new Float32Array() }]]);
  }
}

function fillByOwnNames(model: Model, weights: Weights, path: string, { leaveOthers = false }: ConvertOptions): Row[] {
  const parameters = model.parameters();
  const known = new Set(parameters.map(({ name }) => name));
  const over = [...weights.keys()].filter((name) => !known.has(name));
  if (over.length > 0 && !leaveOthers) {
    const first = over.slice(0, 8).map((name) => JSON.stringify(name)).join(", "); // prettier-ignore
    throw refusal(
      `${path} has ${first}${over.length > 8 ? ` and ${over.length - 8} more` : ""}, no parameters of the model; --leave-others leaves them out`,
    );
  }
  for (const { name, shape } of parameters) {
    const found = weights.get(name);
    if (!found) throw refusal(`${path} has no ${name} (${shape.join("x")}), which the model needs`);
    if (!sameShape(found.shape, shape)) {
      throw refusal(
        `${name} is ${found.shape.join("x") || "one number"} in ${path}, but ${shape.join("x")} in the model`,
      );
    }
  }
  for (const parameter of parameters)
    parameter.set(Float32Array.from(weights.get(parameter.name)!.data as ArrayLike<number>, Number));
  return [
    ...parameters.map(({ name, shape, get }): Row => {
      const found = weights.get(name)!;
      return {
        there: name,
        thereShape: found.shape,
        here: name,
        hereShape: shape,
        done: doneOf(found, { shape, data: get() }),
      };
    }),
    ...over.map((name) => leftRow(name, weights.get(name)!)),
  ];
}

const leftRow = (name: string, { shape }: Weight): Row => ({ there: name, thereShape: shape, here: "", done: "left" });

function fillByTorch(model: Model, weights: Weights, options: ConvertOptions): Row[] {
  const { names, prefix, leaveOthers } = options;
  const given = {
    ...(names ? { names } : {}),
    ...(prefix === undefined ? {} : { prefix }),
    ...(leaveOthers === true ? { strict: false } : {}),
  };
  let entries: ReturnType<typeof loadStateDict>;
  try {
    entries = loadStateDict(model, { tensors: weights }, given);
  } catch (error) {
    throw withPrefix(error, weights, options);
  }
  const values = new Map(model.parameters().map((parameter) => [parameter.name, parameter] as const));
  const rows = entries.flatMap(({ tensor, shape, parameters }) =>
    parameters.map((name): Row => {
      const { shape: hereShape, get } = values.get(name)!;
      const done = doneOf(weights.get(tensor)!, { shape: hereShape, data: get() });
      const several = entries.filter((entry) => entry.parameters.includes(name)).length > 1;
      return {
        there: tensor,
        thereShape: shape,
        here: name,
        hereShape,
        done: done === "computed" && several ? "added" : done,
      };
    }),
  );
  const used = new Set(entries.map(({ tensor }) => tensor));
  const left = Array.from(weights).filter(([name]) => !used.has(name));
  return [...rows, ...left.map(([name, weight]) => leftRow(name, weight))];
}

/** The error, with the prefix that may be meant. */
function withPrefix(error: unknown, weights: Weights, { prefix = "" }: ConvertOptions): unknown {
  const { message } = error as Error;
  const quoted = /there is no tensor ("(?:[^"\\]|\\.)*")/.exec(message)?.[1];
  if (quoted === undefined) return error;
  const own = (JSON.parse(quoted) as string).slice(prefix.length);
  const meant = [...weights.keys()]
    .filter((name) => name.endsWith(`.${own}`))
    .map((name) => name.slice(0, -own.length));
  return meant.length === 1
    ? refusal(`${message.replace("loadStateDict: ", "")}; with --prefix ${shellWord(meant[0]!)} there is one`, error)
    : error;
}

/** What is written of a model. */
export interface WrittenModel {
  /** The files, the main one last. */
  readonly files: Files;
  readonly rows: readonly Row[];
  /** Reads it back: the model, or what predicts as it does. */
  readonly readBack?: () => Promise<Run>;
  /** Of ONNX: the order of axes in the file. */
  readonly toFile?: Axes;
}

/** Makes the files of a model. */
export async function writeModel(
  { model, own }: ReadModel,
  target: Target,
  file: string,
  options: ConvertOptions,
): Promise<WrittenModel> {
  const { dtype, names, prefix } = options;
  if (target === "safetensors") {
    const bytes = own ? ownFile(own, dtype) : modelToBytes(model, dtype === undefined ? {} : { dtype });
    return {
      files: [[file, bytes]],
      rows: ownRows(model, dtype),
      readBack: async () => {
        const again = await modelFromBytes(bytes, { name: file });
        return (x) => again.predict(x);
      },
    };
  }
  if (target === "npz" || target === "state-dict") {
    const tensors: Iterable<readonly [string, { readonly shape: readonly number[]; readonly data: Weight["data"] }]> =
      target === "npz"
        ? model.parameters().map(({ name, shape, get }) => [name, { shape, data: get() }] as const)
        : stateDict(model, { ...(names ? { names } : {}), ...(prefix === undefined ? {} : { prefix }) });
    const weights: Weights = new Map(
      Array.from(tensors, ([name, { shape, data }]) => [name, { shape, data, type: "float32" }]),
    );
    const as = /\.npz$/i.test(file) ? "npz" : "safetensors";
    return {
      files: [[file, await writeWeights(weights, as, dtype)]],
      rows: target === "npz" ? ownRows(model, dtype) : torchRows(model, weights, options),
    };
  }
  if (target === "module") {
    const { weights } = options;
    const text = exportModule(model, weights === undefined ? {} : { weights });
    const rows = ownRows(model, undefined).map((row): Row => ({ ...row, done: roundedAs(weights, row.hereShape!) }));
    return { files: [[file, Buffer.from(text)]], rows, readBack: () => moduleRun(text) };
  }
  if (target === "onnx") {
    const { opset, layout } = options;
    const all: Mapped[] = [];
    const bytes = toOnnx(model, {
      ...(opset === undefined ? {} : { opset }),
      ...(layout === undefined || layout === "file" ? {} : { layout }),
      ...telling(all),
    });
    return {
      files: [[file, bytes]],
      rows: rowsOf(all, model),
      readBack: async () => {
        const again = await fromOnnx(bytes, {
          name: file,
          layout: layout === "channelsFirst" ? "channelsLast" : "file",
        });
        return (x) => again.predict(x);
      },
      ...(layout === "channelsFirst" ? { toFile: imagesFirst } : {}),
    };
  }
  const all: Mapped[] = [];
  const { files } = toLayersModel(model, telling(all));
  const main = basename(file);
  const named = Object.entries(files).map(([name, content]) => [name === "model.json" ? main : name, content] as const);
  return {
    // the main file is the last one
    files: named.toSorted(([a], [b]) => Number(a === main) - Number(b === main)),
    rows: rowsOf(all, model),
    readBack: async () => {
      const again = await fromLayersModel(files);
      return (x) => again.predict(x);
    },
  };
}

/** Images have their channels in front. */
const imagesFirst: Axes = ({ shape }) => (shape.length === 3 ? [2, 0, 1] : undefined);

/** What a module does to parameters: of int8 those of one axis stay as they are. */
const roundedAs = (weights: ConvertOptions["weights"], shape: readonly number[]): Row["done"] =>
  weights === "float16" || (weights === "int8" && shape.length > 1) ? "rounded" : "copied";

/** Runs a module without a file of it. */
async function moduleRun(text: string): Promise<Run> {
  const module = (await import(`data:text/javascript;base64,${Buffer.from(text).toString("base64")}`)) as {
    readonly predict: (x: Float32Array) => Float32Array;
  };
  return (x) => module.predict(x);
}

/** A file of ours with all that its metadata say; with other types of numbers, if that is asked for. */
function ownFile(bytes: Uint8Array, dtype: ConvertOptions["dtype"]): Uint8Array {
  const { tensors, metadata } = readSafetensors(bytes);
  return writeSafetensors(tensors, metadata, { dtype: dtype ?? "F32" });
}

/** Parameters that have the same names and shapes in the file. */
const ownRows = (model: Model, dtype: ConvertOptions["dtype"]): Row[] =>
  model.parameters().map(({ name, shape }) => ({
    there: name,
    thereShape: shape,
    here: name,
    hereShape: shape,
    done: dtype === undefined || dtype === "F32" ? "copied" : "rounded",
  }));

/** Which tensor of a state dict is which parameter. */
function torchRows(model: Model, weights: Weights, options: ConvertOptions): Row[] {
  // the same numbers again: it says which tensor is which
  return fillByTorch(model, weights, options);
}
