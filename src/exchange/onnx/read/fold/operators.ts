// The operators that are computed when all that they take is known: shape arithmetic, masks, and weights that are put in another order.
import { sizeOf } from "../../../../util/shape.ts";
import type { Constant, WorkNode } from "../workGraph.ts";
import { axesOf, type Known, sliceOf, splitSizes, unsqueezed } from "./parameters.ts";
import { broadcastShape, expanded, gathered, isWhole, numbers, reshaped, stepsOf, transposed } from "./numbers.ts";
import { reshapeTarget } from "./shapes.ts";

/** Computes a node; `inputs` has undefined for those that are left out. Undefined: it can't be. */
export type Fold = (
  inputs: readonly Constant[],
  node: WorkNode,
  opset: number,
) => Constant | readonly Constant[] | undefined;

const binary =
  (compute: (a: number, b: number, whole: boolean) => number, result?: Constant["type"]): Fold =>
  ([a, b]) => {
    const shape = broadcastShape(a!.shape, b!.shape);
    if (!shape) return undefined;
    const type = result ?? a!.type;
    const whole = isWhole(a!.type);
    const [left, right] = [expanded(a!, shape).data, expanded(b!, shape).data];
    const data = numbers(type, left.length);
    for (let i = 0; i < data.length; i++) data[i] = compute(left[i]!, right[i]!, whole);
    return { type, shape, data };
  };

const unary =
  (compute: (x: number) => number, result?: Constant["type"]): Fold =>
  ([x]) => {
    const type = result ?? x!.type;
    const data = numbers(type, x!.data.length);
    for (let i = 0; i < data.length; i++) data[i] = compute(x!.data[i]!);
    return { type, shape: x!.shape, data };
  };

const many =
  (compute: (a: number, b: number) => number): Fold =>
  (inputs, node, opset) =>
    inputs.reduce<Constant | undefined>(
      (a, b) => a && (binary(compute)([a, b], node, opset) as Constant | undefined),
      inputs[0],
    );

const bool = (holds: boolean): number => Number(holds);

const reduce =
  (compute: (values: Numeric) => number): Fold =>
  (inputs, node) => {
    const [x] = inputs;
    const given = axesOf(node, inputs as Known, 1, x!.shape.length);
    const axes = given ?? (node.attributes.int("noop_with_empty_axes", 0) === 1 ? [] : x!.shape.map((_, axis) => axis));
    const keep = node.attributes.int("keepdims", 1) === 1;
    const rest = x!.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
    const count = sizeOf(axes.map((axis) => x!.shape[axis]!));
    const { data: sorted } = transposed(x!, [...rest, ...axes]);
    const data = numbers(x!.type, sorted.length / Math.max(count, 1));
    for (let i = 0; i < data.length; i++) data[i] = compute(sorted.subarray(i * count, (i + 1) * count));
    const shape = x!.shape.flatMap((n, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [n]));
    return { type: x!.type, shape, data };
  };

/** All numbers, one after another, as one. */
function joined(values: Numeric, first: number, join: (result: number, value: number) => number): number {
  let result = first;
  for (const value of values) result = join(result, value);
  return result;
}

const sum = (values: Numeric): number => joined(values, 0, (total, value) => total + value);

/** A type by its number in a file. */
const TYPES: Readonly<Record<number, Constant["type"]>> = {
  1: "float",
  2: "uint8",
  3: "int8",
  4: "uint16",
  5: "int16",
  6: "int32",
  7: "int64",
  9: "bool",
  10: "float16",
  11: "double",
  12: "uint32",
  13: "uint64",
};

/** Repeated squaring and square roots: whole and half powers alone. */
function power(x: number, exponent: number): number {
  if (exponent === 0.5) return Math.sqrt(x);
  if (exponent === -0.5) return 1 / Math.sqrt(x);
  let result = 1;
  for (let i = 0; i < Math.abs(exponent); i++) result *= x;
  return exponent < 0 ? 1 / result : result;
}

/** By operator. */
export const FOLDS: Readonly<Record<string, Fold>> = {
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: binary((a, b, whole) => (whole ? Math.trunc(a / b) : a / b)),
  Mod: (inputs, node, opset) =>
    binary(node.attributes.int("fmod", 0) === 1 ? (a, b) => a % b : (a, b) => a - Math.floor(a / b) * b)(
      inputs,
      node,
      opset,
    ),
  Pow: (inputs, node, opset) => {
    const simple = inputs[1]!.data.every((n) => Math.abs(n) === 0.5 || (Number.isInteger(n) && Math.abs(n) <= 64));
    return simple ? binary(power)(inputs, node, opset) : undefined;
  },
  Min: many(Math.min),
  Max: many(Math.max),
  Sum: many((a, b) => a + b),
  Equal: binary((a, b) => bool(a === b), "bool"),
  Greater: binary((a, b) => bool(a > b), "bool"),
  GreaterOrEqual: binary((a, b) => bool(a >= b), "bool"),
  Less: binary((a, b) => bool(a < b), "bool"),
  LessOrEqual: binary((a, b) => bool(a <= b), "bool"),
  And: binary((a, b) => bool(a !== 0 && b !== 0), "bool"),
  Or: binary((a, b) => bool(a !== 0 || b !== 0), "bool"),
  Xor: binary((a, b) => bool((a !== 0) !== (b !== 0)), "bool"),
  Not: unary((x) => bool(x === 0), "bool"),
  Neg: unary((x) => -x),
  Abs: unary(Math.abs),
  Floor: unary(Math.floor),
  Ceil: unary(Math.ceil),
  Sqrt: unary(Math.sqrt),
  Reciprocal: unary((x) => 1 / x),
  Sign: unary(Math.sign),
  IsNaN: unary((x) => bool(Number.isNaN(x)), "bool"),
  Identity: ([x]) => x,
  Dropout: ([x]) => x,
  CastLike: ([x, y], node, opset) => castTo(x!, y!.type, node, opset),
  Cast: ([x], node, opset) => {
    const type = TYPES[node.attributes.int("to", 1)];
    node.attributes.int("saturate");
    return type && castTo(x!, type, node, opset);
  },
  Shape: ([x], node) => shapeOf(x!.shape, node),
  Size: ([x]) => ({ type: "int64", shape: [], data: Float64Array.of(x!.data.length) }),
  Reshape: ([x, target], node) => {
    const shape = reshapeTarget(x!.shape, target?.data ?? node.attributes.ints("shape", []), node);
    return shape && sizeOf(shape) === x!.data.length ? reshaped(x!, shape) : undefined;
  },
  Flatten: ([x], node) => {
    const axis = node.attributes.int("axis", 1);
    const at = axis < 0 ? axis + x!.shape.length : axis;
    return reshaped(x!, [sizeOf(x!.shape.slice(0, at)), sizeOf(x!.shape.slice(at))]);
  },
  Squeeze: (inputs, node) => {
    const [x] = inputs;
    const axes = axesOf(node, inputs as Known, 1, x!.shape.length);
    return reshaped(
      x!,
      x!.shape.filter((n, axis) => n !== 1 || (axes !== undefined && !axes.includes(axis))),
    );
  },
  Unsqueeze: (inputs, node) => {
    const [x] = inputs;
    const shape = unsqueezed(x!.shape, node, inputs as Known);
    return shape && reshaped(x!, shape);
  },
  Transpose: ([x], node) =>
    transposed(x!, node.attributes.ints("perm") ?? x!.shape.map((_, axis) => x!.shape.length - 1 - axis)),
  Expand: ([x, target]) => {
    const shape = broadcastShape(x!.shape, [...target!.data]);
    return shape && expanded(x!, shape);
  },
  ConstantOfShape: ([target], node) => {
    const value = node.attributes.tensor("value");
    const shape = [...target!.data];
    if (shape.some((n) => n < 0)) throw new RangeError("a size below 0");
    const type = value?.type ?? "float";
    return { type, shape, data: numbers(type, sizeOf(shape)).fill(value ? Number(value.data[0]) : 0) };
  },
  Concat: (inputs, node) => concat(inputs, node.attributes.int("axis", 1)),
  Slice: (inputs, node) => {
    const [x] = inputs;
    const parts = sliceOf(node, inputs as Known, x!.shape);
    if (!parts) return undefined;
    const own = stepsOf(x!.shape);
    const start = parts.reduce((at, { start: first }, axis) => at + first * own[axis]!, 0);
    return gathered(
      x!,
      parts.map(({ count }) => count),
      parts.map(({ step }, axis) => step * own[axis]!),
      start,
    );
  },
  Split: (inputs, node) => {
    const [x, sizes] = inputs;
    const axis = axisOf(node.attributes.int("axis", 0), x!);
    const parts = splitSizes(x!.shape[axis]!, node, sizes && [...sizes.data]);
    let start = 0;
    return parts?.map((count) => {
      const own = stepsOf(x!.shape);
      const part = gathered(x!, x!.shape.with(axis, count), own, start * own[axis]!);
      start += count;
      return part;
    });
  },
  Gather: ([x, indices], node) => {
    const axis = axisOf(node.attributes.int("axis", 0), x!);
    const n = x!.shape[axis]!;
    const inner = sizeOf(x!.shape.slice(axis + 1));
    const outer = sizeOf(x!.shape.slice(0, axis));
    const places = [...indices!.data].map((i) => (i < 0 ? i + n : i));
    if (places.some((i) => !(i >= 0 && i < n))) return undefined;
    const data = numbers(x!.type, outer * places.length * inner);
    let to = 0;
    for (let block = 0; block < outer; block++) {
      for (const i of places) {
        const from = (block * n + i) * inner;
        data.set(x!.data.subarray(from, from + inner), to);
        to += inner;
      }
    }
    return { type: x!.type, shape: [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)], data };
  },
  Range: ([start, limit, delta]) => {
    const [from, to, step] = [start!.data[0]!, limit!.data[0]!, delta!.data[0]!];
    const count = Math.max(Math.ceil((to - from) / step), 0);
    const data = numbers(start!.type, count);
    for (let i = 0; i < count; i++) data[i] = from + i * step;
    return { type: start!.type, shape: [count], data };
  },
  Where: ([condition, a, b]) => {
    const shape = broadcastShape(condition!.shape, a!.shape, b!.shape);
    if (!shape) return undefined;
    const [holds, left, right] = [condition!, a!, b!].map((each) => expanded(each, shape).data) as [
      Numeric,
      Numeric,
      Numeric,
    ];
    const data = numbers(a!.type, holds.length);
    for (let i = 0; i < data.length; i++) data[i] = holds[i] ? left[i]! : right[i]!;
    return { type: a!.type, shape, data };
  },
  Trilu: ([x, k], node) => {
    const upper = node.attributes.int("upper", 1) === 1;
    const shift = k?.data[0] ?? 0;
    const [rows, columns] = x!.shape.slice(-2) as [number, number];
    const data = x!.data.map((value, i) => {
      const [row, column] = [Math.floor(i / columns) % rows, i % columns];
      return (upper ? column - row >= shift : column - row <= shift) ? value : 0;
    });
    return { ...x!, data };
  },
  EyeLike: ([x], node) => {
    const type = TYPES[node.attributes.int("dtype", 0)] ?? x!.type;
    const shift = node.attributes.int("k", 0);
    const columns = x!.shape[1]!;
    const data = numbers(type, x!.data.length);
    for (let i = 0; i < data.length; i++) data[i] = Number((i % columns) - Math.floor(i / columns) === shift);
    return { type, shape: x!.shape, data };
  },
  Tile: ([x, repeats]) => {
    const own = stepsOf(x!.shape);
    // each axis as [times, places], of which times don't move
    const shape = x!.shape.flatMap((n, axis) => [repeats!.data[axis]!, n]);
    const steps = x!.shape.flatMap((_, axis) => [0, own[axis]!]);
    return reshaped(
      gathered(x!, shape, steps),
      x!.shape.map((n, axis) => n * repeats!.data[axis]!),
    );
  },
  CumSum: ([x, axisInput], node) => {
    const plain = node.attributes.int("exclusive", 0) === 0 && node.attributes.int("reverse", 0) === 0;
    if (!plain) return undefined;
    const axis = axisOf(axisInput!.data[0]!, x!);
    const step = stepsOf(x!.shape)[axis]!;
    const data = x!.data.slice();
    for (let i = 0; i < data.length; i++) if (Math.floor(i / step) % x!.shape[axis]! > 0) data[i]! += data[i - step]!;
    return { ...x!, data };
  },
  NonZero: ([x]) => {
    const found = [...x!.data.keys()].filter((i) => x!.data[i] !== 0);
    const steps = stepsOf(x!.shape);
    const data = Float64Array.from(x!.shape.flatMap((n, axis) => found.map((i) => Math.floor(i / steps[axis]!) % n)));
    return { type: "int64", shape: [x!.shape.length, found.length], data };
  },
  ReduceSum: reduce(sum),
  ReduceMean: reduce((values) => sum(values) / values.length),
  ReduceProd: reduce((values) => joined(values, 1, (product, value) => product * value)),
  ReduceMax: reduce((values) => joined(values, -Infinity, Math.max)),
  ReduceMin: reduce((values) => joined(values, Infinity, Math.min)),
};

type Numeric = Constant["data"];

const axisOf = (axis: number, { shape }: Constant): number => (axis < 0 ? axis + shape.length : axis);

const castTo = (x: Constant, type: Constant["type"], node: WorkNode, opset: number): Constant => {
  if (type === x.type) return x;
  const whole = isWhole(type) && !isWhole(x.type);
  const convert =
    type === "bool" ? (value: number) => bool(value !== 0) : whole ? Math.trunc : (value: number) => value;
  return unary(convert, type)([x], node, opset) as Constant;
};

/** What Shape makes of a shape. */
export function shapeOf(shape: readonly number[], { attributes }: WorkNode): Constant {
  const part = shape.slice(attributes.int("start", 0), attributes.int("end") ?? shape.length);
  return { type: "int64", shape: [part.length], data: Float64Array.from(part) };
}

function concat(inputs: readonly Constant[], axisGiven: number): Constant | undefined {
  const [first] = inputs;
  const axis = axisOf(axisGiven, first!);
  const total = inputs.reduce((n, { shape }) => n + shape[axis]!, 0);
  const shape = first!.shape.with(axis, total);
  const data = numbers(first!.type, sizeOf(shape));
  const outer = sizeOf(shape.slice(0, axis));
  let to = 0;
  for (let block = 0; block < outer; block++) {
    for (const { data: part } of inputs) {
      const count = part.length / Math.max(outer, 1);
      data.set(part.subarray(block * count, (block + 1) * count), to);
      to += count;
    }
  }
  return { type: first!.type, shape, data };
}
