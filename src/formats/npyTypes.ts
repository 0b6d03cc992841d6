// The types of numbers in NumPy's files, and how their bytes become typed arrays and back.
import { FLOAT16, widen } from "./smallFloats.ts";

/** The numbers of an array: float16 as float32, bool as 0 and 1, integers of 64 bits as bigints. */
export type NpyData =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** The type of an array's numbers, by NumPy's name. */
export type NpyType =
  | "bool"
  | "int8"
  | "uint8"
  | "int16"
  | "uint16"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "float16"
  | "float32"
  | "float64";

/** How a type is kept. */
export interface NumberType {
  readonly name: NpyType;
  /** Bytes of a number in the file. */
  readonly size: number;
  /** What a header calls it, without the order of its bytes. */
  readonly code: string;
  /** The kind of its typed array. */
  readonly kind: string;
  readonly make: new (buffer: ArrayBuffer, byteOffset?: number, length?: number) => NpyData;
}

const type = (name: NpyType, code: string, make: unknown): NumberType => ({
  name,
  size: Number(code.slice(1)),
  code,
  kind: (make as { readonly name: string }).name,
  make: make as NumberType["make"],
});

/** All types that are read and written. Where two are kept alike, what is written of one is the first. */
export const NUMBER_TYPES: readonly NumberType[] = /* @__PURE__ */ [
  type("int8", "i1", Int8Array),
  type("uint8", "u1", Uint8Array),
  type("int16", "i2", Int16Array),
  type("uint16", "u2", Uint16Array),
  type("int32", "i4", Int32Array),
  type("uint32", "u4", Uint32Array),
  type("int64", "i8", BigInt64Array),
  type("uint64", "u8", BigUint64Array),
  type("float32", "f4", Float32Array),
  type("float64", "f8", Float64Array),
  type("float16", "f2", Float32Array),
  type("bool", "b1", Uint8Array),
];

/**
 * The numbers that bytes are.
 *
 * @param big do their bytes begin with the highest?
 * @param own nobody else has the bytes, nor the seven before them: the numbers may stay there
 */
export function numbersOf(bytes: Uint8Array, { name, size, make }: NumberType, big: boolean, own: boolean): NpyData {
  const held = own ? aligned(bytes, name === "float16" ? 2 : size) : bytes.slice();
  const { buffer, byteOffset, length } = held;
  if (big && size > 1) swap(held, size);
  if (name === "float16") return widen(new Uint16Array(buffer, byteOffset, length / 2), FLOAT16);
  if (name === "bool") for (let i = 0; i < length; i++) held[i] = held[i] === 0 ? 0 : 1;
  return new make(buffer as ArrayBuffer, byteOffset, length / size);
}

/** Moves bytes to the place before them where a typed array may begin: over the end of the header that was there. */
function aligned(bytes: Uint8Array, size: number): Uint8Array {
  const { buffer, byteOffset, length } = bytes;
  const beyond = byteOffset % size;
  if (beyond === 0) return bytes;
  new Uint8Array(buffer).copyWithin(byteOffset - beyond, byteOffset, byteOffset + length);
  return new Uint8Array(buffer, byteOffset - beyond, length);
}

/** Turns the bytes of each number around. */
function swap(bytes: Uint8Array, size: number): void {
  const half = size / 2;
  for (let at = 0; at < bytes.length; at += size) {
    for (let i = 0; i < half; i++) {
      const low = bytes[at + i]!;
      bytes[at + i] = bytes[at + size - 1 - i]!;
      bytes[at + size - 1 - i] = low;
    }
  }
}
