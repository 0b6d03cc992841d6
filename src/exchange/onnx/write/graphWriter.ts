// Puts the graph of an ONNX file together: nodes in the order in which they are computed, initializers, and names, each of which is there
// once.
import type {
  OnnxAttribute,
  OnnxGraph,
  OnnxNode,
  OnnxTensor,
  OnnxType,
  OnnxValue,
} from "../../../formats/onnxTypes.ts";
import { type Shape, sizeOf } from "../../../util/shape.ts";
import type { MappedTensor } from "../../mapped.ts";

/** An attribute's type and value. */
export type Attribute = Unnamed<OnnxAttribute>;
type Unnamed<Each> = Each extends unknown ? Omit<Each, "name"> : never;

export const float = (value: number): Attribute => ({ type: "float", value });
export const int = (value: number): Attribute => ({ type: "int", value });
export const ints = (value: readonly number[]): Attribute => ({ type: "ints", value });
export const text = (value: string): Attribute => ({ type: "string", value });

/** An axis of a tensor: its size, or the name of the batch's. */
export const BATCH = "N";

interface Node {
  name: string;
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly OnnxAttribute[];
}

/** A graph while it is written. */
export class GraphWriter {
  /** The version of the operators. */
  readonly opset: number;
  /** What nodes are named after: the layer that they are of. */
  scope = "";
  readonly #nodes: Node[] = [];
  readonly #initializers: OnnxTensor[] = [];
  readonly #inputs: OnnxValue[] = [];
  readonly #outputs: OnnxValue[] = [];
  readonly #taken = new Set<string>();
  readonly #nodeNames = new Set<string>();
  /** By tensor: the node that gives it. */
  readonly #givers = new Map<string, Node>();
  /** What tensors are called in the end. */
  readonly #called = new Map<string, string>();
  readonly #constants = new Map<string, string>();
  /** What parameters became. */
  readonly mapped: MappedTensor[] = [];

  constructor(opset: number) {
    this.opset = opset;
  }

  /** What was added behind so many nodes computes. */
  operatorsFrom(count: number): readonly string[] {
    return this.#nodes.slice(count).map(({ operator }) => operator);
  }

  /** How many nodes there are. */
  get size(): number {
    return this.#nodes.length;
  }

  /** The name, or if it is taken, the name and a number. Without a name a value isn't there. */
  #unique(name: string, taken: Set<string>): string {
    let free = name === "" ? "_" : name;
    for (let i = 2; taken.has(free); i++) free = `${name}_${i}`;
    taken.add(free);
    return free;
  }

  /** Keeps a name for a tensor. */
  reserve(name: string): string {
    return this.#unique(name, this.#taken);
  }

  /** Adds an input of a name that was reserved. */
  input(name: string, element: "float" | "int64", axes: Shape): void {
    this.#inputs.push(valueOf(name, element, axes));
  }

  /** Makes a tensor an output of a name that was reserved. */
  output(tensor: string, name: string, axes: Shape): void {
    const outputs = this.#outputs.map((output) => output.name);
    const giver = this.#givers.get(tensor);
    let end = tensor;
    if (!giver || outputs.includes(this.#called.get(tensor) ?? "")) {
      this.scope = name;
      end = this.node("Identity", [tensor]);
    }
    this.#called.set(end, name);
    this.#outputs.push(valueOf(name, "float", axes));
  }

  /** Adds a node. Gives its output, or the first of several. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute | undefined>> = {},
    outputs = 1,
  ): string {
    return this.nodes(operator, inputs, attributes, Array<boolean>(outputs).fill(true))[0]!;
  }

  /** Adds a node with these of its outputs: "" for one that isn't wanted. */
  nodes(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute | undefined>>,
    wanted: readonly boolean[],
  ): readonly string[] {
    const name = this.#unique(`${this.scope}/${operator}`, this.#nodeNames);
    const outputs = wanted.map((is) => (is ? this.reserve(name) : ""));
    const given = Object.entries(attributes).flatMap(([key, attribute]) =>
      attribute ? [{ name: key, ...attribute } as OnnxAttribute] : [],
    );
    const node: Node = { name, operator, inputs, outputs, attributes: given };
    this.#nodes.push(node);
    for (const output of outputs) if (output !== "") this.#givers.set(output, node);
    return outputs;
  }

  /** Calls a tensor, and the node that gives it, as a layer is called. */
  call(tensor: string, name: string): void {
    const giver = this.#givers.get(tensor);
    if (!giver || this.#called.has(tensor)) return;
    this.#called.set(tensor, this.reserve(name));
    giver.name = this.#unique(name, this.#nodeNames);
  }

  /** An initializer, made when it is first asked for by its key. */
  initializer(key: string, name: string, shape: Shape, make: () => Float32Array): string {
    return this.#constant(key, name, (own) => ({ name: own, type: "float", shape, data: make() }));
  }

  #constant(key: string, name: string, make: (name: string) => OnnxTensor): string {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const own = this.reserve(name);
    this.#constants.set(key, own);
    this.#initializers.push(make(own));
    return own;
  }

  /** One float32 number. */
  number(value: number): string {
    const data = Float32Array.of(value);
    const name = `number_${data[0]!}`;
    return this.#constant(name, name, (own) => ({ name: own, type: "float", shape: [], data }));
  }

  /** A list of whole numbers. */
  integers(values: readonly number[]): string {
    const key = `integers_${values.join("_")}`;
    const name = values.length > 10 ? `integers_of_${values.length}` : key;
    const data = BigInt64Array.from(values, BigInt);
    return this.#constant(key, name, (own) => ({ name: own, type: "int64", shape: [values.length], data }));
  }

  /** One whole number. */
  integer(value: number): string {
    const name = `integer_${value}`;
    const data = BigInt64Array.of(BigInt(value));
    return this.#constant(name, name, (own) => ({ name: own, type: "int64", shape: [], data }));
  }

  /** Truths, by their place. */
  truths(name: string, shape: Shape, holds: (place: number) => boolean): string {
    const data = Uint8Array.from({ length: sizeOf(shape) }, (_, i) => Number(holds(i)));
    return this.#constant(`${name}_${shape.join("_")}`, name, (own) => ({ name: own, type: "bool", shape, data }));
  }

  /** Gives a tensor other axes; -1: what is left. */
  reshape(tensor: string, axes: readonly number[]): string {
    return this.node("Reshape", [tensor, this.integers(axes)]);
  }

  /** Axes in another order, if it is another. */
  transpose(tensor: string, order: readonly number[]): string {
    return order.every((axis, i) => axis === i) ? tensor : this.node("Transpose", [tensor], { perm: ints(order) });
  }

  /** Numbers along some axes become one. */
  reduce(
    operator: "ReduceMean" | "ReduceSum" | "ReduceMax",
    tensor: string,
    axes: readonly number[],
    keep: boolean,
  ): string {
    const keepdims = int(Number(keep));
    const asInput = operator === "ReduceSum" || this.opset >= 18;
    return asInput
      ? this.node(operator, [tensor, this.integers(axes)], { keepdims })
      : this.node(operator, [tensor], { axes: ints(axes), keepdims });
  }

  /** Some places along axes. */
  slice(tensor: string, axes: readonly number[], from: readonly number[], to: readonly number[]): string {
    return this.node("Slice", [tensor, this.integers(from), this.integers(to), this.integers(axes)]);
  }

  /** All of it, under the names of the end. */
  finish(name: string): OnnxGraph {
    const called = (tensor: string): string => this.#called.get(tensor) ?? tensor;
    const nodes = this.#nodes.map((node): OnnxNode => ({
      name: node.name,
      operator: node.operator,
      domain: "",
      inputs: node.inputs.map(called),
      outputs: node.outputs.map(called),
      attributes: node.attributes,
    }));
    const [inputs, outputs] = [this.#inputs, this.#outputs];
    return { name, doc: "", nodes, initializers: this.#initializers, inputs, outputs, values: [] };
  }
}

function valueOf(name: string, element: "float" | "int64", axes: Shape): OnnxValue {
  const type: OnnxType = { kind: "tensor", element, shape: [BATCH, ...axes] };
  return { name, type, doc: "" };
}
