// A formula as a tree: for whole tensors, and for one of their numbers.
import type { Shape } from "../util/shape.ts";
import type { TracedTensor } from "./trace.ts";

/** A place along an axis: a number from 0, the letter that a sum runs over, or what a label says. */
export type Index = number | string | Expression;

/** A constant; with `symbol`, the value of what a formula calls so. */
export interface NumberExpression {
  readonly op: "number";
  readonly value: number;
  readonly symbol?: string;
}

/** A number with a name: η, m, β1. */
export interface SymbolExpression {
  readonly op: "symbol";
  readonly name: string;
  readonly value: number;
}

/** A tensor of the trace; with `index` one of its numbers, with `value` that number. */
export interface TensorExpression {
  readonly op: "tensor";
  /** Its name in the trace: Z1, w1. */
  readonly name: string;
  readonly tensor: TracedTensor;
  /** The formula takes it with rows and columns changed: wᵀ. */
  readonly transposed: boolean;
  /** One place for each axis of the tensor; where the formula sees it as a matrix, a row and a column. */
  readonly index?: readonly Index[];
  readonly value?: number;
  /** The shape in which the formula sees it: a matrix, where it has more axes. */
  readonly view: Shape;
  /** The axes of the result that it goes along: [0, 1] of a matrix, [1, 0] transposed, [-1] of a bias. */
  readonly axes: readonly number[];
}

/** The place along an axis as a number: the j of softmax's [y = j]. */
export interface PlaceExpression {
  readonly op: "place";
  readonly index: Index;
}

/** Terms that are added; a negative one is subtracted. */
export interface AddExpression {
  readonly op: "add";
  readonly parts: readonly Expression[];
  /** Terms with a factor of 0 are left out when values are filled in, and factors of 1, too. */
  readonly live?: boolean;
}

/** Minus something. */
export interface NegativeExpression {
  readonly op: "negative";
  readonly of: Expression;
}

/** Factors: of numbers ("times"), or of tensors element by element ("hadamard"). */
export interface TimesExpression {
  readonly op: "times" | "hadamard";
  readonly parts: readonly Expression[];
}

/** The matrix product: rows of the left, columns of the right. */
export interface MatmulExpression {
  readonly op: "matmul";
  readonly left: Expression;
  readonly right: Expression;
  /** The letter and the size of the axis that is summed over. */
  readonly letter: string;
  readonly size: number;
}

/** A fraction. */
export interface DivideExpression {
  readonly op: "divide";
  readonly top: Expression;
  readonly bottom: Expression;
}

/** A power. */
export interface PowerExpression {
  readonly op: "power";
  readonly base: Expression;
  readonly exponent: Expression;
}

/** A sum over letters, each from 0 to below its size. */
export interface SumExpression {
  readonly op: "sum";
  readonly over: readonly { readonly letter: string; readonly size: number }[];
  /** What of a matrix is summed: its rows (one number for each column), its columns (one for each row), or all. */
  readonly along: "rows" | "columns" | "all";
  readonly of: Expression;
}

/** A function: sigmoid exp log tanh sqrt abs sign max min erf, and `is`, 1 where two numbers are equal, else 0. */
export interface CallExpression {
  readonly op: "call";
  readonly name: string;
  readonly of: readonly Expression[];
}

/** What a row has in the column that a label names: Z[y]. */
export interface PickExpression {
  readonly op: "pick";
  readonly of: Expression;
  readonly label: Expression;
}

/** A comparison of two numbers. */
export interface Condition {
  /** What is compared. */
  readonly left: Expression;
  /** How it must stand to the other. */
  readonly relation: ">" | "<" | ">=" | "<=";
  /** What it is compared with. */
  readonly right: Expression;
}

/** The first case whose conditions all hold, or else the last. */
export interface CasesExpression {
  readonly op: "cases";
  readonly cases: readonly { readonly when: readonly Condition[]; readonly value: Expression }[];
  readonly otherwise: Expression;
}

/** A part with a name of its own, such as Adam's m̂; `of` is what it stands for. */
export interface NamedExpression {
  readonly op: "named";
  readonly name: string;
  readonly of: Expression;
}

/**
 * A formula as a tree, told apart by `op`. The same types make a formula of whole tensors (`dw1 = xᵀ dZ1`), that of one number (the
 * tensors have an `index`, and matrix products are sums), and that with its values (they have a `value`, and sums are written out).
 */
export type Expression =
  | NumberExpression
  | SymbolExpression
  | TensorExpression
  | PlaceExpression
  | AddExpression
  | NegativeExpression
  | TimesExpression
  | MatmulExpression
  | DivideExpression
  | PowerExpression
  | SumExpression
  | CallExpression
  | PickExpression
  | CasesExpression
  | NamedExpression;

export const numeral = (value: number): NumberExpression => ({ op: "number", value });

/** The parts of an expression, in reading order. */
export function partsOf(expression: Expression): readonly Expression[] {
  const parts: Expression[] = [];
  withParts(expression, (part) => {
    parts.push(part);
    return part;
  });
  return parts;
}

/** The expression with each of its parts replaced. */
export function withParts(expression: Expression, change: (part: Expression) => Expression): Expression {
  const inner = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(inner);
    return "op" in value ? change(value as Expression) : within(value);
  };
  const within = (value: object): object =>
    Object.fromEntries(Object.entries(value).map(([key, of]) => [key, inner(of)]));
  // a tensor's index says where it is read: it is no part of what is computed
  const isLeaf = expression.op === "tensor" || expression.op === "place";
  return isLeaf ? expression : (within(expression) as Expression);
}

/** Calls `visit` with an expression and all its parts, in reading order. */
export function walk(expression: Expression, visit: (part: Expression) => void): void {
  visit(expression);
  for (const part of partsOf(expression)) walk(part, visit);
}

/** The letters of a sum that runs over more than one number; if all are of one, the first. */
export function lettersOf({ over }: SumExpression): string[] {
  const long = over.filter(({ size }) => size > 1);
  return (long.length > 0 ? long : over.slice(0, 1)).map(({ letter }) => letter);
}

/** The formula of one number of the result: indices go inwards, matrix products become sums. */
export function elementOf(expression: Expression, index: readonly Index[]): Expression {
  const inner = (part: Expression): Expression => elementOf(part, index);
  switch (expression.op) {
    case "tensor":
      return { ...expression, index: expression.axes.map((axis) => index.at(axis)!) };
    case "place":
      return { op: "place", index: index.at(-1)! };
    case "hadamard":
      return { op: "times", parts: expression.parts.map(inner) };
    case "matmul": {
      const { left, right, letter, size } = expression;
      const parts = [elementOf(left, [index[0]!, letter]), elementOf(right, [letter, index.at(-1)!])];
      return { op: "sum", over: [{ letter, size }], along: "all", of: { op: "times", parts } };
    }
    case "sum": {
      const running = lettersOf(expression);
      const letters = expression.over.map(({ letter }) => (running.includes(letter) ? letter : 0));
      const rows = { rows: [...letters, ...index], columns: [...index.slice(0, 1), ...letters], all: letters };
      return { ...expression, of: elementOf(expression.of, rows[expression.along]) };
    }
    case "pick":
      return elementOf(expression.of, [index[0]!, inner(expression.label)]);
    case "call": {
      const of = expression.of.map(inner);
      if (expression.name !== "sigmoid") return { ...expression, of };
      const power: Expression = { op: "call", name: "exp", of: [{ op: "negative", of: of[0]! }] };
      return { op: "divide", top: numeral(1), bottom: { op: "add", parts: [numeral(1), power] } };
    }
    default:
      return withParts(expression, inner);
  }
}

/** The places along each axis of the number that stands at an offset. */
export function placesOf(shape: Shape, offset: number): number[] {
  let rest = offset;
  return shape
    .toReversed()
    .map((size) => {
      const place = rest % size;
      rest = (rest - place) / size;
      return place;
    })
    .toReversed();
}

/** Does it stand for a tensor, as a whole? */
export function isTensor(expression: Expression): boolean {
  if (expression.op === "sum" && expression.along === "all") return false;
  return expression.op === "tensor" || expression.op === "place" || partsOf(expression).some(isTensor);
}
