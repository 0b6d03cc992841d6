// The attributes of a node: each is asked for by its name and type, and what nobody asked for is known in the end.
import type { OnnxAttribute, OnnxGraph, OnnxTensor } from "../../../formats/onnxTypes.ts";
import { valueText } from "../../../util/check.ts";

type Types = {
  float: number;
  int: number;
  string: string;
  tensor: OnnxTensor;
  graph: OnnxGraph;
  floats: readonly number[];
  ints: readonly number[];
  strings: readonly string[];
};

/** Makes the error of an attribute. */
export type AttributeError = (attribute: string, reason: string) => Error;

/** A node's attributes. Who asks for one has dealt with it: `unused` gives those that nobody asked for. */
export class Attributes {
  readonly #values: ReadonlyMap<string, OnnxAttribute>;
  readonly #unused: Set<string>;
  readonly #fail: AttributeError;

  constructor(attributes: readonly OnnxAttribute[], fail: AttributeError) {
    this.#values = new Map(attributes.map((attribute) => [attribute.name, attribute]));
    this.#unused = new Set(this.#values.keys());
    this.#fail = fail;
  }

  /** Whether it is written; it isn't dealt with by that. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The names of those that nobody asked for. */
  get unused(): readonly string[] {
    return [...this.#unused];
  }

  /** All of them, as they are written. */
  get all(): readonly OnnxAttribute[] {
    return [...this.#values.values()];
  }

  int(name: string): number | undefined;
  int(name: string, otherwise: number): number;
  int(name: string, otherwise?: number): number | undefined {
    return this.#get("int", name) ?? otherwise;
  }

  float(name: string): number | undefined;
  float(name: string, otherwise: number): number;
  float(name: string, otherwise?: number): number | undefined {
    return this.#get("float", name) ?? otherwise;
  }

  string(name: string): string | undefined;
  string(name: string, otherwise: string): string;
  string(name: string, otherwise?: string): string | undefined {
    return this.#get("string", name) ?? otherwise;
  }

  ints(name: string): readonly number[] | undefined;
  ints(name: string, otherwise: readonly number[]): readonly number[];
  ints(name: string, otherwise?: readonly number[]): readonly number[] | undefined {
    return this.#get("ints", name) ?? otherwise;
  }

  floats(name: string): readonly number[] | undefined {
    return this.#get("floats", name);
  }

  strings(name: string): readonly string[] | undefined {
    return this.#get("strings", name);
  }

  tensor(name: string): OnnxTensor | undefined {
    return this.#get("tensor", name);
  }

  graph(name: string): OnnxGraph | undefined {
    return this.#get("graph", name);
  }

  #get<T extends keyof Types>(type: T, name: string): Types[T] | undefined {
    const attribute = this.#values.get(name);
    if (!attribute) return undefined;
    this.#unused.delete(name);
    if (attribute.type === type) return attribute.value as Types[T];
    throw this.#fail(name, `it must be of type ${type}, got ${attribute.type} (${valueText(attribute.value)})`);
  }
}
