// The formula of one number with its values: filled in, and computed.
import { type Condition, type Expression, type Index, numeral, placesOf, withParts } from "./expression.ts";

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
