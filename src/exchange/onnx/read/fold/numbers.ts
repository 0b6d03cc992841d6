// What operators make of tensors that are known, as plain numbers.
import { sizeOf } from "../../../../util/shape.ts";
import type { Constant } from "../workGraph.ts";

/** The type that numbers of constants have here. */
export type Numbers = Constant["data"];

/** Are these types of whole numbers? */
export const isWhole = (type: Constant["type"]): boolean => /int|bool/.test(type);

/** Numbers of a constant of a type, as many as its shape says. */
export function numbers(type: Constant["type"], count: number): Numbers {
  return type === "float" || type === "float16" || type === "bfloat16"
    ? new Float32Array(count)
    : new Float64Array(count);
}

/** How far apart neighbours are along each axis. */
export function stepsOf(shape: readonly number[]): number[] {
  const steps = Array<number>(shape.length).fill(1);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    steps[axis] = step;
    step *= shape[axis]!;
  }
  return steps;
}

/** The shape of two that are broadcast as NumPy does; undefined if they don't fit. */
export function broadcastShape(...shapes: (readonly number[])[]): number[] | undefined {
  const rank = Math.max(...shapes.map(({ length }) => length));
  const result = Array<number>(rank).fill(1);
  for (const shape of shapes) {
    for (let i = 1; i <= shape.length; i++) {
      const n = shape[shape.length - i]!;
      const known = result[rank - i]!;
      if (n === known || n === 1) continue;
      if (known !== 1) return undefined;
      result[rank - i] = n;
    }
  }
  return result;
}

/**
 * Visits all places of a shape in order: `visit(offset)` gets the place in a tensor whose axes are so far apart, from `start`.
 */
export function walk(
  shape: readonly number[],
  steps: readonly number[],
  start: number,
  visit: (at: number) => void,
): void {
  const count = sizeOf(shape);
  const place = Array<number>(shape.length).fill(0);
  let at = start;
  for (let i = 0; i < count; i++) {
    visit(at);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += steps[axis]!;
      if (++place[axis]! < shape[axis]!) break;
      at -= steps[axis]! * shape[axis]!;
      place[axis] = 0;
    }
  }
}

/** A constant whose numbers are at these places of another one's. */
export function gathered(from: Constant, shape: readonly number[], steps: readonly number[], start = 0): Constant {
  const data = numbers(from.type, sizeOf(shape));
  let i = 0;
  walk(shape, steps, start, (at) => (data[i++] = from.data[at]!));
  return { type: from.type, shape, data };
}

/** Repeated along axes that have one place, to a shape that it fits. */
export function expanded(from: Constant, shape: readonly number[]): Constant {
  const own = stepsOf(from.shape);
  const front = shape.length - from.shape.length;
  const steps = shape.map((_, axis) => (axis < front || from.shape[axis - front] === 1 ? 0 : own[axis - front]!));
  return gathered(from, shape, steps);
}

/** Axes in another order. */
export function transposed(from: Constant, order: readonly number[]): Constant {
  const own = stepsOf(from.shape);
  return gathered(
    from,
    order.map((axis) => from.shape[axis]!),
    order.map((axis) => own[axis]!),
  );
}

/** The same numbers with other axes. */
export const reshaped = (from: Constant, shape: readonly number[]): Constant => ({ ...from, shape });

/** A constant of float32. */
export const floats = (shape: readonly number[], data: ArrayLike<number>): Constant => ({
  type: "float",
  shape,
  data: Float32Array.from(data),
});
