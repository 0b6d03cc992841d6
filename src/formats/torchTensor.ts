// The types of numbers in PyTorch's files, and how a view of a storage becomes numbers of its own, the last axis contiguous.
import { sizeOf } from "../util/shape.ts";
import { NUMBER_TYPES, numbersOf } from "./npyTypes.ts";
import { BFLOAT16, widen } from "./smallFloats.ts";
import { exactNumbers } from "./wholeNumbers.ts";

/** The numbers of a tensor: float16 and bfloat16 as float32, bool as 0 and 1, int64 as float64 where all are exact. */
export type TorchData = Uint8Array | Int8Array | Int16Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

/** The type of a tensor's numbers in the file, by PyTorch's name. */
export type TorchType =
  "float32" | "float64" | "float16" | "bfloat16" | "uint8" | "int8" | "int16" | "int32" | "int64" | "bool";

/** How a type is kept: how many bytes a number takes in the file, and how many when it is read. */
export interface StoredType {
  readonly name: TorchType;
  readonly size: number;
  readonly readSize: number;
}

const stored = (name: TorchType, size: number, readSize = size): StoredType => ({ name, size, readSize });

/** Types by the name of the storage's class. */
export const STORAGES: ReadonlyMap<string, StoredType> = /* @__PURE__ */ new Map([
  ["FloatStorage", stored("float32", 4)],
  ["DoubleStorage", stored("float64", 8)],
  ["HalfStorage", stored("float16", 2, 4)],
  ["BFloat16Storage", stored("bfloat16", 2, 4)],
  ["ByteStorage", stored("uint8", 1)],
  ["CharStorage", stored("int8", 1)],
  ["ShortStorage", stored("int16", 2)],
  ["IntStorage", stored("int32", 4)],
  ["LongStorage", stored("int64", 8)],
  ["BoolStorage", stored("bool", 1)],
]);

/** Which numbers of a storage a tensor has. */
export interface View {
  /** The first one. */
  readonly offset: number;
  readonly shape: readonly number[];
  /** From one number to the next along each axis. */
  readonly strides: readonly number[];
}

/** How many numbers a shape has; of one with an axis of 0 none, however large the others. */
export const countOf = (shape: readonly number[]): number => (shape.includes(0) ? 0 : sizeOf(shape));

/** Where the numbers of a view end in its storage. */
export const endOf = ({ offset, shape, strides }: View): number =>
  countOf(shape) === 0 ? 0 : shape.reduce((last, n, axis) => last + (n - 1) * strides[axis]!, offset) + 1;

/**
 * The numbers of a view: copies, in time and memory of its own size, not the storage's.
 *
 * @param bytes of the storage, which has all of the view
 * @param big do their bytes begin with the highest?
 */
export function numbersOfView(bytes: Uint8Array, { name, size }: StoredType, view: View, big: boolean): TorchData {
  const count = countOf(view.shape);
  const from = view.offset * size;
  const whole = count === 0 || isContiguous(view);
  const held = whole ? bytes.subarray(from, from + count * size) : gathered(bytes, size, view, count);
  const as = name === "bfloat16" ? "uint16" : name;
  const type = NUMBER_TYPES.find((one) => one.name === as)!;
  const numbers = numbersOf(count === 0 ? new Uint8Array(0) : held, type, big, !whole);
  if (name === "bfloat16") return widen(numbers as Uint16Array, BFLOAT16);
  return name === "int64" ? exactNumbers(numbers as BigInt64Array, true) : (numbers as TorchData);
}

/** Is each number next to the one before it? */
function isContiguous({ shape, strides }: View): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== step) return false;
    step *= shape[axis]!;
  }
  return true;
}

/** The bytes of a view whose numbers aren't next to each other. */
function gathered(bytes: Uint8Array, size: number, { offset, shape, strides }: View, count: number): Uint8Array {
  const out = new Uint8Array(count * size);
  const place = shape.map(() => 0);
  const last = shape.length - 1;
  const width = shape[last]!;
  const step = strides[last]! * size;
  let from = offset * size;
  for (let at = 0; at < out.length;) {
    for (let i = 0; i < width; i++) {
      const first = from + i * step;
      for (let byte = 0; byte < size; byte++) out[at++] = bytes[first + byte]!;
    }
    // the next row, counting as an odometer does
    for (let axis = last - 1; axis >= 0; axis--) {
      from += strides[axis]! * size;
      if (++place[axis]! < shape[axis]!) break;
      from -= strides[axis]! * size * shape[axis]!;
      place[axis] = 0;
    }
  }
  return out;
}
