// Writes a model's layers as the JSON of a model file, and creates layers from it.
import { shared as shareable } from "../nn/composites/shared.ts";
import { type OutputActivation, OUTPUT_ACTIVATIONS } from "../nn/losses/loss.ts";
import type { Model } from "../model/model.ts";
import type { Layer } from "../graph/layer.ts";
import { checkKind, checkOneOf, isObject, isRecord, valueText } from "../util/check.ts";
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

/** An entry that only says which shared value comes again. */
type Reference = Pick<LayerEntry, "shared">;

/** How deep composites may be nested in a file: reading and building take stack for each level. */
const MOST_NESTED = 200;

/** Layers that any file may hold, however short it is; above, as many as there are times 40 bytes of text: a layer takes up to 6 kB. */
const LAYERS_OF_ANY = 1000;
const BYTES_PER_LAYER = 40;

/**
 * The architecture as a file's text. Shared layers are written once, however often they are used, and the work of reading counts each
 * use: where they are many, spaces make the text as long as readers ask for.
 */
export function architectureText(model: Model, where: string): string {
  const layers = layersOf(model, where);
  const text = JSON.stringify({
    input: model.inputShape,
    inputs: model.inputs?.shapes,
    seed: model.seed,
    link: model.outputActivation,
    // functions are left out: initializers, regularizers and constraints keep their names and options
    layers,
  });
  return text.padEnd(BYTES_PER_LAYER * (countLayers(layers) - LAYERS_OF_ANY));
}

/** The layers as they were given, composites with those inside, by the names that they have in the model. */
function layersOf({ nodes, layers }: Model, where: string): (LayerEntry | Reference)[] {
  const names = new Map<Layer, { readonly all: string[]; next: number }>();
  for (const { layer, name } of nodes) {
    const key = layer.original ?? layer;
    const known = names.get(key);
    if (known) known.all.push(name);
    else names.set(key, { all: [name], next: 0 });
  }
  const shared = new Map<Layer, number>();
  const write = (layer: Layer, depth: number): LayerEntry | Reference => {
    if (depth > MOST_NESTED) {
      throw new RangeError(
        `${where}: a file can hold composites nested up to ${MOST_NESTED} deep; this model has more`,
      );
    }
    const inner = layer.inner?.map((each) => write(each, depth + 1)) as LayerEntry[] | undefined;
    const given = names.get(layer);
    const name = given?.all[given.next++];
    const known = shared.get(layer);
    if (known !== undefined) return { shared: known };
    const number = layer.shared && shared.size;
    if (number !== undefined) shared.set(layer, number);
    return {
      type: layer.type,
      ...(inner ? {} : { name: name ?? layer.type }),
      options: layer.options,
      ...(inner ? { inner } : {}),
      ...(layer.trainable === false ? { frozen: true } : {}),
      ...(number === undefined ? {} : { shared: number }),
    };
  };
  return layers.map((layer) => write(layer, 1));
}

/** How many layers these are when every use of a shared one is counted, composites included. */
function countLayers(entries: readonly (LayerEntry | Reference)[]): number {
  const shared = new Map<number, number>();
  const count = (entry: LayerEntry | Reference): number => {
    if (!("type" in entry)) return shared.get(entry.shared!) ?? 1;
    const all = entry.inner?.reduce((sum, each) => sum + count(each), 1) ?? 1;
    if (entry.shared !== undefined) shared.set(entry.shared, all);
    return all;
  };
  return entries.reduce((sum, each) => sum + count(each), 0);
}

/** Reads the architecture from the metadata. Throws, naming the file, if it is none. */
export function parseArchitecture(metadata: Readonly<Record<string, string>>, name: string): Architecture {
  const { format, version, model: text } = metadata;
  if (format !== "wasmgrad" || text === undefined) {
    throw new Error(`${name}: a safetensors file, but not a model of wasmgrad; its metadata has no architecture`);
  }
  if (version !== VERSION) {
    throw new Error(
      `${name}: written in version ${version?.slice(0, 80)} of the format; this wasmgrad reads version ${VERSION}`,
    );
  }
  let architecture: Architecture;
  try {
    architecture = JSON.parse(text) as Architecture;
  } catch (error) {
    throw new Error(`${name}: the architecture in the metadata is not JSON`, { cause: error });
  }
  if (!Array.isArray(architecture?.layers)) throw new Error(`${name}: the architecture in the metadata has no layers`);
  const { layers, link } = architecture;
  if (link !== undefined) checkOneOf(name, "link", link, OUTPUT_ACTIVATIONS);
  layers.forEach((layer, i) => checkEntry(layer, `${name}: layer ${i + 1}`, 1));
  const count = countLayers(layers);
  const most = LAYERS_OF_ANY + Math.floor(text.length / BYTES_PER_LAYER);
  if (count > most) {
    throw new Error(
      `${name}: its shared layers make ${count} layers, but an architecture of ${text.length} bytes may have at most ${most}`,
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

/** Characters that would move a terminal's cursor, or turn the direction of the text. */
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** Runs `make`, and puts the file's name in front of the message of its errors. */
export async function naming<T>(file: string, make: () => T | Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    const { message } = error as Error;
    const text = message
      .slice(0, MESSAGE)
      .replaceAll(CONTROLS, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
    const refusal = new Error(`${file}: ${text}${message.length > MESSAGE ? "..." : ""}`);
    // a cause is printed, too
    if (message.length <= MESSAGE) refusal.cause = error;
    throw refusal;
  }
}

const isReference = (entry: LayerEntry): boolean => entry?.type === undefined && typeof entry?.shared === "number";

/** What the layers of one file have in common. */
export interface Reading {
  /** The shared ones so far, by number. */
  readonly shared: Map<number, Layer>;
  /** The parameters' values by their full names, to be filled in before a model is made: no initial values are computed. */
  readonly weights: ReadonlyMap<string, Float32Array>;
}

/** Creates the layer of an entry, with those inside. */
export function layerFrom(entry: LayerEntry, where: string, reading: Reading): Layer {
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
