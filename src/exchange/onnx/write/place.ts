// A layer where it is written: its options, its values, its weights, and the nodes that it becomes.
import type { ModelNode } from "../../../graph/layer.ts";
import type { PlacedParameter } from "../../../graph/parameter.ts";
import type { Core } from "../../../runtime/core.ts";
import { type Shape, sizeOf } from "../../../util/shape.ts";
import type { Attribute, GraphWriter } from "./graphWriter.ts";
import { type Form, Value } from "./value.ts";

/** What a layer reads. */
export interface Reads {
  readonly x: Value;
  /** By slot. */
  readonly others: Readonly<Record<string, Value>>;
}

export class Place {
  readonly graph: GraphWriter;
  readonly node: ModelNode;
  /** The layer's options, complete as they are written to files. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Shapes of a row. */
  readonly input: Shape;
  readonly output: Shape;
  readonly x: Value;
  readonly others: Readonly<Record<string, Value>>;
  readonly #core: Core;
  /** Parameters whose numbers an initializer was made of. */
  readonly #read = new Set<string>();

  constructor(graph: GraphWriter, core: Core, node: ModelNode, shapes: { input: Shape; output: Shape }, reads: Reads) {
    this.graph = graph;
    this.#core = core;
    this.node = node;
    this.options = node.layer.options;
    this.input = shapes.input;
    this.output = shapes.output;
    this.x = reads.x;
    this.others = reads.others;
  }

  get opset(): number {
    return this.graph.opset;
  }

  /** Adds a node. */
  op(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute | undefined>> = {},
  ): string {
    return this.graph.node(operator, inputs, attributes);
  }

  /** A parameter of the layer, if it has it. */
  parameter(local: string): PlacedParameter | undefined {
    return this.node.parameters.find((parameter) => parameter.local === local);
  }

  /** The numbers of a parameter, as they are in the core's memory. */
  numbers({ name, address, size }: PlacedParameter): Float32Array {
    this.#read.add(name);
    return this.#core.arena.f32.subarray(address / 4, address / 4 + size);
  }

  /**
   * A parameter as an initializer.
   *
   * @param order of its axes, from 0; default as it is
   * @param shape that it gets; default that of the axes
   * @param split its axes, some of them as several; default as it is
   */
  weight(local: string, order?: readonly number[], shape?: Shape, split?: Shape): string {
    const parameter = this.parameter(local)!;
    const axes = split ?? parameter.shape;
    const places = order ?? axes.map((_, axis) => axis);
    const own = shape ?? places.map((axis) => axes[axis]!);
    const isOther = places.some((axis, i) => axis !== i);
    const key = `${parameter.name} ${isOther ? `${axes.join()} ${places.join()} ` : ""}${own.join()}`;
    return this.#initializer(key, parameter.name, own, () => {
      const numbers = this.numbers(parameter);
      return isOther ? transposed(numbers, axes, places) : numbers;
    });
  }

  /** Numbers that are made of parameters, as an initializer. */
  made(name: string, shape: Shape, make: () => Float32Array): string {
    const own = this.node.parameters[0]?.name.replace(/\.[^.]*$/, "") ?? this.node.name;
    return this.#initializer(`${own}.${name} ${shape.join()}`, `${own}.${name}`, shape, make);
  }

  #initializer(key: string, name: string, shape: Shape, make: () => Float32Array): string {
    this.#read.clear();
    let data: Float32Array | undefined;
    const tensor = this.graph.initializer(key, name, shape, () => (data = make()));
    if (data && this.#read.size > 0) this.graph.mapped.push({ tensor, shape, data, parameters: [...this.#read] });
    return tensor;
  }

  /** What the layer gives: a tensor in a form, which gets the layer's name. */
  give(form: Form, tensor: string, of?: Shape): Value {
    this.graph.call(tensor, this.node.name);
    return new Value(this.graph, this.output, { natural: form, ways: { [form]: () => tensor }, of });
  }

  /** Number by number: in the form that the input has. */
  each(make: (tensor: string, form: Form) => string): Value {
    const { natural, of } = this.x;
    return this.give(natural, make(this.x.get(natural), natural), of);
  }
}

/** Numbers with their axes in another order. */
export function transposed(numbers: Float32Array, shape: Shape, order: readonly number[]): Float32Array<ArrayBuffer> {
  const sizes = order.map((axis) => shape[axis]!);
  const steps = order.map((axis) => sizeOf(shape.slice(axis + 1)));
  const place = sizes.map(() => 0);
  const result = new Float32Array(numbers.length);
  for (let to = 0, at = 0; to < result.length; to++) {
    result[to] = numbers[at]!;
    // counting as an odometer does
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      at += steps[axis]!;
      if (++place[axis]! < sizes[axis]!) break;
      at -= steps[axis]! * sizes[axis]!;
      place[axis] = 0;
    }
  }
  return result;
}

/** Writes a layer. */
export type LayerWriter = (place: Place) => Value;
