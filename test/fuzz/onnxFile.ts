// Fuzzes the reader of ONNX files: models that are written and changed, messages with fields of any kind, and any bytes. What it reads must be
// written and read again as the same.
import type { FileError } from "../../src/formats/fileError.ts";
import { readOnnx } from "../../src/formats/onnxFile.ts";
import {
  ELEMENT_TYPES,
  ONNX_NUMBERS,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxTensor,
  type OnnxType,
  type OnnxValue,
} from "../../src/formats/onnxTypes.ts";
import { writeOnnx } from "../../src/formats/onnxWriter.ts";
import { varint } from "../support/protobufMessages.ts";
import type { Draw } from "./draw.ts";
import { bytesText, endedReading, type Fuzzer, type Tried, untyped } from "./engine.ts";
import { changedBytes, changedOften } from "./mutate.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const ARRAYS = {
  float: Float32Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
  float16: Float32Array,
  double: Float64Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bfloat16: Float32Array,
};

function anyTensor(draw: Draw): OnnxTensor {
  const shape = draw.list(draw.int(4), () => draw.pick([0, 1, 2, 3, 5]));
  const type = draw.pick(ONNX_NUMBERS);
  const data = new ARRAYS[type](shape.reduce((product, n) => product * n, 1));
  const bits = new Uint8Array(data.buffer);
  bits.set(draw.bytes(bits.length));
  return { name: anyName(draw), type, shape, data };
}

const anyName = (draw: Draw): string => (draw.chance(0.3) ? draw.text() : draw.pick(["", "x", "y", "w", "w2"]));

function anyType(draw: Draw, depth = 0): OnnxType | undefined {
  if (draw.chance(0.05) || depth > 3) return undefined;
  const element = draw.pick(ELEMENT_TYPES);
  if (draw.chance(0.8)) {
    const sizes = [0, 1, 2, 7, 2 ** 40, -1, "batch", "n", undefined];
    const shape = draw.chance(0.1) ? undefined : draw.list(draw.int(5), () => draw.pick(sizes));
    return { kind: draw.chance(0.9) ? "tensor" : "sparse", element, shape };
  }
  return draw.call<OnnxType>([
    () => ({ kind: draw.pick(["sequence", "optional"]), of: anyType(draw, depth + 1) }),
    () => ({ kind: "map", key: element, of: anyType(draw, depth + 1) }),
    () => ({ kind: "opaque", domain: anyName(draw), name: anyName(draw) }),
  ]);
}

const anyValue = (draw: Draw): OnnxValue => ({
  name: anyName(draw),
  type: anyType(draw),
  doc: draw.chance(0.1) ? draw.text() : "",
});

/** A whole number that a file may have. */
const anyWhole = (draw: Draw): number => {
  const number = draw.number();
  return Number.isSafeInteger(number) ? number : draw.from(-3, 9);
};

function anyAttribute(draw: Draw, depth: number): OnnxAttribute {
  const name = anyName(draw);
  return draw.call<OnnxAttribute>([
    () => ({ name, type: "float", value: draw.number() }),
    () => ({ name, type: "int", value: anyWhole(draw) }),
    () => ({ name, type: "string", value: draw.text() }),
    () => ({ name, type: "tensor", value: anyTensor(draw) }),
    () => ({ name, type: "floats", value: draw.list(draw.int(4), () => draw.number()) }),
    () => ({ name, type: "ints", value: draw.list(draw.int(6), () => anyWhole(draw)) }),
    () => ({ name, type: "strings", value: draw.list(draw.int(3), () => draw.text()) }),
    () => ({ name, type: "tensors", value: draw.list(draw.int(3), () => anyTensor(draw)) }),
    () =>
      depth > 1
        ? { name, type: "int", value: 1 }
        : draw.chance(0.7)
          ? { name, type: "graph", value: anyGraph(draw, depth + 1) }
          : { name, type: "graphs", value: draw.list(draw.int(3), () => anyGraph(draw, depth + 1)) },
  ]);
}

const anyGraph = (draw: Draw, depth = 0): OnnxGraph => ({
  name: anyName(draw),
  doc: draw.chance(0.1) ? draw.text() : "",
  nodes: draw.list(draw.int(4), () => ({
    name: anyName(draw),
    operator: draw.pick(["Relu", "Gemm", "Conv", "If", draw.text() || "x"]),
    domain: draw.pick(["", "", "com.microsoft"]),
    inputs: draw.list(draw.int(4), () => anyName(draw)),
    outputs: draw.list(draw.int(3), () => anyName(draw)),
    attributes: draw.list(draw.int(4), () => anyAttribute(draw, depth)),
  })),
  initializers: draw.list(draw.int(4), () => anyTensor(draw)),
  inputs: draw.list(draw.int(3), () => anyValue(draw)),
  outputs: draw.list(draw.int(3), () => anyValue(draw)),
  values: draw.list(draw.int(2), () => anyValue(draw)),
});

const anyModel = (draw: Draw): OnnxModel => ({
  irVersion: draw.from(3, 11),
  producer: anyName(draw),
  producerVersion: anyName(draw),
  domain: anyName(draw),
  modelVersion: anyWhole(draw),
  doc: anyName(draw),
  opsets: draw.list(draw.int(3), () => ({ domain: draw.pick(["", "ai.onnx.ml"]), version: anyWhole(draw) })),
  graph: anyGraph(draw),
  metadata: draw.list(draw.int(3), () => [draw.text(), draw.text()] as const),
});

/** Fields as none may be: other wire types, numbers, lengths. */
function oddField(draw: Draw, depth: number): number[] {
  const field = draw.chance(0.9) ? draw.from(1, 25) : draw.pick([0, 99, 2 ** 29 - 1, 2 ** 29]);
  const wire = draw.chance(0.95) ? draw.pick([0, 1, 2, 2, 2, 2, 5]) : draw.pick([3, 4, 6, 7]);
  const value = draw.call<readonly number[]>([
    () => (depth > 6 ? [] : draw.list(draw.int(5), () => oddField(draw, depth + 1)).flat()),
    () => varint(draw.pick([0, 1, 2, 7, 9, 300, 2 ** 40, -1, 2n ** 63n])),
    () => [...draw.bytes(draw.int(20))],
  ]);
  const key = varint(field * 8 + wire);
  if (wire === 0) return [...key, ...varint(draw.pick([0, 1, 2, 6, 14, 2 ** 31, 2 ** 53, -1]))];
  if (wire === 1 || wire === 5) return [...key, ...draw.bytes(wire === 1 ? 8 : 4)];
  const length = draw.chance(0.97) ? value.length : draw.pick([value.length + 1, 0, 2 ** 32, 2n ** 64n - 1n]);
  return [...key, ...varint(length), ...value];
}

/** A field is put into a message: the fields of all messages around it are kept, their lengths are made anew. */
function withField(draw: Draw, bytes: Uint8Array, depth = 0): Bytes {
  const parts: number[][] = [];
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let unit = 1; at < bytes.length; unit *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * unit;
      if (byte < 128) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const from = at;
    const wire = number() % 8;
    const behindKey = at;
    if (wire === 2) {
      const length = number();
      const value = bytes.subarray(at, at + length);
      at += length;
      const inner = draw.chance(0.3) && length > 0 && depth < 8 ? withField(draw, value, depth + 1) : value;
      parts.push([...bytes.subarray(from, behindKey), ...varint(inner.length), ...inner]);
      continue;
    }
    if (wire === 0) number();
    else at += wire === 1 ? 8 : 4;
    parts.push([...bytes.subarray(from, at)]);
  }
  if (depth === 0 || draw.chance(0.3)) {
    const place = draw.int(parts.length + 1);
    draw.call<unknown>([
      () => parts.splice(place, 0, oddField(draw, 0)),
      () => parts.splice(place, 1),
      () => parts.splice(place, 0, parts[draw.int(parts.length || 1)] ?? []),
      () => parts.splice(0, parts.length, ...parts.toReversed()),
    ]);
  }
  return Uint8Array.from(parts.flat());
}

/** An input made of a valid file. */
const inputOf = (draw: Draw, given: Bytes): Uint8Array =>
  draw.call<Uint8Array>([
    () => given,
    () => changedOften(draw, given, changedBytes),
    () => withField(draw, given),
    () => changedOften(draw, given, (again, bytes) => withField(again, bytes)),
    () => Uint8Array.from(draw.list(draw.int(6), () => oddField(draw, 0)).flat()),
    () => {
      // many messages without anything
      const [key, length] = [draw.from(1, 14) * 8 + 2, draw.pick([2, 500, 60_000])];
      const fields = draw.list(length, () => [key, 0]).flat();
      return Uint8Array.from([8, 8, 58, ...varint(fields.length), ...fields]);
    },
    () => draw.bytes(draw.int(300)),
  ]);

/** All of a model as text, typed arrays by their bits. */
const textOf = (model: OnnxModel): string =>
  JSON.stringify(model, (_, value: unknown) =>
    ArrayBuffer.isView(value)
      ? `${value.constructor.name} ${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("hex")}`
      : typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))
        ? `number ${Object.is(value, -0) ? "-0" : value}`
        : value,
  );

async function attempt(bytes: Uint8Array): Promise<Tried> {
  const input = (): string => bytesText(bytes);
  const options = { external: ({ length }: { readonly length: number }) => new Uint8Array(Math.min(length, 1000)) };
  const end = await endedReading(bytes.length, ["f.onnx"], () => readOnnx(bytes, "f.onnx", options));
  if (end.fault !== undefined || end.error) {
    const { offset = 0 } = (end.error ?? {}) as Partial<FileError>;
    const outside = offset > bytes.length ? `no place in the file: ${offset}` : undefined;
    return { fault: end.fault ?? untyped(end.error) ?? outside, refused: true, input };
  }
  const model = end.value;
  for (const { name, shape, data } of model.graph.initializers) {
    const count = shape.includes(0) ? 0 : shape.reduce((product, n) => product * n, 1);
    if (count !== data.length) return { fault: `${name} is ${shape.join(" x ")}, but has ${data.length}`, refused: false, input };
  }
  const again = await endedReading(bytes.length, ["writeOnnx"], () => readOnnx(writeOnnx(model), "written"));
  if (again.error) return { fault: `can't be written again: ${again.error.message}`, refused: false, input };
  // NaN of 16 bits are written as one of them, so the second reading is compared with the third
  const third = readOnnx(writeOnnx(again.value), "written");
  const plain = (one: OnnxModel): string => textOf(one).replaceAll(/Float32Array [0-9a-f]*/g, "");
  const same = textOf(again.value) === textOf(third) && plain(model) === plain(third);
  return { fault: same ? again.fault : "what is written again is another model", refused: false, input };
} // prettier-ignore

export const onnxFile: Fuzzer = {
  name: "onnxFile",
  what: "readOnnx, of models with changed bytes, fields and lengths",
  inTests: 4000,
  prepare: () => (draw) => attempt(inputOf(draw, writeOnnx(anyModel(draw)))),
};
