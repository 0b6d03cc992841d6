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
import { checkKind } from "../util/check.ts";
import type { ParameterSpec } from "./parameter.ts";
import type { Shape } from "../util/shape.ts";

type Placed = Omit<GraphNode, "name" | "outputName" | "textbookNames"> & {
  /** The name that the layer was given; another use of a shared layer has none. */
  readonly given: string | undefined;
};

/** Composites around a layer: each takes a few calls of the engine's stack, which ends after some thousands. */
const DEEPEST = 500;

/** What the composites around a layer say of it. */
interface Around {
  readonly depth: number;
  readonly trainable: boolean;
  readonly weights: Layer["weights"];
  readonly sharing: { readonly nodes: number[]; at: number; readonly check: SharedCheck } | undefined;
}

/** The graph while it is put together. Composites add their layers to it. */
export class Graph implements GraphBuilder {
  readonly nodes: Placed[] = [];
  readonly #inputShape: Shape;
  /** The values that were given a name. */
  readonly #named = new Map<string, Value>();
  /** Nodes of the first use of a shared layer or composite, in their order. */
  readonly #shared = new Map<Layer, number[]>();
  #around: Around = { depth: 0, trainable: true, weights: undefined, sharing: undefined };

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
      `${where}: no input and no layer before it is called ${JSON.stringify(name)}; ${known ? `there are ${known}` : "none has a name"}`,
    );
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
    const depth = around.depth + 1;
    if (depth > DEEPEST + 1) {
      throw new RangeError(
        `sequential: composites such as chain and residual may be nested ${DEEPEST} deep, but ` +
          `${whereText(layer, this.nodes.length)} is within more; give consecutive layers as one list`,
      );
    }
    let { sharing } = around;
    if (layer.shared) {
      const nodes = this.#shared.get(layer) ?? [];
      this.#shared.set(layer, nodes);
      sharing = { nodes, at: 0, check: layer.shared };
    }
    const trainable = around.trainable && layer.trainable !== false;
    this.#around = { depth, trainable, weights: around.weights ?? layer.weights, sharing };
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
    // the node that this one corresponds to in the first use of what is shared
    const { sharing, trainable, weights } = this.#around;
    const first = sharing?.nodes[sharing.at++];
    if (first === undefined) sharing?.nodes.push(index);
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
  const counts = new Map<string, { count: number; last: number }>();
  let number = 0; // of layers with parameters so far: the textbook index
  let activated = true;
  return nodes.map((node) => {
    const { layer, specs } = node;
    const { type } = layer;
    // dense1, dense2, ...: a layer's type and how many layers have it so far, or the next number that is not taken
    const numbered = counts.get(type) ?? { count: 0, last: 0 };
    counts.set(type, numbered);
    numbered.count++;
    let name = node.given;
    if (name === undefined) {
      // what lies between is taken, too
      let next = Math.max(numbered.count, numbered.last + 1);
      while (names.has(`${type}${next}`)) next++;
      numbered.last = next;
      name = `${type}${next}`;
    }
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
