// Builds the graph of a model's layers: a node per use of a layer, with its inputs, shapes, name and textbook names.
import {
  type GraphBuilder,
  type GraphNode,
  type GraphParameter,
  INPUT,
  type Layer,
  type SharedCheck,
  type Value,
  whereText,
} from "./layer.ts";
import { checkKind, checkWhole } from "../util/check.ts";
import type { ParameterSpec } from "./parameter.ts";
import { type Shape, sizeOf } from "../util/shape.ts";

type Placed = Omit<GraphNode, "name" | "outputName" | "textbookNames"> & {
  /** The name that the layer was given; another use of a shared layer has none. */
  readonly given: string | undefined;
};

/** The graph while it is put together. Composites add their layers to it. */
export class Graph implements GraphBuilder {
  readonly nodes: Placed[] = [];
  readonly #inputShape: Shape;
  /** Nodes of the first use of a shared layer or composite, in their order. */
  readonly #shared = new Map<Layer, number[]>();
  #sharing: { readonly nodes: number[]; at: number; readonly check: SharedCheck } | undefined;
  #composites: readonly Layer[] = [];

  constructor(inputShape: Shape) {
    this.#inputShape = inputShape;
  }

  /** Shape of a row of a value. */
  shape(value: Value): Shape {
    return this.nodes[value]?.output ?? this.#inputShape;
  }

  /** The output of the layer, or the input, of this name. */
  find(name: string, where: string): Value {
    const value = this.nodes.findIndex(({ given }) => given === name);
    if (value >= 0) return value;
    const known = this.nodes.flatMap(({ given }) => given ?? []).join(", ");
    throw new RangeError(
      `${where}: no input and no layer before it is called ${JSON.stringify(name)}; ${known ? `there are ${known}` : "none has a name"}`,
    );
  }

  /** Adds consecutive layers. */
  chain(layers: readonly Layer[], x: Value): Value {
    return layers.reduce((value, layer) => this.add(layer, value), x);
  }

  /** Adds a layer that works on a value, and maybe on others by slot. */
  add(layer: Layer, x: Value, slots: Readonly<Record<string, Value>> = {}): Value {
    checkLayer(layer, this.nodes.length);
    const [around, sharing] = [this.#composites, this.#sharing];
    this.#composites = [...around, layer];
    if (layer.shared) {
      const nodes = this.#shared.get(layer) ?? [];
      this.#shared.set(layer, nodes);
      this.#sharing = { nodes, at: 0, check: layer.shared };
    }
    const end = layer.expand ? layer.expand(this, x) : this.#place(layer, x, slots);
    this.#composites = around;
    this.#sharing = sharing;
    return end;
  }

  #place(layer: Layer, x: Value, slots: Readonly<Record<string, Value>>): Value {
    const index = this.nodes.length;
    const where = whereText(layer, index);
    const named = Object.entries(layer.extras ?? {}).map(([slot, name]) => [slot, this.find(name, where)] as const);
    const others = { ...slots, ...Object.fromEntries(named) };
    const shapes = Object.fromEntries(
      Object.entries(others).map(([slot, value]) => [slot, this.shape(value)] as const),
    );
    const input = this.shape(x);
    const output = layer.outputShape(input, where, shapes, this);
    checkWhole(where, "the size of its output", sizeOf(output));
    // the node that this one corresponds to in the first use of what is shared
    const sharing = this.#sharing;
    const first = sharing?.nodes[sharing.at++];
    if (first === undefined) sharing?.nodes.push(index);
    const around = this.#composites;
    this.nodes.push({
      layer,
      given: first === undefined ? layer.name : undefined,
      index,
      from: x,
      others,
      input,
      output,
      specs: this.#specs(layer.parameters?.(input, shapes, output) ?? [], where, first),
      trainable: around.every(({ trainable }) => trainable !== false),
      weights: around.find(({ weights }) => weights)?.weights,
    });
    return index;
  }

  #specs(specs: readonly ParameterSpec[], where: string, first: number | undefined): GraphParameter[] {
    return specs.map((spec) => {
      const { name, tied } = spec;
      if (first !== undefined) this.#sharing!.check(spec, this.nodes[first]!, where);
      else if (!tied) return spec;
      const owner =
        first === undefined ? { node: this.find(tied![0], where), local: tied![1] } : { node: first, local: name };
      return { ...spec, owner };
    });
  }
}

/** Builds the nodes of a model. Names and shapes are validated before any memory is allocated. */
export function buildGraph(inputShape: Shape, layers: readonly Layer[]): GraphNode[] {
  const graph = new Graph(inputShape);
  const end = graph.chain(layers, INPUT);
  const { nodes } = graph;
  const givenNames = nodes.flatMap((node) => node.given ?? []);
  const twice = givenNames.find((name, i) => givenNames.indexOf(name) < i);
  if (twice !== undefined) {
    throw new RangeError(`sequential: two layers are called ${JSON.stringify(twice)}; names must differ`);
  }
  const read = new Set([end, ...nodes.flatMap(({ from, others }) => [from, ...Object.values(others)])]);
  const unread = nodes.find(({ index }) => !read.has(index));
  if (unread) {
    throw new RangeError(
      `sequential: nothing uses the output of ${whereText(unread.layer, unread.index)}; leave it out`,
    );
  }
  const names = new Set(givenNames);
  let number = 0; // of layers with parameters so far: the textbook index
  let activated = true;
  return nodes.map((node, index) => {
    const { layer, specs } = node;
    const count = nodes.slice(0, index + 1).filter((other) => other.layer.type === layer.type).length;
    const name = node.given ?? freeName(layer.type, count, names);
    names.add(name);
    let outputName = name;
    if (specs.length > 0) {
      number++;
      activated = false;
      outputName = `Z${number}`;
    } else if (layer.activation && !activated) {
      activated = true;
      outputName = `a${number}`;
    }
    const textbookNames = Object.fromEntries(
      specs.map((spec) => [spec.name, `${{ weight: "w", bias: "b" }[spec.name] ?? spec.name}${number}`]),
    );
    return { ...node, name, outputName, textbookNames };
  });
}

function checkLayer(layer: Layer, index: number): void {
  const what = `layer ${index + 1}`;
  checkKind(typeof layer?.outputShape === "function", "sequential", what, "a layer such as dense(10)", layer);
  const { name } = layer;
  checkKind(name === undefined || typeof name === "string", "sequential", `the name of ${what}`, "a string", name);
}

/** dense1, dense2, ...: a layer's type and how many layers have it so far, or the next number that is not taken. */
function freeName(type: string, count: number, taken: ReadonlySet<string>): string {
  return taken.has(`${type}${count}`) ? freeName(type, count + 1, taken) : `${type}${count}`;
}
