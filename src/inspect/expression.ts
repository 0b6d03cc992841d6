// A formula as a tree: for whole tensors, for one of their numbers, and with that number's values in it.
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
function withParts(expression: Expression, change: (part: Expression) => Expression): Expression {
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

/** The formula of one number with the values filled in: sums are written out. */
export function substituted(expression: Expression, letters: Readonly<Record<string, number>> = {}): Expression {
  const inner = (part: Expression): Expression => substituted(part, letters);
  const place = (index: Index): number =>
    typeof index === "number" ? index : typeof index === "string" ? letters[index]! : evaluate(inner(index));
  switch (expression.op) {
    case "symbol":
      return { op: "number", value: expression.value, symbol: expression.name };
    case "place":
      return numeral(place(expression.index));
    case "tensor": {
      const { tensor, view, index = [] } = expression;
      const flat = index.reduce<number>((at, i, axis) => at * view[axis]! + place(i), 0);
      return { ...expression, index: placesOf(tensor.shape, flat), value: tensor.values[flat]! };
    }
    case "sum": {
      const { over, of } = expression;
      let all = [letters];
      for (const { letter, size } of over) {
        all = all.flatMap((some) => Array.from({ length: size }, (_, i) => ({ ...some, [letter]: i })));
      }
      const parts = all.map((some) => substituted(of, some));
      return parts.length === 1 ? parts[0]! : { op: "add", parts };
    }
    case "add": {
      const parts = expression.parts.map(inner);
      return expression.live ? liveParts(parts) : { ...expression, parts };
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

/** A sum without the products that have a factor of 0, and these without factors of 1. */
function liveParts(parts: readonly Expression[]): Expression {
  const known = (factor: Expression, value: number): boolean => factor.op !== "call" && evaluate(factor) === value;
  const live = parts.flatMap((part) => {
    if (part.op !== "times") return [part];
    if (part.parts.some((factor) => known(factor, 0))) return [];
    const factors = part.parts.filter((factor) => !known(factor, 1));
    return factors.length === 0 ? [part] : [factors.length === 1 ? factors[0]! : { ...part, parts: factors }];
  });
  return live.length === 0 ? { op: "add", parts } : live.length === 1 ? live[0]! : { op: "add", parts: live };
}

/* eslint-disable no-restricted-properties -- to be looked at: none of these numbers gets into the library's memory */
const FUNCTIONS: Readonly<Record<string, (x: number, y: number) => number>> = {
  exp: Math.exp,
  log: Math.log,
  tanh: Math.tanh,
  sqrt: Math.sqrt,
  abs: Math.abs,
  sign: Math.sign,
  max: Math.max,
  min: Math.min,
  erf: (x) => {
    if (Math.abs(x) > 6) return Math.sign(x);
    // e^-x² (2 / sqrt(pi)) x (1 + 2x²/3 (1 + 2x²/5 (...))): all terms have one sign
    let sum = 1;
    for (let n = 120; n > 0; n--) sum = 1 + (sum * 2 * x * x) / (2 * n + 1);
    return (2 / Math.sqrt(Math.PI)) * x * Math.exp(-x * x) * sum;
  },
  is: (x, y) => Number(x === y),
};

const holds = ({ left, relation, right }: Condition): boolean => {
  const [a, b] = [evaluate(left), evaluate(right)];
  return relation === ">" ? a > b : relation === "<" ? a < b : relation === ">=" ? a >= b : a <= b;
};

/** The x of exp(x); undefined of everything else. */
const exponentOf = (e: Expression): number | undefined =>
  e.op === "call" && e.name === "exp" ? evaluate(e.of[0]!) : undefined;

/** The logarithm: parts of a sum are taken relative to the largest exp(x), so that none overflows, and what is small next to 1 counts. */
function logOf(e: Expression): number {
  if (e.op !== "add") return exponentOf(e) ?? Math.log(evaluate(e));
  const top = Math.max(...e.parts.map((part) => exponentOf(part) ?? 0));
  const shares = e.parts.map((part) => {
    const x = exponentOf(part);
    return x === undefined ? evaluate(part) * Math.exp(-top) : Math.exp(x - top);
  });
  const one = shares.indexOf(1);
  const others = shares.reduce((sum, share, i) => (i === one ? sum : sum + share), 0);
  return top + (one < 0 ? Math.log(others) : Math.log1p(others));
}

/** The value of a formula whose values are filled in, in float64. */
export function evaluate(expression: Expression): number {
  switch (expression.op) {
    case "number":
    case "symbol":
      return expression.value;
    case "tensor":
      return expression.value ?? NaN;
    case "add":
      return expression.parts.reduce((sum, part) => sum + evaluate(part), 0);
    case "negative":
      return -evaluate(expression.of);
    case "times":
    case "hadamard":
      return expression.parts.reduce((product, part) => product * evaluate(part), 1);
    case "divide":
      if (exponentOf(expression.top) !== undefined) return Math.exp(logOf(expression.top) - logOf(expression.bottom));
      return evaluate(expression.top) / evaluate(expression.bottom);
    case "power":
      return evaluate(expression.base) ** evaluate(expression.exponent);
    case "call": {
      if (expression.name === "log") return logOf(expression.of[0]!);
      const [x, y] = expression.of.map(evaluate);
      return FUNCTIONS[expression.name]!(x!, y!);
    }
    case "cases": {
      const found = expression.cases.find(({ when }) => when.every(holds));
      return evaluate(found ? found.value : expression.otherwise);
    }
    case "named":
      return evaluate(expression.of);
    default:
      return NaN; // not filled in
  }
}
/* eslint-enable no-restricted-properties */

/** Does it stand for a tensor, as a whole? */
export function isTensor(expression: Expression): boolean {
  if (expression.op === "sum" && expression.along === "all") return false;
  return expression.op === "tensor" || expression.op === "place" || partsOf(expression).some(isTensor);
}
