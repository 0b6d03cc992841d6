// Goes through the layers of model.json in the order of their computation, models within models included.
import type { Shape } from "../../../util/shape.ts";
import { isRecord, valueText } from "../../../util/check.ts";
import { LayersModelError } from "../../../formats/layersModelError.ts";
import { unknownText } from "../../../util/suggest.ts";
import { Config, refuse } from "./config.ts";
import type { Flow, Own, Source, Value } from "./flow.ts";
import type { Layer } from "../../../graph/layer.ts";
import { type LayerData, sequenceOf } from "./layerData.ts";
import { functionalOf, type Network, type Reference } from "./network.ts";
import type { WeightNames } from "./weights.ts";

/** One use of a layer. */
export interface Call {
  readonly config: Config;
  /** Its name in the file, or the one that it had before that was written. */
  readonly name: string;
  readonly where: string;
  readonly inputs: readonly Value[];
  /** Which layer it is: other uses have the same one. */
  readonly key: string;
  /** What its weights' names may begin with. */
  readonly paths: readonly string[];
  readonly reader: Reader;
}

/** Makes layers of a call; gives what it puts out. */
export type Convert = (call: Call) => readonly Value[];

/** How deep models may be within models. */
const MOST_NESTED = 30;

/** Reads layers into a flow. */
export class Reader {
  readonly flow: Flow;
  readonly weights: WeightNames;
  readonly #converters: Readonly<Record<string, Convert>>;
  readonly #names: ReadonlyMap<string, string>;
  #trainable: boolean;
  #depth = 0;

  /**
   * @param names of layers, by what they are called in the file, if they were others
   * @param trainable false: nothing is trained
   */
  constructor(
    flow: Flow,
    weights: WeightNames,
    converters: Readonly<Record<string, Convert>>,
    names: ReadonlyMap<string, string>,
    trainable: boolean,
  ) {
    this.#names = names;
    this.#trainable = trainable;
    this.flow = flow;
    this.weights = weights;
    this.#converters = converters;
  }

  /** Calls a layer, or a model as a layer. `paths`: what its weights' names begin with; default its name. */
  apply(
    data: LayerData,
    inputs: readonly Value[],
    key: string,
    paths: readonly string[] = [data.name],
  ): readonly Value[] {
    const { className, config, name } = data;
    const where = `layer ${valueText(name)} (${/^\w{1,60}$/.test(className) ? className : "?"})`;
    const before = this.#trainable;
    if (isRecord(config) && config["trainable"] === false) this.#trainable = false;
    try {
      if (/^(?:Sequential|Model|Functional)$/.test(className)) return this.#within(data, inputs, key, where);
      if (!Object.hasOwn(this.#converters, className)) {
        throw refuse(where, unknownText("layer", className, Object.keys(this.#converters)));
      }
      const own = this.#names.get(name) ?? name;
      const call: Call = { config: new Config(where, config), name: own, where, inputs, key, paths, reader: this };
      const outputs = this.#converters[className]!(call);
      call.config.finish();
      return outputs;
    } catch (error) {
      if ((error as Error).name === LayersModelError.name || !/^(?:Type|Range)Error$/.test((error as Error).name))
        throw error;
      throw refuse(where, (error as Error).message, error);
    } finally {
      this.#trainable = before;
    }
  }

  /** Are the parameters of the layer that is read trained? */
  get trainable(): boolean {
    return this.#trainable;
  }

  #within(data: LayerData, inputs: readonly Value[], key: string, where: string): readonly Value[] {
    if (++this.#depth > MOST_NESTED) throw refuse(where, `models may be nested up to ${MOST_NESTED} deep`);
    try {
      const outputs =
        data.className === "Sequential"
          ? [this.sequence(sequenceOf(data, where).layers, inputs, key, where)]
          : this.network(functionalOf(data, where), inputs, key, where);
      return outputs;
    } finally {
      this.#depth--;
    }
  }

  /** Consecutive layers. */
  sequence(layers: readonly LayerData[], inputs: readonly Value[], key: string, where: string): Value {
    if (inputs.length !== 1) throw refuse(where, `it takes one input, got ${inputs.length}`);
    let value = inputs[0]!;
    layers.forEach((data, i) => {
      if (data.className === "InputLayer") {
        if (i === 0) return;
        throw refuse(where, "an InputLayer must be the first layer");
      }
      const outputs = this.apply(data, [value], `${key}/${data.name}`);
      if (outputs.length !== 1)
        throw refuse(where, `layer ${valueText(data.name)} gives ${outputs.length} values, one alone can go on`);
      value = outputs[0]!;
    });
    return value;
  }

  /** A graph of layers. */
  network(
    { layers, inputs, outputs }: Network,
    values: readonly Value[],
    key: string,
    where: string,
  ): readonly Value[] {
    if (values.length !== inputs.length) throw refuse(where, `it takes ${inputs.length} inputs, got ${values.length}`);
    const done = new Map<string, readonly Value[]>();
    const open = new Set<string>();
    const idOf = ({ layer, node }: Reference): string => `${node} ${layer}`;
    inputs.forEach((reference, i) => done.set(idOf(reference), [values[i]!]));
    const stack: Reference[] = outputs.toReversed();
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const id = idOf(top);
      if (done.has(id)) {
        stack.pop();
        continue;
      }
      const at = `layer ${valueText(top.layer)}`;
      const entry = layers.get(top.layer);
      if (!entry) throw refuse(where, `something reads ${at}, but there is none of this name`);
      const node = entry.nodes[top.node - entry.first];
      if (!node || node.length === 0) {
        throw refuse(
          at,
          entry.nodes.length === 0
            ? "it has no input, and isn't one of the model's"
            : `its use ${top.node} is read, but it isn't there`,
        );
      }
      const missing = node.filter((reference) => !done.has(idOf(reference)));
      if (missing.length > 0) {
        open.add(id);
        const circle = missing.find((reference) => open.has(idOf(reference)));
        if (circle)
          throw refuse(at, `it reads ${valueText(circle.layer)}, which needs its output: the graph has a circle`);
        stack.push(...missing);
        continue;
      }
      const read = node.map((reference) => this.#output(done.get(idOf(reference))!, reference, at));
      done.set(id, this.apply(entry.data, read, `${key}/${top.layer}`));
      open.delete(id);
      stack.pop();
    }
    return outputs.map((reference) => this.#output(done.get(idOf(reference))!, reference, where));
  }

  #output(values: readonly Value[], { layer, tensor }: Reference, where: string): Value {
    const value = values[tensor];
    if (value) return value;
    throw refuse(where, `output ${tensor} of layer ${valueText(layer)} is read, but it has ${values.length}`);
  }
}

/** What a layer puts out: consecutive layers on its one input. */
export function single({ reader, where, inputs, name }: Call, items: readonly (Layer | Own)[]): readonly Value[] {
  if (inputs.length !== 1) throw refuse(where, `it takes one input, got ${inputs.length}`);
  return [reader.flow.unary(where, inputs[0]!, items, name)];
}

/** The one input's shape; refused, unless it has so many axes. */
export function inputShape({ where, inputs }: Call, axes?: number): Shape {
  if (inputs.length !== 1) throw refuse(where, `it takes one input, got ${inputs.length}`);
  const { shape } = inputs[0]!;
  if (axes !== undefined && shape.length !== axes) {
    throw refuse(where, `a row of its input must have ${axes} ${axes === 1 ? "axis" : "axes"}, got ${shape.join("x")}`);
  }
  return shape;
}

/** A weight of the file as a parameter of ours. `local`: its name there; `place`: which one it is. */
export function weightOf(
  { reader, where, paths }: Pick<Call, "reader" | "where" | "paths">,
  local: string,
  place: number,
  shape: Shape,
  as: { readonly shape?: Shape; readonly to?: (numbers: Float32Array) => Float32Array } = {},
): Source {
  return {
    weight: reader.weights.take(where, paths, local, place, shape),
    shape: as.shape ?? shape,
    ...(as.to && { to: as.to }),
  };
}
