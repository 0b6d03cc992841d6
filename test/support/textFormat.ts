// Protobuf's text format, as its C++ library prints messages: parsed, and made of what the library's own reader says, to compare both.
import type {
  OnnxAttribute,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxType,
  OnnxValue,
} from "../../src/formats/onnxTypes.ts";

/** A message: the values of each field in their order. Bytes and texts are texts of their bytes, floats are rounded to float32. */
export interface Tree {
  readonly [field: string]: readonly (string | number | Tree)[];
}

type Fields = Record<string, (string | number | Tree)[]>;

/** The bytes that a printed text stands for, each as a letter. */
function unescaped(text: string): string {
  const letters: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };
  return text.replaceAll(/\\(?:([0-7]{3})|(.))/g, (_, octal: string | undefined, letter: string) =>
    octal === undefined ? (letters[letter] ?? letter) : String.fromCharCode(parseInt(octal, 8)),
  );
}

/** A message that was printed, one field a line. */
export function parseText(text: string): Tree {
  const root: Fields = {};
  const open: Fields[] = [root];
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const match = /^ *(?:(\}) ?|(\w+) \{|(\w+): (.*))$/.exec(line);
    if (!match) throw new RangeError(`no line of the text format: ${line}`);
    const [, end, inner, name, value] = match;
    const top = open.at(-1)!;
    if (end !== undefined) open.pop();
    else if (inner !== undefined) {
      const fields: Fields = {};
      (top[inner] ??= []).push(fields);
      open.push(fields);
    } else {
      const read = value!.startsWith('"')
        ? unescaped(value!.slice(1, -1))
        : /^[A-Z]/.test(value!)
          ? value!
          : Math.fround(Number(value));
      (top[name!] ??= []).push(read);
    }
  }
  if (open.length !== 1) throw new RangeError("a message has no end");
  return root;
}

const latin = (bytes: ArrayBufferView): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
const utf8 = (text: string): string => Buffer.from(text).toString("latin1");
/** Without fields that have no values. */
const tree = (fields: Readonly<Record<string, readonly (string | number | Tree | undefined)[]>>): Tree =>
  Object.fromEntries(
    Object.entries(fields)
      .map(([name, values]) => [name, values.filter((value) => value !== undefined)] as const)
      .filter(([, values]) => values.length > 0),
  );
const said = (text: string): string[] => (text === "" ? [] : [utf8(text)]);

/** Of `TensorProto.DataType`. */
const TYPES: Readonly<Record<string, number>> = {
  undefined: 0,
  float: 1,
  uint8: 2,
  int8: 3,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  double: 11,
  bfloat16: 16,
};

const tensorTree = ({ name, shape, type, data }: OnnxTensor, raw: (tensor: OnnxTensor) => string): Tree =>
  tree({
    dims: shape,
    data_type: [TYPES[type]!],
    name: said(name),
    raw_data: [/^b?float16$/.test(type) ? raw({ name, shape, type, data }) : latin(data)],
  });

function typeTree(type: OnnxType): Tree {
  if (type.kind !== "tensor") throw new RangeError(`no ${type.kind} is printed`);
  const dims = type.shape?.map((size) =>
    tree(typeof size === "string" ? { dim_param: [utf8(size)] } : { dim_value: [size] }),
  );
  return tree({ tensor_type: [tree({ elem_type: [TYPES[type.element]!], shape: dims ? [tree({ dim: dims })] : [] })] });
}

const valueTree = ({ name, type, doc }: OnnxValue): Tree =>
  tree({ name: [utf8(name)], type: type ? [typeTree(type)] : [], doc_string: said(doc) });

/** The model's fields by their names in onnx.proto. `raw`: the bytes of a tensor of 16 bits. */
export function treeOf(model: OnnxModel, raw: (tensor: OnnxTensor) => string): Tree {
  const attributeTree = ({ name, type, value }: OnnxAttribute): Tree => {
    const field = type.endsWith("s") ? type : type[0]!;
    const each = (one: unknown): string | number | Tree => {
      if (typeof one === "string") return utf8(one);
      if (typeof one === "number") return Math.fround(one);
      return "data" in (one as object) ? tensorTree(one as OnnxTensor, raw) : graphTree(one as OnnxGraph);
    };
    const values = Array.isArray(value) ? value.map(each) : [each(value)];
    return tree({ name: [utf8(name)], [field]: values, type: [type.toUpperCase()] });
  };
  const nodeTree = ({ name, operator, domain, inputs, outputs, attributes }: OnnxNode): Tree =>
    tree({
      input: inputs.map(utf8),
      output: outputs.map(utf8),
      name: said(name),
      op_type: [utf8(operator)],
      domain: said(domain),
      attribute: attributes.map(attributeTree),
    });
  const graphTree = ({ name, nodes, initializers, inputs, outputs, values, doc }: OnnxGraph): Tree =>
    tree({
      node: nodes.map(nodeTree),
      name: said(name),
      initializer: initializers.map((tensor) => tensorTree(tensor, raw)),
      doc_string: said(doc),
      input: inputs.map(valueTree),
      output: outputs.map(valueTree),
      value_info: values.map(valueTree),
    });
  return tree({
    ir_version: [model.irVersion],
    producer_name: said(model.producer),
    producer_version: said(model.producerVersion),
    graph: [graphTree(model.graph)],
    opset_import: model.opsets.map(({ domain, version }) => tree({ domain: said(domain), version: [version] })),
  });
}
