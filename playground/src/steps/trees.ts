// Formulas as trees, for a page: with letters in whole sums, with samples in columns, long sums shortened, and computed once more.
import type { Expression } from "wasmgrad";

type Of<Op extends Expression["op"]> = Extract<Expression, { op: Op }>;
export type TensorPart = Of<"tensor">;

/** The expression with each of its parts replaced. */
export function mapParts(e: Expression, change: (part: Expression) => Expression): Expression {
  switch (e.op) {
    case "add":
    case "times":
    case "hadamard":
      return { ...e, parts: e.parts.map(change) };
    case "negative":
    case "sum":
    case "named":
      return { ...e, of: change(e.of) };
    case "matmul":
      return { ...e, left: change(e.left), right: change(e.right) };
    case "divide":
      return { ...e, top: change(e.top), bottom: change(e.bottom) };
    case "power":
      return { ...e, base: change(e.base), exponent: change(e.exponent) };
    case "call":
      return { ...e, of: e.of.map(change) };
    case "pick":
      return { ...e, of: change(e.of), label: change(e.label) };
    case "cases":
      return {
        ...e,
        cases: e.cases.map(({ when, value }) => ({
          when: when.map(({ left, relation, right }) => ({ left: change(left), relation, right: change(right) })),
          value: change(value),
        })),
        otherwise: change(e.otherwise),
      };
    default:
      return e;
  }
}

/** The parts of an expression, in reading order. */
export function partsOf(e: Expression): Expression[] {
  const parts: Expression[] = [];
  mapParts(e, (part) => {
    parts.push(part);
    return part;
  });
  return parts;
}

/** All tensors in an expression, in reading order. */
export function tensorsIn(e: Expression): TensorPart[] {
  return e.op === "tensor" ? [e] : partsOf(e).flatMap(tensorsIn);
}

/** The letters that a sum is written with: those that run over more than one number; if all are of one, the first. */
export function lettersOf({ over }: Of<"sum">): string[] {
  const long = over.filter(({ size }) => size > 1);
  return (long.length > 0 ? long : over.slice(0, 1)).map(({ letter }) => letter);
}

/** The formula of whole tensors, its sums with letters: what is summed gets the places that it is summed over. */
export function lettered(e: Expression): Expression {
  if (e.op !== "sum") return mapParts(e, lettered);
  const letters = lettersOf(e);
  const index = e.along === "rows" ? [...letters, "·"] : e.along === "columns" ? ["·", ...letters] : letters;
  const place = (part: Expression): Expression => {
    if (part.op === "tensor" && !part.index) {
      return { ...part, index: part.view.length < index.length ? index.slice(-part.view.length) : index };
    }
    const placed = mapParts(part, place);
    return placed.op === "hadamard" ? { ...placed, op: "times" } : placed;
  };
  return { ...e, of: place(e.of) };
}

/** Does a formula have a matrix product in it? The products of its numbers then are of a row and a column. */
export const hasProduct = (e: Expression): boolean => e.op === "matmul" || partsOf(e).some(hasProduct);

/**
 * The same formula where samples stand in columns: all matrices are transposed, and (A B)ᵀ = Bᵀ Aᵀ. A tensor's name then means the
 * transposed one, so that dw = xᵀ dZ becomes dw = dZ xᵀ.
 *
 * @param products the expression is of one number, and its products come from a matrix product
 */
export function asColumns(e: Expression, products = false): Expression {
  const inner = (part: Expression): Expression => asColumns(part, products);
  switch (e.op) {
    case "tensor":
      return e.index?.length === 2 ? { ...e, index: e.index.toReversed() } : e;
    case "matmul":
      return { ...e, left: inner(e.right), right: inner(e.left) };
    case "times": {
      const turns = products && e.parts.length === 2 && e.parts.every(({ op }) => op === "tensor");
      return { ...e, parts: (turns ? e.parts.toReversed() : e.parts).map(inner) };
    }
    case "sum": {
      const along = e.along === "rows" ? "columns" : e.along === "columns" ? "rows" : "all";
      return { ...e, along, of: inner(e.of) };
    }
    default:
      return mapParts(e, inner);
  }
}

/** Sums of so many terms are written out whole. */
export const WHOLE_SUM = 6;
const SHOWN_ENDS = 2;

/** A sum that is too long to be read: the first and last terms of it, and what lies between as one number. */
export interface LongSum {
  readonly terms: readonly Expression[];
  /** The largest terms by size, with their places in the sum. */
  readonly largest: readonly { readonly place: number; readonly value: number; readonly term: Expression }[];
}

/** Long sums shortened to two terms at each end; `found` gets the whole of each. */
export function shortened(
  e: Expression,
  between: (count: number) => string,
  found: (sum: LongSum) => void,
): Expression {
  const inner = (part: Expression): Expression => shortened(part, between, found);
  if (e.op !== "add" || e.parts.length <= WHOLE_SUM) return mapParts(e, inner);
  const hidden = e.parts.slice(SHOWN_ENDS, -SHOWN_ENDS);
  const sized = e.parts.map((term, place) => ({ place, term, value: recompute(term).value }));
  found({ terms: e.parts, largest: sized.toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, 3) });
  const middle: Expression = {
    op: "symbol",
    name: `… ${between(hidden.length)} …`,
    value: hidden.reduce((sum, part) => sum + recompute(part).value, 0),
  };
  return {
    ...e,
    parts: [...e.parts.slice(0, SHOWN_ENDS).map(inner), middle, ...e.parts.slice(-SHOWN_ENDS).map(inner)],
  };
}

/** A number computed in float64, and how far the float32 of the library's kernels may be from it. */
export interface Recomputed {
  readonly value: number;
  readonly error: number;
}

/* oxlint-disable no-restricted-properties -- a second computation, to be looked at: none of it reaches the library's memory */
/** Half a unit in the last place of a float32. */
const UNIT = 2 ** -24;
/** Kernels' functions are right to a few units. */
const FUNCTION_UNITS = 6;

const erf = (x: number): number => {
  if (Math.abs(x) > 6) return Math.sign(x);
  let sum = 1;
  for (let n = 120; n > 0; n--) sum = 1 + (sum * 2 * x * x) / (2 * n + 1);
  return (2 / Math.sqrt(Math.PI)) * x * Math.exp(-x * x) * sum;
};

/** Functions, and how strongly their results follow an argument. */
const FUNCTIONS: Readonly<Record<string, { f: (x: number, y: number) => number; slope: (x: number) => number }>> = {
  sigmoid: { f: (x) => 1 / (1 + Math.exp(-x)), slope: () => 0.25 },
  exp: { f: Math.exp, slope: Math.exp },
  log: { f: Math.log, slope: (x) => 1 / Math.abs(x) },
  tanh: { f: Math.tanh, slope: () => 1 },
  sqrt: { f: Math.sqrt, slope: (x) => 0.5 / Math.sqrt(x) },
  abs: { f: Math.abs, slope: () => 1 },
  sign: { f: Math.sign, slope: () => 0 },
  max: { f: Math.max, slope: () => 1 },
  min: { f: Math.min, slope: () => 1 },
  erf: { f: erf, slope: () => 1.13 },
  is: { f: (x, y) => Number(x === y), slope: () => 0 },
};

/**
 * A formula whose values are filled in, computed once more by this page: in float64, number by number, with a bound of the error that
 * float32 makes on the way (running error analysis). What the library computed differs by no more, or is wrong.
 */
export function recompute(e: Expression): Recomputed {
  const exact = (value: number): Recomputed => ({ value, error: 0 });
  switch (e.op) {
    case "number":
    case "symbol":
      // float32, where it isn't a whole number
      return { value: e.value, error: Number.isInteger(e.value) ? 0 : Math.abs(e.value) * UNIT };
    case "tensor":
      return exact(e.value ?? NaN);
    case "negative": {
      const { value, error } = recompute(e.of);
      return { value: -value, error };
    }
    case "add": {
      let [value, error, sizes] = [0, 0, 0];
      for (const part of e.parts.map(recompute)) {
        value += part.value;
        error += part.error;
        sizes += Math.abs(part.value);
      }
      return { value, error: error + UNIT * sizes * Math.max(1, Math.log2(e.parts.length)) };
    }
    case "times":
    case "hadamard":
      return e.parts.map(recompute).reduce((a, b) => {
        const value = a.value * b.value;
        return { value, error: Math.abs(a.value) * b.error + Math.abs(b.value) * a.error + UNIT * Math.abs(value) };
      });
    case "divide": {
      const [a, b] = [recompute(e.top), recompute(e.bottom)];
      const value = a.value / b.value;
      return { value, error: (a.error + Math.abs(value) * b.error) / Math.abs(b.value) + UNIT * Math.abs(value) };
    }
    case "power": {
      const [a, b] = [recompute(e.base), recompute(e.exponent)];
      const value = a.value ** b.value;
      const size = Math.abs(value);
      const follows = a.value === 0 ? 0 : Math.abs((b.value * value) / a.value);
      return { value, error: follows * a.error + FUNCTION_UNITS * UNIT * size };
    }
    case "call": {
      const { f, slope } = FUNCTIONS[e.name] ?? { f: () => NaN, slope: () => 1 };
      const args = e.of.map(recompute);
      const [x, y] = args;
      const value = f(x!.value, y?.value ?? 0);
      const passed = args.reduce((sum, { value: at, error }) => sum + (error > 0 ? slope(at) * error : 0), 0);
      return { value, error: passed + FUNCTION_UNITS * UNIT * Math.abs(value) };
    }
    case "cases": {
      const found = e.cases.find(({ when }) =>
        when.every(({ left, relation, right }) => {
          const [a, b] = [recompute(left).value, recompute(right).value];
          return relation === ">" ? a > b : relation === "<" ? a < b : relation === ">=" ? a >= b : a <= b;
        }),
      );
      return recompute(found ? found.value : e.otherwise);
    }
    case "named":
      return recompute(e.of);
    default:
      return exact(NaN); // not filled in
  }
}

/** Is it the same number, but for what float32 rounds? */
export function isSame({ value, error }: Recomputed, shown: number): boolean {
  if (Number.isNaN(value) || Number.isNaN(shown)) return Number.isNaN(value) && Number.isNaN(shown);
  // the smallest numbers have fewer digits
  return value === shown || Math.abs(value - shown) <= 4 * error + 2 * UNIT * Math.abs(shown) + 1e-37;
}
