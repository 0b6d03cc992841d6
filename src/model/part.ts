// A part of a model, from one value to another, as layers: what `cut` takes.
import { fromOf } from "../nn/composites/from.ts";
import { Graph } from "../graph/graph.ts";
import { INPUT, type Layer, type ModelNode, type Value } from "../graph/layer.ts";
import { goesBackward } from "../nn/layers/recurrent.ts";
import type { Model } from "./model.ts";

/** A layer where it was added to a graph: with what it added in turn. */
interface Place {
  readonly layer: Layer;
  /** The value that it works on, and the one that it gives. */
  readonly x: Value;
  end: Value;
  /** Its nodes: from the first up to but not including the next. */
  readonly first: number;
  next: number;
  /** It reads that value alone. */
  readonly alone: boolean;
  readonly inner: Place[];
}

/** A graph that remembers where its nodes come from. */
class Places extends Graph {
  readonly top: Place[] = [];
  #inner = this.top;

  override add(layer: Layer, x: Value, slots: Readonly<Record<string, Value>> = {}): Value {
    const outer = this.#inner;
    const first = this.nodes.length;
    const alone = Object.keys(slots).length === 0;
    const place: Place = { layer, x, end: x, first, next: first, alone, inner: [] };
    outer.push(place);
    this.#inner = place.inner;
    place.end = super.add(layer, x, slots);
    place.next = this.nodes.length;
    this.#inner = outer;
    return place.end;
  }
}

/** Composites that end with what their last layer gives, or make one value of it: they have its name. */
const SERIAL: readonly string[] = ["chain", "cut", "from", "residual", "timeDistributed", "withState"];

const has = (place: Place, value: Value): boolean => value >= place.first && value < place.next;

/** Layers that make a value of a model from its input, or from another value; their names are those of the model, after a prefix. */
export interface Part {
  readonly layers: readonly Layer[];
  /** The names of the parameters that they have, and those in the model. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * The part of a model that makes a value of another one.
 *
 * @param to name of a layer; undefined: the model's output
 * @param from name of a layer or input; undefined: the model's input
 * @param unfreeze none of its layers is frozen
 * @param prefix of the layers' names
 */
export function partOf(
  where: string,
  model: Model,
  to: string | undefined,
  from: string | undefined,
  unfreeze: boolean,
  prefix = "",
): Part {
  const { inputs, inputShape, nodes } = model;
  const graph = new Places(inputShape);
  const start = inputs ? graph.add(inputs.entry, INPUT) : INPUT;
  const given = inputs && graph.top.pop();
  const end = graph.chain(namedAs(model.layers, nodes, unfreeze, prefix), start);
  const names = namesOf(graph.top, nodes);
  for (const { name, index, layer } of nodes) {
    if (layer.type !== "states" && !names.has(name)) names.set(name, index);
  }
  const valueOf = (name: string): Value => {
    const value = names.get(name);
    if (value !== undefined) return value;
    const known = [...names.keys()].join(", ");
    throw new RangeError(`${where}: no layer is called ${JSON.stringify(name)}; a model can be cut behind ${known}`);
  };
  const wanted = to === undefined ? end : valueOf(to);
  const begin = from === undefined ? undefined : valueOf(from);
  const title = to === undefined ? "the output" : JSON.stringify(to);
  const refuse = (why: string): never => {
    const known = graph.top.map((place) => nodes[place.end]?.name).filter((name) => name !== undefined);
    throw new RangeError(
      `${where}: ${title} ${why}; a part can begin and end behind ${[...new Set(known)].join(", ")}`,
    );
  };

  /** The layers in a composite, or in the model, that make a value; and the value that they begin with. */
  const path = (places: readonly Place[], x: Value, value: Value): { layers: Layer[]; start: Value } => {
    const layers: Layer[] = [];
    while (value !== begin && value !== x) {
      const place = places.findLast((each) => has(each, value));
      if (!place) break; // another layer, or an input, that is named
      const { layer } = place;
      // what begins within it, or goes on from a value that the part begins with, is taken apart
      const apart = begin !== undefined && (has(place, begin) || layer.type === "from");
      const whole = value === place.end && !(apart && begin !== value);
      if (whole) {
        if (!place.alone) refuse(`is made of several values${from === undefined ? "" : `, not of "${from}" alone`}`);
        layers.unshift(layer);
        value = place.x;
        continue;
      }
      const part = path(place.inner, place.x, value);
      let within = part.layers.map((each) => standing(each, layer, refuse));
      if (layer.type === "timeDistributed") within = [Object.freeze({ ...layer, inner: within })];
      // what froze the whole freezes the part
      if (layer.trainable === false) within = within.map((each) => Object.freeze({ ...each, trainable: false }));
      layers.unshift(...within);
      value = part.start;
    }
    return { layers, start: value };
  };

  const part = path(graph.top, start, wanted);
  const { layers } = part;
  const isInput = given !== undefined && has(given, part.start);
  if (begin !== undefined && part.start !== begin) refuse(`isn't made of "${from}"`);
  if (begin === undefined && part.start !== start) {
    if (!isInput) refuse("is inside of a layer");
    const name = nodes[part.start]!.name;
    layers.splice(0, layers.length, fromOf(name, [...layers]));
  }
  if (layers.length === 0) refuse(from === undefined ? "is no layer" : "is where the part begins");

  // alone it has to be what it is in the model
  const check = new Graph(begin === undefined ? inputShape : graph.shape(begin));
  try {
    check.chain(inputs && begin === undefined ? [inputs.entry, ...layers] : layers, INPUT);
  } catch (error) {
    refuse(`can't be made by this part alone: ${(error as Error).message}`);
  }
  const parameters = check.nodes.flatMap(({ layer, specs }) =>
    specs.flatMap(({ name, owner }) =>
      owner ? [] : [[`${layer.name}.${name}`, `${layer.name!.slice(prefix.length)}.${name}`] as const],
    ),
  );
  return { layers, parameters: new Map(parameters) };
}

/** Names of values: of layers, and of composites that end with one. */
function namesOf(places: readonly Place[], nodes: readonly ModelNode[], names = new Map<string, Value>()) {
  for (const { layer, end, first, next, inner } of places) {
    let last = layer;
    while (SERIAL.includes(last.type) && last.inner && last.inner.length > 0) last = last.inner.at(-1)!;
    const own = nodes.slice(first, next).findLast((node) => node.name === last.name)?.name;
    for (const name of [own, next > first ? nodes[end]?.name : undefined]) {
      if (name !== undefined && !names.has(name)) names.set(name, end);
    }
    namesOf(inner, nodes, names);
  }
  return names;
}

/** A layer of a composite as one that stands elsewhere. */
function standing(layer: Layer, within: Layer, refuse: (why: string) => never): Layer {
  if (goesBackward(layer)) return Object.freeze({ ...layer, options: { ...layer.options, reverse: true } });
  if (!layer.original) return layer;
  return within.type === "timeDistributed" ? layer.original : refuse(`is inside of ${layer.type}`);
}

/** The same layers, named as their nodes are: parameters are found by these names. `unfreeze`: and none of them frozen. */
function namedAs(
  layers: readonly Layer[],
  nodes: readonly ModelNode[],
  unfreeze: boolean,
  prefix: string,
): readonly Layer[] {
  const names = new Map<Layer, string[]>();
  for (const { layer, name } of nodes) {
    const key = layer.original ?? layer;
    names.set(key, [...(names.get(key) ?? []), name]);
  }
  const shared = new Map<Layer, Layer>();
  const rename = (layer: Layer): Layer => {
    const inner = layer.inner?.map(rename);
    const name = names.get(layer)?.shift();
    const known = shared.get(layer);
    if (known) return known;
    const renamed = Object.freeze<Layer>({
      ...layer,
      ...(inner ? { inner } : { name: name === undefined ? layer.name : prefix + name }),
      ...(unfreeze && layer.trainable === false ? trained(layer) : {}),
    });
    if (layer.shared) shared.set(layer, renamed);
    return renamed;
  };
  return layers.map(rename);
}

/** What makes a layer a trained one: files have it among the options. */
const trained = ({ options }: Layer): Pick<Layer, "trainable" | "options"> => ({
  trainable: true,
  options: "trainable" in options ? Object.freeze({ ...options, trainable: true }) : options,
});
