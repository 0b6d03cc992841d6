// What an ONNX file says, as plain objects: the messages of onnx.proto, without training information, functions and sparse tensors.
import type { NpyData } from "./npyTypes.ts";

/** The types of numbers that tensors are read and written with, by ONNX's names. */
export const ONNX_NUMBERS = [
  "float",
  "uint8",
  "int8",
  "uint16",
  "int16",
  "int32",
  "int64",
  "bool",
  "float16",
  "double",
  "uint32",
  "uint64",
  "bfloat16",
] as const;

/** A type of numbers that tensors are read and written with. */
export type OnnxNumbers = (typeof ONNX_NUMBERS)[number];

/** All types of a tensor's elements, by their numbers in a file. */
export const ELEMENT_TYPES = [
  "undefined",
  "float",
  "uint8",
  "int8",
  "uint16",
  "int16",
  "int32",
  "int64",
  "string",
  "bool",
  "float16",
  "double",
  "uint32",
  "uint64",
  "complex64",
  "complex128",
  "bfloat16",
  "float8e4m3fn",
  "float8e4m3fnuz",
  "float8e5m2",
  "float8e5m2fnuz",
  "uint4",
  "int4",
  "float4e2m1",
  "float8e8m0",
  "uint2",
  "int2",
] as const;

/** A type of elements, of which tensors may not be read. */
export type OnnxElement = (typeof ELEMENT_TYPES)[number];

/** A tensor with its numbers. */
export interface OnnxTensor {
  /** Its name in the graph; often empty in an attribute. */
  readonly name: string;
  readonly type: OnnxNumbers;
  /** Sizes of all axes; empty for a single number. */
  readonly shape: readonly number[];
  /**
   * As many numbers as the shape says, the last axis contiguous: float16 and bfloat16 as a Float32Array, bool as 0 and 1 in a
   * Uint8Array, int64 and uint64 as a BigInt64Array and BigUint64Array, others as the array of their type.
   */
  readonly data: NpyData;
}

/** The size of an axis: a number, the name of one that is known later, or nothing. */
export type OnnxAxis = number | string | undefined;

/** What kind of value goes along an edge of a graph. */
export type OnnxType =
  | {
      readonly kind: "tensor" | "sparse";
      readonly element: OnnxElement;
      /** undefined: not even the number of axes is known. */
      readonly shape: readonly OnnxAxis[] | undefined;
    }
  | { readonly kind: "sequence" | "optional"; readonly of: OnnxType | undefined }
  | { readonly kind: "map"; readonly key: OnnxElement; readonly of: OnnxType | undefined }
  | { readonly kind: "opaque"; readonly domain: string; readonly name: string };

/** An input, an output, or another value of a graph. */
export interface OnnxValue {
  readonly name: string;
  /** undefined: it isn't said. */
  readonly type: OnnxType | undefined;
  readonly doc: string;
}

/** An attribute of a node, by its type. */
export type OnnxAttribute =
  | { readonly name: string; readonly type: "float" | "int"; readonly value: number }
  | { readonly name: string; readonly type: "string"; readonly value: string }
  | { readonly name: string; readonly type: "tensor"; readonly value: OnnxTensor }
  | { readonly name: string; readonly type: "graph"; readonly value: OnnxGraph }
  | { readonly name: string; readonly type: "floats" | "ints"; readonly value: readonly number[] }
  | { readonly name: string; readonly type: "strings"; readonly value: readonly string[] }
  | { readonly name: string; readonly type: "tensors"; readonly value: readonly OnnxTensor[] }
  | { readonly name: string; readonly type: "graphs"; readonly value: readonly OnnxGraph[] };

/** All types of attributes, by their numbers in a file. */
export const ATTRIBUTE_TYPES = [
  "undefined",
  "float",
  "int",
  "string",
  "tensor",
  "graph",
  "floats",
  "ints",
  "strings",
  "tensors",
  "graphs",
  "sparse tensor",
  "sparse tensors",
  "type",
  "types",
] as const;

/** One operator of a graph. */
export interface OnnxNode {
  /** Often empty: nodes are told apart by their outputs. */
  readonly name: string;
  readonly operator: string;
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  /** Names of values; empty: an input that is left out. */
  readonly inputs: readonly string[];
  /** Names of values; empty: an output that nobody wants. */
  readonly outputs: readonly string[];
  readonly attributes: readonly OnnxAttribute[];
}

/** A graph: of a model, or of an attribute of a node such as If. */
export interface OnnxGraph {
  readonly name: string;
  readonly doc: string;
  /** In an order in which they can be computed, as ONNX demands; that isn't looked at here. */
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Types of values within. */
  readonly values: readonly OnnxValue[];
}

/** A version of a set of operators. */
export interface OnnxOpset {
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  readonly version: number;
}

/** All of a file. */
export interface OnnxModel {
  /** The version of the format. */
  readonly irVersion: number;
  /** The program that wrote it, and its version. */
  readonly producer: string;
  readonly producerVersion: string;
  /** What the model is called, as `org.example.team`, and its version. */
  readonly domain: string;
  readonly modelVersion: number;
  readonly doc: string;
  /** As they are in the file, from the future, too: who uses the operators has to know them. */
  readonly opsets: readonly OnnxOpset[];
  readonly graph: OnnxGraph;
  /** Keys and texts. */
  readonly metadata: readonly (readonly [key: string, text: string])[];
}

/** Numbers of a tensor that are in another file. */
export interface OnnxExternal {
  /** The file's path from the model's folder: within that folder, `/` between folders. */
  readonly location: string;
  /** Where in that file the tensor begins, in bytes. */
  readonly offset: number;
  /** How many bytes it has. */
  readonly length: number;
}

/** Options of reading. */
export interface OnnxReadOptions {
  /**
   * Gives the bytes of a tensor that are in another file: exactly `length`. Default: such tensors are refused. How large `length` is,
   * a file of a few bytes can say: look at the other file's size before memory is taken. `tensor` is its name.
   */
  readonly external?: ((place: OnnxExternal, tensor: string) => Uint8Array) | undefined;
}
