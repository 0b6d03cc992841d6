// Several named inputs of a model: a row of x is the concatenation of a row of each.
import { inputSlice } from "../layers/slice.ts";
import { checkKeys, checkKind, checkNumbers, checkShape, isObject } from "../../util/check.ts";
import { flattenRows, type Input, nonFiniteText, writeScaled } from "../../data/samples.ts";
import type { Layer } from "../../graph/layer.ts";
import { composite } from "./composite.ts";
import { type Shape, sizeOf } from "../../util/shape.ts";

/** Several named values that are stored as one row. */
export interface Parts<Name extends string> {
  /** Shape of a joined row: one axis. */
  readonly shape: Shape;
  /** Shape of a row of each. */
  readonly shapes: Readonly<Record<Name, Shape>>;
  /**
   * Joins rows of each to rows of all.
   *
   * @throws {TypeError | RangeError} if one is missing, has a number that isn't finite, or they don't have equally many rows
   */
  join(values: Readonly<Record<Name, Input>>): Float32Array;
  /** Splits rows of all, such as what `backward` gives, into rows of each. */
  split(rows: ArrayLike<number>): Record<Name, Float32Array>;
}

/** Several inputs of a model: what `sequential({ input })` takes. */
export interface Inputs<Name extends string = string> extends Parts<Name> {
  /** @internal Slices the inputs out of a row; the first is what the first layer works on. */
  readonly entry: Layer;
}

/** Lays the named parts of a row out one after another, and joins and splits them. */
export function partsOf<Name extends string>(
  where: string,
  sizes: Readonly<Record<Name, number | Shape>>,
): Parts<Name> & { readonly slices: readonly (readonly [name: Name, shape: Shape, offset: number])[] } {
  checkKind(isObject(sizes), where, "the argument", "an object of shapes", sizes);
  let total = 0;
  const slices = Object.entries(sizes).map(([name, size]) => {
    const shape = checkShape(where, name, size as number | Shape);
    const offset = total;
    total += sizeOf(shape);
    return [name as Name, shape, offset] as const;
  });
  if (slices.length === 0) throw new RangeError(`${where}: at least one is needed, got none`);
  const byName = <T>(make: (shape: Shape, offset: number) => T): Record<Name, T> =>
    Object.fromEntries(slices.map(([name, shape, offset]) => [name, make(shape, offset)])) as Record<Name, T>;
  return {
    slices,
    shape: [total],
    shapes: byName((shape) => shape),
    join(values) {
      const names = slices.map(([name]) => name);
      checkByName(`${where}.join`, values, names);
      const flat = slices.map(([name, shape]) => flattenRows(values[name], shape, `${where}.join`, name));
      const rows = commonRows(`${where}.join`, flat, names);
      const all = new Float32Array(rows * total);
      const parts = flat.map((each, i) => {
        const [, shape, offset] = slices[i]!;
        let numbers = each.data;
        if (each.scale !== 1) writeScaled(each, (numbers = new Float32Array(numbers.length)));
        return { numbers, offset, size: sizeOf(shape) };
      });
      let sum = 0;
      for (let r = 0; r < rows; r++) {
        const row = r * total;
        for (const { numbers, offset, size } of parts) {
          all.set(numbers.subarray(r * size, (r + 1) * size), row + offset);
        }
        sum += sumOf(all, row, row + total); // while they are in the cache
      }
      // a sum of float32 numbers in float64 is finite, or one of them isn't: by its name, as a model knows rows of all alone
      if (!Number.isFinite(sum)) {
        parts.forEach(({ numbers, size }, i) => {
          const bad = numbers.findIndex((value) => !Number.isFinite(value));
          if (bad >= 0) throw new RangeError(nonFiniteText(`${where}.join`, names[i]!, size, bad, flat[i]!));
        });
      }
      return all;
    },
    split(rows) {
      checkNumbers(`${where}.split`, "the rows", rows);
      const count = rows.length / total;
      if (!Number.isInteger(count)) {
        throw new RangeError(
          `${where}.split: a row has ${total} numbers, but ${rows.length} were given, not a multiple`,
        );
      }
      return byName((shape, offset) => {
        const size = sizeOf(shape);
        return Float32Array.from(
          { length: count * size },
          (_, i) => rows[Math.floor(i / size) * total + offset + (i % size)]!,
        );
      });
    },
  };
}

/** A sum that takes eight numbers at a time. */
function sumOf(numbers: Float32Array, from: number, to: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = from;
  for (; i + 8 <= to; i += 8) {
    a += numbers[i]! + numbers[i + 4]!;
    b += numbers[i + 1]! + numbers[i + 5]!;
    c += numbers[i + 2]! + numbers[i + 6]!;
    d += numbers[i + 3]! + numbers[i + 7]!;
  }
  for (; i < to; i++) a += numbers[i]!;
  return a + b + c + d;
}

/**
 * Refuses names that are whole numbers: JavaScript puts them in front of an object's other keys, so that the order which is written
 * is lost, and with it which one is the first.
 */
export function checkOrder(where: string, parts: object): void {
  const name = Object.keys(isObject(parts) ? parts : {}).find((key) => String(Number(key) >>> 0) === key);
  if (name === undefined) return;
  throw new RangeError(
    `${where}: a name must not be a whole number, got "${name}": JavaScript puts such keys in front of an object's others, so that ` +
      `their order would be lost; use another name, such as "part${name}"`,
  );
}

/** Refuses what isn't an object with these keys alone. */
export function checkByName(where: string, values: object, names: readonly string[]): void {
  checkKind(isObject(values), where, "the argument", `{ ${names.join(", ")} }`, values);
  checkKeys(where, values, names);
}

/** The number of rows that all of them have. Throws if they don't have equally many. */
export function commonRows(where: string, all: readonly { readonly rows: number }[], names: readonly string[]): number {
  const { rows } = all[0]!;
  const odd = all.findIndex((each) => each.rows !== rows);
  if (odd < 0) return rows;
  throw new RangeError(
    `${where}: ${names[0]} has ${rows} rows but ${names[odd]} has ${all[odd]!.rows}; each needs equally many`,
  );
}

/**
 * Several inputs of a model, by name. The first one is what the first layer works on; `from("name", ...)` goes on from another,
 * and layers such as `lstm` take a name where they read a second value. Data are given as one array, which `join` makes.
 *
 * @param shapes of a row of each: a number, or the sizes of its axes
 * @throws {TypeError | RangeError} if a shape can't be used, or a name is a whole number
 * @example
 * const given = inputs({ image: [4, 4], price: 1 });
 * const model = await sequential({ input: given }, flatten(), concat([dense(3), from("price")]), dense(1));
 * model.predict(given.join({ image: new Array(16).fill(0.5), price: [2] }));
 */
export function inputs<Name extends string>(shapes: Readonly<Record<Name, number | Shape>>): Inputs<Name> {
  checkOrder("inputs", shapes);
  return inputsOf(shapes);
}

/** The same of a file, whose names may be older than the rule about whole numbers. */
export function inputsOf<Name extends string>(shapes: Readonly<Record<Name, number | Shape>>): Inputs<Name> {
  const { slices, ...parts } = partsOf("inputs", shapes);
  const entry = composite("inputs", [], {}, (graph, x) =>
    slices.reduce((first, [name, shape, offset]) => {
      const value = graph.add(inputSlice(name, shape, offset), x);
      return offset === 0 ? value : first;
    }, x),
  );
  return Object.freeze({ ...parts, entry });
}
