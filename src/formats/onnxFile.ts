// Reads ONNX files, models and single tensors, as plain objects: protobuf messages of onnx.proto. What the operators mean isn't known here.
// see: ONNX, onnx/onnx.proto and docs/IR.md
import { valueText } from "../util/check.ts";
import { checkBytes } from "./bytes.ts";
import { fileError } from "./fileError.ts";
import { elementOf, type OnnxSource, readEntry, readTensor } from "./onnxTensor.ts";
import {
  ATTRIBUTE_TYPES,
  type OnnxAttribute,
  type OnnxAxis,
  type OnnxElement,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxOpset,
  type OnnxReadOptions,
  type OnnxTensor,
  type OnnxType,
  type OnnxValue,
} from "./onnxTypes.ts";
import { FIXED32, integersOf, joinRuns, MessageReader, type Run, VARINT } from "./protobuf.ts";

function sourceOf(bytes: Uint8Array, name: string, { external }: OnnxReadOptions): OnnxSource {
  checkBytes(name, "the file", bytes);
  return { bytes, fail: (at, reason) => fileError(`${name} can't be read at byte ${at}: `, at, reason), external };
}

/**
 * Reads a model. Nothing is computed or executed; time and memory are in proportion to the file. Fields that aren't known are skipped.
 *
 * @param name what messages call the file, `fromOnnx: "a.onnx"`
 * @param options.external gives the bytes of tensors that are in other files; default: they are refused
 * @throws {FileError} with the place, if it is cut short, damaged, or no ONNX file; if a tensor hasn't the bytes that its shape needs,
 *   is in another file, or of elements that aren't numbers of 8 bits or more; if there are functions, sparse tensors, or whole numbers
 *   beyond 2^53
 */
export function readOnnx(bytes: Uint8Array, name: string, options: OnnxReadOptions = {}): OnnxModel {
  const own = sourceOf(bytes, name, options);
  // what every writer begins with: the version of the format
  const hint = bytes[0] === 8 ? "" : "; is it an ONNX file?";
  const source = { ...own, fail: (at: number, reason: string): Error => own.fail(at, reason + hint) };
  if (bytes.length === 0) throw source.fail(0, "the file is empty");
  const message = new MessageReader(source, "ModelProto");
  const opsets: OnnxOpset[] = [];
  const metadata: [string, string][] = [];
  const texts = { producer: "", producerVersion: "", domain: "", doc: "" };
  let irVersion = 0;
  let modelVersion = 0;
  let graph: OnnxGraph | undefined;
  while (message.next()) {
    const { field, at } = message;
    if (field === 1) irVersion = message.integer();
    else if (field === 2) texts.producer = message.text();
    else if (field === 3) texts.producerVersion = message.text();
    else if (field === 4) texts.domain = message.text();
    else if (field === 5) modelVersion = message.integer();
    else if (field === 6) texts.doc = message.text();
    else if (field === 7) {
      if (graph) throw source.fail(at, "there is a second graph");
      graph = readGraph(source, message.message("GraphProto"));
    } else if (field === 8) opsets.push(readOpset(message.message("OperatorSetIdProto")));
    else if (field === 14) metadata.push(readEntry(message.message("StringStringEntryProto")));
    else if (field === 25) {
      const called = textOf(message.message("FunctionProto"), 1);
      throw source.fail(at, `there is a function, ${valueText(called)}; inline it first, by onnx.inliner of Python`);
    }
  }
  if (!graph) throw source.fail(bytes.length, "there is no graph");
  return { irVersion, ...texts, modelVersion, opsets, graph, metadata };
}

/**
 * Reads a file of one tensor, as in ONNX's test data.
 *
 * @param name what messages call the file
 * @throws {FileError} as `readOnnx`
 */
export function readOnnxTensor(bytes: Uint8Array, name: string, options: OnnxReadOptions = {}): OnnxTensor {
  const source = sourceOf(bytes, name, options);
  return readTensor(source, new MessageReader(source, "TensorProto"));
}

/** The text of a field, the last one; others are skipped. */
function textOf(message: MessageReader, field: number): string {
  let text = "";
  while (message.next()) if (message.field === field) text = message.text();
  return text;
}

function readOpset(message: MessageReader): OnnxOpset {
  let domain = "";
  let version = 0;
  while (message.next()) {
    if (message.field === 1) domain = message.text();
    else if (message.field === 2) version = message.integer();
  }
  return { domain, version };
}

/** Of all lists without members: a few bytes of a file can have very many lists. */
const NONE: readonly never[] = /* @__PURE__ */ Object.freeze([]);

/** A list with one more at its end. */
function added<T>(list: readonly T[], one: T): readonly T[] {
  if (list.length === 0) return [one];
  (list as T[]).push(one);
  return list;
}

function readGraph(source: OnnxSource, message: MessageReader): OnnxGraph {
  let nodes: readonly OnnxNode[] = NONE;
  let initializers: readonly OnnxTensor[] = NONE;
  let inputs: readonly OnnxValue[] = NONE;
  let outputs: readonly OnnxValue[] = NONE;
  let values: readonly OnnxValue[] = NONE;
  let name = "";
  let doc = "";
  while (message.next()) {
    const { field, at } = message;
    if (field === 1) nodes = added(nodes, readNode(source, message.message("NodeProto")));
    else if (field === 2) name = message.text();
    else if (field === 5) initializers = added(initializers, readTensor(source, message.message("TensorProto")));
    else if (field === 10) doc = message.text();
    else if (field === 11) inputs = added(inputs, readValue(source, message.message("ValueInfoProto")));
    else if (field === 12) outputs = added(outputs, readValue(source, message.message("ValueInfoProto")));
    else if (field === 13) values = added(values, readValue(source, message.message("ValueInfoProto")));
    else if (field === 15) {
      const called = sparseName(message.message("SparseTensorProto"));
      throw source.fail(at, `the initializer ${valueText(called)} is sparse; write it with all its numbers`);
    }
  }
  return { name, doc, nodes, initializers, inputs, outputs, values };
}

/** The name of a sparse tensor: that of its values. */
function sparseName(message: MessageReader): string {
  let name = "";
  while (message.next()) if (message.field === 1) name = textOf(message.message("TensorProto"), 8);
  return name;
}

function readNode(source: OnnxSource, message: MessageReader): OnnxNode {
  const begin = message.at;
  let inputs: readonly string[] = NONE;
  let outputs: readonly string[] = NONE;
  let attributes: readonly OnnxAttribute[] = NONE;
  let name = "";
  let operator = "";
  let domain = "";
  while (message.next()) {
    const { field } = message;
    if (field === 1) inputs = added(inputs, message.text());
    else if (field === 2) outputs = added(outputs, message.text());
    else if (field === 3) name = message.text();
    else if (field === 4) operator = message.text();
    else if (field === 5) attributes = added(attributes, readAttribute(source, message.message("AttributeProto")));
    else if (field === 7) domain = message.text();
  }
  if (operator === "") throw source.fail(begin, `the node ${valueText(name)} has no operator`);
  return { name, operator, domain, inputs, outputs, attributes };
}

/** Attributes that aren't read, by their types: what they hold. */
const OTHER_ATTRIBUTES = ["undefined", "sparse tensor", "sparse tensors", "type", "types"];

function readAttribute(source: OnnxSource, message: MessageReader): OnnxAttribute {
  const begin = message.at;
  let name = "";
  let number = 0;
  let float = 0;
  let whole = 0;
  let text = "";
  let floats: readonly Run[] = NONE;
  let wholes: readonly Run[] = NONE;
  let strings: readonly string[] = NONE;
  let tensor: readonly OnnxTensor[] = NONE;
  let graph: readonly OnnxGraph[] = NONE;
  let tensors: readonly OnnxTensor[] = NONE;
  let graphs: readonly OnnxGraph[] = NONE;
  let refers = "";
  while (message.next()) {
    const { field } = message;
    if (field === 1) name = message.text();
    else if (field === 2) float = message.float();
    else if (field === 3) whole = message.integer();
    else if (field === 4) text = message.text();
    else if (field === 5) tensor = added(tensor, readTensor(source, message.message("TensorProto")));
    else if (field === 6) graph = added(graph, readGraph(source, message.message("GraphProto")));
    else if (field === 7) floats = added(floats, message.run(FIXED32));
    else if (field === 8) wholes = added(wholes, message.run(VARINT));
    else if (field === 9) strings = added(strings, message.text());
    else if (field === 10) tensors = added(tensors, readTensor(source, message.message("TensorProto")));
    else if (field === 11) graphs = added(graphs, readGraph(source, message.message("GraphProto")));
    else if (field === 20) number = message.integer();
    else if (field === 21) refers = message.text();
  }
  const says = (what: string): Error => source.fail(begin, `the attribute ${valueText(name)} ${what}`);
  const one = <T>(list: readonly T[]): T => {
    if (list.length !== 1) throw says(`must have one ${type}, but has ${list.length}`);
    return list[0]!;
  };
  const type = ATTRIBUTE_TYPES[number];
  if (refers !== "") throw says(`stands for an attribute of a function, ${valueText(refers)}; inline functions first`);
  if (type === "float") return { name, type, value: float };
  if (type === "int") return { name, type, value: whole };
  if (type === "string") return { name, type, value: text };
  if (type === "tensor") return { name, type, value: one(tensor) };
  if (type === "graph") return { name, type, value: one(graph) };
  if (type === "floats") return { name, type, value: floatsOf(source, floats, says) };
  if (type === "ints") return { name, type, value: integersOf(source, wholes) };
  if (type === "strings") return { name, type, value: strings };
  if (type === "tensors") return { name, type, value: tensors };
  if (type === "graphs") return { name, type, value: graphs };
  const known = ATTRIBUTE_TYPES.filter((each) => !OTHER_ATTRIBUTES.includes(each)).join(", ");
  if (number === 0) throw says(`has no type; read are ${known}`);
  throw says(`is of the type ${number}${type ? ` (${type})` : ""}, which isn't read; read are ${known}`);
}

function floatsOf(source: OnnxSource, runs: readonly Run[], says: (what: string) => Error): number[] {
  const bytes = joinRuns(source, runs);
  if (bytes.length % 4 !== 0) throw says(`has ${bytes.length} bytes of numbers of 4`);
  return Array.from(new Float32Array(bytes.buffer));
}

function readValue(source: OnnxSource, message: MessageReader): OnnxValue {
  let name = "";
  let doc = "";
  let type: OnnxType | undefined;
  while (message.next()) {
    const { field } = message;
    if (field === 1) name = message.text();
    else if (field === 2) type = readType(source, message.message("TypeProto"));
    else if (field === 3) doc = message.text();
  }
  return { name, type, doc };
}

/** A type is one of several fields: of more the last one counts. */
function readType(source: OnnxSource, message: MessageReader): OnnxType | undefined {
  let type: OnnxType | undefined;
  while (message.next()) {
    const { field } = message;
    if (field === 1) type = readTensorType(source, message.message("TypeProto.Tensor"), "tensor");
    else if (field === 4) type = { kind: "sequence", of: readInner(source, message.message("TypeProto.Sequence")).of };
    else if (field === 5) type = { kind: "map", ...readInner(source, message.message("TypeProto.Map"), 2) };
    else if (field === 7) type = readOpaque(message.message("TypeProto.Opaque"));
    else if (field === 8) type = readTensorType(source, message.message("TypeProto.SparseTensor"), "sparse");
    else if (field === 9) type = { kind: "optional", of: readInner(source, message.message("TypeProto.Optional")).of };
  }
  return type;
}

function readTensorType(source: OnnxSource, message: MessageReader, kind: "tensor" | "sparse"): OnnxType {
  let element = elementOf(source, 0, message.at);
  let shape: OnnxAxis[] | undefined;
  while (message.next()) {
    if (message.field === 1) element = elementOf(source, message.integer(), message.at);
    else if (message.field === 2) shape = readShape(message.message("TensorShapeProto"));
  }
  return { kind, element, shape };
}

function readShape(message: MessageReader): OnnxAxis[] {
  const shape: OnnxAxis[] = [];
  while (message.next()) {
    if (message.field !== 1) continue;
    const axis = message.message("TensorShapeProto.Dimension");
    let size: OnnxAxis;
    while (axis.next()) {
      if (axis.field === 1) size = axis.integer();
      else if (axis.field === 2) size = axis.text() || undefined;
    }
    shape.push(size);
  }
  return shape;
}

/** The type within another one: field 1, or of a map field 2 behind the keys' type. */
function readInner(
  source: OnnxSource,
  message: MessageReader,
  field = 1,
): { key: OnnxElement; of: OnnxType | undefined } {
  let key = elementOf(source, 0, message.at);
  let of: OnnxType | undefined;
  while (message.next()) {
    if (message.field === field) of = readType(source, message.message("TypeProto"));
    else if (message.field === 1) key = elementOf(source, message.integer(), message.at);
  }
  return { key, of };
}

function readOpaque(message: MessageReader): OnnxType {
  const texts = { domain: "", name: "" };
  while (message.next()) {
    if (message.field === 1) texts.domain = message.text();
    else if (message.field === 2) texts.name = message.text();
  }
  return { kind: "opaque", ...texts };
}
