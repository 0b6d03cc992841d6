// Converts numbers from users (nested arrays, typed arrays, samples with shape and scale) to one typed array of consecutive
// rows.
import {
  checkFinite,
  checkKeys,
  checkKind,
  checkNumbers,
  checkShape,
  isObject,
  isNumbers,
  isTyped,
  kindOf,
} from "../util/check.ts";
import { type Shape, shapeText, sizeOf } from "../util/shape.ts";

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

/** Numbers in arrays of arrays, one level per axis, the rows outermost; or one array of consecutive rows. */
export type Nested = readonly number[] | readonly (Nested | NumberArray)[];

/** Rows of numbers with their shape. Bytes stay bytes; `scale` is applied by the core when a batch is put together. */
export interface Samples {
  /** Consecutive rows. */
  readonly data: NumberArray;
  /** How many rows there are. */
  readonly rows: number;
  /** Sizes of a row's axes. */
  readonly shape: Shape;
  /** What every number is multiplied by when it is used. */
  readonly scale: number;
}

/** What a model takes as input: samples, a typed array of consecutive rows, or (nested) arrays. */
export type Input = Samples | NumberArray | Nested;

/**
 * Gives numbers their row shape, and bytes a factor.
 *
 * @param data consecutive rows
 * @param shape sizes of a row's axes
 * @param options.scale what every number is multiplied by when it is used; default 1
 * @throws {RangeError} if the length of the data is not a multiple of a row's size
 * @example samples(new Uint8Array(2 * 784), [784], { scale: 1 / 255 }) // two images of bytes
 */
export function samples(data: NumberArray, shape: Shape | number, options: { scale?: number } = {}): Samples {
  checkNumbers("samples", "data", data);
  const rowShape = checkShape("samples", "shape", shape);
  checkKeys("samples", options, ["scale"]);
  const { scale = 1 } = options;
  checkFinite("samples", "scale", scale);
  if (!Number.isFinite(Math.fround(scale * 255))) {
    throw new RangeError(`samples: scale must leave bytes finite in float32, got ${scale}`);
  }
  return Object.freeze<Samples>({
    data,
    rows: countRows(data.length, rowShape, "samples", "data"),
    shape: rowShape,
    scale,
  });
}

/** Rows as float32, or as bytes with their scale. */
export interface FlatRows {
  /** Consecutive rows. */
  readonly data: Float32Array | Uint8Array;
  /** How many rows there are. */
  readonly rows: number;
  /** What every number is multiplied by when it is used. */
  readonly scale: number;
  /** The numbers as the user gave them, for messages. */
  readonly original: ArrayLike<number>;
}

/**
 * Throws, naming `where`, if rows of `size` numbers break a rule: what a layer such as embedding demands of the model's input.
 */
export interface Rule {
  (rows: FlatRows, size: number, where: string): void;
  /** The same in numbers: in each part of a row so many from an offset on must be whole ones from `least` to `most`. */
  readonly integers?: readonly {
    readonly offset: number;
    readonly count: number;
    readonly least: number;
    readonly most: number;
    /** `what is looked up of embedding (layer 1)` */
    readonly what: string;
  }[];
}

/** Writes numbers as float32, scaled. */
export function writeScaled({ data, scale }: Pick<FlatRows, "data" | "scale">, to: Float32Array): void {
  to.set(data);
  const factor = Math.fround(scale); // as the core's gather does with bytes
  if (factor !== 1) for (let i = 0; i < to.length; i++) to[i]! *= factor;
}

/** The message for the number that is NaN or infinite once it is scaled and float32. */
export function nonFiniteText(where: string, name: string, size: number, at: number, rows: FlatRows): string {
  const value = rows.original[at]!;
  const scaled = rows.scale === 1 ? "" : ` times the scale ${rows.scale}`;
  const why = Number.isFinite(value) ? `${scaled}, too large for float32` : "";
  return `${where}: ${name} must hold finite numbers, but row ${Math.floor(at / size)}, column ${at % size} is ${value}${why}`;
}

/** Was it made by `samples`? */
export const isSamples = (value: object): value is Samples =>
  "rows" in value && "scale" in value && Array.isArray((value as Samples).shape) && isNumbers((value as Samples).data);

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
  if (isObject(value) && isSamples(value)) {
    if (sizeOf(value.shape) !== sizeOf(shape)) {
      throw new RangeError(
        `${where}: a row of ${name} has shape ${shapeText(value.shape)} (${sizeOf(value.shape)} numbers), ` +
          `but the model takes ${shapeText(shape)} (${sizeOf(shape)})`,
      );
    }
    return { ...flattenTyped(value.data, shape, where, name), scale: value.scale };
  }
  if (ArrayBuffer.isView(value)) {
    if (!isTyped(value)) {
      throw new TypeError(`${where}: ${name} must hold numbers, got a ${kindOf(value)}`);
    }
    return flattenTyped(value, shape, where, name);
  }
  // images of a canvas, and tensors of other libraries
  const advice =
    isObject(value) && ("data" in value || "width" in value)
      ? "; give its .data, what its dataSync() returns, or fromPixels(...) of wasmgrad/web"
      : undefined;
  checkKind(Array.isArray(value), where, name, "an array, a typed array or samples", value, advice);
  return flattenNested(value as Nested, shape, where, name);
}

function flattenTyped(data: NumberArray, shape: Shape, where: string, name: string): FlatRows {
  const rows = countRows(data.length, shape, where, name);
  const kind = kindOf(data);
  const flat =
    kind === "Float32Array" || kind === "Uint8Array"
      ? (data as Float32Array | Uint8Array)
      : kind === "Uint8ClampedArray"
        ? new Uint8Array(data.buffer, data.byteOffset, data.length)
        : Float32Array.from(data);
  return { data: flat, rows, scale: 1, original: data };
}

function flattenNested(value: Nested, shape: Shape, where: string, name: string): FlatRows {
  const first: unknown = value[0];
  if (!Array.isArray(first) && !ArrayBuffer.isView(first)) {
    // one flat array of numbers, or an empty one: consecutive rows
    const numbers = value as readonly number[];
    const data = Float32Array.from(numbers, (number, i) => checkNumber(number, where, `${name}[${i}]`));
    return { data, rows: countRows(data.length, shape, where, name), scale: 1, original: numbers };
  }
  const size = sizeOf(shape);
  let data = new Float32Array(0);
  let at = 0;
  const fill = (part: unknown, axis: number, path: string): void => {
    if (axis === shape.length) {
      data[at++] = checkNumber(part, where, path);
      return;
    }
    const kind = `an array of ${shape[axis]} (rows have shape ${shapeText(shape)})`;
    checkKind(Array.isArray(part) || ArrayBuffer.isView(part), where, path, kind, part);
    const list = part as ArrayLike<unknown>;
    if (list.length !== shape[axis]) {
      throw new RangeError(
        `${where}: ${path} has ${list.length} values, but ${shape[axis]} are needed (rows have shape ${shapeText(shape)})`,
      );
    }
    for (let i = 0; i < list.length; i++) fill(list[i], axis + 1, `${path}[${i}]`);
  };
  // a row of another shape is refused before much memory is taken for rows of this one: nothing is written here
  if (value.length * size > 2 ** 24) fill(first, 0, `${name}[0]`);
  data = new Float32Array(value.length * size);
  at = 0;
  for (let r = 0; r < value.length; r++) fill(value[r], 0, `${name}[${r}]`);
  return { data, rows: value.length, scale: 1, original: data };
}

function checkNumber(value: unknown, where: string, path: string): number {
  if (typeof value !== "number") {
    const word = typeof value === "string" && path[0] === "y";
    const advice = word ? "; labelEncoder of wasmgrad/datasets makes labels of strings" : undefined;
    return checkKind(false, where, path, "a number", value, advice);
  }
  if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
    throw new RangeError(`${where}: ${path} is ${value}, too large for float32`);
  }
  return value;
}
