// What a chain of Add, Sub, Mul, Div, Neg, Pow, Sqrt and Reciprocal computes, whatever the order it is written in: a sum of products.
import type { WorkGraph } from "../workGraph.ts";

/** A product: a number, and values with their powers. */
export interface Product {
  readonly scale: number;
  readonly powers: ReadonlyMap<string, number>;
}

/** A sum of products that differ in their powers. Empty: 0. */
export type Polynomial = readonly Product[];

const MOST_TERMS = 12;
const MOST_STEPS = 12;
export const ARITHMETIC: ReadonlySet<string> = new Set("Add Sub Mul Div Neg Pow Sqrt Reciprocal".split(" "));

const number = (scale: number): Polynomial => (scale === 0 ? [] : [{ scale, powers: new Map() }]);
const single = (value: string, power = 1): Polynomial => [{ scale: 1, powers: new Map([[value, power]]) }];
const keyOf = ({ powers }: Product): string => JSON.stringify([...powers].toSorted(([a], [b]) => (a < b ? -1 : 1)));

function sum(a: Polynomial, b: Polynomial, factor: number): Polynomial {
  const terms = new Map(a.map((term) => [keyOf(term), term]));
  for (const { scale, powers } of b) {
    const key = keyOf({ scale, powers });
    const total = (terms.get(key)?.scale ?? 0) + factor * scale;
    if (total === 0) terms.delete(key);
    else terms.set(key, { scale: total, powers });
  }
  return [...terms.values()];
}

function times(a: Product, b: Product): Product {
  const powers = new Map(a.powers);
  for (const [value, power] of b.powers) {
    const total = (powers.get(value) ?? 0) + power;
    if (total === 0) powers.delete(value);
    else powers.set(value, total);
  }
  return { scale: a.scale * b.scale, powers };
}

const product = (a: Polynomial, b: Polynomial): Polynomial =>
  a.reduce<Polynomial>(
    (total, one) =>
      sum(
        total,
        b.map((other) => times(one, other)),
        1,
      ),
    [],
  );

/** 1 / a, where it has a single term. */
function inverse(a: Polynomial): Polynomial | undefined {
  if (a.length !== 1) return undefined;
  const [{ scale, powers }] = a as readonly [Product];
  return [{ scale: 1 / scale, powers: new Map([...powers].map(([value, power]) => [value, -power])) }];
}

/** The number of a constant with a single one that takes no axes along. */
export function plainNumber(graph: WorkGraph, value: string): number | undefined {
  return (graph.constants.get(value)?.shape.length ?? 2) < 2 ? graph.scalar(value) : undefined;
}

/**
 * A value as a polynomial of some values, in which what has nothing to do with them is a value of its own.
 *
 * @param of the values that aren't looked into, and which tell what is
 */
export function polynomialOf(graph: WorkGraph, value: string, of: ReadonlySet<string>): Polynomial {
  const known = new Map<string, Polynomial>();
  const about = (terms: Polynomial): boolean =>
    terms.some(({ powers }) => [...powers.keys()].some((own) => of.has(own)));
  const look = (own: string, steps: number): Polynomial => {
    const before = known.get(own);
    if (before) return before;
    const found = expand(own, steps);
    const result = found && found.length <= MOST_TERMS && (about(found) || isNumber(found)) ? found : single(own);
    known.set(own, result);
    return result;
  };
  const expand = (own: string, steps: number): Polynomial | undefined => {
    if (of.has(own)) return single(own);
    const scalar = plainNumber(graph, own);
    if (scalar !== undefined) return number(scalar);
    const node = graph.producer(own);
    if (!node || node.domain || !ARITHMETIC.has(node.operator) || steps === 0) return undefined;
    const [a = "", b = ""] = node.inputs;
    const first = (): Polynomial => look(a, steps - 1);
    const second = (): Polynomial => look(b, steps - 1);
    if (node.operator === "Add") return sum(first(), second(), 1);
    if (node.operator === "Sub") return sum(first(), second(), -1);
    if (node.operator === "Mul") return product(first(), second());
    if (node.operator === "Neg") return product(first(), number(-1));
    if (node.operator === "Reciprocal") return inverse(first()) ?? single(a, -1);
    if (node.operator === "Sqrt") return single(a, 0.5);
    if (node.operator === "Div") return product(first(), inverse(second()) ?? single(b, -1));
    const power = plainNumber(graph, b);
    if (power === undefined) return undefined;
    if (power === 2) return product(first(), first());
    return power === 3 ? product(first(), product(first(), first())) : single(a, power);
  };
  return look(value, MOST_STEPS);
}

const isNumber = (terms: Polynomial): boolean => terms.every(({ powers }) => powers.size === 0);

/** Are they the same, as float32 numbers go? */
export const nearly = (a: number, b: number, tolerance = 1e-6): boolean =>
  Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));

/** The coefficients of a polynomial of one value, from that of x^0 on; undefined: it has other values or powers. */
export function coefficientsOf(terms: Polynomial, x: string, degree: number): readonly number[] | undefined {
  const result = Array<number>(degree + 1).fill(0);
  for (const { scale, powers } of terms) {
    const power = powers.get(x) ?? 0;
    if (powers.size > (powers.has(x) ? 1 : 0) || !Number.isInteger(power) || power < 0 || power > degree)
      return undefined;
    result[power] = scale;
  }
  return result;
}

/** The coefficients are nearly these. */
export const sameCoefficients = (
  found: readonly number[] | undefined,
  wanted: readonly number[],
  tolerance?: number,
): boolean =>
  found?.length === wanted.length && wanted.every((coefficient, at) => nearly(found[at]!, coefficient, tolerance));

/** What a polynomial is but for factors: `scale` times the values in `rest` times the pattern. */
export interface Multiple {
  readonly scale: number;
  /** Values with their powers. */
  readonly rest: ReadonlyMap<string, number>;
}

/** A polynomial as a multiple of a pattern, in which every value has another name: undefined if it is none. */
export function multipleOf(terms: Polynomial, pattern: Polynomial, tolerance?: number): Multiple | undefined {
  if (terms.length !== pattern.length) return undefined;
  const own = new Set(pattern.flatMap(({ powers }) => [...powers.keys()]));
  const left = new Map(pattern.map((term) => [keyOf(term), term.scale]));
  let result: { scale: number; rest: ReadonlyMap<string, number>; key: string } | undefined;
  for (const { scale, powers } of terms) {
    const mine = new Map([...powers].filter(([value]) => own.has(value)));
    const rest = new Map([...powers].filter(([value]) => !own.has(value)));
    const key = keyOf({ scale, powers: mine });
    const wanted = left.get(key);
    if (wanted === undefined) return undefined;
    left.delete(key);
    const ratio = scale / wanted;
    const others = keyOf({ scale, powers: rest });
    if (!result) result = { scale: ratio, rest, key: others };
    else if (result.key !== others || !nearly(result.scale, ratio, tolerance)) return undefined;
  }
  return result && { scale: result.scale, rest: result.rest };
}
