// Numbers from users: nested arrays, typed arrays, samples with a shape and a scale. All become one typed array of rows.
import { type Shape, shapeText, sizeOf } from "../shape.ts";

/** Arrays of numbers that are taken as they are. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** Numbers in arrays of arrays, one level an axis, the rows outermost; or all rows one behind the other. */
export type Nested = readonly number[] | readonly Nested[];

/** Rows of numbers with their shape. Bytes stay bytes; `scale` is applied by the core when a batch is put together. */
export interface Samples {
  readonly data: NumberArray;
  readonly rows: number;
  readonly shape: Shape;
  readonly scale: number;
}

/** What stands for a model's input: samples, a typed array of rows one behind the other, or (nested) arrays. */
export type Input = Samples | NumberArray | Nested;

/**
 * Gives numbers their row shape, and bytes a factor.
 *
 * @param data rows one behind the other
 * @param shape sizes of a row's axes
 * @param options.scale what every number is multiplied by when it is used; default 1
 * @throws RangeError if the data is not a whole number of rows
 * @example samples(new Uint8Array(2 * 784), [784], { scale: 1 / 255 }) // two images of bytes
 */
export function samples(data: NumberArray, shape: Shape | number, options: { scale?: number } = {}): Samples {
  const rowShape = typeof shape === "number" ? [shape] : shape;
  const { scale = 1 } = options;
  if (!Number.isFinite(scale)) throw new RangeError(`samples: scale must be a finite number, got ${scale}`);
  return Object.freeze<Samples>({
    data,
    rows: countRows(data.length, rowShape, "samples", "data"),
    shape: rowShape,
    scale,
  });
}

/** Rows as float32, or as bytes with their scale. */
export interface FlatRows {
  readonly data: Float32Array | Uint8Array;
  readonly rows: number;
  readonly scale: number;
}

const isSamples = (value: object): value is Samples => "data" in value && "rows" in value && "scale" in value;

function countRows(length: number, shape: Shape, where: string, name: string): number {
  const size = sizeOf(shape);
  if (length === 0) throw new RangeError(`${where}: ${name} is empty; at least one row is needed`);
  if (length % size !== 0) {
    throw new RangeError(
      `${where}: ${name} has ${length} numbers, but a row takes ${size} (${shapeText(shape)}); the length must be a multiple of it`,
    );
  }
  return length / size;
}

/**
 * Whatever the user gave, as rows of the expected shape.
 * @param name `x` or `y`, for messages
 */
export function flattenRows(value: Input, shape: Shape, where: string, name: string): FlatRows {
  if (value === null || typeof value !== "object") {
    throw new TypeError(`${where}: ${name} must be an array, a typed array or samples, got ${describe(value)}`);
  }
  if (isSamples(value)) {
    if (sizeOf(value.shape) !== sizeOf(shape)) {
      throw new RangeError(
        `${where}: a row of ${name} has shape ${shapeText(value.shape)} (${sizeOf(value.shape)} numbers), ` +
          `but the model takes ${shapeText(shape)} (${sizeOf(shape)})`,
      );
    }
    return { ...flattenTyped(value.data, shape, where, name), scale: value.scale };
  }
  if (ArrayBuffer.isView(value)) {
    if (value instanceof DataView || value instanceof BigInt64Array || value instanceof BigUint64Array) {
      throw new TypeError(`${where}: ${name} must hold numbers, got a ${value.constructor.name}`);
    }
    return flattenTyped(value, shape, where, name);
  }
  if (!Array.isArray(value)) {
    throw new TypeError(`${where}: ${name} must be an array, a typed array or samples, got ${describe(value)}`);
  }
  return flattenNested(value as Nested, shape, where, name);
}

function flattenTyped(data: NumberArray, shape: Shape, where: string, name: string): FlatRows {
  const rows = countRows(data.length, shape, where, name);
  if (data instanceof Float32Array || data instanceof Uint8Array) return { data, rows, scale: 1 };
  if (data instanceof Uint8ClampedArray) {
    return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), rows, scale: 1 };
  }
  return { data: Float32Array.from(data), rows, scale: 1 };
}

function flattenNested(value: Nested, shape: Shape, where: string, name: string): FlatRows {
  if (value.length === 0) throw new RangeError(`${where}: ${name} is empty; at least one row is needed`);
  const first: unknown = value[0];
  if (!Array.isArray(first) && !ArrayBuffer.isView(first)) {
    // one flat array of numbers: rows one behind the other
    const data = new Float32Array(value.length);
    (value as readonly number[]).forEach((number, i) => (data[i] = checkNumber(number, where, `${name}[${i}]`)));
    return { data, rows: countRows(data.length, shape, where, name), scale: 1 };
  }
  const size = sizeOf(shape);
  const data = new Float32Array(value.length * size);
  let at = 0;
  const fill = (part: unknown, axis: number, path: string): void => {
    if (axis === shape.length) {
      data[at++] = checkNumber(part, where, path);
      return;
    }
    if (!Array.isArray(part) && !ArrayBuffer.isView(part)) {
      throw new TypeError(
        `${where}: ${path} must be an array of ${shape[axis]} (rows have shape ${shapeText(shape)}), got ${describe(part)}`,
      );
    }
    const list = part as ArrayLike<unknown>;
    if (list.length !== shape[axis]) {
      throw new RangeError(
        `${where}: ${path} has ${list.length} values, but ${shape[axis]} are needed (rows have shape ${shapeText(shape)})`,
      );
    }
    for (let i = 0; i < list.length; i++) fill(list[i], axis + 1, `${path}[${i}]`);
  };
  value.forEach((row, r) => fill(row, 0, `${name}[${r}]`));
  return { data, rows: value.length, scale: 1 };
}

function checkNumber(value: unknown, where: string, path: string): number {
  if (typeof value !== "number") throw new TypeError(`${where}: ${path} must be a number, got ${describe(value)}`);
  return value;
}

/** What a value is, for messages. */
export function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object") return `an object (${value.constructor?.name ?? "no class"})`;
  if (typeof value === "string") return `the string ${JSON.stringify(value)}`;
  return typeof value === "undefined" ? "undefined" : `${typeof value} ${String(value)}`;
}
