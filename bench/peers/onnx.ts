// ONNX models of the workloads, written field by field; see: onnx.proto in the onnx repository, whose numbers these are.
import { initialParameters, type Parameter } from "../data.ts";

/** What is used of protobufjs. */
interface Writer {
  uint32(value: number): Writer;
  string(value: string): Writer;
  bytes(value: Uint8Array): Writer;
  finish(): Uint8Array;
}
type NewWriter = { readonly Writer: { create(): Writer } };
const { default: protobuf } = (await import("protobufjs/minimal.js" as string)) as { default: NewWriter };

/** A field with its number; a list is a message within. */
type Field = readonly [number: number, value: number | string | Uint8Array | readonly Field[]];

function encode(fields: readonly Field[]): Uint8Array {
  const writer = protobuf.Writer.create();
  for (const [number, value] of fields) {
    if (typeof value === "number") writer.uint32(number << 3).uint32(value);
    else writer.uint32((number << 3) | 2);
    if (typeof value === "string") writer.string(value);
    else if (value instanceof Uint8Array) writer.bytes(value);
    else if (typeof value !== "number") writer.bytes(encode(value));
  }
  return writer.finish();
}

const FLOAT = 1;

function node(type: string, inputs: readonly string[], output: string, attributes: readonly Field[] = []): Field {
  return [1, [...inputs.map((name): Field => [1, name]), [2, output], [4, type], ...attributes]];
}

/** An input (11) or output (12) of the graph; a size may be a name. */
function end(field: 11 | 12, name: string, shape: readonly (number | string)[]): Field {
  const dimensions = shape.map((size): Field => [1, [[typeof size === "number" ? 1 : 2, size]]]);
  const type: Field = [1, [[1, FLOAT], [2, dimensions]]]; // prettier-ignore
  return [field, [[1, name], [2, [type]]]]; // prettier-ignore
}

function constant(name: string, { shape, values }: Parameter): Field {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return [5, [...shape.map((size): Field => [1, size]), [2, FLOAT], [8, name], [9, bytes]]];
}

function model(graph: readonly Field[]): Uint8Array {
  return encode([[1, 7], [7, [...graph, [2, "bench"]]], [8, [[1, ""], [2, 13]]]]); // prettier-ignore
}

/** C = A B. */
export function productModel([m, k, n]: readonly [number, number, number]): Uint8Array {
  return model([node("MatMul", ["A", "B"], "C"), end(11, "A", [m, k]), end(11, "B", [k, n]), end(12, "C", [m, n])]);
}

/** Probabilities of W2's network, for any number of rows. */
export function mlpModel(): Uint8Array {
  const [w1, b1, w2, b2] = initialParameters("mlp");
  const lastAxis: Field = [5, [[1, "axis"], [3, 1], [20, 2]]]; // prettier-ignore
  return model([
    node("Gemm", ["x", "w1", "b1"], "z1"),
    node("Relu", ["z1"], "a1"),
    node("Gemm", ["a1", "w2", "b2"], "z2"),
    node("Softmax", ["z2"], "p", [lastAxis]),
    constant("w1", w1!),
    constant("b1", b1!),
    constant("w2", w2!),
    constant("b2", b2!),
    end(11, "x", ["rows", 784]),
    end(12, "p", ["rows", 10]),
  ]);
}
