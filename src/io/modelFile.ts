// Models as safetensors files: the parameters are the tensors, the architecture is in the metadata.
import { checkKeys, checkKind, checkOneOf, isObject } from "../check.ts";
import { frozen } from "../composites/frozen.ts";
import { shared as shareable } from "../composites/shared.ts";
import { inputs } from "../inputs.ts";
import type { Layer } from "../layer.ts";
import { type Link, LINKS } from "../losses/loss.ts";
import { type Model, type ModelOptions, sequential } from "../model.ts";
import { shapeText } from "../shape.ts";
import { byName, compositeByName } from "./names.ts";
import { readSafetensors, type SafeTensor, writeSafetensors } from "./safetensors.ts";

/** Version of the architecture's text. */
const VERSION = "1";

interface Architecture {
  readonly input: readonly number[];
  /** Shapes of several inputs, by name. */
  readonly inputs?: Readonly<Record<string, readonly number[]>>;
  readonly seed: number;
  readonly link?: Link;
  readonly layers: readonly LayerEntry[];
}

interface LayerEntry {
  readonly type: string;
  /** A composite has none. */
  readonly name?: string;
  readonly options: Record<string, unknown>;
  /** The layers of a composite. */
  readonly inner?: readonly LayerEntry[];
  readonly frozen?: true;
  /** Number of a shared value; where it comes again, this is all there is. */
  readonly shared?: number;
}

/**
 * A model as a safetensors file: its parameters, and in the metadata its architecture. Any reader of the format finds the
 * weights under names such as `dense1.weight`, [inputs, outputs].
 *
 * @throws Error if a parameter is NaN or infinite
 * @example const file = new Blob([modelToBytes(model)]); // to be downloaded, or kept in IndexedDB
 */
export function modelToBytes(model: Model): Uint8Array<ArrayBuffer> {
  const architecture = {
    input: model.inputShape,
    inputs: model.inputs?.shapes,
    seed: model.seed,
    link: model.link,
    // functions are left out: initializers, regularizers and constraints keep their names and options
    layers: layersOf(model),
  };
  const tensors = model.parameters().map(({ name, shape, get }): [string, SafeTensor] => {
    const data = get();
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new Error(`modelToBytes: parameters must be finite numbers, but value ${bad} of ${name} is ${data[bad]}`);
    }
    return [name, { shape, data }];
  });
  return writeSafetensors(tensors, { format: "wasmgrad", version: VERSION, model: JSON.stringify(architecture) });
}

/** Where a model that is read is to work. */
type ReadingOptions = Pick<ModelOptions, "core" | "threads" | "createWorker">;

/**
 * The model in a file that `modelToBytes` made: it predicts the same bits.
 *
 * @param options.name the file's name, for messages
 * @param options.core another model's `core`, to share its memory
 * @param options.threads as `sequential` takes it, with `createWorker`
 * @throws Error if the file is of another kind, cut short, holds names that aren't known, or not the parameters that its
 * architecture needs
 * @example const copy = await modelFromBytes(modelToBytes(model));
 */
export async function modelFromBytes(
  bytes: Uint8Array,
  options: ReadingOptions & { name?: string } = {},
): Promise<Model> {
  checkKeys("modelFromBytes", options, ["name", "core", "threads", "createWorker"]);
  const { name = "modelFromBytes", ...where } = options;
  checkKind(bytes instanceof Uint8Array, name, "bytes", "a Uint8Array", bytes);
  const { tensors, metadata } = readSafetensors(bytes, name);
  const { input, inputs: shapes, seed, link, layers } = parseArchitecture(metadata, name);
  const shared = new Map<number, Layer>();
  const model = await naming(name, () =>
    sequential(
      { input: shapes ? inputs(shapes) : input, seed, ...where },
      ...layers.map((layer, i) => layerFrom(layer, `layer ${i + 1}`, shared)),
    ),
  );
  const left = new Set(tensors.keys());
  for (const parameter of model.parameters()) {
    const tensor = tensors.get(parameter.name);
    if (!tensor)
      throw new Error(
        `${name}: parameter ${parameter.name} is missing; the file has ${[...tensors.keys()].join(", ")}`,
      );
    if (shapeText(tensor.shape) !== shapeText(parameter.shape)) {
      throw new Error(
        `${name}: ${parameter.name} is ${shapeText(tensor.shape)}, but the architecture needs ${shapeText(parameter.shape)}`,
      );
    }
    await naming(name, () => parameter.set(tensor.data));
    left.delete(parameter.name);
  }
  if (left.size > 0) throw new Error(`${name}: the architecture has no parameter ${[...left].join(", ")}`);
  model.link = link;
  return model;
}

/** The layers as they were given, composites with those inside, by the names that they have in the model. */
function layersOf({ nodes, layers }: Model): (LayerEntry | Pick<LayerEntry, "shared">)[] {
  const names = new Map<Layer, string[]>();
  for (const { layer, name } of nodes) {
    const key = layer.original ?? layer;
    names.set(key, [...(names.get(key) ?? []), name]);
  }
  const shared: Layer[] = [];
  const write = (layer: Layer): LayerEntry | Pick<LayerEntry, "shared"> => {
    const inner = layer.inner?.map(write) as LayerEntry[] | undefined;
    const name = names.get(layer)?.shift();
    const known = shared.indexOf(layer);
    if (known >= 0) return { shared: known };
    return {
      type: layer.type,
      ...(inner ? {} : { name: name ?? layer.type }),
      options: layer.options,
      ...(inner ? { inner } : {}),
      ...(layer.trainable === false ? { frozen: true } : {}),
      ...(layer.shared ? { shared: shared.push(layer) - 1 } : {}),
    };
  };
  return layers.map(write);
}

function parseArchitecture(metadata: Readonly<Record<string, string>>, name: string): Architecture {
  if (metadata["format"] !== "wasmgrad" || metadata["model"] === undefined) {
    throw new Error(`${name}: a safetensors file, but not a model of wasmgrad; its metadata has no architecture`);
  }
  if (metadata["version"] !== VERSION) {
    throw new Error(
      `${name}: written in version ${metadata["version"]} of the format; this wasmgrad reads version ${VERSION}`,
    );
  }
  let architecture: Architecture;
  try {
    architecture = JSON.parse(metadata["model"]) as Architecture;
  } catch (error) {
    throw new Error(`${name}: the architecture in the metadata is not JSON`, { cause: error });
  }
  if (!Array.isArray(architecture?.layers)) throw new Error(`${name}: the architecture in the metadata has no layers`);
  if (architecture.link !== undefined) checkOneOf(name, "link", architecture.link, LINKS);
  const check = (layer: LayerEntry, place: string): void => {
    if (isReference(layer)) return;
    const named = Array.isArray(layer?.inner) || typeof layer?.name === "string";
    const isLayer = typeof layer?.type === "string" && named && isObject(layer.options);
    if (!isLayer) throw new Error(`${name}: layer ${place} of the architecture must have a type, a name and options`);
    layer.inner?.forEach((each, i) => check(each, `${place}.${i + 1}`));
  };
  architecture.layers.forEach((layer, i) => check(layer, String(i + 1)));
  return architecture;
}

/** Errors of what is made from a file, with the file's name in front. */
async function naming<T>(file: string, make: () => T | Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** An entry that only says which shared value comes again. */
const isReference = (entry: LayerEntry): boolean => entry?.type === undefined && typeof entry?.shared === "number";

function layerFrom(entry: LayerEntry, where: string, shared: Map<number, Layer>): Layer {
  const { type, name, options, inner, frozen: isFrozen, shared: number } = entry;
  if (isReference(entry)) {
    const layer = shared.get(number!);
    if (!layer) throw new Error(`${where}: there is no shared layer ${number} before it`);
    return layer;
  }
  const revived = Object.fromEntries(Object.entries(options).map(([key, value]) => [key, revive(value, where)]));
  const layers = inner?.map((each, i) => layerFrom(each, `${where}.${i + 1}`, shared));
  let layer = layers
    ? compositeByName(type, layers, revived, where)
    : byName("layer", type, { ...revived, name }, where);
  if (isFrozen) layer = frozen(layer);
  if (number === undefined) return layer;
  layer = shareable(layer);
  shared.set(number, layer);
  return layer;
}

/** Initializers, regularizers and constraints from their names and options. */
function revive(value: unknown, where: string): unknown {
  if (!isObject(value) || Array.isArray(value)) return value;
  const { initializer, regularizer, constraint, options } = value as {
    initializer?: unknown;
    regularizer?: unknown;
    constraint?: unknown;
    options: object;
  };
  if (initializer !== undefined) return byName("initializer", String(initializer), options, where);
  if (regularizer !== undefined) return byName("regularizer", String(regularizer), options, where);
  if (constraint !== undefined) return byName("constraint", String(constraint), options, where);
  return value;
}

/**
 * Writes a model to a file (Node).
 *
 * @example await saveModel(model, "digits.safetensors");
 */
export async function saveModel(model: Model, path: string): Promise<void> {
  const { writeFile } = await import("node:fs/promises");
  await writeFile(path, modelToBytes(model));
}

/**
 * Reads a model from a file (Node).
 *
 * @param options.core, options.threads as `modelFromBytes` takes them
 * @throws Error as `modelFromBytes` does, or if the file can't be read
 * @example const model = await loadModel("digits.safetensors");
 */
export async function loadModel(path: string, options: ReadingOptions = {}): Promise<Model> {
  checkKeys("loadModel", options, ["core", "threads", "createWorker"]);
  const { readFile } = await import("node:fs/promises");
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new Error(`loadModel: ${path} could not be read (${(error as NodeJS.ErrnoException).code})`, {
      cause: error,
    });
  }
  return modelFromBytes(bytes, { ...options, name: path });
}
