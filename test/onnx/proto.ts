// Reads ONNX files: of protobuf's wire format and of onnx.proto as much as the models and tensors of ONNX's node tests have.

/** Numbers and their shape, row by row; whole numbers and booleans too are plain numbers. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
  /** The type in the file. */
  readonly type: TensorType;
}

export type TensorType = (typeof TYPES)[keyof typeof TYPES];

/** Of `TensorProto.DataType`. */
const TYPES = {
  1: "float",
  2: "uint8",
  3: "int8",
  4: "uint16",
  5: "int16",
  6: "int32",
  7: "int64",
  9: "bool",
  10: "float16",
  11: "double",
  12: "uint32",
  13: "uint64",
} as const;

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
  readonly initializers: ReadonlyMap<string, Tensor>;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

/** What a model takes or gives. */
export interface Value {
  readonly name: string;
  readonly kind: "tensor" | "sequence" | "optional" | "other";
}

/** A message's fields by their numbers, in the order of the file. Varints and lengths are told apart by the reader's calls. */
class Message {
  readonly #fields = new Map<number, (bigint | Uint8Array)[]>();

  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    const varint = (): bigint => {
      let value = 0n;
      for (let shift = 0n; ; shift += 7n) {
        const byte = view.getUint8(at++);
        value |= BigInt(byte & 127) << shift;
        if (byte < 128) return value;
      }
    };
    const take = (length: number): Uint8Array => {
      if (at + length > bytes.length) throw new RangeError("protobuf: a field reaches beyond its message");
      return bytes.subarray(at, (at += length));
    };
    while (at < bytes.length) {
      const key = Number(varint());
      const wire = key & 7;
      if (![0, 1, 2, 5].includes(wire)) throw new RangeError(`protobuf: wire type ${wire} is not read`);
      const value = wire === 0 ? varint() : take(wire === 1 ? 8 : wire === 5 ? 4 : Number(varint()));
      const field = this.#fields.get(key >> 3);
      if (field) field.push(value);
      else this.#fields.set(key >> 3, [value]);
    }
  }

  has(field: number): boolean {
    return this.#fields.has(field);
  }

  bytes(field: number): Uint8Array[] {
    return (this.#fields.get(field) ?? []) as Uint8Array[];
  }

  messages(field: number): Message[] {
    return this.bytes(field).map((bytes) => new Message(bytes));
  }

  texts(field: number): string[] {
    return this.bytes(field).map((bytes) => new TextDecoder().decode(bytes));
  }

  text(field: number): string {
    return this.texts(field).at(-1) ?? "";
  }

  /** Integers, each by itself or packed. */
  integers(field: number): number[] {
    return (this.#fields.get(field) ?? []).flatMap((value) =>
      typeof value === "bigint" ? [signed(value)] : unpack(value),
    );
  }

  integer(field: number): number {
    return this.integers(field).at(-1) ?? 0;
  }

  /** Float32, each by itself or packed. */
  floats(field: number): number[] {
    return this.bytes(field).flatMap((bytes) => [...new Float32Array(copy(bytes))]);
  }

  doubles(field: number): number[] {
    return this.bytes(field).flatMap((bytes) => [...new Float64Array(copy(bytes))]);
  }
}

/** The bytes at the beginning of a buffer of their own, as arrays of larger numbers want them. */
const copy = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

/** A varint of an int64: two's complement. */
const signed = (value: bigint): number => Number(BigInt.asIntN(64, value));

function unpack(bytes: Uint8Array): number[] {
  const values: number[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte & 127) << shift;
    shift += 7n;
    if (byte >= 128) continue;
    values.push(signed(value));
    value = shift = 0n;
  }
  return values;
}

export function readModel(bytes: Uint8Array): Model {
  const model = new Message(bytes);
  const own = model.messages(8).find((set) => ["", "ai.onnx"].includes(set.text(1)));
  const graph = model.messages(7)[0]!;
  const tensors = graph.messages(5).map((tensor) => [tensor.text(8), tensorOf(tensor)] as const);
  return {
    opset: own?.integer(2) ?? 1,
    nodes: graph.messages(1).map(nodeOf),
    initializers: new Map(tensors),
    inputs: graph.messages(11).map(valueInfo),
    outputs: graph.messages(12).map(valueInfo),
  };
}

export function readTensor(bytes: Uint8Array): Tensor {
  return tensorOf(new Message(bytes));
}

function valueInfo(value: Message): Value {
  const type = value.messages(2)[0];
  const kind = type?.has(1) ? "tensor" : type?.has(4) ? "sequence" : type?.has(9) ? "optional" : "other";
  return { name: value.text(1), kind };
}

function nodeOf(node: Message): Node {
  return {
    operator: node.text(4),
    domain: node.text(7),
    inputs: node.texts(1),
    outputs: node.texts(2),
    attributes: new Map(node.messages(5).map((attribute) => [attribute.text(1), attributeOf(attribute)])),
  };
}

function attributeOf(attribute: Message): Attribute {
  const kind = attribute.integer(20);
  if (kind === 1) return attribute.floats(2).at(-1) ?? 0;
  if (kind === 2) return attribute.integer(3);
  if (kind === 3) return attribute.text(4);
  if (kind === 4) return tensorOf(attribute.messages(5)[0]!);
  if (kind === 6) return attribute.floats(7);
  if (kind === 7) return attribute.integers(8);
  if (kind === 8) return attribute.texts(9);
  throw new RangeError(`onnx: attribute ${attribute.text(1)} of the kind ${kind} is not read`);
}

function tensorOf(tensor: Message): Tensor {
  const shape = tensor.integers(1);
  const type = TYPES[tensor.integer(2) as keyof typeof TYPES];
  if (!type) throw new RangeError(`onnx: a tensor of the type ${tensor.integer(2)} is not read`);
  const size = shape.reduce((product, n) => product * n, 1);
  const data = tensor.has(9) ? raw(copy(tensor.bytes(9)[0]!), type) : fields(tensor, type);
  if (data.length !== size) throw new RangeError(`onnx: a tensor of ${size} numbers has ${data.length}`);
  return { shape, data, type };
}

/** `raw_data`: the numbers' bytes. */
function raw(bytes: ArrayBuffer, type: TensorType): ArrayLike<number> {
  if (type === "float") return new Float32Array(bytes);
  if (type === "double") return new Float64Array(bytes);
  if (type === "float16") return Array.from(new Uint16Array(bytes), half);
  if (type === "int64") return Array.from(new BigInt64Array(bytes), Number);
  if (type === "uint64") return Array.from(new BigUint64Array(bytes), Number);
  const whole = { uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array, int16: Int16Array, bool: Uint8Array };
  const words = { ...whole, int32: Int32Array, uint32: Uint32Array };
  return new words[type](bytes);
}

/** Fields of their own for each type. */
function fields(tensor: Message, type: TensorType): ArrayLike<number> {
  if (type === "float") return Float32Array.from(tensor.floats(4));
  if (type === "double") return tensor.doubles(10);
  if (type === "int64") return tensor.integers(7);
  if (type === "uint32" || type === "uint64") return tensor.integers(11);
  return type === "float16" ? tensor.integers(5).map(half) : tensor.integers(5);
}

/** The number that 16 bits stand for. */
function half(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size =
    exponent === 31
      ? fraction
        ? NaN
        : Infinity
      : exponent
        ? (1024 + fraction) * 2 ** (exponent - 25)
        : fraction * 2 ** -24;
  return bits & 0x8000 ? -size : size;
}
