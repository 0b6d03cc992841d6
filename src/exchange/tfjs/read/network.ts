// The graph of a functional model in model.json: layers by name, and for each of their uses what it reads.
import { isRecord, valueText } from "../../../util/check.ts";
import { jsonText, refuse } from "./config.ts";
import { layerData, type LayerData } from "./layerData.ts";

/** One output of one use of a layer. */
export interface Reference {
  readonly layer: string;
  readonly node: number;
  readonly tensor: number;
}

interface Entry {
  readonly data: LayerData;
  /** What each use reads. */
  readonly nodes: readonly (readonly Reference[])[];
  /** The number of its first use: models have one from when they were made. */
  first: number;
}

/** A graph of layers. */
export interface Network {
  readonly layers: ReadonlyMap<string, Entry>;
  readonly inputs: readonly Reference[];
  readonly outputs: readonly Reference[];
}

const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** `["dense", 0, 0]`, maybe with arguments of the call. */
function referenceOf(value: unknown, where: string): Reference {
  if (!Array.isArray(value) || typeof value[0] !== "string" || !isIndex(value[1]) || !isIndex(value[2])) {
    throw refuse(
      where,
      `a value must be a layer's name, the number of its use and that of its output, got ${jsonText(value)}`,
    );
  }
  if (value[3] !== undefined && value[3] !== null) checkArguments(value[3], where);
  return { layer: value[0], node: value[1], tensor: value[2] };
}

/** Refuses arguments of a call that would change what it gives. */
function checkArguments(given: unknown, where: string): void {
  if (!isRecord(given)) throw refuse(where, `the arguments of a call must be an object, got ${jsonText(given)}`);
  const odd = Object.entries(given).find(([, value]) => value !== null && value !== false);
  if (odd) throw refuse(where, `the call's argument ${valueText(odd[0])} isn't known here, got ${jsonText(odd[1])}`);
}

/** A reference of Keras 3, `{ class_name: "__keras_tensor__", config: { keras_history: ["dense", 0, 0] } }`, in lists of lists. */
function tensorsOf(value: unknown, where: string, depth = 0): Reference[] {
  if (Array.isArray(value) && depth < 4) return value.flatMap((each: unknown) => tensorsOf(each, where, depth + 1));
  if (isRecord(value) && isRecord(value["config"])) return [referenceOf(value["config"]["keras_history"], where)];
  throw refuse(where, `what a call reads must be an output of a layer, got ${jsonText(value)}`);
}

/** What a use of a layer reads. */
function nodeOf(node: unknown, where: string): Reference[] {
  if (isRecord(node) && Array.isArray(node["args"])) {
    if (node["kwargs"] !== undefined) checkArguments(node["kwargs"], where);
    return tensorsOf(node["args"], where);
  }
  if (!Array.isArray(node)) throw refuse(where, `inbound_nodes must be lists, got ${jsonText(node)}`);
  return node.map((each: unknown) => referenceOf(each, where));
}

/** A list of references, or one alone. */
function referencesOf(value: unknown, where: string): Reference[] {
  if (!Array.isArray(value)) throw refuse(where, `it must be a list, got ${jsonText(value)}`);
  if (typeof value[0] === "string") return [referenceOf(value, where)];
  return value.map((each: unknown) => referenceOf(each, where));
}

/** Reads the config of a Model or Functional. */
export function functionalOf({ config }: LayerData, where: string): Network {
  if (!isRecord(config)) throw refuse(where, "its config must be an object");
  const list = config["layers"];
  if (!Array.isArray(list)) throw refuse(where, "there is no list of layers");
  const layers = new Map<string, Entry>();
  list.forEach((entry: unknown, i) => {
    const data = layerData(entry, `${where}: layers[${i}]`);
    const at = `layer ${valueText(data.name)}`;
    if (layers.has(data.name)) throw refuse(at, "there are two layers of this name");
    const given =
      (entry as Record<string, unknown>)["inbound_nodes"] ?? (entry as Record<string, unknown>)["inboundNodes"] ?? [];
    if (!Array.isArray(given)) throw refuse(at, `inbound_nodes must be a list, got ${jsonText(given)}`);
    const nodes = given.map((node: unknown) => nodeOf(node, at)).filter((node) => node.length > 0);
    layers.set(data.name, { data, nodes, first: 0 });
  });
  const inputs = referencesOf(config["input_layers"] ?? config["inputLayers"], `${where}: input_layers`);
  const outputs = referencesOf(config["output_layers"] ?? config["outputLayers"], `${where}: output_layers`);
  if (inputs.length === 0 || outputs.length === 0) throw refuse(where, "a model needs an input and an output");
  for (const { layer } of inputs) {
    if (!layers.has(layer)) throw refuse(`${where}: input_layers`, `there is no layer ${valueText(layer)}`);
  }
  countFrom(layers, outputs);
  return { layers, inputs, outputs };
}

/** A model that is a layer counts its uses from 1, unless somebody reads use 0. */
function countFrom(layers: ReadonlyMap<string, Entry>, outputs: readonly Reference[]): void {
  const zero = new Set<string>();
  const note = ({ layer, node }: Reference): void => void (node === 0 && zero.add(layer));
  outputs.forEach(note);
  for (const { nodes } of layers.values()) nodes.forEach((node) => node.forEach(note));
  for (const [name, entry] of layers) {
    if (/^(?:Sequential|Model|Functional)$/.test(entry.data.className) && !zero.has(name)) entry.first = 1;
  }
}
