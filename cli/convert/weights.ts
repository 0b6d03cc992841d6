// Weights alone: tensors by name, from any file that has them to any that takes them.
import { type NpyInput, readNpz, writeNpz } from "../../src/data.ts";
import { readSafetensors, type SafeTensorInput, writeSafetensors } from "../../src/files.ts";
import { readTorch } from "../../src/torch.ts";
import type { ConvertOptions, Kind, Target } from "./options.ts";
import { refusal } from "./options.ts";

/** A tensor, with the type of its numbers in the file by NumPy's names. */
export interface Weight {
  readonly shape: readonly number[];
  readonly data: SafeTensorInput["data"];
  readonly type: string;
}

/** Tensors by name. */
export type Weights = ReadonlyMap<string, Weight>;

const SAFE: Readonly<Record<string, string>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  F8_E4M3: "float8_e4m3",
  F8_E5M2: "float8_e5m2",
  I8: "int8",
  I16: "int16",
  I32: "int32",
  I64: "int64",
  U8: "uint8",
  U16: "uint16",
  U32: "uint32",
  U64: "uint64",
  BOOL: "bool",
};

const OWN: Readonly<Record<string, string>> = {
  Float64Array: "float64",
  Float32Array: "float32",
  Int8Array: "int8",
  Int16Array: "int16",
  Int32Array: "int32",
  BigInt64Array: "int64",
  Uint8Array: "uint8",
  Uint16Array: "uint16",
  Uint32Array: "uint32",
  BigUint64Array: "uint64",
};

const kindOfData = (data: object): string => Object.prototype.toString.call(data).slice(8, -1);

/** The tensors of a safetensors file. */
export const weightsOfSafetensors = (bytes: Uint8Array, path: string): Weights =>
  new Map(
    Array.from(readSafetensors(bytes, path).tensors, ([name, { shape, data, dtype }]) => [
      name,
      { shape, data, type: dtype ? SAFE[dtype]! : OWN[kindOfData(data)]! },
    ]),
  );

/** Reads weights. */
export async function readWeights(kind: Kind, bytes: Uint8Array, path: string): Promise<Weights> {
  if (kind === "safetensors") return weightsOfSafetensors(bytes, path);
  const found = new Map<string, Weight>();
  if (kind === "npz") {
    for (const [name, { shape, data, dtype }] of await readNpz(path)) found.set(name, { shape, data, type: dtype });
  } else {
    for (const [name, { shape, data, dtype }] of (await readTorch(path)).tensors) {
      found.set(name, { shape, data: data, type: dtype });
    }
  }
  if (found.size === 0) throw refusal(`${path} has no tensors`);
  return found;
}

/** Types that a file hasn't, and what is written instead. */
const INSTEAD: Readonly<Record<"npz" | "safetensors", Readonly<Record<string, string>>>> = {
  npz: { bfloat16: "float32", float8_e4m3: "float32", float8_e5m2: "float32" },
  safetensors: {},
};

const isFloat = (type: string): boolean => /^b?float/.test(type);

/** The type that a tensor has in OUT. */
export function typeInFile(type: string, to: "npz" | "safetensors", dtype: ConvertOptions["dtype"]): string {
  if (dtype !== undefined && isFloat(type)) return SAFE[dtype]!;
  return INSTEAD[to][type] ?? type;
}

/** Whole numbers of 64 bits, which are read as float64 where all are exact. */
function wide({ data, type }: Weight): Weight["data"] {
  if (kindOfData(data) !== "Float64Array") return data;
  if (type === "int64") return BigInt64Array.from(data as Float64Array, BigInt);
  return type === "uint64" ? BigUint64Array.from(data as Float64Array, BigInt) : data;
}

/** Writes weights as a file of their own. */
export async function writeWeights(
  weights: Weights,
  to: Extract<Target, "npz" | "safetensors">,
  dtype: ConvertOptions["dtype"],
): Promise<Uint8Array> {
  if (to === "npz" && dtype === "BF16")
    throw refusal("NumPy has no type bfloat16; leave out --dtype BF16, or write safetensors");
  const types = Object.entries(SAFE);
  const entries = Array.from(weights, ([name, weight]) => {
    const { shape, type } = weight;
    return { name, shape, data: wide(weight), as: typeInFile(type, to, dtype) };
  });
  if (to === "safetensors") {
    const tensors = entries.map(({ name, shape, data, as }): [string, SafeTensorInput] => {
      const own = OWN[kindOfData(data)];
      // float64 is narrowed by the option alone
      if (own === as || own === "float64") return [name, { shape, data }];
      return [
        name,
        { shape, data, dtype: types.find(([, type]) => type === as)![0] as NonNullable<SafeTensorInput["dtype"]> },
      ];
    });
    return writeSafetensors(tensors, {}, dtype === undefined ? {} : { dtype });
  }
  const arrays = entries.map(({ name, shape, data, as }): [string, NpyInput] => {
    const narrow = (as === "float32" || as === "float16") && kindOfData(data) === "Float64Array";
    const numbers = narrow ? Float32Array.from(data as Float64Array) : data;
    return [name, { shape, data: numbers, dtype: as as NonNullable<NpyInput["dtype"]> }];
  });
  return writeNpz(new Map(arrays));
}
