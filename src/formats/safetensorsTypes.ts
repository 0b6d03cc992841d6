// The types of numbers in safetensors files, and how they become typed arrays and back.
import { kindOf, valueText } from "../util/check.ts";
import {
  BFLOAT16,
  FLOAT16,
  FLOAT8_E4M3,
  FLOAT8_E5M2,
  largestOf,
  narrow,
  type SmallFloat,
  widen,
} from "./smallFloats.ts";
import { exactNumbers } from "./wholeNumbers.ts";

/**
 * The numbers of a tensor: those of 16 or 8 bits with a fraction as float32, BOOL as 0 and 1, integers of 64 bits as float64 where all are exact.
 * Where one is 2^53 or more, these are a BigInt64Array or a BigUint64Array, which this type leaves out: few programs meet any.
 */
export type TensorData =
  Float32Array | Int32Array | Uint8Array | Float64Array | Int8Array | Int16Array | Uint16Array | Uint32Array;

/** The type of a tensor's numbers in the file. */
export type TensorType =
  | "F32"
  | "I32"
  | "U8"
  | "F64"
  | "F16"
  | "BF16"
  | "F8_E4M3"
  | "F8_E5M2"
  | "I8"
  | "I16"
  | "I64"
  | "U16"
  | "U32"
  | "U64"
  | "BOOL";

/** One tensor of a file. */
export interface SafeTensor {
  /** Sizes of the axes; empty for a single number. */
  readonly shape: readonly number[];
  /** As many numbers as the shape says, the last axis contiguous. */
  readonly data: TensorData;
  /**
   * The type in the file, where the data doesn't tell it: `"F16"`, `"BF16"`, `"F8_E4M3"` or `"F8_E5M2"` of a Float32Array, `"BOOL"` of a
   * Uint8Array, `"I64"` or `"U64"` of a Float64Array.
   */
  readonly dtype?: TensorType | undefined;
}

/** A tensor that is written. */
export interface SafeTensorInput extends Omit<SafeTensor, "data"> {
  /** As many numbers as the shape says, the last axis contiguous. */
  readonly data: TensorData | BigInt64Array | BigUint64Array;
}

/** A tensor as its bytes are in the file. */
export interface RawTensor extends SafeTensorInput {
  readonly dtype: TensorType;
}

type Make = new (buffer: ArrayBuffer) => SafeTensorInput["data"];

/** The array of a type's bytes, and what its numbers are if they aren't those. */
const TYPES: Readonly<Record<string, readonly [make: Make, small?: SmallFloat]>> = {
  F32: [Float32Array],
  I32: [Int32Array],
  U8: [Uint8Array],
  F64: [Float64Array],
  F16: [Uint16Array, FLOAT16],
  BF16: [Uint16Array, BFLOAT16],
  F8_E4M3: [Uint8Array, FLOAT8_E4M3],
  F8_E5M2: [Uint8Array, FLOAT8_E5M2],
  I8: [Int8Array],
  I16: [Int16Array],
  I64: [BigInt64Array],
  U16: [Uint16Array],
  U32: [Uint32Array],
  U64: [BigUint64Array],
  BOOL: [Uint8Array],
};

export const NAMES: readonly string[] = /* @__PURE__ */ Object.keys(TYPES);

/** Bytes of a number; undefined of a type that isn't read. */
export const sizeOfType = (dtype: unknown): number | undefined =>
  typeof dtype === "string" && Object.hasOwn(TYPES, dtype)
    ? (TYPES[dtype]![0] as unknown as { readonly BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT
    : undefined;

/** Is it of the kinds of typed arrays that a type's numbers are kept in? */
function isKept(dtype: string, kind: string): boolean {
  const [{ name }, small] = TYPES[dtype]!;
  return kind === (small ? "Float32Array" : name) || (kind === "Float64Array" && name.startsWith("Big"));
}

/** The types that data may be written as: its own is the first. */
export const typesOf = (data: unknown): readonly string[] =>
  ArrayBuffer.isView(data) ? NAMES.filter((dtype) => isKept(dtype, kindOf(data))) : [];

/** A tensor of bytes that nobody else has. */
export const rawTensor = (dtype: string, shape: readonly number[], buffer: ArrayBuffer): RawTensor => ({
  dtype: dtype as TensorType,
  shape,
  data: new TYPES[dtype]![0](buffer),
});

const asBool = (data: SafeTensorInput["data"]): Uint8Array =>
  Uint8Array.from(data as Uint8Array, (value) => (value === 0 ? 0 : 1));

/** The tensor that users get: its numbers stay where they are, if they can. */
export function tensorOf({ dtype, shape, data }: RawTensor): SafeTensor {
  const small = TYPES[dtype]![1];
  if (small) return { shape, data: widen(data as Uint16Array, small), dtype };
  if (dtype === "BOOL") return { shape, data: asBool(data), dtype };
  if (!dtype.endsWith("64") || dtype === "F64") return { shape, data: data as TensorData };
  const numbers = exactNumbers(data as BigInt64Array, dtype === "I64") as Float64Array;
  return { shape, data: numbers, dtype };
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

/** The same numbers, all that are none the same bits: these differ between engines. */
function canonical<T extends Float32Array | Float64Array>(data: T): T {
  if (firstNonFinite(data, Infinity) < 0) return data;
  const copy = data.slice() as T;
  const words = new Uint32Array(copy.buffer);
  const step = words.length / copy.length;
  copy.forEach((value, i) => {
    if (value === value) return;
    words[i * step] = 0;
    words[i * step + step - 1] = step === 1 ? 0x7fc00000 : 0x7ff80000;
  });
  return copy;
}

const words = /* @__PURE__ */ new Uint32Array(1);
const singles = /* @__PURE__ */ new Float32Array(words.buffer);

/** Of the two float32 that a number is between the one whose last bit is 1: what is rounded again goes by that as by the number. */
function toOdd(value: number): number {
  singles[0] = value;
  if (Number.isFinite(value) && singles[0] !== value) {
    if (Math.abs(singles[0]!) > Math.abs(value)) words[0]!--;
    words[0]! |= 1;
  }
  return singles[0]!;
}

/**
 * A tensor as its bytes will be in the file.
 *
 * @param type of numbers with a fraction; default: that of each tensor
 * @throws {RangeError} if a finite number would be infinite, or a number isn't one of the type
 */
export function rawOf(
  where: string,
  name: string,
  { shape, data, dtype = typesOf(data)[0] as TensorType }: SafeTensorInput,
  type = dtype,
): RawTensor {
  const isFloat = /F/.test(dtype);
  const as = isFloat ? type : dtype;
  const small = TYPES[as]![1];
  const says = (i: number, what: string): never => {
    throw new RangeError(`${where}: value ${i} of ${valueText(name)} is ${data[i]}, but ${what}`);
  };
  const beyond = (i: number): never => {
    const most = small ? largestOf(small) : "3.4028235e38";
    const larger = as === "F32" ? "F64" : as === "BF16" ? "F32" : "BF16 or F32";
    return says(i, `the largest of ${as} is ${most}; write ${larger}`);
  };
  let numbers = data;
  if (kindOf(data) === "Float64Array" && as !== "F64") {
    const given = data as Float64Array;
    numbers = isFloat
      ? Float32Array.from(given, small ? toOdd : undefined)
      : new (as === "I64" ? BigInt64Array : BigUint64Array)(given.length);
    given.forEach((value, i) => {
      if (isFloat) {
        if (Number.isFinite(value) && !Number.isFinite(numbers[i])) beyond(i);
      } else if (Number.isSafeInteger(value) && (as === "I64" || value >= 0)) numbers[i] = BigInt(value);
      else says(i, `${as} has whole numbers`);
    });
  }
  if (small) numbers = narrow(numbers as Float32Array, small, beyond);
  else if (isFloat) numbers = canonical(numbers as Float32Array);
  return { dtype: as, shape, data: as === "BOOL" ? asBool(numbers) : numbers };
}
