// Creates the model of a file: its layers from the JSON of the architecture, and their parameters from the tensors. Fetched when a model
// is read: it knows every layer.
import { loadRest } from "../../build/binaries.js";
import {
  type Architecture,
  BYTES_PER_LAYER,
  countLayers,
  type LayerEntry,
  LAYERS_OF_ANY,
  MOST_NESTED,
  VERSION,
} from "./architecture.ts";
import { createByName, createComposite } from "./registry.ts";
import { fileError } from "../formats/fileError.ts";
import type { SafeTensors } from "../formats/safetensors.ts";
import { firstNonFinite } from "../formats/safetensorsTypes.ts";
import { buildGraph } from "../graph/graph.ts";
import type { GraphNode, Layer } from "../graph/layer.ts";
import type { ParameterSpec } from "../graph/parameter.ts";
import { checkSeed, type Model, type ModelOptions, modelOf } from "../model/model.ts";
import { frozen } from "../nn/composites/frozen.ts";
import { inputsOf } from "../nn/composites/inputs.ts";
import { shared as shareable } from "../nn/composites/shared.ts";
import { OUTPUT_ACTIVATIONS } from "../nn/losses/loss.ts";
import { checkKind, checkShape, isObject, isRecord, kindOf, valueText, writtenOut } from "../util/check.ts";
import { shapeText } from "../util/shape.ts";

/** The memory and the threads of a model that is read. */
export type ReadingOptions = Pick<ModelOptions, "core" | "threads" | "createWorker">;

/** Creates the model of a file that was read. Throws, naming the file, if it is none. */
export async function readModel(
  { tensors, metadata }: SafeTensors,
  name: string,
  options: ReadingOptions,
): Promise<Model> {
  const architecture = await naming(name, () => parseArchitecture(metadata));
  const { input, inputs: shapes, seed, link, layers: entries } = architecture;
  if (link !== undefined && !OUTPUT_ACTIVATIONS.includes(link)) {
    const reason = `link must be one of ${OUTPUT_ACTIVATIONS.join(", ")}, got ${valueText(link)}`;
    throw fileError(`${name}: `, 0, reason, undefined, RangeError);
  }
  const weights = new Map<string, Float32Array>();
  try {
    const reading: Reading = { shared: new Map(), weights };
    const { layers, given } = await naming(name, () => {
      const all = entries.map((layer, i) => layerFrom(layer, `layer ${i + 1}`, reading));
      const named = shapes ? inputsOf(shapes) : undefined;
      if (all.length > 0) {
        const shape = named?.shape ?? checkShape("sequential", "input", input);
        checkSeed(seed); // before the parameters are looked for, as `sequential` would
        const graph = buildGraph(shape, named ? [named.entry, ...all] : all);
        for (const [key, values] of valuesOf(graph, tensors)) weights.set(key, values);
      }
      return { layers: all, given: named };
    });
    // what is refused now is memory or an option, unless there are no layers
    const made = () => modelOf({ input: given ?? input, seed, ...options }, layers);
    const model = await naming(name, made, layers.length === 0);
    model.outputActivation = link;
    loadRest(model.core); // what makes probabilities of outputs
    return model;
  } finally {
    // they are in the model's memory now; its layers would keep them
    weights.clear();
  }
}

/** Some of many names, for messages. */
const short = (name: string): string => (name.length > 80 ? valueText(name) : name);
function listText(names: readonly string[]): string {
  const shown = names.slice(0, 20).map(short);
  const more = names.length - shown.length;
  return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

const isOrthogonal = ({ initializer }: ParameterSpec): boolean => initializer.initializer === "orthogonal";

/** The values of a graph's parameters. Throws if the file doesn't have just these, each of the shape that its layer needs. */
function valuesOf(graph: readonly GraphNode[], tensors: SafeTensors["tensors"]): Map<string, Float32Array> {
  if (graph.length === 0) throw new Error("the architecture has no layer that computes anything");
  // no initial values are computed, but what no program could make isn't read either
  const odd = graph.flatMap(({ specs }) => specs.find((spec) => isOrthogonal(spec) && spec.shape.length < 2) ?? [])[0];
  if (odd) throw new RangeError(`orthogonal: the parameter must have two axes or more, got ${shapeText(odd.shape)}`);
  const values = new Map<string, Float32Array>();
  const left = new Set(tensors.keys());
  for (const node of graph) {
    for (const { name: local, shape, owner } of node.specs) {
      if (owner) continue;
      const name = `${node.name}.${local}`;
      const tensor = tensors.get(name);
      if (!tensor)
        throw new Error(`parameter ${short(name)} is missing; the file has ${listText([...tensors.keys()]) || "none"}`);
      if (shapeText(tensor.shape) !== shapeText(shape)) {
        throw new Error(`${short(name)} is ${shapeText(tensor.shape)}, but the architecture needs ${shapeText(shape)}`);
      }
      const { data } = tensor;
      const numbers = kindOf(data) === "Float32Array" ? (data as Float32Array) : Float32Array.from(data, Number); // also of bigints
      const bad = firstNonFinite(numbers);
      if (bad >= 0) throw new RangeError(`${short(name)}: value ${bad} must be a finite number, got ${numbers[bad]}`);
      values.set(name, numbers);
      left.delete(name);
    }
  }
  if (left.size > 0) throw new Error(`the architecture has no parameter ${listText([...left])}`);
  return values;
}

/** Reads the architecture from the metadata. Throws if it is none. */
function parseArchitecture(metadata: Readonly<Record<string, string>>): Architecture {
  const { format, version, model: text } = metadata;
  if (metadata["checkpoint"] !== undefined) {
    throw new Error(
      "a checkpoint of a training, not a model; trainer.restore takes (await readCheckpoint(bytes)).state, and saveModel writes the model",
    );
  }
  if (format !== "wasmgrad" || text === undefined) {
    throw new Error("a safetensors file, but not a model of wasmgrad; its metadata has no architecture");
  }
  if (version !== VERSION) {
    const written = version === undefined ? "an unnamed version" : `version ${valueText(version)}`;
    throw new Error(`written in ${written} of the format; this wasmgrad reads version ${VERSION}`);
  }
  let architecture: Architecture;
  try {
    architecture = JSON.parse(text) as Architecture;
  } catch (error) {
    throw new Error("the architecture in the metadata is not JSON", { cause: error });
  }
  if (!Array.isArray(architecture?.layers)) throw new Error("the architecture in the metadata has no layers");
  const { layers } = architecture;
  layers.forEach((layer, i) => checkEntry(layer, `layer ${i + 1}`, 1));
  const count = countLayers(layers);
  const most = LAYERS_OF_ANY + Math.floor(text.length / BYTES_PER_LAYER);
  if (count > most) {
    throw new Error(
      `its shared layers make ${count} layers, but an architecture of ${text.length} bytes may have at most ${most}`,
    );
  }
  return architecture;
}

/** Refuses an entry of another form than `layersOf` writes, and what is inside of it likewise. */
function checkEntry(entry: LayerEntry, where: string, depth: number): void {
  const refuse = (why: string): never => {
    throw new Error(`${where} ${why}`);
  };
  if (isReference(entry)) return;
  const named = Array.isArray(entry?.inner) || (entry?.inner === undefined && typeof entry?.name === "string");
  const isLayer = typeof entry?.type === "string" && named && isRecord(entry.options);
  if (!isLayer) refuse("of the architecture must have a type, a name and options");
  const { name, options, inner = [], shared = 0 } = entry;
  if (name !== undefined && typeof name !== "string") refuse("of the architecture has a name that is no string");
  if (![undefined, true, false].includes(entry.frozen)) refuse("of the architecture has a frozen that is not true");
  if (!Number.isSafeInteger(shared)) refuse("of the architecture has a shared that is no whole number");
  const odd = Object.entries(options).find(([, value]) => !isOption(value));
  if (odd) refuse(`has an option ${valueText(odd[0])} that is no value, array of values, or initializer with options`);
  if (depth >= MOST_NESTED && inner.length > 0)
    refuse(`is nested too deep; composites may be up to ${MOST_NESTED} deep`);
  inner.forEach((each, i) => checkEntry(each, `${where}.${i + 1}`, depth + 1));
}

/** Is it a value, an array of values, or an object of such, whose options are one more? Nothing in files is nested deeper. */
function isOption(value: unknown, levels = 2): boolean {
  if (Array.isArray(value)) return !value.some(isObject);
  if (!isObject(value)) return true;
  // comparisons and messages make numbers and texts of values
  const converts = !Object.hasOwn(value, "toString") && !Object.hasOwn(value, "valueOf");
  return converts && levels > 0 && Object.values(value).every((each) => isOption(each, levels - 1));
}

/** Longest message of an error: file names, all known names, and a bit of what is in the file. */
const MESSAGE = 3000;

/** Runs `make`, and puts the file's name in front of the message of its errors. `isContent`: they are of what is in the file. */
async function naming<T>(file: string, make: () => T | Promise<T>, isContent = true): Promise<T> {
  try {
    return await make();
  } catch (error) {
    const { message, name, cause: deeper } = error as Error;
    const isLong = message.length > MESSAGE;
    const reason = `${writtenOut(message.slice(0, MESSAGE))}${isLong ? "..." : ""}`;
    // a cause is printed, too: what is said here alone would only be said again
    const cause = isLong || (name === "Error" && deeper === undefined) ? undefined : error;
    throw isContent ? fileError(`${file}: `, 0, reason, cause) : new Error(`${file}: ${reason}`, { cause });
  }
}

const isReference = (entry: LayerEntry): boolean => entry?.type === undefined && typeof entry?.shared === "number";

/** What the layers of one file have in common. */
interface Reading {
  /** The shared ones so far, by number. */
  readonly shared: Map<number, Layer>;
  /** The parameters' values by their full names, to be filled in before a model is made: no initial values are computed. */
  readonly weights: ReadonlyMap<string, Float32Array>;
}

/** Creates the layer of an entry, with those inside. */
function layerFrom(entry: LayerEntry, where: string, reading: Reading): Layer {
  const { type, name, options, inner, frozen: isFrozen, shared: number } = entry;
  const { shared, weights } = reading;
  if (isReference(entry)) {
    const layer = shared.get(number!);
    if (!layer) throw new Error(`${where}: there is no shared layer ${number} before it`);
    return layer;
  }
  const revived = Object.fromEntries(Object.entries(options).map(([key, value]) => [key, revive(value, where)]));
  const layers = inner?.map((each, i) => layerFrom(each, `${where}.${i + 1}`, reading));
  const made = layers
    ? createComposite(type, layers, revived, where)
    : createByName("layer", type, { ...revived, name }, where);
  let layer: Layer = Object.freeze({ ...made, weights });
  if (isFrozen) layer = frozen(layer);
  if (number === undefined) return layer;
  layer = shareable(layer);
  shared.set(number, layer);
  return layer;
}

/** Initializers, regularizers and constraints from their names and options. */
function revive(value: unknown, where: string): unknown {
  if (!isRecord(value)) return value;
  for (const kind of ["initializer", "regularizer", "constraint"] as const) {
    const name = value[kind];
    if (name === undefined) continue;
    checkKind(!isObject(name) || name === null, where, `the name of the ${kind}`, "a string", name);
    const { options = {} } = value;
    checkKind(isRecord(options), where, `the options of the ${kind}`, "an object", options);
    return createByName(kind, String(name), options as object, where);
  }
  return value;
}
