// Reads and writes safetensors: 8 bytes header length, a JSON header with each tensor's type, shape and offsets, then the
// numbers. Source: https://github.com/huggingface/safetensors (README, "Format")
import { checkKind, describe, isObject, isRecord, valueText, writtenOut } from "../util/check.ts";
import { checkBytes, isArrayOf } from "./bytes.ts";
import { axesText, type Shape, shapeText, sizeOf } from "../util/shape.ts";
import { checksumOf } from "./checksum.ts";
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
const METADATA = "__metadata__";
/** Of all tensors without numbers: a header can have a million. */
const EMPTY = /* @__PURE__ */ new ArrayBuffer(0);

/** Canonical: NaN payloads differ between engines. */
const NAN = 0x7fc00000;

function dtypeOf({ data }: SafeTensor): string {
  return isArrayOf("Float32Array", data) ? "F32" : isArrayOf("Int32Array", data) ? "I32" : "U8";
}

/** Texts of the metadata, with a checksum over them and the tensors: `readSafetensors` compares it. */
export const withChecksum = (
  tensors: Iterable<readonly [string, SafeTensor]>,
  texts: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => ({ ...texts, checksum: checksumOf(tensors, texts, dtypeOf) });

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
  checkKind(isIterable(tensors), "writeSafetensors", "the tensors", "pairs of a name and a tensor", tensors);
  const entries: (readonly [string, SafeTensor])[] = [];
  for (const entry of tensors) {
    // before the next one is asked for: there may be no end of them
    const isPair = Array.isArray(entry) && typeof entry[0] === "string" && isObject(entry[1]);
    checkKind(isPair, "writeSafetensors", "each of the tensors", "a pair [name, { shape, data }]", entry);
    entries.push(entry);
  }
  checkKind(isMetadata(metadata), "writeSafetensors", "the metadata", "an object of strings", metadata);
  const header = new Map<string, unknown>([[METADATA, metadata]]);
  let end = 0;
  for (const [name, tensor] of entries) {
    const { shape, data } = tensor;
    if (header.has(name)) {
      throw new RangeError(`writeSafetensors: the name ${valueText(name)} is used twice or has another meaning`);
    }
    const holds = ["Float32Array", "Int32Array", "Uint8Array"].some((kind) => isArrayOf(kind, data));
    const kinds = "a Float32Array, an Int32Array or a Uint8Array";
    checkKind(holds, "writeSafetensors", `the data of ${valueText(name)}`, kinds, data);
    const rule = "an array of whole numbers of 0 or more";
    checkKind(isShape(shape), "writeSafetensors", `the shape of ${valueText(name)}`, rule, shape);
    if (sizeOf(shape) !== data.length) {
      throw new RangeError(
        `writeSafetensors: ${valueText(name)} is ${shapeText(shape)}, ${sizeOf(shape)} numbers, but has ${data.length}`,
      );
    }
    header.set(name, { dtype: dtypeOf(tensor), shape, data_offsets: [end, end + data.byteLength] });
    end += data.byteLength;
  }
  const text = utf8Bytes(JSON.stringify(Object.fromEntries(header)));
  if (text.length > HEADER_LIMIT) {
    throw new RangeError(
      `writeSafetensors: the header would have ${text.length} bytes, but readers take ${HEADER_LIMIT}; many numbers are to be tensors, not text`,
    );
  }
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

/** Index of the first number that is NaN or, unless `allowed`, infinite; -1 if there is none. */
export function firstNonFinite(data: ArrayLike<number>, allowed = 0): number {
  // a loop: functions of arrays take ten times as long, and files can be large
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (!(value - value === 0) && !(value === allowed || value === -allowed)) return i;
  }
  return -1;
}

function canonical(data: TensorData): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (!isArrayOf("Float32Array", data) || firstNonFinite(data, Infinity) < 0) return bytes;
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
 * Reads a file. The tensors are copies. What a model's file says of its checksum is compared with what it holds, and isn't among
 * the metadata that are returned, so that tensors can be changed and written again.
 *
 * Time and memory are in proportion to the file: about three bytes for each of its own.
 *
 * @param name the file's name, for messages
 * @throws {TypeError} if the file isn't a Uint8Array
 * @throws {Error} if it is no safetensors file, is cut short or damaged, holds other types than F32, I32 and U8, or its tensors
 *   overlap or leave bytes out
 * @example const { tensors, metadata } = readSafetensors(modelToBytes(model), "model.safetensors");
 */
export function readSafetensors(file: Uint8Array, name = "readSafetensors"): SafeTensors {
  checkKind(typeof name === "string", "readSafetensors", "the name", "a file's name, for messages", name);
  checkBytes(name, "the file", file);
  const refuse: Refuse = (why, cause) => {
    throw new Error(`${name}: ${why}`, cause === undefined ? undefined : { cause });
  };
  if (file.length < 8)
    refuse(`not a safetensors file; it has ${file.length} bytes, and the header's length alone takes 8`);
  const length = Number(new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true));
  if (length > HEADER_LIMIT) refuse(`not a safetensors file; its header would have ${length} bytes`);
  if (8 + length > file.length) refuse(`cut short; the header needs ${8 + length} bytes, but there are ${file.length}`);
  const { keys, header } = parseHeader(file.subarray(8, 8 + length), refuse);
  const texts = header[METADATA] ?? (keys.includes(METADATA) ? undefined : {});
  if (!isMetadata(texts)) return refuse("the metadata of the header must be an object of strings");
  const entries = keys.filter((key) => key !== METADATA).map((key) => entryOf(key, header[key], refuse));
  const body = file.subarray(8 + length);
  checkPlaces(entries, body.length, refuse);
  const tensors = new Map<string, SafeTensor>();
  for (const { key, dtype, shape, from, to } of entries) {
    // a copy of its own: aligned, and in Node not a view of a shared buffer
    const buffer = from === to ? EMPTY : new Uint8Array(body.subarray(from, to)).buffer;
    tensors.set(key, { shape, data: new DTYPES[dtype]!(buffer) });
  }
  if (texts["format"] !== "wasmgrad" || !Object.hasOwn(texts, "checksum")) return { tensors, metadata: texts };
  const { checksum, ...metadata } = texts;
  if (checksumOf(tensors, metadata, dtypeOf) !== checksum) {
    refuse(
      "the file is damaged: its checksum is not that of what it holds; take another copy of it. " +
        'If it was changed on purpose, take "checksum" out of its metadata',
    );
  }
  return { tensors, metadata };
}

type Refuse = (why: string, cause?: unknown) => never;

const isIterable = (value: unknown): boolean =>
  isObject(value) && typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === "function";

const isMetadata = (value: unknown): value is Record<string, string> =>
  isRecord(value) && Object.values(value).every((text) => typeof text === "string");

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isShape = (value: unknown): value is Shape => Array.isArray(value) && value.every(isCount);

function parseHeader(
  bytes: Uint8Array,
  refuse: Refuse,
): { readonly keys: readonly string[]; readonly header: Readonly<Record<string, unknown>> } {
  let text: string;
  let header: unknown;
  try {
    text = utf8Text(bytes);
    header = JSON.parse(text);
  } catch (error) {
    return refuse("not a safetensors file; its header is not a JSON object", error);
  }
  if (!isRecord(header)) return refuse("not a safetensors file; its header is not a JSON object");
  const keys = Object.keys(header);
  if (countKeys(text) !== keys.length) refuse("the header has the same name twice");
  return { keys, header };
}

/** How many keys the outermost object of a JSON text has, those that come twice counted twice. */
function countKeys(text: string): number {
  let keys = 0;
  let depth = 0;
  let before = ""; // the last bracket, comma or colon
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]!;
    if (letter === '"') {
      if (depth === 1 && before !== ":") keys++;
      for (i++; text[i] !== '"'; i++) if (text[i] === "\\") i++;
    } else if (letter === "{" || letter === "[") {
      depth++;
      before = letter;
    } else if (letter === "}" || letter === "]") depth--;
    else if (letter === "," || letter === ":") before = letter;
  }
  return keys;
}

function entryOf(key: string, value: unknown, refuse: Refuse): Entry {
  const tensor = `tensor ${valueText(key)}`;
  if (!isRecord(value)) return refuse(`${tensor} has no type, shape and place`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string" || !Object.hasOwn(DTYPES, dtype)) {
    // other objects than arrays of texts may have no text
    const hasText = !isObject(dtype) || (Array.isArray(dtype) && dtype.every((each) => typeof each === "string"));
    const type = hasText ? writtenOut(String(dtype).slice(0, 80)) : describe(dtype);
    return refuse(`${tensor} has type ${type}; ${Object.keys(DTYPES).join(", ")} are read`);
  }
  if (!isShape(shape)) {
    return refuse(`${tensor} has no shape of whole numbers of 0 or more`);
  }
  const [from, to] = Array.isArray(offsets) && offsets.length === 2 ? (offsets as unknown[]) : [];
  if (!isCount(from) || !isCount(to) || from > to) {
    return refuse(`${tensor} has no place; data_offsets must be where it begins and ends`);
  }
  const bytes = shape.includes(0) ? 0 : sizeOf(shape) * (dtype === "U8" ? 1 : 4);
  if (to - from !== bytes) {
    return refuse(`${tensor} (${axesText(shape)}) needs ${bytes} bytes, but has ${to - from}`);
  }
  return { key, dtype, shape, from, to };
}

/** Refuses tensors that are not consecutive or don't fill the data, as the format demands. */
function checkPlaces(entries: readonly Entry[], length: number, refuse: Refuse): void {
  let at = 0;
  for (const { key, from, to } of entries.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    if (to > length)
      refuse(`cut short; tensor ${valueText(key)} ends at byte ${to} of the data, but there are ${length}`);
    if (from !== at) {
      const fault = from < at ? "overlaps another tensor" : "leaves a gap in front of it";
      refuse(`tensor ${valueText(key)} begins at byte ${from} of the data, but must at ${at}; it ${fault}`);
    }
    at = to;
  }
  if (at < length) refuse(`the data has ${length} bytes, but the tensors end at byte ${at}`);
}
