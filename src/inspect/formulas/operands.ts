// What formulas are written of: tensors, numbers with a name, and parts that have one of their own.
import type { Optimizer } from "../../nn/optimizers/optimizer.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";
import type { Expression, TensorExpression } from "../expression.ts";
import type { StepText } from "../terms.ts";
import type { TracedTensor } from "../trace.ts";
import { type Names, parse, type Sizes } from "./parse.ts";
import { MORE } from "./texts.ts";

/** A tensor as a matrix whose columns are its last axis, or so many. */
export const matrixOf = ({ shape }: TracedTensor, columns = shape.at(-1) ?? 1): Shape => [
  sizeOf(shape) / columns,
  columns,
];

/** A tensor in a formula: a matrix of the result's shape, unless it is seen in another and goes along other axes. */
export function leaf(
  tensor: TracedTensor,
  view: Shape = matrixOf(tensor),
  axes: readonly number[] = [0, 1],
): TensorExpression {
  return { op: "tensor", name: tensor.name, tensor, transposed: false, view, axes };
}

/** One of which each number stands alone, in the place where the result of this shape has its own. */
export function elementwise(tensor: TracedTensor, shape: Shape = tensor.shape): TensorExpression {
  return leaf(
    tensor,
    shape,
    shape.map((_, i) => i),
  );
}

export const symbol = (name: string, value: number): Expression => ({ op: "symbol", name, value });

const GREEK: Readonly<Record<string, string>> = { alpha: "α", delta: "δ", scale: "λ" };

/** Symbols by their names. */
export function symbolsOf(values: object): Names {
  const numbers = Object.entries(values).filter(([, value]) => typeof value === "number") as [string, number][];
  return Object.fromEntries(numbers.map(([name, value]) => [name, symbol(GREEK[name] ?? name, value)]));
}

/** The names, and those of the parts that have one of their own. */
export function withNamed(names: Names, named: Readonly<Record<string, string>> = {}, sizes: Sizes): Names {
  return Object.entries(named).reduce<Names>(
    (known, [name, formula]) => ({ ...known, [name]: { op: "named", name, of: parse(formula, known, sizes) } }),
    names,
  );
}

export const sizesOf = ([rows, columns]: Shape): Sizes => ({ rows: rows!, columns: columns! });

/** The gradient that an optimizer works with: clipped, and with its decay. */
export function adjusted(
  { clipNorm, clipGlobalNorm, clipValue, ...optimizer }: Optimizer,
  decays: boolean,
  w: TracedTensor,
  g: TracedTensor,
  all: readonly TracedTensor[],
): { g: Expression; more: StepText[] } {
  const more: StepText[] = [];
  let text = "g";
  const { weightDecay, l1 } = decays ? optimizer : { weightDecay: 0, l1: 0 };
  const limit = Math.min(clipNorm, clipGlobalNorm);
  if (limit < Infinity) text = "g * min(1, c / (N + 1e-6))";
  if (clipValue < Infinity) text = `max(-clipValue, min(clipValue, ${text}))`;
  if (text !== "g") more.push(MORE.clipped);
  if (weightDecay > 0) text += " + λ * w";
  if (l1 > 0) text += " + l1 * sign(w)";
  if (weightDecay > 0 || l1 > 0) more.push(MORE.decay);
  const plain = elementwise(g);
  if (text === "g") return { g: plain, more };
  const counted = clipNorm < Infinity ? [g] : all;
  const squares = counted.reduce((sum, { values }) => values.reduce((part, value) => part + value * value, sum), 0);
  const norm = symbol(clipNorm < Infinity ? `‖${g.name}‖` : "‖d‖", Math.sqrt(squares));
  const names = { g: plain, w: elementwise(w), N: norm, ...symbolsOf({ c: limit, clipValue, l1, λ: weightDecay }) };
  return { g: { op: "named", name: "g", of: parse(text, names, { rows: 1, columns: 1 }) }, more };
}
