// A model's parameters by PyTorch's names and in its layouts, both ways.
import { checkModel, type Model } from "../../model/model.ts";
import type { ModelNode } from "../../graph/layer.ts";
import { firstNonFinite, type SafeTensor } from "../../formats/safetensorsTypes.ts";
import {
  checkBoolean,
  checkKeys,
  checkKind,
  isNumbers,
  isObject,
  isRecord,
  kindOf,
  valueText,
} from "../../util/check.ts";
import { axesText, type Shape, sizeOf } from "../../util/shape.ts";
import { exchange, isRecurrent, torchSlots, type TorchSlot } from "./layers.ts";
import { torchOrders } from "./orders.ts";

/** Options of `stateDict`. */
export interface StateDictOptions {
  /**
   * PyTorch's modules by the names of layers: `{ dense1: "classifier.0" }`; default: the layers' own names. Of recurrent layers it may end
   * with the layer within the module, `rnn_l1` or `rnn_l0_reverse`; default `_l0`.
   */
  readonly names?: Readonly<Record<string, string>>;
  /** What all names begin with, `model.`; default nothing. */
  readonly prefix?: string;
}

/** Options of `loadStateDict`. */
export interface LoadStateDictOptions extends StateDictOptions {
  /** False: other tensors that begin with the prefix are left out; default true: they are refused. */
  readonly strict?: boolean;
}

/** Tensors by name, such as `readTorch` and `readSafetensors` give. */
export interface StateDictFile {
  /** Each with the sizes of its axes, and as many numbers as these say, the last axis contiguous. */
  readonly tensors: ReadonlyMap<
    string,
    { readonly shape: Shape; readonly data: ArrayLike<number> | ArrayLike<bigint> }
  >;
}

/** A tensor of PyTorch, and the parameters that it is. */
export interface StateDictEntry {
  /** Its name in the state dict. */
  readonly tensor: string;
  /** Sizes of its axes there. */
  readonly shape: Shape;
  /** Names of our parameters; of `in_proj_weight` three. */
  readonly parameters: readonly string[];
}

interface Entry extends StateDictEntry {
  readonly slot: TorchSlot;
}

/** All tensors of a model. */
function entriesOf(where: string, model: Model, { names = {}, prefix = "" }: StateDictOptions): Entry[] {
  checkKind(isRecord(names), where, "names", "an object of modules by layers", names);
  checkKind(typeof prefix === "string", where, "prefix", "a string", prefix);
  // a layer that is used again has only parameters of its first use
  const nodes = model.nodes.filter(
    ({ layer, name, parameters }) =>
      parameters.some((each) => each.name === `${name}.${each.local}`) || layer.type === "tiedDense",
  );
  for (const [name, module] of Object.entries(names)) {
    checkKind(typeof module === "string", where, `the module of ${valueText(name)}`, "a string", module);
    if (nodes.some((node) => node.name === name)) continue;
    const all = nodes.map((node) => node.name).join(", ");
    throw new RangeError(`${where}: there is no layer ${valueText(name)} with parameters; there are ${all || "none"}`);
  }
  const found = new Map<string, Entry>();
  const orders = torchOrders(where, model.nodes);
  for (const node of nodes) {
    const named = nameOf(node, names);
    for (const slot of torchSlots(where, node, orders.get(node) ?? {})) {
      const tensor = `${prefix}${named(slot.name)}`;
      const parameters = slot.parts.map(({ local }) => node.parameters.find((p) => p.local === local)!.name);
      if (found.has(tensor)) {
        throw new RangeError(`${where}: two layers have the tensor ${valueText(tensor)}; give one another module`);
      }
      found.set(tensor, { tensor, shape: slot.shape, parameters, slot });
    }
  }
  return [...found.values()];
}

/** Full names of a layer's tensors. */
function nameOf(node: ModelNode, names: Readonly<Record<string, string>>): (tensor: string) => string {
  const module = Object.hasOwn(names, node.name) ? names[node.name]! : node.name;
  const dotted = (own: string): string => (own === "" ? "" : `${own}.`);
  if (!isRecurrent(node)) return (tensor) => `${dotted(module)}${tensor}`;
  const [, own, layer] = /^(.*?)(?:_(l\d+(?:_reverse)?))?$/s.exec(module)!;
  return (tensor) => `${dotted(own!)}${tensor}_${layer ?? "l0"}`;
}

/**
 * A model's parameters as the tensors of PyTorch's modules, by their names and in their layouts: `load_state_dict` takes them as they are.
 *
 * @param options.names modules by layers' names; default: the layers' own names
 * @param options.prefix what all names begin with; default nothing
 * @returns the tensors, for `writeSafetensors`
 * @throws {TypeError} if an argument can't be used
 * @throws {RangeError} if PyTorch has no module like a layer, or there is no layer of a name
 * @example
 * const tensors = stateDict(model, { names: { dense1: "0", dense2: "2" } }); // 0.weight [8, 4], 0.bias [8] ...
 * const file = writeSafetensors(tensors); // in Python: model.load_state_dict(load_file("model.safetensors"))
 */
export function stateDict(model: Model, options: StateDictOptions = {}): ReadonlyMap<string, SafeTensor> {
  checkModel("stateDict", "the first argument", model);
  checkKeys("stateDict", options, ["names", "prefix"]);
  const values = new Map(model.parameters().map(({ name, get }) => [name, get()] as const));
  return new Map(
    entriesOf("stateDict", model, options).map(({ tensor, shape, parameters, slot }) => {
      const data = new Float32Array(sizeOf(shape));
      let at = 0;
      slot.parts.forEach((part, i) => {
        const size = sizeOf(part.axes);
        if (!slot.added) exchange(part, values.get(parameters[i]!)!, data.subarray(at, at + size), true);
        at += size;
      });
      return [tensor, { shape, data }] as const;
    }),
  );
}

/**
 * Sets a model's parameters from PyTorch's tensors: those of a state dict, by the names of modules and in their layouts. All are checked before
 * one is set.
 *
 * A dense layer behind a flattened picture gets its weights in our order, row, column and channel; `num_batches_tracked` is left out.
 *
 * @param source what `readTorch` or `readSafetensors` gives
 * @param options.names modules by layers' names; default: the layers' own names
 * @param options.prefix what the names of the model's tensors begin with, `model.`; default nothing
 * @param options.strict false: other tensors are left out; default true: they are refused
 * @returns which tensor was which parameters
 * @throws {TypeError} if an argument can't be used
 * @throws {RangeError} if PyTorch has no module like a layer, a tensor isn't there, of another shape, not finite, or left over
 * @example
 * const tensors = stateDict(model);
 * const entries = loadStateDict(model, { tensors }); // or await readTorch("model.pt")
 * console.log(entries[0]); // { tensor: "dense1.weight", shape: [8, 4], parameters: ["dense1.weight"] }
 */
export function loadStateDict(
  model: Model,
  source: StateDictFile,
  options: LoadStateDictOptions = {},
): readonly StateDictEntry[] {
  const where = "loadStateDict";
  checkModel(where, "the first argument", model);
  const holds = isObject(source) && kindOf(source.tensors) === "Map";
  checkKind(holds, where, "the second argument", "what readTorch or readSafetensors gives", source);
  checkKeys(where, options, ["names", "prefix", "strict"]);
  const { strict = true, prefix = "" } = options;
  checkBoolean(where, "strict", strict);
  const entries = entriesOf(where, model, options);
  const parameters = new Map(model.parameters().map((parameter) => [parameter.name, parameter] as const));
  const values = new Map<string, Float32Array>();
  for (const entry of entries) {
    const data = numbersOf(where, source, entry);
    let at = 0;
    entry.slot.parts.forEach((part, i) => {
      const name = entry.parameters[i]!;
      const size = sizeOf(part.axes);
      const own = new Float32Array(size);
      exchange(part, data.subarray(at, at + size), own, false);
      at += size;
      const before = values.get(name);
      if (!before) values.set(name, own);
      else if (entry.slot.added) {
        own.forEach((value, k) => (before[k]! += value));
        const bad = firstNonFinite(before);
        if (bad >= 0) {
          throw new RangeError(
            `${where}: value ${bad} of ${valueText(entry.tensor)} and what it is added to, ${name}, are together no finite float32`,
          );
        }
      } else if (own.some((value, k) => value !== before[k])) {
        throw new RangeError(
          `${where}: ${valueText(entry.tensor)} isn't the tensor that it is tied to; the model has ${name} for both`,
        );
      }
    });
  }
  const known = new Set(entries.map(({ tensor }) => tensor));
  const over = [...source.tensors.keys()].filter(
    (name) => name.startsWith(prefix) && !known.has(name) && !name.endsWith("num_batches_tracked"),
  );
  if (strict && over.length > 0) {
    throw new RangeError(
      `${where}: ${listed(over)} ${over.length === 1 ? "is" : "are"} no parameter of the model; strict: false leaves out what it doesn't have`,
    );
  }
  for (const [name, own] of values) parameters.get(name)!.set(own);
  return entries.map(({ tensor, shape, parameters: names }) => ({ tensor, shape, parameters: names }));
}

/** A tensor's numbers, checked. */
function numbersOf(where: string, { tensors }: StateDictFile, { tensor, shape, parameters }: Entry): Float32Array {
  const found = tensors.get(tensor);
  const needs = `${valueText(tensor)} (${axesText(shape)}), which ${parameters.join(", ")} would be`;
  if (!found) {
    const all = [...tensors.keys()];
    throw new RangeError(
      `${where}: there is no tensor ${needs}; there are ${listed(all)}. \`names\` says which module a layer is`,
    );
  }
  const holds =
    isObject(found) && Array.isArray(found.shape) && (isNumbers(found.data) || ArrayBuffer.isView(found.data));
  checkKind(holds, where, `the tensor ${valueText(tensor)}`, "{ shape, data }", found);
  const isShape = found.shape.length === shape.length && found.shape.every((n, i) => n === shape[i]);
  if (!isShape) throw new RangeError(`${where}: ${needs}, is ${axesText(found.shape) || "one number"} in the file`);
  const { length } = found.data;
  if (length !== sizeOf(shape)) throw new RangeError(`${where}: ${needs}, has ${String(length)} numbers`);
  const data = Float32Array.from(found.data as ArrayLike<number>, Number);
  const bad = firstNonFinite(data);
  if (bad >= 0)
    throw new RangeError(
      `${where}: value ${bad} of ${valueText(tensor)} is ${String(found.data[bad])}, no finite float32`,
    );
  return data;
}

/** Some names. */
const listed = (names: readonly string[]): string =>
  names.length === 0
    ? "none"
    : names.slice(0, 8).map(valueText).join(", ") + (names.length > 8 ? ` and ${names.length - 8} more` : "");
