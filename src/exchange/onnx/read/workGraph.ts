// A file's graph that is worked on: nodes are replaced by simpler ones until all that is left can be said with layers.
import type {
  OnnxAttribute,
  OnnxModel,
  OnnxNode,
  OnnxNumbers,
  OnnxTensor,
  OnnxValue,
} from "../../../formats/onnxTypes.ts";
import { OnnxGraphError } from "../onnxError.ts";
import { Attributes } from "./attributes.ts";
import { capturesOf } from "./subgraphs.ts";

/** A tensor that is known: an initializer, or what nodes made of such. */
export interface Constant {
  /** The type of its numbers in the file; those of 64 bits are numbers here. */
  readonly type: OnnxNumbers;
  readonly shape: readonly number[];
  /** The last axis contiguous. It may be shared: never written to. */
  readonly data: Float32Array | Float64Array;
}

/** A node. Inputs and outputs are names of values; "" is one that is left out. */
export interface WorkNode {
  /** Its name in the file, or its first output. */
  readonly name: string;
  readonly operator: string;
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  /** Changed by `WorkGraph.setInput` and `replace` alone. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** What a new node is. */
export interface NewNode {
  readonly operator: string;
  /** Default: ONNX's own. */
  readonly domain?: string | undefined;
  readonly inputs: readonly string[];
  /** Values that nothing makes so far. */
  readonly outputs: readonly string[];
  readonly attributes?: readonly OnnxAttribute[] | undefined;
  /** Default: the first output. */
  readonly name?: string | undefined;
}

/** A pass: rewrites the graph in place, into one that computes the same. */
export type Pass = (graph: WorkGraph) => void;

/** Numbers that may be made beyond as many as the file has itself: masks of shape arithmetic are larger than their nodes. */
const NUMBERS_OF_ANY = 1 << 25;

type Mutable = { -readonly [K in keyof WorkNode]: WorkNode[K] } & { inputs: string[] };

const OWN = ["", "ai.onnx"];

/** A graph whose nodes can be replaced. Every value has at most one producer: a constant, a graph input, or a node. */
export class WorkGraph {
  /** What messages call the file. */
  readonly file: string;
  /** The graph's inputs that aren't initializers, in order. */
  readonly inputs: readonly OnnxValue[];
  /** The graph's outputs, in order: their names in the file, types, and the value that each is now. */
  readonly outputs: readonly { readonly value: OnnxValue; from: string }[];
  /** Types that the file tells of values within. */
  readonly types: ReadonlyMap<string, OnnxValue>;
  /** Tensors that are known, by their values' names. */
  readonly constants: ReadonlyMap<string, Constant>;
  /** Constants that are others for another number of rows: they can be shapes, but no numbers that are computed with. */
  readonly rowDependent = new Set<string>();
  /** The number of rows that shapes are for: of the file, or one that stands for any. */
  readonly rows: number;
  readonly #shapes = new Map<string, readonly number[]>();
  readonly #constants = new Map<string, Constant>();
  readonly #opsets: ReadonlyMap<string, number>;
  readonly #nodes = new Set<Mutable>();
  readonly #producers = new Map<string, Mutable>();
  readonly #consumers = new Map<string, Set<Mutable>>();
  readonly #names = new Set<string>();
  /** The values that are outputs now. */
  readonly #given: Set<string>;
  #made = 0;
  #room = NUMBERS_OF_ANY;

  /**
   * @param rows the number of rows that shapes are for
   * @throws {OnnxGraphError} if a value has two producers, or there are functions of other domains' operators without a version
   */
  constructor(model: OnnxModel, file: string, rows = 1) {
    this.file = file;
    this.rows = rows;
    this.constants = this.#constants;
    this.#opsets = new Map(model.opsets.map(({ domain, version }) => [OWN.includes(domain) ? "" : domain, version]));
    const { graph } = model;
    for (const tensor of graph.initializers) {
      this.addConstant(constantOf(tensor), tensor.name);
      this.#room += 8 * this.#constants.get(tensor.name)!.data.length;
    }
    this.inputs = graph.inputs.filter(({ name }) => !this.#constants.has(name));
    for (const { name } of this.inputs) this.#claim(name);
    this.types = new Map([...graph.values, ...graph.inputs, ...graph.outputs].map((value) => [value.name, value]));
    for (const node of graph.nodes) this.#addFromFile(node);
    this.outputs = graph.outputs.map((value) => ({ value, from: value.name }));
    this.#given = new Set(graph.outputs.map(({ name }) => name));
  }

  /** The version of a domain's operators; of ONNX's own by default. */
  opset(domain = ""): number {
    return this.#opsets.get(domain) ?? 1;
  }

  /** All nodes, in the order in which they were added; removing some while going through them is fine. */
  get nodes(): Iterable<WorkNode> {
    return this.#nodes;
  }

  /** The node that makes a value; undefined: it is an input, a constant, or nothing. */
  producer(value: string): WorkNode | undefined {
    return this.#producers.get(value);
  }

  /** The nodes that take a value, each once. */
  consumers(value: string): readonly WorkNode[] {
    return [...(this.#consumers.get(value) ?? [])];
  }

  /** The one node that takes a value; undefined if none or several do, or if it is an output of the graph. */
  onlyConsumer(value: string): WorkNode | undefined {
    const consumers = this.#consumers.get(value);
    return consumers?.size === 1 && !this.isOutput(value) ? [...consumers][0] : undefined;
  }

  /** Whether a value is an output of the graph. */
  isOutput(value: string): boolean {
    return this.#given.has(value);
  }

  /** A constant with a single number (of any rank); undefined: it is no such constant. */
  scalar(value: string): number | undefined {
    const constant = this.constants.get(value);
    return constant?.data.length === 1 ? constant.data[0] : undefined;
  }

  /** The shape of a value, with `rows` for the number of rows; undefined: it isn't known. */
  shape(value: string): readonly number[] | undefined {
    return this.constants.get(value)?.shape ?? this.#shapes.get(value);
  }

  /** Sets the shape of a value. */
  setShape(value: string, shape: readonly number[]): void {
    this.#shapes.set(value, shape);
  }

  /** A name that no value has, beginning with `hint`. */
  fresh(hint: string): string {
    for (;;) {
      const name = `${hint}/${++this.#made}`;
      if (!this.#names.has(name)) return name;
    }
  }

  /** Adds a constant, and gives its value's name: `name`, which must be new, or one that is made. */
  addConstant(constant: Constant, name = this.fresh("constant")): string {
    this.#claim(name);
    this.#constants.set(name, constant);
    return name;
  }

  /** Adds a node; its outputs must be new values. */
  addNode({ operator, domain = "", inputs, outputs, attributes = [], name }: NewNode): WorkNode {
    const own = name || outputs.find(Boolean) || operator;
    const place = { node: own, operator: domain ? `${domain}.${operator}` : operator, opset: this.opset(domain) };
    const fail = (attribute: string, reason: string): Error =>
      new OnnxGraphError(this.file, reason, { ...place, attribute });
    const node: Mutable = {
      name: own,
      operator,
      domain,
      inputs: [...inputs],
      outputs: [...outputs],
      attributes: new Attributes(attributes, fail),
    };
    for (const output of outputs) {
      if (output === "") continue;
      this.#claim(output);
      this.#producers.set(output, node);
    }
    for (const input of inputs) this.#consume(input, node);
    this.#nodes.add(node);
    return node;
  }

  /** Removes a node. Its outputs are without a producer then: nobody may take them any more, or a new node makes them. */
  removeNode(node: WorkNode): void {
    const own = node as Mutable;
    if (!this.#nodes.delete(own)) return;
    for (const output of own.outputs) {
      this.#producers.delete(output);
      this.#names.delete(output);
    }
    for (const input of new Set(own.inputs)) this.#consumers.get(input)?.delete(own);
  }

  /** Removes a constant. */
  removeConstant(name: string): void {
    if (this.#constants.delete(name)) this.#names.delete(name);
  }

  /** Lets a node take another value. */
  setInput(node: WorkNode, at: number, value: string): void {
    const own = node as Mutable;
    const before = own.inputs[at] ?? "";
    while (own.inputs.length < at) own.inputs.push("");
    own.inputs[at] = value;
    if (!own.inputs.includes(before)) this.#consumers.get(before)?.delete(own);
    this.#consume(value, own);
  }

  /** Lets all that takes one value, the graph's outputs too, take another. */
  replace(value: string, by: string): void {
    if (value === by) return;
    for (const node of this.consumers(value)) {
      node.inputs.forEach((input, at) => input === value && this.setInput(node, at, by));
    }
    if (!this.#given.delete(value)) return;
    this.#given.add(by);
    for (const output of this.outputs) if (output.from === value) output.from = by;
  }

  /** Removes nodes all of whose outputs nobody takes, and what only they took, constants too. */
  removeUnused(): void {
    const open = [...this.#nodes];
    for (let node = open.pop(); node; node = open.pop()) {
      if (!this.#nodes.has(node)) continue;
      if (node.outputs.some((output) => this.isOutput(output) || this.#consumers.get(output)?.size)) continue;
      const { inputs } = node;
      this.removeNode(node);
      for (const input of inputs) {
        const producer = this.#producers.get(input);
        if (producer) open.push(producer);
      }
    }
    for (const name of this.#constants.keys()) {
      if (!this.#consumers.get(name)?.size && !this.isOutput(name)) this.removeConstant(name);
    }
  }

  /**
   * The nodes in an order in which they can be computed.
   *
   * @throws {OnnxGraphError} if a node takes what nothing makes, or its own result
   */
  ordered(): readonly WorkNode[] {
    const result: WorkNode[] = [];
    const waiting = new Map<Mutable, number>();
    const ready: Mutable[] = [];
    for (const node of this.#nodes) {
      const needed = new Set(node.inputs.filter((input) => this.#producers.has(input)));
      const missing = node.inputs.find((input) => input !== "" && !this.#names.has(input));
      if (missing !== undefined) throw this.error(node, `nothing in the file makes its input "${missing}"`);
      if (needed.size) waiting.set(node, needed.size);
      else ready.push(node);
    }
    for (let at = 0; at < ready.length; at++) {
      const node = ready[at]!;
      result.push(node);
      for (const output of node.outputs) {
        for (const consumer of this.#consumers.get(output) ?? []) {
          const left = waiting.get(consumer)! - 1;
          if (left) waiting.set(consumer, left);
          else {
            waiting.delete(consumer);
            ready.push(consumer);
          }
        }
      }
    }
    for (const node of waiting.keys()) throw this.error(node, "it needs its own result: the graph has a cycle");
    return result;
  }

  /**
   * Counts numbers that are made for a node, or gone through, before they are.
   *
   * @throws {OnnxGraphError} if all together are out of proportion to the file
   */
  spend(node: WorkNode, count: number): void {
    this.#room -= count;
    if (this.#room >= 0) return;
    throw this.error(node, `it needs ${count} numbers, too many for what the file has; export it with smaller sizes`);
  }

  /** The error of a node: `reason` says what is wrong, against what, and what would work. */
  error({ name, operator, domain }: WorkNode, reason: string, attribute?: string): OnnxGraphError {
    return new OnnxGraphError(this.file, reason, {
      node: name,
      operator: domain ? `${domain}.${operator}` : operator,
      opset: this.opset(domain),
      attribute,
    });
  }

  #addFromFile({ name, operator, domain, inputs, outputs, attributes }: OnnxNode): void {
    const captures = capturesOf(attributes);
    // what graphs within take from here comes behind the inputs that the operator has itself
    const all = captures.length ? [...inputs, ...captures] : inputs;
    this.addNode({ name, operator, domain: OWN.includes(domain) ? "" : domain, inputs: all, outputs, attributes });
  }

  #claim(name: string): void {
    if (this.#names.has(name)) throw new OnnxGraphError(this.file, `two values have the name ${JSON.stringify(name)}`);
    this.#names.add(name);
  }

  #consume(value: string, node: Mutable): void {
    if (value === "") return;
    const consumers = this.#consumers.get(value);
    if (consumers) consumers.add(node);
    else this.#consumers.set(value, new Set([node]));
  }
}

/** A tensor of the file as a constant. */
export function constantOf({ type, shape, data }: OnnxTensor): Constant {
  const numbers = data as Float32Array | BigInt64Array;
  if (type === "float" || type === "float16" || type === "bfloat16")
    return { type, shape, data: numbers as Float32Array };
  if (type === "double") return { type, shape, data: data as Float64Array };
  return { type, shape, data: Float64Array.from(numbers as Float32Array, Number) };
}
