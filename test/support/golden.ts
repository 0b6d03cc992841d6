// Reading the golden set, and comparing with it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { readSafetensors } from "../../src/formats/safetensors.ts";
import type { TensorData } from "../../src/formats/safetensorsTypes.ts";
import { Config, type Values } from "./golden/config.ts";

export interface GoldenCase {
  readonly name: string;
  /** layer, activation, loss, optimizer, scheduler, model, metric or init */
  readonly kind: string;
  readonly op: string;
  readonly config: Values;
  readonly file: string;
  readonly tensors: Readonly<Record<string, { role: string; dtype: string; shape: readonly number[] }>>;
  readonly tolerance: Tolerance;
  readonly strict_tolerance?: Tolerance & { readonly tensors: readonly string[] };
}

export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/** The set in the repository, or another one: GOLDEN_DIR. */
const goldenDirectory = process.env["GOLDEN_DIR"] ?? join(import.meta.dirname, "../golden");

/** The cases of a set, with the paths of their files. */
export function goldenCases(directory = goldenDirectory): readonly GoldenCase[] {
  const index = JSON.parse(readFileSync(join(directory, "index.json"), "utf8")) as { cases: GoldenCase[] };
  return index.cases.map((entry) => ({ ...entry, file: join(directory, entry.file) }));
}

/** A case with its numbers. */
export class Golden {
  readonly case: GoldenCase;
  readonly config: Config;
  readonly #tensors: ReadonlyMap<string, { shape: readonly number[]; data: TensorData }>;
  readonly #compared = new Set<string>();

  constructor(entry: GoldenCase) {
    this.case = entry;
    this.config = new Config(entry.config, `case ${entry.name}: config`);
    this.#tensors = readSafetensors(readFileSync(entry.file), entry.file).tensors;
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  get(name: string): TensorData {
    const tensor = this.#tensors.get(name);
    if (!tensor) throw new Error(`${this.case.name} has no tensor ${name}`);
    return tensor.data;
  }

  shape(name: string): readonly number[] {
    this.get(name);
    return this.#tensors.get(name)!.shape;
  }

  names(role: string): string[] {
    return Object.entries(this.case.tensors).flatMap(([name, tensor]) => (tensor.role === role ? [name] : []));
  }

  /** Compares with the tensor of this name, at the case's tolerance, and at the strict one where there is one. */
  compare(name: string, actual: ArrayLike<number>): void {
    const expected = this.get(name);
    this.#compared.add(name);
    expect(Array.from(actual).every(Number.isFinite), `${name}: all numbers are finite`).toBe(true);
    expectClose(name, actual, expected, this.case.tolerance);
    const strict = this.case.strict_tolerance;
    if (strict?.tensors.includes(name)) expectClose(`${name} (strict)`, actual, expected, strict);
  }

  /**
   * Everything that a case expects must have been compared, and all of its options read.
   *
   * @param except tensors that have no counterpart in the library
   */
  finish(...except: readonly string[]): void {
    const left = EXPECTED.flatMap((role) => this.names(role)).filter((name) => !this.#compared.has(name));
    const message = `${this.case.name}: expected tensors that were not compared`;
    expect(left.filter((name) => !except.includes(name)), message).toEqual([]); // prettier-ignore
    expect(this.#compared.size, `${this.case.name}: number of tensors that were compared`).toBeGreaterThan(0);
    this.config.expectAllRead();
  }
}

/** Roles of tensors that are to be reproduced. */
const EXPECTED = ["output", "aux_output", "expected", "grad_input", "grad_param"];

/** Every value within atol + rtol |expected|; the message names the worst one. */
export function expectClose(
  name: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { rtol, atol }: Tolerance,
): void {
  expect(actual.length, `${name}: number of values`).toBe(expected.length);
  let worst = 0;
  let at = -1;
  for (let i = 0; i < expected.length; i++) {
    const bound = atol + rtol * Math.abs(expected[i]!);
    const error = actual[i] === expected[i] ? 0 : Math.abs(actual[i]! - expected[i]!);
    const share = error === 0 ? 0 : error / bound;
    if (!(share <= worst)) {
      worst = share;
      at = i;
    }
  }
  const message = `${name}[${at}]: got ${actual[at]}, expected ${expected[at]} (${worst} times the tolerance, rtol ${rtol}, atol ${atol})`;
  expect(worst <= 1, message).toBe(true);
}
