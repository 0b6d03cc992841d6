// Makes models of TensorFlow.js' layers models.
import { loadRest } from "../../../build/binaries.js";
import {
  type LayersWeight,
  readManifest,
  readSpecs,
  readWeight,
  type WeightGroup,
} from "../../formats/layersWeights.ts";
import { bytesOf, isArrayOf } from "../../formats/bytes.ts";
import { buildGraph } from "../../graph/graph.ts";
import type { Layer } from "../../graph/layer.ts";
import type { Model, ModelOptions } from "../../model/model.ts";
import { modelOf } from "../../model/model.ts";
import { type Inputs, inputsOf } from "../../nn/composites/inputs.ts";
import { concatOutputs } from "../../nn/composites/outputs.ts";
import {
  checkBoolean,
  checkKeys,
  checkKind,
  describe,
  isObject,
  isRecord,
  kindOf,
  valueText,
} from "../../util/check.ts";
import { type Shape, shapeText } from "../../util/shape.ts";
import { type OnMapped, onMappedOf } from "../mapped.ts";
import { optionError } from "../optionError.ts";
import { CONVERTERS } from "./read/converters.ts";
import { refuse } from "./read/config.ts";
import { Flow, type Source, type Value } from "./read/flow.ts";
import { sequenceOf } from "./read/layerData.ts";
import {
  checkDepth,
  modelOfTopology,
  networkInputs,
  parseJson,
  sequenceInput,
  writtenNames,
} from "./read/modelJson.ts";
import { functionalOf } from "./read/network.ts";
import { Reader } from "./read/reader.ts";
import { WeightNames } from "./read/weights.ts";

/** The bytes of a file. */
export type FileBytes = Uint8Array | ArrayBuffer;

/** Gives a file's bytes by its path from the folder of model.json. */
export type ReadFile = (path: string) => FileBytes | Promise<FileBytes>;

/** A model in memory, as TensorFlow.js' save handlers get it. */
export interface LayersModelArtifacts {
  /** The layers, as JSON's values. */
  readonly modelTopology?: object | ArrayBuffer | undefined;
  /** Name, shape and type of each weight, in the order of `weightData`. */
  readonly weightSpecs?: readonly unknown[] | undefined;
  /** All weights, one after another. */
  readonly weightData?: ArrayBuffer | readonly ArrayBuffer[] | undefined;
  /** "layers-model", if it says so. */
  readonly format?: string | undefined;
  /** What else was kept with it, such as the names of layers that TensorFlow.js spells otherwise. */
  readonly userDefinedMetadata?: object | undefined;
}

/** Options of `fromLayersModel`. */
export interface FromLayersModelOptions extends Pick<ModelOptions, "core" | "threads" | "createWorker"> {
  /** The name of the file that describes the model; default "model.json". */
  readonly name?: string;
  /** The shape of a row of the input, where the file leaves sizes open; of several by their names. */
  readonly input?: number | Shape | Readonly<Record<string, number | Shape>>;
  /** False: no parameter is trained; default true: those are that the file says. */
  readonly trainable?: boolean;
}

/** What a source has: model.json as an object, and the weights. */
interface Parts {
  readonly json: Record<string, unknown>;
  /** Bytes of the JSON. */
  readonly bytes: number;
  readonly groups: readonly WeightGroup[];
  readonly weights: readonly LayersWeight[];
  /** The files of a group. */
  readonly filesOf: (group: number) => Promise<readonly Uint8Array[]>;
}

const bytesFrom = (value: unknown, where: string): Uint8Array => {
  if (isArrayOf("Uint8Array", value)) return value as Uint8Array;
  if (/^(?:Shared)?ArrayBuffer$/.test(kindOf(value))) return new Uint8Array(value as ArrayBuffer);
  if (ArrayBuffer.isView(value)) return bytesOf(value);
  throw new TypeError(`fromLayersModel: ${where} must be a Uint8Array or an ArrayBuffer, got ${describe(value)}`);
};

/**
 * Makes a model of a layers model of TensorFlow.js: a `model.json` and its weights, as `model.save` of TensorFlow.js and
 * `tensorflowjs_converter --input_format=keras` write them. It predicts what TensorFlow.js does, and can be trained further.
 *
 * A model with several inputs has `model.inputs` by their names; of several outputs a row has all, one after another, in their order.
 * Layers and options that have no counterpart are refused, by layer, key and value. Nothing in the files is run; files other than
 * those in the folder of model.json, and below, aren't asked for; time and memory are in proportion to them.
 *
 * @param source reads a file by its path, `(path) => bytes` or a promise of them: first model.json, then each file of weights; or the files
 *   by name, as `toLayersModel(...).files`; or what a save handler of TensorFlow.js gets, `{ modelTopology, weightSpecs, weightData }`
 * @param options.name the name of the file that describes the model; default "model.json"
 * @param options.input the shape of a row of the input where the file leaves sizes open, such as the steps of a sequence; of several
 *   inputs by their names; default: what the file says
 * @param options.trainable false: no parameter is trained; default true: those are that the file says
 * @param options.core another model's `core`, to share its memory
 * @param options.threads as `sequential` takes it, with `createWorker`
 * @throws {TypeError} if the source or an option can't be used
 * @throws {LayersModelError} with the place, if a file is damaged, of another kind, or has what can't be said here
 * @example
 * // in a page: await fromLayersModel(async (path) => (await fetch(`models/digits/${path}`)).arrayBuffer());
 * // in Node: await fromLayersModel((path) => readFile(`models/digits/${path}`));
 * const { files } = toLayersModel(await sequential({ input: 4 }, dense(3), relu(), dense(2)));
 * const model = await fromLayersModel(files);
 * new Trainer(model, { loss: meanSquaredError(), optimizer: adam() }).step([[1, 2, 3, 4]], [[0, 1]]);
 */
export async function fromLayersModel(
  source: ReadFile | Readonly<Record<string, FileBytes>> | LayersModelArtifacts,
  options: FromLayersModelOptions = {},
): Promise<Model> {
  checkKeys("fromLayersModel", options, ["name", "input", "trainable", "core", "threads", "createWorker"]);
  const { name = "model.json", input, trainable = true, ...where } = options;
  checkKind(typeof name === "string", "fromLayersModel", "name", "a file's name", name);
  checkBoolean("fromLayersModel", "trainable", trainable);
  const isInput = input === undefined || typeof input === "number" || Array.isArray(input) || isRecord(input);
  checkKind(isInput, "fromLayersModel", "input", "a shape, or shapes by name", input);
  const isSource =
    typeof source === "function" || (isObject(source) && !Array.isArray(source) && !ArrayBuffer.isView(source));
  const kind = "a function that reads files, the files by name, or what a save handler of TensorFlow.js gets";
  checkKind(isSource, "fromLayersModel", "the source", kind, source);
  const parts = isArtifacts(source)
    ? artifactsOf(source)
    : await filesOf(source as ReadFile | Record<string, FileBytes>, name);
  const plan = planOf(parts, name, input, trainable);
  const values = await valuesOf(parts, plan.sources, onMappedOf(options));
  for (const [key, numbers] of values) plan.weights.set(key, numbers);
  try {
    const model = await modelOf({ input: plan.input, ...where }, plan.layers);
    loadRest(model.core); // what makes probabilities of outputs
    return model;
  } catch (error) {
    // its graph has been checked: of the wrong type is an option
    throw (error as Error).name === "TypeError" ? optionError("fromLayersModel", error) : asRefusal(error, name);
  } finally {
    plan.weights.clear(); // they are in the model's memory now; its layers would keep them
  }
}

const isArtifacts = (source: unknown): source is LayersModelArtifacts =>
  isObject(source) && "modelTopology" in source && typeof source !== "function";

/** An error of ours as one of the file. */
function asRefusal(error: unknown, where: string): unknown {
  const { name, message } = error as Error;
  return name === "TypeError" || name === "RangeError" ? refuse(where, message, error) : error;
}

/** The parts of a model in memory. */
function artifactsOf(source: LayersModelArtifacts): Parts {
  const { modelTopology, weightSpecs, weightData, format, userDefinedMetadata } = source;
  checkKind(isObject(modelTopology), "fromLayersModel", "modelTopology", "an object", modelTopology);
  let text: string;
  try {
    text = JSON.stringify(modelTopology);
  } catch (error) {
    throw refuse("modelTopology", "it can't be written as JSON", error);
  }
  const topology = JSON.parse(text) as unknown;
  checkDepth(topology, "modelTopology");
  const { weights, bytes } = readSpecs(weightSpecs ?? [], 0, "weightSpecs", refuse);
  const data = Array.isArray(weightData) ? (weightData as unknown[]) : weightData === undefined ? [] : [weightData];
  const files = data.map((each) => bytesFrom(each, "weightData"));
  return {
    json: { format, modelTopology: topology, userDefinedMetadata },
    bytes: text.length,
    groups: [{ paths: ["weightData"], bytes }],
    weights,
    filesOf: async () => files,
  };
}

/** The parts of a model in files. */
async function filesOf(source: ReadFile | Readonly<Record<string, FileBytes>>, name: string): Promise<Parts> {
  const read = async (path: string): Promise<Uint8Array> => {
    if (typeof source === "function") {
      let given: unknown;
      try {
        given = await source(path);
      } catch (error) {
        throw refuse(path, `it could not be read (${(error as Error)?.message ?? String(error)})`, error);
      }
      if (given === undefined || given === null) throw refuse(path, "there is no such file");
      return bytesFrom(given, `what is read as ${valueText(path)}`);
    }
    if (!Object.hasOwn(source, path)) {
      const known = Object.keys(source).slice(0, 10).join(", ");
      throw refuse(path, `there is no such file; there are ${known || "none"}`);
    }
    return bytesFrom(source[path], valueText(path));
  };
  const bytes = await read(name);
  const json = parseJson(bytes, name);
  checkDepth(json, name);
  modelOfTopology(json, name); // a graph model has a manifest, too
  const { groups, weights } = readManifest(json["weightsManifest"], refuse);
  const filesOfGroup = async (group: number): Promise<readonly Uint8Array[]> => {
    const files: Uint8Array[] = [];
    const { paths, bytes: most } = groups[group]!;
    let there = 0;
    for (const path of paths) {
      const file = await read(path);
      there += file.length;
      files.push(file);
      if (there > most) break; // they are refused
    }
    return files;
  };
  return { json, bytes: bytes.length, groups, weights, filesOf: filesOfGroup };
}

/** The layers of a model, before any number is read. */
function planOf(parts: Parts, name: string, given: FromLayersModelOptions["input"], trainable: boolean) {
  const data = modelOfTopology(parts.json, name);
  const flow = new Flow(parts.bytes);
  const weightNames = new WeightNames(parts.weights);
  const others = writtenNames(parts.json);
  const reader = new Reader(flow, weightNames, CONVERTERS, others, trainable);
  const values: Value[] = [];
  const names: string[] = [];
  const add = (called: string, shape: Shape): void => {
    const own = flow.fresh(String(Number(called) >>> 0) === called ? `input${called}` : called);
    names.push(own);
    values.push({ shape, hint: own });
  };
  let outputs: readonly Value[];
  if (data.className === "Sequential") {
    const { layers, built } = sequenceOf(data, name);
    add("input", sequenceInput(layers, built, given, name));
    outputs = [reader.sequence(layers, values, "", name)];
  } else {
    const network = functionalOf(data, name);
    for (const [called, shape] of networkInputs(network, given)) add(others.get(called) ?? called, shape);
    outputs = reader.network(network, values, "", name);
  }
  weightNames.finish();
  const layers = flow.layers(values, names, outputs, concatOutputs);
  const input =
    values.length > 1
      ? inputsOf(Object.fromEntries(values.map(({ shape }, i) => [names[i]!, shape])))
      : values[0]!.shape;
  checkGraph(input, layers, flow.sources, name);
  return { layers, input, sources: flow.sources, weights: flow.weights };
}

/** Builds the graph without memory, and compares what its parameters must be with what the file has. */
function checkGraph(
  input: Shape | Inputs,
  layers: readonly Layer[],
  sources: ReadonlyMap<string, Source>,
  where: string,
): void {
  try {
    const graph = "entry" in input ? buildGraph(input.shape, [input.entry, ...layers]) : buildGraph(input, layers);
    for (const { name, specs } of graph) {
      for (const { name: local, shape, owner } of specs) {
        if (owner) continue;
        const source = sources.get(`${name}.${local}`);
        if (source && shapeText(source.shape) === shapeText(shape)) continue;
        const got = source ? shapeText(source.shape) : "nothing";
        throw refuse(`layer ${valueText(name)}`, `its ${local} must be ${shapeText(shape)}, but the file has ${got}`);
      }
    }
  } catch (error) {
    throw asRefusal(error, where);
  }
}

/** The values of all parameters. */
async function valuesOf(
  { groups, filesOf: read }: Parts,
  sources: ReadonlyMap<string, Source>,
  onMapped?: OnMapped,
): Promise<Map<string, Float32Array>> {
  const values = new Map<string, Float32Array>();
  const byGroup = groups.map((): [string, Extract<Source, { weight: LayersWeight }>][] => []);
  for (const [key, source] of sources) {
    if ("weight" in source) byGroup[source.weight.group]!.push([key, source]);
    else values.set(key, source.constant);
  }
  for (const [group, wanted] of byGroup.entries()) {
    const { paths, bytes } = groups[group]!;
    const files = await read(group);
    const there = files.reduce((sum, file) => sum + file.length, 0);
    if (there !== bytes) {
      throw refuse(
        paths.join(", ") || `weightsManifest[${group}]`,
        `the weights have ${bytes} bytes, but there are ${there}${files.length < paths.length ? " in the first files" : ""}`,
      );
    }
    for (const [key, { weight, to }] of wanted) {
      const numbers = readWeight(weight, files, refuse);
      values.set(key, to ? to(numbers) : numbers);
      onMapped?.({ tensor: weight.name, shape: weight.shape, data: numbers, parameters: [key] });
    }
  }
  return values;
}
