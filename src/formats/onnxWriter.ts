// Writes ONNX files: fields in the order of their numbers, so that the same model is the same bytes.
import { isObject, valueText } from "../util/check.ts";
import { writeTensor } from "./onnxTensor.ts";
import {
  ATTRIBUTE_TYPES,
  ELEMENT_TYPES,
  type OnnxAttribute,
  type OnnxElement,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxType,
  type OnnxValue,
} from "./onnxTypes.ts";
import { MessageWriter, MOST_DEPTH } from "./protobuf.ts";

/** The most bytes of a protobuf message: its readers count in int32. */
const MOST_BYTES = 2 ** 31 - 1;

/** Text that may be left out where it is empty. */
function writeText(message: MessageWriter, field: number, text: string): void {
  if (text !== "") message.text(field, text);
}

/** Writes models. It knows how deep it is in a model, of which there must be an end. */
class Writer {
  readonly #where: string;
  #depth = 0;

  constructor(where: string) {
    this.#where = where;
  }

  #message(message: MessageWriter, field: number, fill: (inner: MessageWriter) => void): void {
    // the model itself is the first
    if (this.#depth + 1 >= MOST_DEPTH) {
      throw new RangeError(`${this.#where}: graphs and types are nested deeper than ${MOST_DEPTH} messages`);
    }
    this.#depth++;
    message.message(field, fill);
    this.#depth--;
  }

  #integer(message: MessageWriter, field: number, name: string, value: number): void {
    if (!Number.isSafeInteger(value)) {
      throw new RangeError(`${this.#where}: ${name} must be a whole number up to 2^53 - 1, got ${valueText(value)}`);
    }
    message.integer(field, value);
  }

  model(message: MessageWriter, model: OnnxModel): void {
    this.#integer(message, 1, "irVersion", model.irVersion);
    writeText(message, 2, model.producer);
    writeText(message, 3, model.producerVersion);
    writeText(message, 4, model.domain);
    if (model.modelVersion !== 0) this.#integer(message, 5, "modelVersion", model.modelVersion);
    writeText(message, 6, model.doc);
    this.#message(message, 7, (graph) => this.#graph(graph, model.graph));
    for (const { domain, version } of model.opsets) {
      this.#message(message, 8, (opset) => {
        writeText(opset, 1, domain);
        this.#integer(opset, 2, `the version of the opset ${valueText(domain)}`, version);
      });
    }
    for (const [key, text] of model.metadata) {
      this.#message(message, 14, (entry) => {
        writeText(entry, 1, key);
        writeText(entry, 2, text);
      });
    }
  }

  #graph(message: MessageWriter, graph: OnnxGraph): void {
    for (const node of graph.nodes) this.#message(message, 1, (inner) => this.#node(inner, node));
    writeText(message, 2, graph.name);
    for (const tensor of graph.initializers) this.#tensor(message, 5, tensor);
    writeText(message, 10, graph.doc);
    for (const value of graph.inputs) this.#message(message, 11, (inner) => this.#value(inner, value));
    for (const value of graph.outputs) this.#message(message, 12, (inner) => this.#value(inner, value));
    for (const value of graph.values) this.#message(message, 13, (inner) => this.#value(inner, value));
  }

  #tensor(message: MessageWriter, field: number, tensor: OnnxTensor): void {
    this.#message(message, field, (inner) => writeTensor(inner, tensor, this.#where));
  }

  #node(message: MessageWriter, { name, operator, domain, inputs, outputs, attributes }: OnnxNode): void {
    for (const input of inputs) message.text(1, input);
    for (const output of outputs) message.text(2, output);
    writeText(message, 3, name);
    if (operator === "") throw new RangeError(`${this.#where}: the node ${valueText(name)} has no operator`);
    message.text(4, operator);
    for (const attribute of attributes) {
      this.#message(message, 5, (inner) => this.#attribute(inner, attribute));
    }
    writeText(message, 7, domain);
  }

  #attribute(message: MessageWriter, attribute: OnnxAttribute): void {
    const { name, type, value } = attribute;
    message.text(1, name);
    const called = `the attribute ${valueText(name)}`;
    // what is 0 is written, too: it is there
    if (type === "float") message.float(2, value);
    else if (type === "int") this.#integer(message, 3, called, value);
    else if (type === "string") message.text(4, value);
    else if (type === "tensor") this.#tensor(message, 5, value);
    else if (type === "graph") this.#message(message, 6, (inner) => this.#graph(inner, value));
    else if (type === "floats") for (const each of value) message.float(7, each);
    else if (type === "ints") for (const each of value) this.#integer(message, 8, called, each);
    else if (type === "strings") for (const each of value) message.text(9, each);
    else if (type === "tensors") for (const each of value) this.#tensor(message, 10, each);
    else if (type === "graphs")
      for (const each of value) this.#message(message, 11, (inner) => this.#graph(inner, each));
    else throw new TypeError(`${this.#where}: ${called} is of the unknown type ${valueText(type)}`);
    message.integer(20, ATTRIBUTE_TYPES.indexOf(type));
  }

  #value(message: MessageWriter, { name, type, doc }: OnnxValue): void {
    message.text(1, name);
    if (type) this.#message(message, 2, (inner) => this.#type(inner, type));
    writeText(message, 3, doc);
  }

  #type(message: MessageWriter, type: OnnxType): void {
    const inner = (field: number, of: OnnxType | undefined, into: MessageWriter): void => {
      if (of) this.#message(into, field, (each) => this.#type(each, of));
    };
    const element = (into: MessageWriter, name: OnnxElement): void => {
      const number = ELEMENT_TYPES.indexOf(name);
      if (number < 0) throw new RangeError(`${this.#where}: elements of the type ${valueText(name)} are unknown`);
      if (number > 0) into.integer(1, number);
    };
    if (type.kind === "tensor" || type.kind === "sparse") {
      this.#message(message, type.kind === "tensor" ? 1 : 8, (tensor) => {
        element(tensor, type.element);
        const { shape } = type;
        if (!shape) return;
        this.#message(tensor, 2, (axes) => {
          for (const size of shape) {
            this.#message(axes, 1, (axis) => {
              if (typeof size === "string") writeText(axis, 2, size);
              else if (size !== undefined) this.#integer(axis, 1, "the size of an axis", size);
            });
          }
        });
      });
    } else if (type.kind === "sequence" || type.kind === "optional") {
      this.#message(message, type.kind === "sequence" ? 4 : 9, (within) => inner(1, type.of, within));
    } else if (type.kind === "map") {
      this.#message(message, 5, (map) => {
        element(map, type.key);
        inner(2, type.of, map);
      });
    } else if (type.kind === "opaque") {
      this.#message(message, 7, (opaque) => {
        writeText(opaque, 1, type.domain);
        writeText(opaque, 2, type.name);
      });
    } else throw new TypeError(`${this.#where}: values of the kind ${valueText(type.kind)} are unknown`);
  }
}

/**
 * Writes a model: the same bytes for the same model. The numbers of tensors are written as bytes, the lowest first.
 *
 * @param where the function that messages begin with
 * @throws {TypeError | RangeError} if a tensor's data isn't what its type and shape say, a whole number isn't one, a node has no operator,
 *   graphs or types lie deeper within each other than can be read, or it is 2 GB or more
 */
export function writeOnnx(model: OnnxModel, where = "writeOnnx"): Uint8Array<ArrayBuffer> {
  if (!isObject(model) || !isObject(model.graph)) {
    throw new TypeError(`${where}: the model must be an object with a graph, got ${valueText(model)}`);
  }
  const message = new MessageWriter();
  new Writer(where).model(message, model);
  if (message.length > MOST_BYTES) {
    throw new RangeError(
      `${where}: the file would have ${message.length} bytes, but ONNX files have at most ${MOST_BYTES}; write a safetensors file`,
    );
  }
  return message.finish();
}
