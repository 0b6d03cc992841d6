// Products of matrices that are known: states of zeros before a first step, and weights that are products themselves.
import type { Constant } from "../workGraph.ts";
import { exp } from "./functions.ts";
import { broadcastShape, expanded, gathered, numbers, reshaped, stepsOf, transposed } from "./numbers.ts";
import type { Fold } from "./operators.ts";

/** Multiplications of two matrices: those by 0 are left out. `columns`: of the second one. */
export function productWork(a: Constant, columns: number): number {
  let others = 0;
  for (const value of a.data) if (value !== 0) others++;
  // they are many times faster than what else is counted
  return Math.ceil((others * columns) / 16);
}

function product(first: Constant, second: Constant): Constant | undefined {
  const a = first.shape.length === 1 ? reshaped(first, [1, ...first.shape]) : first;
  const b = second.shape.length === 1 ? reshaped(second, [...second.shape, 1]) : second;
  const [rows, inner] = a.shape.slice(-2) as [number, number];
  const [depth, columns] = b.shape.slice(-2) as [number, number];
  const front = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  if (!front || a.shape.length < 2 || b.shape.length < 2 || inner !== depth) return undefined;
  const left = expanded(a, [...front, rows, inner]).data;
  const right = expanded(b, [...front, inner, columns]).data;
  const data = numbers(first.type, (left.length / Math.max(inner, 1)) * columns);
  const sums = new Float64Array(columns);
  for (let row = 0; row < data.length / columns; row++) {
    const matrix = Math.floor(row / rows) * inner * columns;
    sums.fill(0);
    for (let k = 0; k < inner; k++) {
      const factor = left[row * inner + k]!;
      if (factor === 0) continue;
      for (let j = 0; j < columns; j++) sums[j]! += factor * right[matrix + k * columns + j]!;
    }
    data.set(sums, row * columns);
  }
  const own = [...(first.shape.length === 1 ? [] : [rows]), ...(second.shape.length === 1 ? [] : [columns])];
  return { type: first.type, shape: [...front, ...own], data };
}

const gemm: Fold = ([a, b, c], { attributes }) => {
  const [alpha, beta] = [attributes.float("alpha", 1), attributes.float("beta", 1)];
  attributes.int("broadcast"); // of opset 6
  const turned = (x: Constant, name: string): Constant => (attributes.int(name, 0) === 1 ? transposed(x, [1, 0]) : x);
  const made = product(turned(a!, "transA"), turned(b!, "transB"));
  if (!made) return undefined;
  const added =
    c && broadcastShape(made.shape, c.shape)?.join() === made.shape.join() ? expanded(c, made.shape) : undefined;
  if (c && !added) return undefined;
  const data = made.data.map((value, i) => alpha * value + (added ? beta * added.data[i]! : 0)) as Float32Array;
  return { ...made, data };
};

/** The numbers along an axis as shares of 1. */
const softmax: Fold = ([x], { attributes }, opset) => {
  const rank = x!.shape.length;
  const given = attributes.int("axis", opset < 13 ? 1 : -1);
  const axis = given < 0 ? given + rank : given;
  // earlier ones join all axes from one on
  if (opset < 13 && axis !== rank - 1) return undefined;
  const order = [...x!.shape.keys()].filter((each) => each !== axis).concat(axis);
  const sorted = transposed(x!, order);
  const count = x!.shape[axis]!;
  for (let start = 0; start < sorted.data.length; start += count) {
    const own = sorted.data.subarray(start, start + count);
    let [most, total] = [-Infinity, 0];
    for (const value of own) most = Math.max(most, value);
    const powers = Array.from(own, (value) => exp(value - most));
    for (const value of powers) total += value;
    powers.forEach((value, i) => (own[i] = value / total));
  }
  const steps = stepsOf(sorted.shape);
  return gathered(
    sorted,
    x!.shape,
    x!.shape.map((_, each) => steps[order.indexOf(each)]!),
  );
};

/** By operator. */
export const PRODUCT_FOLDS: Readonly<Record<string, Fold>> = {
  MatMul: ([a, b]) => product(a!, b!),
  Gemm: gemm,
  Softmax: softmax,
};
