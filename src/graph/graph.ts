// Builds the graph of a model's layers: a node per use of a layer, with its inputs, shapes, name and textbook names.
import {
  type GraphBuilder,
  type GraphNode,
  type GraphParameter,
  INPUT,
  type Layer,
  type Sharing,
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

/** What the composites around a layer say of it. */
interface Around {
  readonly trainable: boolean;
  readonly weights: Layer["weights"];
  readonly sharing: Sharing | undefined;
}

/** The graph while it is put together. Composites add their layers to it. */
export class Graph implements GraphBuilder {
  readonly nodes: Placed[] = [];
  readonly #inputShape: Shape;
  /** The values that were given a name. */
  readonly #named = new Map<string, Value>();
  #around: Around = { trainable: true, weights: undefined, sharing: undefined };

  constructor(inputShape: Shape) {
    this.#inputShape = inputShape;
  }

  /** Shape of a row of a value. */
  shape(value: Value): Shape {
    return this.nodes[value]?.output ?? this.#inputShape;
  }

  /** The output of the layer, or the input, of this name. */
  find(name: string, where: string): Value {
    const value = this.#named.get(name);
    if (value !== undefined) return value;
    const known = [...this.#named.keys()].join(", ");
    throw new RangeError(
      `${where}: no input and no layer before it is called ${JSON.stringify(name)}; ${known ? `there are ${known}` : "none has a name; inputs({ ... }) gives them names"}`,
    );
  }

  /** Gives a value a name. */
  call(name: string, value: Value): void {
    this.#named.set(name, value);
  }

  /** Adds consecutive layers. */
  chain(layers: readonly Layer[], x: Value): Value {
    let value = x;
    for (const layer of layers) value = this.add(layer, value); // a call less on the stack than with a function
    return value;
  }

  /** Adds a layer that works on a value, and maybe on others by slot. */
  add(layer: Layer, x: Value, slots: Readonly<Record<string, Value>> = {}): Value {
    checkLayer(layer, this.nodes.length);
    const around = this.#around;
    this.#around = {
      trainable: around.trainable && layer.trainable !== false,
      weights: around.weights ?? layer.weights,
      sharing: layer.shared?.(this) ?? around.sharing,
    };
    const end = layer.expand ? layer.expand(this, x) : this.#place(layer, x, slots);
    this.#around = around;
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
    const { sharing, trainable, weights } = this.#around;
    const first = sharing?.next(index);
    const given = first === undefined ? layer.name : undefined;
    this.nodes.push({
      layer,
      given,
      index,
      from: x,
      others,
      input,
      output,
      specs: this.#specs(layer.parameters?.(input, shapes, output) ?? [], where, first),
      trainable,
      weights,
    });
    if (given !== undefined) {
      if (this.#named.has(given)) {
        throw new RangeError(`sequential: two layers are called ${JSON.stringify(given)}; names must differ`);
      }
      this.#named.set(given, index);
    }
    return index;
  }

  #specs(specs: readonly ParameterSpec[], where: string, first: number | undefined): GraphParameter[] {
    return specs.map((spec) => {
      const { name, tied } = spec;
      if (first !== undefined) this.#around.sharing!.check(spec, this.nodes[first]!, where);
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
  const read = new Set([end, ...nodes.flatMap(({ from, others }) => [from, ...Object.values(others)])]);
  const unread = nodes.find(({ index }) => !read.has(index));
  if (unread) {
    throw new RangeError(
      `sequential: nothing uses the output of ${whereText(unread.layer, unread.index)}; leave it out`,
    );
  }
  const names = new Set(nodes.map(({ given }) => given));
  /** By type: how many layers have it so far, and the last number that was given to one. */
  const numbers = new Map<string, readonly [count: number, last: number]>();
  let number = 0; // of layers with parameters so far: the textbook index
  let activated = true;
  return nodes.map((node) => {
    const { layer, specs } = node;
    const { type } = layer;
    // dense1, dense2, ...: how many layers have the type so far, or the next number that is not taken
    let [count, last] = numbers.get(type) ?? [0, 0];
    count++;
    let name = node.given;
    if (name === undefined) {
      last = Math.max(last + 1, count); // what is between the count and the last number is taken
      while (names.has(`${type}${last}`)) last++;
      name = `${type}${last}`;
    }
    numbers.set(type, [count, last]);
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
