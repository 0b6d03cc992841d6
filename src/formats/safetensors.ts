// Reads and writes safetensors: 8 bytes header length, a JSON header with each tensor's type, shape and offsets, then the
// numbers. Source: https://github.com/huggingface/safetensors (README, "Format")
import { checkKeys, checkKind, checkOneOf, isObject, valueText } from "../util/check.ts";
import { shapeText, sizeOf } from "../util/shape.ts";
import { bytesOf, checkBytes } from "./bytes.ts";
import { checksumOf } from "./checksum.ts";
import { HEADER_LIMIT, headerEnd, isMetadata, isShape, METADATA, readHeader, refuserOf } from "./safetensorsHeader.ts";
import {
  type RawTensor,
  rawOf,
  rawTensor,
  type SafeTensor,
  type SafeTensorInput,
  tensorOf,
  typeNamed,
  typesOf,
} from "./safetensorsTypes.ts";
import { utf8Bytes } from "./utf8.ts";

/** What a file holds. */
export interface SafeTensors {
  /** The tensors by name, in the order of the header. */
  readonly tensors: ReadonlyMap<string, SafeTensor>;
  /** The texts of the header's `__metadata__`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Options of what writes safetensors files. */
export interface SafetensorsOptions {
  /**
   * The type of the numbers with a fraction in the file: `"F16"` (float16, 3 digits, up to 65,504) and `"BF16"` (bfloat16, 2 digits) take half
   * the bytes of `"F32"`. Each is the nearest that there is, of two as near the even one. Default: the tensors' own.
   */
  readonly dtype?: "F32" | "F16" | "BF16" | undefined;
}

/** Of all tensors without numbers: a header can have a million. */
const EMPTY = /* @__PURE__ */ new ArrayBuffer(0);

/** The option, checked. */
export function checkedType(where: string, options: SafetensorsOptions): SafetensorsOptions["dtype"] {
  checkKeys(where, options, ["dtype"]);
  const { dtype } = options;
  if (dtype !== undefined) checkOneOf(where, "dtype", dtype, ["F32", "F16", "BF16"]);
  return dtype;
}

const checksum = (tensors: Iterable<readonly [string, RawTensor]>, texts: Readonly<Record<string, string>>): string =>
  checksumOf(tensors, texts, ({ dtype }) => dtype);

/**
 * Texts of the metadata, with a checksum over them and the tensors: `readSafetensors` compares it.
 *
 * @param where the function that messages begin with
 */
export function withChecksum(
  tensors: Iterable<readonly [string, SafeTensorInput]>,
  texts: Readonly<Record<string, string>>,
  where = "writeSafetensors",
): Readonly<Record<string, string>> {
  const raw = Array.from(tensors, ([name, tensor]) => [name, rawOf(where, name, tensor)] as const);
  return { ...texts, checksum: checksum(raw, texts) };
}

/**
 * Writes tensors, in the order given, as one file. Of a Float32Array the numbers are written as float32, or as `dtype` says, of the tensor or of
 * all; those of other typed arrays as they are. What `readSafetensors` gave is written as it was, and so is what `readTorch` and `readNpz` gave.
 *
 * @param options.dtype the type of numbers with a fraction, `"F32"`, `"F16"` or `"BF16"`; default: the tensors' own
 * @throws {TypeError | RangeError} if a name is used twice or can't be used, data is of another type, or has not the
 *   count of numbers that its shape says; if a finite number would be infinite in the file
 * @example
 * const file = writeSafetensors([["w", { shape: [2, 2], data: new Float32Array(4) }]], { made: "by hand" });
 * const half = writeSafetensors(readSafetensors(file).tensors, {}, { dtype: "F16" });
 */
export function writeSafetensors(
  tensors: Iterable<readonly [string, SafeTensorInput]>,
  metadata: Readonly<Record<string, string>> = {},
  options: SafetensorsOptions = {},
): Uint8Array<ArrayBuffer> {
  const where = "writeSafetensors";
  checkKind(isIterable(tensors), where, "the tensors", "pairs of a name and a tensor", tensors);
  const entries: (readonly [string, SafeTensorInput])[] = [];
  for (const entry of tensors) {
    // before the next one is asked for: there may be no end of them
    const isPair = Array.isArray(entry) && typeof entry[0] === "string" && isObject(entry[1]);
    checkKind(isPair, where, "each of the tensors", "a pair [name, { shape, data }]", entry);
    entries.push(entry);
  }
  checkKind(isMetadata(metadata), where, "the metadata", "an object of strings", metadata);
  const wanted = checkedType(where, options);
  const header = new Map<string, unknown>([[METADATA, metadata]]);
  const parts: Uint8Array[] = [];
  let end = 0;
  for (const [name, tensor] of entries) {
    const { shape, data } = tensor;
    const quoted = valueText(name);
    if (header.has(name)) throw new RangeError(`${where}: the name ${quoted} is used twice or has another meaning`);
    const types = typesOf(data);
    checkKind(types.length > 0, where, `the data of ${quoted}`, "a typed array of numbers", data);
    checkKind(isShape(shape), where, `the shape of ${quoted}`, "an array of whole numbers of 0 or more", shape);
    if (sizeOf(shape) !== data.length) {
      throw new RangeError(
        `${where}: ${quoted} is ${shapeText(shape)}, ${sizeOf(shape)} numbers, but has ${data.length}`,
      );
    }
    const { dtype } = tensor;
    if (dtype !== undefined) checkOneOf(where, `the dtype of ${quoted}`, typeNamed(String(dtype)), types);
    const raw = rawOf(where, name, tensor, wanted);
    const bytes = bytesOf(raw.data);
    header.set(name, { dtype: raw.dtype, shape, data_offsets: [end, end + bytes.length] });
    parts.push(bytes);
    end += bytes.length;
  }
  const text = utf8Bytes(JSON.stringify(Object.fromEntries(header)));
  if (text.length > HEADER_LIMIT) {
    throw new RangeError(
      `${where}: the header would have ${text.length} bytes, but readers take ${HEADER_LIMIT}; many numbers are to be tensors, not text`,
    );
  }
  const headerBytes = Math.ceil(text.length / 8) * 8; // spaces fill it up, so that the numbers are aligned
  const file = new Uint8Array(8 + headerBytes + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, 8, 8 + headerBytes);
  file.set(text, 8);
  let at = 8 + headerBytes;
  for (const bytes of parts) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

const isIterable = (value: unknown): boolean =>
  isObject(value) && typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === "function";

/**
 * Reads a file. The tensors are copies. Numbers of 16 and 8 bits with a fraction become float32 (all are exact), BOOL 0 and 1, integers of 64
 * bits float64 where all of a tensor are exact (below 2^53), else bigints. What a model's file says of its checksum is compared with what it holds, and isn't among
 * the metadata that are returned, so that tensors can be changed and written again.
 *
 * Time and memory are in proportion to the file: about three bytes for each of its own, six if its numbers take one.
 *
 * @param name the file's name, for messages
 * @throws {TypeError} if the file isn't a Uint8Array
 * @throws {FileError} if it is no safetensors file, is cut short or damaged, holds a type that isn't read (F4, F6_E2M3, F6_E3M2, F8_E8M0, C64), or
 *   its tensors overlap or leave bytes out. `openSafetensors` reads the others of such a file
 * @example const { tensors, metadata } = readSafetensors(modelToBytes(model), "model.safetensors");
 */
export function readSafetensors(file: Uint8Array, name = "readSafetensors"): SafeTensors {
  checkKind(typeof name === "string", "readSafetensors", "the name", "a file's name, for messages", name);
  checkBytes(name, "the file", file);
  const refuse = refuserOf(name);
  const start = headerEnd(file, file.length, refuse);
  const { entries, texts } = readHeader(file.subarray(8, start), file.length, refuse);
  const raw = new Map<string, RawTensor>();
  for (const { key, dtype, shape, from, to } of entries) {
    // a copy of its own: aligned, and in Node not a view of a shared buffer
    const buffer = from === to ? EMPTY : new Uint8Array(file.subarray(from, to)).buffer;
    raw.set(key, rawTensor(dtype, shape, buffer));
  }
  let metadata = texts;
  if (texts["format"] === "wasmgrad" && Object.hasOwn(texts, "checksum")) {
    const { checksum: written, ...rest } = texts;
    metadata = rest;
    if (checksum(raw, rest) !== written) {
      refuse(
        8,
        "the file is damaged: its checksum is not that of what it holds; take another copy of it. " +
          'If it was changed on purpose, take "checksum" out of its metadata',
      );
    }
  }
  // one after the other lets go of its bytes
  const tensors = new Map<string, SafeTensor>();
  for (const [key, tensor] of raw) {
    tensors.set(key, tensorOf(tensor));
    raw.delete(key);
  }
  return { tensors, metadata };
}
