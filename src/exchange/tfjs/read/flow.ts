// Puts layers together to a graph: values that several layers read are given names, all others follow each other as they are written.
import { shared } from "../../../nn/composites/shared.ts";
import { fromOf } from "../../../nn/composites/from.ts";
import { identity } from "../../../nn/layers/identity.ts";
import type { Layer } from "../../../graph/layer.ts";
import type { Shape } from "../../../util/shape.ts";
import type { LayersWeight } from "../../../formats/layersWeights.ts";
import { refuse } from "./config.ts";

/** A value of the graph. */
export interface Value {
  /** Of a row. */
  readonly shape: Shape;
  /** What it is called where it needs a name. */
  readonly hint: string;
}

/** What a parameter's values are: a weight of the file, maybe with its numbers in another order; or constants. */
export type Source = { readonly shape: Shape } & (
  | { readonly weight: LayersWeight; readonly to?: (numbers: Float32Array) => Float32Array }
  | { readonly constant: Float32Array }
);

/** A layer with parameters: each use of it has the same ones. */
export interface Own {
  readonly layer: Layer;
  uses: number;
  /** The same as a shared one, once it is used twice. */
  shared: Layer | undefined;
}

type Item = Layer | Own;

/** Makes layers: of the names of the values that they read, and of what is read of those that they put out. */
export type Make = (names: readonly string[], isRead: (value: Value) => boolean) => readonly Layer[];

interface Step {
  readonly main: Value | undefined;
  readonly extra: readonly Value[];
  readonly make: Make;
  readonly out: Value;
  /** By this name others find what it puts out. */
  readonly named: (() => string | undefined) | undefined;
}

/** The layer of an item, shared if it is used more than once. */
export function layerOf(item: Item): Layer {
  if (!("uses" in item)) return item;
  if (item.uses < 2) return item.layer;
  return (item.shared ??= shared(item.layer));
}

/** Can a layer be given a name? A composite has none, and what is shared must stay the same value. */
const takesName = ({ name, expand, shared: isShared }: Layer): boolean =>
  name === undefined && expand === undefined && isShared === undefined;

/** Names of which each is another's at most once. */
function distinct(names: readonly string[]): string[] {
  const all = new Set<string>();
  for (const name of names) {
    let own = name;
    for (let i = 2; all.has(own); i++) own = `${name}/${i}`;
    all.add(own);
  }
  return [...all];
}

/** How many layers a file may make, however short it is, and bytes of model.json for each one more. */
const LAYERS_OF_ANY = 10_000;
const BYTES_PER_LAYER = 40;

/** The layers of a model in the order in which they are computed. */
export class Flow {
  readonly #steps: Step[] = [];
  readonly #names = new Set<string>();
  readonly #most: number;
  #count = 0;
  /** What all parameters' values are, by their full names. */
  readonly sources = new Map<string, Source>();
  readonly #owns = new Map<string, Own>();
  /** The values themselves, once they are read; layers that have it compute no initial ones. */
  readonly weights = new Map<string, Float32Array>();

  /** @param bytes of model.json */
  constructor(bytes: number) {
    this.#most = LAYERS_OF_ANY + Math.floor(bytes / BYTES_PER_LAYER);
  }

  /** A name that nothing has yet. */
  fresh(hint: string): string {
    let name = hint;
    for (let i = 2; this.#names.has(name) || name === ""; i++) name = `${hint}/${i}`;
    this.#names.add(name);
    return name;
  }

  /** Counts layers: one that is used in several places counts each time. */
  count(where: string, layers: number): void {
    this.#count += layers;
    if (this.#count <= this.#most) return;
    throw refuse(
      where,
      `the model would have more than ${this.#most} layers, the most that a model.json of its size may have; steps of recurrent layers ` +
        "with activations other than tanh and sigmoid count as layers each",
    );
  }

  /** A layer with parameters, the same for each use of a layer of the file. `key`: which it is. */
  own(key: string, name: string, make: (name: string) => Layer, sources: Readonly<Record<string, Source>>): Own {
    const known = this.#owns.get(key);
    if (known) {
      known.uses++;
      return known;
    }
    const called = this.fresh(name);
    const made: Own = { layer: this.withWeights(make(called)), uses: 1, shared: undefined };
    this.#owns.set(key, made);
    for (const [local, source] of Object.entries(sources)) {
      // in bidirectional, each of its layers has a name of its own
      const path = local.includes(".") ? local : `.${local}`;
      this.sources.set(`${called}${path}`, source);
    }
    return made;
  }

  /** A layer whose initial values are those of the file. */
  withWeights(layer: Layer): Layer {
    return Object.freeze<Layer>({ ...layer, weights: this.weights });
  }

  /** Adds consecutive layers. */
  unary(where: string, input: Value, items: readonly Item[], hint: string): Value {
    if (items.length === 0) return input;
    this.count(where, items.length);
    let { shape } = input;
    for (const item of items) {
      const layer = "uses" in item ? item.layer : item;
      shape = layer.outputShape(shape, layer.type);
    }
    const out: Value = { shape, hint };
    const last = items.at(-1)!;
    const named = (): string | undefined =>
      "uses" in last && last.uses < 2 && !last.layer.expand ? last.layer.name : undefined;
    this.#steps.push({ main: input, extra: [], make: () => items.map(layerOf), out, named });
    return out;
  }

  /** Adds a layer that reads several values by their names. `main`: the one that it works on, if it does. */
  join(
    where: string,
    main: Value | undefined,
    extra: readonly Value[],
    shape: Shape,
    hint: string,
    make: Make,
    out: Value = { shape, hint },
  ): Value {
    this.count(where, 1 + extra.length);
    this.#steps.push({ main, extra, make, out, named: undefined });
    return out;
  }

  /** A value that a layer gives a name itself, such as a final state. */
  named(shape: Shape, name: string): Value {
    const value: Value = { shape, hint: name };
    this.#given.set(value, name);
    return value;
  }

  readonly #given = new Map<Value, string>();

  /** The steps that were added since, if each goes on from the one before; they are taken out. Else undefined. */
  cutChain(since: number, input: Value): readonly Item[][] | undefined {
    const steps = this.#steps.splice(since);
    let at = input;
    for (const { main, extra, out } of steps) {
      if (main !== at || extra.length > 0) return undefined;
      at = out;
    }
    return steps.map(({ make }) => make([], () => true) as Item[]);
  }

  get length(): number {
    return this.#steps.length;
  }

  /**
   * The layers.
   *
   * @param inputs their names are those of the model's `inputs`, or there is one alone
   */
  layers(
    inputs: readonly Value[],
    names: readonly string[],
    outputs: readonly Value[],
    end: (all: readonly Layer[], names: readonly string[]) => Layer,
  ): Layer[] {
    const needed = new Set<Value>();
    const read = new Set<Value>(outputs);
    let current = inputs[0];
    for (const { main, extra, out } of this.#steps) {
      if (main && main !== current) needed.add(main);
      if (main) read.add(main);
      extra.forEach((value) => read.add(value) && needed.add(value));
      current = out;
    }
    const single = outputs.length === 1 && outputs[0] === current;
    if (!single) outputs.forEach((value) => needed.add(value));
    const called = new Map<Value, string>(this.#given);
    const layers: Layer[] = [];
    if (inputs.length > 1) inputs.forEach((value, i) => called.set(value, names[i]!));
    else if (needed.has(inputs[0]!)) layers.push(this.#naming(inputs[0]!, called));
    current = inputs[0];
    for (const { main, extra, make, out, named } of this.#steps) {
      const made = [
        ...make(
          extra.map((value) => called.get(value)!),
          (value) => read.has(value),
        ),
      ];
      if (needed.has(out) && !called.has(out)) {
        const own = named?.();
        const last = made.at(-1);
        if (own !== undefined) called.set(out, own);
        else if (last && takesName(last)) {
          const name = this.fresh(out.hint);
          called.set(out, name);
          made[made.length - 1] = Object.freeze<Layer>({ ...last, name });
        } else made.push(this.#naming(out, called));
      }
      if (main && main !== current) layers.push(fromOf(called.get(main)!, made));
      else layers.push(...made);
      current = out;
    }
    if (!single) {
      const ends = outputs.map((value) => fromOf(called.get(value)!, []));
      layers.push(
        ends.length === 1
          ? fromOf(called.get(outputs[0]!)!, [identity()])
          : end(ends, distinct(outputs.map(({ hint }) => hint))),
      );
    }
    return layers.length > 0 ? layers : [identity()];
  }

  #naming(value: Value, called: Map<Value, string>): Layer {
    const name = this.fresh(value.hint);
    called.set(value, name);
    return identity({ name });
  }
}
