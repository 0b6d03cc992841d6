// Graphs of ONNX operators, put together for tests of what is done with them.
import type {
  OnnxAttribute,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxValue,
} from "../../src/formats/onnxTypes.ts";
import { foldGraph } from "../../src/exchange/onnx/read/fold/fold.ts";
import { type Pass, WorkGraph } from "../../src/exchange/onnx/read/workGraph.ts";
import { sizeOf } from "../../src/util/shape.ts";

/** What an attribute says, of a type that follows from it: numbers that aren't whole are floats, `float(2)` is one too. */
export type AttributeValue = number | string | readonly number[] | OnnxGraph | { readonly float: number };

/** A whole number as an attribute of type float. */
export const float = (value: number): { readonly float: number } => ({ float: value });

export const attribute = (name: string, value: AttributeValue): OnnxAttribute => {
  if (typeof value === "number") return { name, type: Number.isInteger(value) ? "int" : "float", value };
  if (typeof value === "string") return { name, type: "string", value };
  if ("float" in value) return { name, type: "float", value: value.float };
  return "nodes" in value ? { name, type: "graph", value } : { name, type: "ints", value };
};

/** Nodes in the making. */
export class GraphParts {
  readonly #prefix: string;
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];

  /** Takes what names begin with, which must differ among graphs within each other. */
  constructor(prefix = "") {
    this.#prefix = prefix;
  }

  /** Adds a node, and gives the name of its result. Numbers among its inputs become constants. */
  op(
    operator: string,
    inputs: readonly (string | number)[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): string {
    const output = `${this.#prefix}${operator.toLowerCase()}${this.nodes.length}`;
    this.nodes.push({
      name: "",
      operator,
      domain: "",
      inputs: inputs.map((input) => (typeof input === "string" ? input : this.weight([], [input]))),
      outputs: [output],
      attributes: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    });
    return output;
  }

  /** Adds a constant of float32; without numbers those of 1, 1.5, 2 ... */
  weight(shape: readonly number[], data?: readonly number[]): string {
    const name = `${this.#prefix}w${this.initializers.length}`;
    const numbers = data ?? Array.from({ length: sizeOf(shape) }, (_, i) => 1 + i / 2);
    this.initializers.push({ name, type: "float", shape, data: Float32Array.from(numbers) });
    return name;
  }

  /** Adds a constant of int64. */
  ints(...data: readonly number[]): string {
    const name = `${this.#prefix}i${this.initializers.length}`;
    this.initializers.push({ name, type: "int64", shape: [data.length], data: BigInt64Array.from(data.map(BigInt)) });
    return name;
  }

  graph(inputs: Readonly<Record<string, readonly number[]>>, outputs: readonly string[]): OnnxGraph {
    const value = (name: string, shape: readonly number[] | undefined): OnnxValue => {
      return { name, doc: "", type: { kind: "tensor", element: "float", shape } };
    };
    return {
      name: "",
      doc: "",
      nodes: this.nodes,
      initializers: this.initializers,
      inputs: Object.entries(inputs).map(([name, shape]) => value(name, shape)),
      outputs: outputs.map((name) => value(name, undefined)),
      values: [],
    };
  }
}

/** A file of a graph: inputs by their names, with their shapes; `make` adds nodes and says which values are outputs. */
export function onnxModel(
  inputs: Readonly<Record<string, readonly number[]>>,
  make: (parts: GraphParts) => string | readonly string[],
  opset = 13,
): OnnxModel {
  const parts = new GraphParts();
  const outputs = [make(parts)].flat();
  return {
    irVersion: 8,
    producer: "",
    producerVersion: "",
    domain: "",
    modelVersion: 0,
    doc: "",
    opsets: [{ domain: "", version: opset }],
    graph: parts.graph(inputs, outputs),
    metadata: [],
  };
}

/** A graph with what is known of it, and what passes make of it. */
export function workGraph(model: OnnxModel, ...passes: readonly Pass[]): WorkGraph {
  const graph = new WorkGraph(model, "test");
  for (const { name, type } of graph.inputs) {
    if (type?.kind === "tensor") graph.setShape(name, type.shape!.map(Number));
  }
  foldGraph(graph);
  for (const pass of passes) pass(graph);
  return graph;
}

/** The nodes that are left, with the numbers of their attributes, and the inputs that are the graph's, or constants with a few numbers. */
export function nodesLeft(graph: WorkGraph): readonly string[] {
  return graph.ordered().map(({ operator, inputs, attributes }) => {
    const shown = inputs.map((name) => {
      const constant = graph.constants.get(name);
      if (constant)
        return constant.data.length === 1
          ? String(Number(constant.data[0]!.toPrecision(6)))
          : `[${constant.shape.join()}]`;
      return graph.producer(name)?.operator ?? name;
    });
    const said = attributes.all.map(
      ({ name, value }) => `${name}=${typeof value === "number" ? Number(value.toPrecision(6)) : String(value)}`,
    );
    return `${operator}(${[...shown, ...said].join(", ")})`;
  });
}
