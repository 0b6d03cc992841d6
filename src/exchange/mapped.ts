// What became of what between a model and another library's file, for whoever is to see it: the command `convert`.
import type { Shape } from "../util/shape.ts";

/** A layer, and what it is in the file. */
export interface MappedLayer {
  /** The layer's name. */
  readonly layer: string;
  readonly type: string;
  /** Nodes of the file by their operators, or layers by their names. */
  readonly nodes: readonly string[];
}

/** A tensor of the file, and the parameters that it is, or is made of. */
export interface MappedTensor {
  readonly tensor: string;
  readonly shape: Shape;
  readonly data: ArrayLike<number> | ArrayLike<bigint>;
  readonly parameters: readonly string[];
}

/** What the file calls the model's inputs and outputs, in their order. */
export interface MappedEnds {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** A layer, followed by its tensors; and once the inputs and outputs. */
export type Mapped = MappedLayer | MappedTensor | MappedEnds;

/** Is told of each. */
export type OnMapped = (mapped: Mapped) => void;

/** The key in the options of who writes and reads files: no name that a program could meet, and none that is refused. */
const ON_MAPPED = /* @__PURE__ */ Symbol.for("wasmgrad.onMapped");

/** Who is to be told, if anybody. */
export const onMappedOf = (options: object): OnMapped | undefined =>
  (options as { readonly [ON_MAPPED]?: OnMapped })[ON_MAPPED];

/** Tells which of a layer's parameters its tensors are: of several the one with the same numbers, else all of them. */
export function tellTensors(
  tensors: readonly { readonly name: string; readonly shape: Shape; readonly data: Float32Array }[],
  parameters: ReadonlyMap<string, Float32Array>,
  onMapped: OnMapped | undefined,
): void {
  if (!onMapped) return;
  const finder = new TensorFinder(tensors.map(({ name, shape, data }) => ({ tensor: name, shape, data })));
  const sources = new Map<string, string[]>();
  for (const [name, numbers] of parameters) {
    const found = finder.find(name, numbers, new Set());
    if (found) sources.set(found.tensor, [...(sources.get(found.tensor) ?? []), name]);
  }
  const used = new Set([...sources.values()].flat());
  const others = [...parameters.keys()].filter((name) => !used.has(name));
  for (const { name, shape, data } of tensors) {
    onMapped({ tensor: name, shape, data, parameters: sources.get(name) ?? others });
  }
}

/** A tensor that parameters may be. */
export interface KnownTensor {
  readonly tensor: string;
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}

/** Finds the tensors that numbers come from: the same numbers as float32, in any order. */
export class TensorFinder {
  readonly #bySum = new Map<string, KnownTensor[]>();
  readonly #taken = new Set<string>();

  constructor(tensors: Iterable<KnownTensor>) {
    for (const known of tensors) {
      const sum = sumOf(known.data);
      const alike = this.#bySum.get(sum);
      if (alike) alike.push(known);
      else this.#bySum.set(sum, [known]);
    }
  }

  /**
   * The tensor that has these numbers. Of several with the same ones, such as zeros: one of those that are `likely`, then the one whose
   * name begins most alike, then one that isn't another's yet.
   */
  find(name: string, numbers: Float32Array, likely: ReadonlySet<string>): KnownTensor | undefined {
    const alike = this.#bySum.get(sumOf(numbers)) ?? [];
    const rank = ({ tensor }: KnownTensor): number =>
      (likely.has(tensor) ? 1e6 : 0) + 2 * commonStart(name, tensor) + (this.#taken.has(tensor) ? 0 : 1);
    const found = alike.toSorted((a, b) => rank(b) - rank(a))[0];
    if (found) this.#taken.add(found.tensor);
    return found;
  }
}

/** How many letters two names have in common at their beginnings. */
function commonStart(a: string, b: string): number {
  let count = 0;
  while (count < a.length && a[count] === b[count]) count++;
  return count;
}

/** What is the same of the same numbers in any order. */
export function sumOf(numbers: ArrayLike<number>): string {
  const number = new Float32Array(1);
  const word = new Uint32Array(number.buffer);
  let [sum, mixed] = [0, 0];
  for (let i = 0; i < numbers.length; i++) {
    number[0] = numbers[i]!;
    sum = (sum + word[0]!) % 2_147_483_647;
    mixed = (mixed ^ Math.imul(word[0]! ^ (word[0]! >>> 15), 0x85eb_ca6b)) >>> 0;
  }
  return `${numbers.length} ${sum} ${mixed}`;
}
