// ONNX files as mappings want them: the library's reader, with plain numbers, and attributes by their names.
import { readOnnx, readOnnxTensor } from "../../src/formats/onnxFile.ts";
import type { OnnxAttribute, OnnxNumbers, OnnxTensor, OnnxValue } from "../../src/formats/onnxTypes.ts";

/** Numbers and their shape, row by row; whole numbers and booleans too are plain numbers. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
  /** The type in the file. */
  readonly type: OnnxNumbers;
}

export type Attribute = number | string | readonly number[] | readonly string[] | Tensor;

/** One operator of a graph. A missing input or output has the name "". */
export interface Node {
  readonly operator: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export interface Model {
  /** Version of ONNX's own operators. */
  readonly opset: number;
  readonly nodes: readonly Node[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

export function readModel(bytes: Uint8Array): Model {
  const { opsets, graph } = readOnnx(bytes, "onnx");
  const nodes = graph.nodes.map(({ attributes, ...node }) => ({
    ...node,
    attributes: new Map(attributes.map((attribute) => [attribute.name, attributeOf(attribute)])),
  }));
  const own = opsets.find(({ domain }) => ["", "ai.onnx"].includes(domain));
  return { opset: own?.version ?? 1, nodes, inputs: graph.inputs, outputs: graph.outputs };
}

export const readTensor = (bytes: Uint8Array): Tensor => plain(readOnnxTensor(bytes, "onnx"));

const plain = ({ shape, data, type }: OnnxTensor): Tensor => ({
  shape,
  data: type.endsWith("64") ? Array.from(data as BigInt64Array, Number) : (data as Float32Array),
  type,
});

function attributeOf({ name, type, value }: OnnxAttribute): Attribute {
  if (type === "tensor") return plain(value);
  if (type === "graph" || type === "graphs" || type === "tensors") {
    throw new RangeError(`onnx: attribute ${name} has ${type}, which no node test has`);
  }
  return value;
}
