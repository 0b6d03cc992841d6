// Writes a model's layers as the JSON of a model file, and creates layers from it.
import { shared as shareable } from "../nn/composites/shared.ts";
import { type OutputActivation, OUTPUT_ACTIVATIONS } from "../nn/losses/loss.ts";
import type { Model } from "../model/model.ts";
import type { Layer } from "../graph/layer.ts";
import { checkOneOf, isObject } from "../util/check.ts";
import { createByName, createComposite } from "./registry.ts";
import { frozen } from "../nn/composites/frozen.ts";
/** Version of the architecture's text. */
export const VERSION = "1";

/** A model without its parameters, as a file describes it. */
export interface Architecture {
  /** Shape of a row of the input. */
  readonly input: readonly number[];
  /** Shapes of several inputs, by name. */
  readonly inputs?: Readonly<Record<string, readonly number[]>>;
  /** The model's seed. */
  readonly seed: number;
  /** The output activation. */
  readonly link?: OutputActivation;
  /** The layers, in their order. */
  readonly layers: readonly LayerEntry[];
}

/** A layer, as a file describes it. */
interface LayerEntry {
  /** The factory's name. */
  readonly type: string;
  /** A composite has none. */
  readonly name?: string;
  /** What the factory is called with. */
  readonly options: Record<string, unknown>;
  /** The layers of a composite. */
  readonly inner?: readonly LayerEntry[];
  /** The parameters are not trained. */
  readonly frozen?: true;
  /** Number of a shared value; where it comes again, this is all there is. */
  readonly shared?: number;
}

/** The layers as they were given, composites with those inside, by the names that they have in the model. */
export function layersOf({ nodes, layers }: Model): (LayerEntry | Pick<LayerEntry, "shared">)[] {
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

/** Reads the architecture from the metadata. Throws, naming the file, if it is none. */
export function parseArchitecture(metadata: Readonly<Record<string, string>>, name: string): Architecture {
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
  if (architecture.link !== undefined) checkOneOf(name, "link", architecture.link, OUTPUT_ACTIVATIONS);
  const check = (layer: LayerEntry, position: string): void => {
    if (isReference(layer)) return;
    const named = Array.isArray(layer?.inner) || typeof layer?.name === "string";
    const isLayer = typeof layer?.type === "string" && named && isObject(layer.options);
    if (!isLayer)
      throw new Error(`${name}: layer ${position} of the architecture must have a type, a name and options`);
    layer.inner?.forEach((each, i) => check(each, `${position}.${i + 1}`));
  };
  architecture.layers.forEach((layer, i) => check(layer, String(i + 1)));
  return architecture;
}

/** Runs `make`, and puts the file's name in front of the message of its errors. */
export async function naming<T>(file: string, make: () => T | Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** An entry that only says which shared value comes again. */
const isReference = (entry: LayerEntry): boolean => entry?.type === undefined && typeof entry?.shared === "number";

/** Creates the layer of an entry, with those inside; `shared` has the shared ones so far, by number. */
export function layerFrom(entry: LayerEntry, where: string, shared: Map<number, Layer>): Layer {
  const { type, name, options, inner, frozen: isFrozen, shared: number } = entry;
  if (isReference(entry)) {
    const layer = shared.get(number!);
    if (!layer) throw new Error(`${where}: there is no shared layer ${number} before it`);
    return layer;
  }
  const revived = Object.fromEntries(Object.entries(options).map(([key, value]) => [key, revive(value, where)]));
  const layers = inner?.map((each, i) => layerFrom(each, `${where}.${i + 1}`, shared));
  let layer = layers
    ? createComposite(type, layers, revived, where)
    : createByName("layer", type, { ...revived, name }, where);
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
  if (initializer !== undefined) return createByName("initializer", String(initializer), options, where);
  if (regularizer !== undefined) return createByName("regularizer", String(regularizer), options, where);
  if (constraint !== undefined) return createByName("constraint", String(constraint), options, where);
  return value;
}
