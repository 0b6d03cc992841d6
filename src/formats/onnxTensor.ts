// Tensors of ONNX files: their numbers lie as bytes, in fields of their type, or in another file.
import { valueText } from "../util/check.ts";
import { axesText, sizeOf } from "../util/shape.ts";
import { bytesOf, isArrayOf } from "./bytes.ts";
import { leadsOut } from "./insideFolder.ts";
import type { NpyData } from "./npyTypes.ts";
import {
  ELEMENT_TYPES,
  type OnnxElement,
  type OnnxNumbers,
  type OnnxReadOptions,
  type OnnxTensor,
} from "./onnxTypes.ts";
import {
  countFixed,
  countVarints,
  eachVarint,
  FIXED32,
  FIXED64,
  integersOf,
  joinRuns,
  type MessageReader,
  type MessageWriter,
  type Run,
  type Source,
  VARINT,
} from "./protobuf.ts";
import { BFLOAT16, FLOAT16, narrow, widen } from "./smallFloats.ts";

/** A file, and what is done about tensors in others. */
export interface OnnxSource extends Source {
  readonly external: OnnxReadOptions["external"];
}

/** How numbers are kept. */
interface Kept {
  /** The kind of the typed array that users get. */
  readonly kind: string;
  /** The array of the bytes: of float16 and bfloat16 their bits. */
  readonly make: new (buffer: ArrayBuffer) => NpyData;
  readonly size: number;
  /** The field for numbers of this type where they aren't bytes. */
  readonly field: number;
  /** The least and the largest number that a field of wider ones may have. */
  readonly range?: readonly [least: number, most: number];
}

const kept = (make: unknown, field: number, range?: Kept["range"], kind?: string): Kept => {
  const array = make as Kept["make"] & { readonly name: string; readonly BYTES_PER_ELEMENT: number };
  return { kind: kind ?? array.name, make: array, size: array.BYTES_PER_ELEMENT, field, ...(range && { range }) };
};

const FLOATS = 4;
const INT32S = 5;
const INT64S = 7;
const RAW = 9;
const DOUBLES = 10;
const UINT64S = 11;

const KEPT: Readonly<Record<OnnxNumbers, Kept>> = /* @__PURE__ */ {
  float: kept(Float32Array, FLOATS),
  uint8: kept(Uint8Array, INT32S, [0, 255]),
  int8: kept(Int8Array, INT32S, [-128, 127]),
  uint16: kept(Uint16Array, INT32S, [0, 65535]),
  int16: kept(Int16Array, INT32S, [-32768, 32767]),
  int32: kept(Int32Array, INT32S, [-(2 ** 31), 2 ** 31 - 1]),
  int64: kept(BigInt64Array, INT64S),
  bool: kept(Uint8Array, INT32S, [0, 1]),
  float16: kept(Uint16Array, INT32S, [0, 65535], "Float32Array"),
  double: kept(Float64Array, DOUBLES),
  uint32: kept(Uint32Array, UINT64S, [0, 2 ** 32 - 1]),
  uint64: kept(BigUint64Array, UINT64S),
  bfloat16: kept(Uint16Array, INT32S, [0, 65535], "Float32Array"),
};

/** Of all tensors without numbers: a file can have very many. */
const EMPTY = /* @__PURE__ */ new ArrayBuffer(0);

/** The fields of numbers, and how each number is kept if they aren't packed. */
const WIRE_OF: Readonly<Record<number, number>> = {
  [FLOATS]: FIXED32,
  [INT32S]: VARINT,
  [INT64S]: VARINT,
  [DOUBLES]: FIXED64,
  [UINT64S]: VARINT,
};

/** The name of a type of elements. */
export function elementOf(source: Source, number: number, at: number): OnnxElement {
  const element = ELEMENT_TYPES[number];
  if (element === undefined) {
    throw source.fail(at, `elements of the type ${number} are unknown; known are 0 to ${ELEMENT_TYPES.length - 1}`);
  }
  return element;
}

/** Reads a tensor. Memory is taken when the file is known to have the numbers. */
export function readTensor(source: OnnxSource, message: MessageReader): OnnxTensor {
  const begin = message.at;
  const dims: Run[] = [];
  /** Where numbers of a field are. */
  const runs = new Map<number, Run[]>();
  const places = new Map<string, string>();
  let name = "";
  let number = 0;
  let typeAt = begin;
  let raw: Uint8Array | undefined;
  let external = false;
  let segment = false;
  while (message.next()) {
    const { field } = message;
    const wire = WIRE_OF[field];
    if (field === 1) dims.push(message.run(VARINT));
    else if (field === 2) [number, typeAt] = [message.integer(), message.at];
    else if (field === 3) segment = true;
    else if (field === 8) name = message.text();
    else if (field === RAW) raw = message.bytes().length > 0 ? message.bytes() : undefined;
    else if (field === 13) places.set(...readEntry(message.message("StringStringEntryProto")));
    else if (field === 14) external = message.integer() === 1;
    else if (wire !== undefined) {
      const run = message.run(wire);
      const list = runs.get(field);
      if (list) list.push(run);
      else if (run.to > run.from) runs.set(field, [run]);
    }
  }
  const called = `the tensor ${valueText(name)}`;
  const says = (what: string, at = begin): Error => source.fail(at, `${called} ${what}`);
  const element = elementOf(source, number, typeAt);
  if (element === "undefined") throw says("has no type of numbers");
  if (!Object.hasOwn(KEPT, element)) throw says(`holds elements of the type ${element}; ${known()}`, typeAt);
  const type = element as OnnxNumbers;
  if (segment) throw says("is one of several segments, which aren't joined; write it as one");
  const shape = integersOf(source, dims);
  if (shape.some((n) => n < 0)) throw says(`has the shape ${axesText(shape)}; sizes are 0 or more`);
  const count = shape.includes(0) ? 0 : sizeOf(shape);
  const { size, field } = KEPT[type];
  const needs = `is ${axesText(shape) || "one number"} of ${type}`;
  const other = [...runs.keys()].find((each) => each !== field || raw !== undefined || external);
  if (other !== undefined) throw says(`${needs}, but has numbers in field ${other} besides`);
  if (external) raw = readExternal(source, places, count * size, name, says);
  if (raw) {
    if (raw.length !== count * size) {
      throw says(`${needs}, which are ${count * size} bytes, but has ${raw.length}; is the file damaged?`);
    }
    return { name, type, shape, data: arrayOf(type, new Uint8Array(raw).buffer) };
  }
  const own = runs.get(field) ?? [];
  const wire = WIRE_OF[field]!;
  const given = wire === VARINT ? countVarints(source, own) : countFixed(source, own, wire === FIXED32 ? 4 : 8);
  if (given !== count) throw says(`${needs}, ${count} in all, but has ${given}; is the file damaged?`);
  if (count === 0) return { name, type, shape, data: arrayOf(type, EMPTY) };
  const buffer = wire === VARINT ? fromVarints(source, own, type, count, says) : joinRuns(source, own).buffer;
  return { name, type, shape, data: arrayOf(type, buffer) };
}

const known = (): string => `read are ${Object.keys(KEPT).join(", ")}`;

/** A pair of texts. */
export function readEntry(message: MessageReader): [key: string, text: string] {
  const entry: [string, string] = ["", ""];
  while (message.next()) {
    if (message.field === 1) entry[0] = message.text();
    else if (message.field === 2) entry[1] = message.text();
  }
  return entry;
}

/** The numbers of bytes that nobody else has. */
function arrayOf(type: OnnxNumbers, buffer: ArrayBuffer): NpyData {
  const data = new KEPT[type].make(buffer);
  if (type === "float16") return widen(data as Uint16Array, FLOAT16);
  if (type === "bfloat16") return widen(data as Uint16Array, BFLOAT16);
  if (type === "bool") (data as Uint8Array).forEach((value, i, all) => (all[i] = value === 0 ? 0 : 1));
  return data;
}

/** Whole numbers, of which each must be one of the type. */
function fromVarints(
  source: Source,
  runs: readonly Run[],
  type: OnnxNumbers,
  count: number,
  says: (what: string, at: number) => Error,
): ArrayBuffer {
  const { range, size, make } = KEPT[type];
  const buffer = new ArrayBuffer(count * size);
  if (!range) {
    const halves = new Uint32Array(buffer);
    eachVarint(source, runs, (low, high, i) => {
      halves[2 * i] = low;
      halves[2 * i + 1] = high;
    });
    return buffer;
  }
  const numbers = new make(buffer);
  const [least, most] = range;
  eachVarint(source, runs, (low, high, i, at) => {
    const value = (high | 0) * 2 ** 32 + low;
    if (value < least || value > most) throw says(`is of ${type}, but its number ${i} is ${value}`, at);
    numbers[i] = value;
  });
  return buffer;
}

/** The bytes that are in another file. */
function readExternal(
  { external }: OnnxSource,
  places: ReadonlyMap<string, string>,
  length: number,
  name: string,
  says: (what: string) => Error,
): Uint8Array {
  const location = places.get("location") ?? "";
  const file = valueText(location);
  const [offset, own] = [places.get("offset") ?? "0", places.get("length") ?? String(length)].map((text) =>
    /^\d{1,15}$/.test(text) ? Number(text) : NaN,
  );
  if (leadsOut(location)) throw says(`is in the file ${file}; it must be one in the model's folder, without ".."`);
  if (Number.isNaN(offset) || own !== length) {
    const place = `${valueText(places.get("length") ?? "")} bytes from byte ${valueText(places.get("offset") ?? "0")}`;
    throw says(`is said to be ${place} of the file ${file}, but needs ${length} bytes`);
  }
  if (!external) {
    throw says(
      `is in another file, ${file}, which isn't read; save the model as one file (save_as_external_data=False)`,
    );
  }
  const bytes = external({ location, offset: offset!, length }, name);
  if (!isArrayOf("Uint8Array", bytes) || bytes.length !== length) {
    const got = isArrayOf("Uint8Array", bytes) ? `${bytes.length}` : "something else";
    throw says(`needs ${length} bytes from byte ${offset} of the file ${file}, but the function external gave ${got}`);
  }
  return bytes;
}

/**
 * Writes a tensor, its numbers as bytes.
 *
 * @param where the function that messages begin with
 */
export function writeTensor(message: MessageWriter, tensor: OnnxTensor, where: string): void {
  const { name, type, shape, data } = tensor;
  if (!Object.hasOwn(KEPT, type)) {
    throw new TypeError(`${where}: the tensor ${valueText(name)} is of the type ${valueText(type)}; ${known()}`);
  }
  const { kind } = KEPT[type];
  if (!isArrayOf(kind, data)) {
    throw new TypeError(`${where}: the tensor ${valueText(name)} of ${type} needs a ${kind}, got ${valueText(data)}`);
  }
  const count = shape.includes(0) ? 0 : sizeOf(shape);
  if (!shape.every((n) => Number.isSafeInteger(n) && n >= 0) || count !== data.length) {
    throw new RangeError(
      `${where}: the tensor ${valueText(name)} is ${axesText(shape) || "one number"}, ${count} in all, but has ${data.length}`,
    );
  }
  for (const size of shape) message.integer(1, size);
  message.integer(2, ELEMENT_TYPES.indexOf(type));
  if (name !== "") message.text(8, name);
  const numbers =
    type === "float16"
      ? narrow(data as Float32Array, FLOAT16)
      : type === "bfloat16"
        ? narrow(data as Float32Array, BFLOAT16)
        : type === "bool"
          ? Uint8Array.from(data as Uint8Array, (value) => (value === 0 ? 0 : 1))
          : data;
  message.bytes(RAW, bytesOf(numbers));
}
