// Reads and writes safetensors: 8 bytes header length, a JSON header with each tensor's type, shape and offsets, then the
// numbers. Source: https://github.com/huggingface/safetensors (README, "Format")

import { checkKind, isObject } from "../util/check.ts";
import { shapeText, sizeOf } from "../util/shape.ts";
import { utf8Bytes, utf8Text } from "./utf8.ts";

/** The numbers of a tensor, of one of the types F32, I32 and U8. */
export type TensorData = Float32Array | Int32Array | Uint8Array;

/** One tensor of a file. */
export interface SafeTensor {
  /** Sizes of the axes; empty for a single number. */
  readonly shape: readonly number[];
  /** As many numbers as the shape says, the last axis contiguous. */
  readonly data: TensorData;
}

/** What a file holds. */
export interface SafeTensors {
  /** The tensors by name, in the order of the header. */
  readonly tensors: ReadonlyMap<string, SafeTensor>;
  /** The texts of the header's `__metadata__`. */
  readonly metadata: Readonly<Record<string, string>>;
}

const DTYPES: Readonly<Record<string, new (buffer: ArrayBuffer) => TensorData>> = {
  F32: Float32Array,
  I32: Int32Array,
  U8: Uint8Array,
};
const HEADER_LIMIT = 100_000_000;

/** Canonical: NaN payloads differ between engines. */
const NAN = 0x7fc00000;

function dtypeOf(data: TensorData): string {
  return data instanceof Float32Array ? "F32" : data instanceof Int32Array ? "I32" : "U8";
}

/**
 * Writes tensors, in the order given, as one file.
 *
 * @throws {TypeError | RangeError} if a name is used twice or can't be used, data is of another type, or has not the
 *   count of numbers that its shape says
 * @example const file = writeSafetensors([["w", { shape: [2, 2], data: new Float32Array(4) }]], { made: "by hand" });
 */
export function writeSafetensors(
  tensors: Iterable<readonly [string, SafeTensor]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const entries = [...tensors];
  checkKind(isMetadata(metadata), "writeSafetensors", "the metadata", "an object of strings", metadata);
  const header = new Map<string, unknown>([["__metadata__", metadata]]);
  let end = 0;
  for (const [name, { shape, data }] of entries) {
    if (header.has(name) || name === "__proto__") {
      throw new RangeError(`writeSafetensors: the name ${JSON.stringify(name)} is used twice or has another meaning`);
    }
    const holds = data instanceof Float32Array || data instanceof Int32Array || data instanceof Uint8Array;
    const kinds = "a Float32Array, an Int32Array or a Uint8Array";
    checkKind(holds, "writeSafetensors", `the data of "${name}"`, kinds, data);
    checkKind(
      isShape(shape),
      "writeSafetensors",
      `the shape of "${name}"`,
      "an array of whole numbers of 0 or more",
      shape,
    );
    if (sizeOf(shape) !== data.length) {
      throw new RangeError(
        `writeSafetensors: "${name}" is ${shapeText(shape)}, ${sizeOf(shape)} numbers, but has ${data.length}`,
      );
    }
    header.set(name, { dtype: dtypeOf(data), shape, data_offsets: [end, end + data.byteLength] });
    end += data.byteLength;
  }
  const text = utf8Bytes(JSON.stringify(Object.fromEntries(header)));
  const headerBytes = Math.ceil(text.length / 8) * 8; // spaces fill it up, so that the numbers are aligned
  const file = new Uint8Array(8 + headerBytes + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, 8, 8 + headerBytes);
  file.set(text, 8);
  let at = 8 + headerBytes;
  for (const [, { data }] of entries) {
    file.set(canonical(data), at);
    at += data.byteLength;
  }
  return file;
}

function canonical(data: TensorData): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (!(data instanceof Float32Array) || !data.some(Number.isNaN)) return bytes;
  const copy = Float32Array.from(data);
  const words = new Uint32Array(copy.buffer);
  copy.forEach((value, i) => {
    if (Number.isNaN(value)) words[i] = NAN;
  });
  return new Uint8Array(copy.buffer);
}

/** A tensor's line of the header. */
interface Entry {
  readonly key: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}

/**
 * Reads a file. The tensors are copies.
 *
 * @param name the file's name, for messages
 * @throws {Error} if it is no safetensors file, is cut short, holds other types than F32, I32 and U8, or its tensors
 *   overlap or leave bytes out
 * @example const { tensors, metadata } = readSafetensors(modelToBytes(model), "model.safetensors");
 */
export function readSafetensors(file: Uint8Array, name = "readSafetensors"): SafeTensors {
  checkKind(file instanceof Uint8Array, name, "the file", "a Uint8Array", file);
  const refuse: Refuse = (why) => {
    throw new Error(`${name}: ${why}`);
  };
  if (file.length < 8)
    refuse(`not a safetensors file; it has ${file.length} bytes, and the header's length alone takes 8`);
  const length = Number(new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true));
  if (length > HEADER_LIMIT) refuse(`not a safetensors file; its header would have ${length} bytes`);
  if (8 + length > file.length) refuse(`cut short; the header needs ${8 + length} bytes, but there are ${file.length}`);
  const { __metadata__: metadata = {}, ...header } = parseHeader(file.subarray(8, 8 + length), refuse);
  if (!isMetadata(metadata)) return refuse("the metadata of the header must be an object of strings");
  const entries = Object.entries(header).map(([key, value]) => entryOf(key, value, refuse));
  const body = file.subarray(8 + length);
  checkPlaces(entries, body.length, refuse);
  const tensors = new Map<string, SafeTensor>();
  for (const { key, dtype, shape, from, to } of entries) {
    // a copy of its own: aligned, and in Node not a view of a shared buffer
    tensors.set(key, { shape, data: new DTYPES[dtype]!(new Uint8Array(body.subarray(from, to)).buffer) });
  }
  return { tensors, metadata };
}

type Refuse = (why: string) => never;

const isRecord = (value: unknown): value is Record<string, unknown> => isObject(value) && !Array.isArray(value);

const isMetadata = (value: unknown): value is Record<string, string> =>
  isRecord(value) && Object.values(value).every((text) => typeof text === "string");

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isShape = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every(isCount);

function parseHeader(bytes: Uint8Array, refuse: Refuse): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(utf8Text(bytes));
    if (isRecord(header)) return header;
  } catch {
    // refused below
  }
  return refuse("not a safetensors file; its header is not a JSON object");
}

function entryOf(key: string, value: unknown, refuse: Refuse): Entry {
  if (!isRecord(value)) return refuse(`tensor "${key}" has no type, shape and place`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string" || !Object.hasOwn(DTYPES, dtype)) {
    return refuse(`tensor "${key}" has type ${String(dtype)}; ${Object.keys(DTYPES).join(", ")} are read`);
  }
  if (!isShape(shape)) {
    return refuse(`tensor "${key}" has no shape of whole numbers of 0 or more`);
  }
  const [from, to] = Array.isArray(offsets) && offsets.length === 2 ? (offsets as unknown[]) : [];
  if (!isCount(from) || !isCount(to) || from > to) {
    return refuse(`tensor "${key}" has no place; data_offsets must be where it begins and ends`);
  }
  const bytes = sizeOf(shape) * (dtype === "U8" ? 1 : 4);
  if (to - from !== bytes) {
    return refuse(`tensor "${key}" (${shape.join(" x ")}) needs ${bytes} bytes, but has ${to - from}`);
  }
  return { key, dtype, shape, from, to };
}

/** Refuses tensors that are not consecutive or don't fill the data, as the format demands. */
function checkPlaces(entries: readonly Entry[], length: number, refuse: Refuse): void {
  let at = 0;
  for (const { key, from, to } of entries.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    if (to > length) refuse(`cut short; tensor "${key}" ends at byte ${to} of the data, but there are ${length}`);
    if (from !== at) {
      const fault = from < at ? "overlaps another tensor" : "leaves a gap in front of it";
      refuse(`tensor "${key}" begins at byte ${from} of the data, but must at ${at}; it ${fault}`);
    }
    at = to;
  }
  if (at < length) refuse(`the data has ${length} bytes, but the tensors end at byte ${at}`);
}
