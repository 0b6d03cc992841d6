// Compares outputs: of the model that was read, of what was written, and of the numbers that are expected.
import { readNpz } from "../../src/data.ts";
import { refusal } from "./options.ts";

/** An array of the file with inputs. */
interface Given {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number> | ArrayLike<bigint>;
}

/** A part of a row: one of several inputs or outputs. */
export interface Part {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What runs: rows of all inputs one after another become rows of all outputs. */
export type Run = (x: Float32Array, rows: number) => Float32Array | Promise<Float32Array>;

/** How far two outputs are apart. */
export interface Difference {
  /** The output. */
  readonly output: string;
  /** Are all bits the same? */
  readonly equal: boolean;
  /** The largest difference. */
  readonly absolute: number;
  /** The largest, relative to the number: of those that are at least a thousandth of the output's largest. */
  readonly relative: number;
  /** The largest where a number counts as 1 if it is less: what is compared with the tolerance. */
  readonly measure: number;
}

/** What was compared with what. */
export interface Comparison {
  readonly what: "expected" | "written" | "runtime-in" | "runtime-out";
  readonly outputs: readonly Difference[];
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** What a file of inputs holds, for a model. */
export interface CheckInput {
  readonly rows: number;
  /** Rows of all inputs. */
  readonly x: Float32Array;
  /** By the names of outputs: what is expected. */
  readonly expected: ReadonlyMap<string, Float32Array>;
}

/** Names that an only input, or an only output, may have. */
const INPUTS = ["x", "input", "inputs"];
const OUTPUTS = ["y", "output", "outputs", "expected"];

const listed = (arrays: ReadonlyMap<string, Given>): string =>
  Array.from(arrays, ([name, { shape }]) => `${name} (${shape.join("x") || "one number"})`).join(", ");

/**
 * Reads inputs, and outputs if there are any.
 *
 * @param inputs what a row is made of
 */
export async function readCheck(
  path: string,
  bytes: Uint8Array,
  inputs: readonly Part[],
  outputs: readonly Part[],
): Promise<CheckInput> {
  const arrays: ReadonlyMap<string, Given> = await readNpz(bytes).catch((cause: Error) => {
    const fault = cause.message.replace(/^readNpz: /, "");
    const wanted = 'an npz of rows is needed, as np.savez("in.npz", x=x) writes it';
    throw refusal(`--check: ${path} can't be read: ${fault}; ${wanted}`, cause);
  });
  const taken = new Set<string>();
  const found = inputs.map((part) => {
    const name = nameOfInput(arrays, part, inputs, outputs);
    if (name === undefined) {
      const needs = inputs.length === 1 ? "an array x" : `the arrays ${inputs.map((each) => each.name).join(", ")}`;
      throw refusal(`--check: ${path} needs ${needs}, rows of what the model takes, but has ${listed(arrays)}`);
    }
    taken.add(name);
    return { name, part, array: arrays.get(name)! };
  });
  const counts = found.map(({ name, part, array }) => rowsOf(path, name, array, part.shape));
  const odd = counts.findIndex((n) => n !== counts[0]);
  if (odd > 0) {
    throw refusal(
      `--check: ${path}: ${found[0]!.name} has ${counts[0]} rows, but ${found[odd]!.name} has ${counts[odd]}`,
    );
  }
  const rows = counts[0]!;
  if (rows === 0) throw refusal(`--check: ${path}: ${found[0]!.name} has no rows`);
  const width = inputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const x = new Float32Array(rows * width);
  let at = 0;
  for (const { part, array } of found) {
    const size = sizeOf(part.shape);
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < size; i++) x[r * width + at + i] = Number(array.data[r * size + i]);
    }
    at += size;
  }
  return { rows, x, expected: expectedOf(path, arrays, taken, outputs, rows) };
}

/** The name of the array that is an input. */
function nameOfInput(
  arrays: ReadonlyMap<string, Given>,
  part: Part,
  inputs: readonly Part[],
  outputs: readonly Part[],
): string | undefined {
  if (arrays.has(part.name)) return part.name;
  if (inputs.length > 1) return undefined;
  const usual = INPUTS.find((name) => arrays.has(name));
  if (usual !== undefined) return usual;
  const named = new Set([...OUTPUTS, ...outputs.map(({ name }) => name)]);
  const others = [...arrays.keys()].filter((name) => arrays.size === 1 || !named.has(name));
  return others.length === 1 ? others[0] : undefined;
}

/** How many rows an array has. */
function rowsOf(path: string, name: string, { shape, data }: Given, row: readonly number[]): number {
  const size = sizeOf(row);
  const isRow = (own: readonly number[]): boolean => own.length === row.length && own.every((n, i) => n === row[i]);
  if (isRow(shape.slice(1)) || (shape.length === 2 && shape[1] === size)) return shape[0]!;
  if (isRow(shape)) return 1;
  // a single number a row may have no axis of its own
  if (size === 1 && shape.length === 1) return data.length;
  throw refusal(`--check: ${path}: ${name} is ${shape.join("x") || "one number"}, but must be rows x ${row.join("x")}`);
}

/** The outputs that are expected, each with as many rows. */
function expectedOf(
  path: string,
  arrays: ReadonlyMap<string, Given>,
  taken: ReadonlySet<string>,
  outputs: readonly Part[],
  rows: number,
): Map<string, Float32Array> {
  const expected = new Map<string, Float32Array>();
  for (const part of outputs) {
    const names = outputs.length === 1 ? [part.name, ...OUTPUTS] : [part.name];
    const name = names.find((each) => arrays.has(each) && !taken.has(each));
    if (name === undefined) continue;
    const array = arrays.get(name)!;
    const count = rowsOf(path, name, array, part.shape);
    if (count !== rows) throw refusal(`--check: ${path}: there are ${rows} rows of inputs, but ${name} has ${count}`);
    expected.set(part.name, Float32Array.from(array.data as ArrayLike<number>, Number));
  }
  const known = new Set([...taken, ...outputs.map(({ name }) => name), ...(outputs.length === 1 ? OUTPUTS : [])]);
  const odd = [...arrays.keys()].filter((name) => !known.has(name));
  if (odd.length > 0) {
    const names = outputs.map(({ name }) => name).join(", ");
    throw refusal(
      `--check: ${path} has ${odd.join(", ")}, which ${odd.length === 1 ? "is" : "are"} no input and no output of the model; outputs: ${names}`,
    );
  }
  return expected;
}

/** The outputs in rows of all of them, by their names. */
export function splitOutputs(values: Float32Array, rows: number, outputs: readonly Part[]): Map<string, Float32Array> {
  const width = outputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const parts = new Map<string, Float32Array>();
  let at = 0;
  for (const { name, shape } of outputs) {
    const size = sizeOf(shape);
    const own = new Float32Array(rows * size);
    for (let r = 0; r < rows; r++) own.set(values.subarray(r * width + at, r * width + at + size), r * size);
    parts.set(name, own);
    at += size;
  }
  return parts;
}

/** How far `values` are from `wanted`. */
export function difference(output: string, values: Float32Array, wanted: Float32Array): Difference {
  let [equal, absolute, relative, measure] = [values.length === wanted.length, 0, 0, 0];
  let largest = 0;
  for (const value of wanted) if (Math.abs(value) > largest) largest = Math.abs(value);
  if (!equal) return { output, equal, absolute: Infinity, relative: Infinity, measure: Infinity };
  for (let i = 0; i < values.length; i++) {
    const [value, goal] = [values[i]!, wanted[i]!];
    if (Object.is(value, goal)) continue;
    equal = false;
    if (value === goal) continue; // 0 and -0
    const distance = Math.abs(value - goal);
    const apart = Number.isNaN(distance) ? Infinity : distance;
    const size = Math.abs(goal);
    absolute = Math.max(absolute, apart);
    if (apart === Infinity) relative = apart;
    else if (size > 0 && size >= largest / 1000) relative = Math.max(relative, apart / size);
    measure = Math.max(measure, apart === Infinity ? apart : apart / Math.max(1, size));
  }
  return { output, equal, absolute, relative, measure };
}

/** Compares all outputs that are in both. */
export const compare = (
  what: Comparison["what"],
  values: ReadonlyMap<string, Float32Array>,
  wanted: ReadonlyMap<string, Float32Array>,
): Comparison => ({
  what,
  outputs: [...wanted].map(([name, goal]) => difference(name, values.get(name)!, goal)),
});
