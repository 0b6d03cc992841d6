// The options of a golden case. Whatever isn't read, or has a value without a meaning here, fails the case by name.
import { isDeepStrictEqual } from "node:util";

export type Values = Readonly<Record<string, unknown>>;

export class Config {
  readonly where: string;
  readonly #values: Values;
  readonly #read = new Set<string>();
  readonly #children: Config[] = [];

  /** @param where begins every message, such as "case dense_1x1: config" */
  constructor(values: Values, where: string) {
    this.#values = values;
    this.where = where;
  }

  /** Its options' names. */
  get names(): string[] {
    return Object.keys(this.#values);
  }

  has(name: string): boolean {
    return this.#value(name) !== undefined;
  }

  number(name: string, fallback?: number): number {
    return this.#typed<number>(name, "number", fallback);
  }

  flag(name: string, fallback?: boolean): boolean {
    return this.#typed<boolean>(name, "boolean", fallback);
  }

  text(name: string, fallback?: string): string {
    return this.#typed<string>(name, "string", fallback);
  }

  /** Two numbers, or one that counts for both. */
  pair(name: string, fallback?: readonly [number, number]): [number, number] {
    const value = this.#value(name) ?? fallback;
    const both = typeof value === "number" ? [value, value] : value;
    if (Array.isArray(both) && both.length === 2 && both.every((n) => typeof n === "number"))
      return [both[0]!, both[1]!];
    throw this.#error(name, "one or two numbers", value);
  }

  /** One number, alone or in a list. */
  single(name: string, fallback?: number): number {
    const value = this.#value(name) ?? fallback;
    const one: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
    if (typeof one === "number") return one;
    throw this.#error(name, "one number", value);
  }

  /** Lists of numbers. */
  shapes(name: string): number[][] {
    const value = this.#value(name);
    if (Array.isArray(value) && value.every(Array.isArray)) return value as number[][];
    throw this.#error(name, "a list of shapes", value);
  }

  /** What a text means here. */
  choice<Meaning>(name: string, meanings: Readonly<Record<string, Meaning>>, fallback?: string): Meaning {
    const value = this.text(name, fallback);
    if (Object.hasOwn(meanings, value)) return meanings[value]!;
    throw this.#error(name, `one of ${Object.keys(meanings).join(", ")}`, value);
  }

  /** What must be one of these values if it is given: a convention, or what the tensors say as well. */
  expect(name: string, ...allowed: readonly unknown[]): void {
    const value = this.#value(name);
    if (value === undefined || allowed.some((one) => isDeepStrictEqual(one, value))) return;
    throw this.#error(name, allowed.map((one) => JSON.stringify(one)).join(" or "), value);
  }

  /** What only describes the case. */
  describes(...names: readonly string[]): void {
    for (const name of names) this.#value(name);
  }

  /** Options of an option. */
  child(name: string): Config | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (typeof value !== "object" || Array.isArray(value)) throw this.#error(name, "options", value);
    return this.#child(value as Values, name);
  }

  /** Options that have to be there. */
  options(name: string): Config {
    const config = this.child(name);
    if (!config) throw this.#error(name, "options", undefined);
    return config;
  }

  /** A list of options. */
  list(name: string): Config[] {
    const value = this.#value(name);
    if (!Array.isArray(value)) throw this.#error(name, "a list of options", value);
    return value.map((one, i) => this.#child(one as Values, `${name}[${i}]`));
  }

  /** Throws if there are options that nothing has read: they would have no effect. */
  expectAllRead(): void {
    const left = this.names.filter((name) => this.#values[name] !== null && !this.#read.has(name));
    if (left.length > 0) {
      const given = left.map((name) => `${name} = ${JSON.stringify(this.#values[name])}`);
      throw new Error(`${this.where}: nothing here knows ${given.join(", ")}`);
    }
    for (const child of this.#children) child.expectAllRead();
  }

  #child(values: Values, name: string): Config {
    const child = new Config(values, `${this.where}.${name}`);
    this.#children.push(child);
    return child;
  }

  /** Python's None is the same as nothing. */
  #value(name: string): unknown {
    this.#read.add(name);
    return this.#values[name] ?? undefined;
  }

  #typed<Type>(name: string, type: "number" | "boolean" | "string", fallback: Type | undefined): Type {
    const value = this.#value(name) ?? fallback;
    if (typeof value === type) return value as Type;
    throw this.#error(name, `a ${type}`, value);
  }

  #error(name: string, rule: string, value: unknown): Error {
    return new Error(`${this.where}.${name}: must be ${rule}, got ${JSON.stringify(value) ?? "nothing"}`);
  }
}
