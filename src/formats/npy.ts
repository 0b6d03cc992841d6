// Reads and writes npy, NumPy's format of one array: six bytes, a version, the length of a header, the header, and the numbers.
// see: NumPy, "numpy.lib.format", versions 1.0 to 3.0
import { checkKind, isObject, valueText } from "../util/check.ts";
import { axesText, sizeOf } from "../util/shape.ts";
import { bytesOf, isArrayOf } from "./bytes.ts";
import { fileError } from "./fileError.ts";
import { NUMBER_TYPES, type NpyData, type NpyType, type NumberType, numbersOf } from "./npyTypes.ts";
import { FLOAT16, narrow } from "./smallFloats.ts";
import { utf8Bytes, utf8Text } from "./utf8.ts";

/** An array of numbers. */
export interface NpyArray {
  /** Sizes of all axes; empty for a single number. */
  readonly shape: readonly number[];
  /** As many numbers as the shape says, the last axis contiguous. */
  readonly data: NpyData;
  /** The type of the numbers. */
  readonly dtype: NpyType;
}

/** An array that is written: `dtype` is that of the data if it isn't given. */
export interface NpyInput {
  /** Sizes of all axes. */
  readonly shape: readonly number[];
  /** As many numbers as the shape says, the last axis contiguous. */
  readonly data: NpyData | Uint8ClampedArray;
  /** `"bool"` of a Uint8Array and `"float16"` of a Float32Array are written so; others are those of the data. */
  readonly dtype?: NpyType | undefined;
}

/** Bytes of the longest header: only those of structured types are longer. */
const MOST_HEADER = 2 ** 16;
const MOST_AXES = 64;

const MAGIC = "\x93NUMPY";

/** Does it begin as an npy file does? */
export const isNpy = (bytes: Uint8Array): boolean => String.fromCharCode(...bytes.subarray(0, 6)) === MAGIC;

/** What a header says. */
interface Header {
  readonly shape: readonly number[];
  readonly type: NumberType;
  readonly big: boolean;
  /** The first axis is contiguous, not the last. */
  readonly fortran: boolean;
  /** Where the numbers begin, and where the file ends. */
  readonly from: number;
  readonly to: number;
}

/** How many bytes a file of such a beginning has; undefined while that is too short to say, 0 if it can't be read. */
export function npySize(start: Uint8Array): number | undefined {
  const end = headerEnd(start);
  if (end === undefined || end.to > MOST_HEADER) return start.length < 12 ? undefined : 0;
  if (start.length < end.to) return undefined;
  try {
    return readHeader(start, "").to;
  } catch {
    return 0;
  }
}

/** Where a header's text begins and ends. */
function headerEnd(bytes: Uint8Array): { readonly from: number; readonly to: number } | undefined {
  if (!isNpy(bytes) || bytes.length < 12) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return bytes[6] === 1
    ? { from: 10, to: 10 + view.getUint16(8, true) }
    : { from: 12, to: 12 + view.getUint32(8, true) };
}

/** A pair of a header's text, which is a dict of Python. */
const PAIR = /\s*(?:'(\w+)'|"(\w+)")\s*:\s*('[^'\\]*'|"[^"\\]*"|True|False|\([\dL\s,]*\))\s*(,|(?=\}))\s*/y;

/** Types whose values aren't numbers, and what to do; the first of a header's code is the order of the bytes. */
const OTHER_TYPES: readonly (readonly [code: RegExp, what: string])[] = [
  [/^.?O/, "Python objects: these are a pickle, which is a program, and never read; save numbers"],
  [/^.?[SUa]/, "texts; save their numbers, or a table as CSV"],
  [/^.?[mM]/, 'dates or durations; save them as numbers, x.astype("int64")'],
  [/^.?c/, "complex numbers; save x.real and x.imag"],
  [/^.?V2$/, 'pairs of bytes without a type, such as bfloat16; save x.astype("float32")'],
  [/^.?V/, "bytes without a type; save x.view of a type of numbers"],
  [/^.?f(?:12|16)$/, 'long doubles, which differ between machines; save x.astype("float64")'],
];

/** A header's text; of one that isn't UTF-8 nothing. */
function textOf(bytes: Uint8Array): string {
  try {
    return utf8Text(bytes);
  } catch {
    return "";
  }
}

function readHeader(bytes: Uint8Array, name: string): Header {
  const says = (at: number, what: string): Error => fileError(`${name} `, at, what);
  if (!isNpy(bytes)) {
    const start = [...bytes.subarray(0, 6)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw says(0, `is no npy file; it must begin with 93 4e 55 4d 50 59, but begins with ${start || "nothing"}`);
  }
  const place = headerEnd(bytes);
  if (!place) throw says(bytes.length, "is cut short within its header");
  const { from, to } = place;
  const version = bytes[6]!;
  if (version < 1 || version > 3) throw says(6, `is of the npy format's version ${version}; 1, 2 and 3 are read`);
  if (to > MOST_HEADER)
    throw says(
      8,
      `has a header of ${to - from} bytes; at most ${MOST_HEADER} are read, only structured types have longer ones`,
    );
  if (to > bytes.length) throw says(bytes.length, "is cut short within its header");
  const text = textOf(bytes.subarray(from, to)).trimEnd();
  if (/["']descr["']\s*:\s*[[(]/.test(text)) {
    throw says(from, "is an array of records (a structured type); save each field as an array of its own, by np.savez");
  }
  const fields = new Map<string, string>();
  PAIR.lastIndex = 1;
  const damaged = (): Error => says(from, `has a header that can't be understood: ${valueText(text)}`);
  if (text[0] !== "{" || text.at(-1) !== "}") throw damaged();
  while (PAIR.lastIndex < text.length - 1) {
    const found = PAIR.exec(text);
    const key = found?.[1] ?? found?.[2];
    if (!found || fields.has(key!)) throw damaged();
    fields.set(key!, found[3]!);
  }
  const [descr, order, axes] = ["descr", "fortran_order", "shape"].map((key) => fields.get(key));
  if (fields.size !== 3 || !descr || !order || !axes) throw damaged();
  const sizes = axes
    .slice(1, -1)
    .split(",")
    .map((size) => size.trim());
  if (sizes.at(-1) === "") sizes.pop();
  const isShape = axes.startsWith("(") && sizes.every((size) => /^\d+L?$/.test(size));
  if (!/^['"]/.test(descr) || !/^[TF]/.test(order) || !isShape) throw damaged();
  const shape = sizes.map(parseFloat);
  if (shape.length > MOST_AXES) throw says(from, `has ${shape.length} axes; at most ${MOST_AXES} are read`);
  if (!shape.every(Number.isSafeInteger))
    throw says(from, `is said to have ${axesText(shape)} numbers, which no file can`);
  const code = descr.slice(1, -1);
  const type = NUMBER_TYPES.find(
    (one) => one.code === (/^[<>=|]/.test(code) ? code.slice(1) : code === "?" ? "b1" : code),
  );
  if (!type) {
    const other = OTHER_TYPES.find(([pattern]) => pattern.test(code))?.[1];
    throw says(
      from,
      other ? `holds ${other}` : `holds numbers of an unknown type, ${valueText(code)}; save x.astype("float32")`,
    );
  }
  const count = shape.includes(0) ? 0 : sizeOf(shape);
  return { shape, type, big: code[0] === ">", fortran: order === "True", from: to, to: to + count * type.size };
}

/**
 * Reads an npy file.
 *
 * @param name what messages call it, `readNpy: "x.npy"`
 * @param own nobody else has the bytes: the numbers may stay in their place
 * @throws {FileError} if it is no npy file, cut short, or holds no numbers
 */
export function arrayOfNpy(bytes: Uint8Array, name: string, own: boolean): NpyArray {
  const { shape, type, big, fortran, from, to } = readHeader(bytes, name);
  if (bytes.length !== to) {
    const needs = `${axesText(shape) || "one number"} of ${type.name} needs ${to - from} bytes behind the header`;
    throw fileError(
      `${name} `,
      Math.min(bytes.length, to),
      bytes.length < to
        ? `is cut short: ${needs}, but there are ${bytes.length - from}`
        : `is too long: ${needs}, and there are more; are there several arrays in it? np.savez keeps them apart`,
    );
  }
  const given = numbersOf(bytes.subarray(from), type, big, own);
  const data = fortran && shape.filter((n) => n > 1).length > 1 ? transposed(given, shape) : given;
  return { shape, data, dtype: type.name };
}

/** The same numbers with the last axis contiguous, of those whose first axis is. */
function transposed(given: NpyData, shape: readonly number[]): NpyData {
  const data = given.slice();
  if (data.length === 0) return data;
  const place = shape.map(() => 0);
  /** From one number to the next along each axis. */
  const steps = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  const last = shape.length - 1;
  const [width, step] = [shape[last]!, steps[last]!];
  for (let at = 0, from = 0; at < data.length;) {
    for (let i = 0; i < width; i++) data[at++] = given[from + i * step]!;
    // the next row, counting as an odometer does
    for (let axis = last - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++place[axis]! < shape[axis]!) break;
      from -= steps[axis]! * shape[axis]!;
      place[axis] = 0;
    }
  }
  return data;
}

/** The type that an array is written with; refuses what isn't one. */
function checkedType(where: string, name: string, array: NpyInput): NumberType {
  checkKind(isObject(array) && "data" in array, where, name, "an array { shape, data }", array);
  const { shape, data, dtype } = array;
  const kind = isArrayOf("Uint8ClampedArray", data) ? "Uint8Array" : data;
  const own = NUMBER_TYPES.find((type) => kind === type.kind || isArrayOf(type.kind, data));
  checkKind(own !== undefined, where, `${name}'s data`, "a typed array of numbers", data);
  const holds =
    Array.isArray(shape) && shape.length <= MOST_AXES && shape.every((n) => Number.isSafeInteger(n) && n >= 0);
  checkKind(holds, where, `${name}'s shape`, `an array of up to ${MOST_AXES} whole numbers of 0 or more`, shape);
  const count = shape.includes(0) ? 0 : sizeOf(shape);
  if (count !== data.length) {
    throw new RangeError(
      `${where}: ${name} is ${axesText(shape) || "one number"}, ${count} in all, but has ${data.length} numbers`,
    );
  }
  if (dtype === undefined) return own!;
  const fitting = NUMBER_TYPES.filter((type) => type.kind === own!.kind);
  const type = fitting.find((one) => one.name === dtype);
  if (!type) {
    const names = fitting.map((one) => one.name).join(" or ");
    throw new RangeError(
      `${where}: ${name}'s dtype must be ${names}, as its data is a ${own!.kind}, got ${valueText(dtype)}`,
    );
  }
  return type;
}

/**
 * Writes an npy file: version 1.0, the lowest byte of a number first, the last axis contiguous.
 *
 * @param where the function that messages begin with
 * @param name what messages call the array
 */
export function npyOfArray(array: NpyInput, where: string, name: string): Uint8Array<ArrayBuffer> {
  const type = checkedType(where, name, array);
  const { shape, data } = array;
  const axes = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  const order = type.size === 1 ? "|" : "<";
  const dict = `{'descr': '${order}${type.code}', 'fortran_order': False, 'shape': ${axes}, }`;
  // filled up so that the numbers begin at a multiple of 64
  const end = Math.ceil((10 + dict.length + 1) / 64) * 64;
  const numbers = type.name === "float16" ? bytesOf(narrow(data as Float32Array, FLOAT16)) : bytesOf(data);
  const file = new Uint8Array(end + numbers.length).fill(0x20, 10, end);
  file.set([0x93, ...utf8Bytes("NUMPY"), 1, 0, (end - 10) & 255, (end - 10) >> 8]);
  file.set(utf8Bytes(dict), 10);
  file[end - 1] = 10;
  file.set(numbers, end);
  if (type.name === "bool") for (let i = end; i < file.length; i++) file[i] = file[i] === 0 ? 0 : 1;
  return file;
}
