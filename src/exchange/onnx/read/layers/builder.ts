// Turns nodes into steps: keeps the values' layouts, and has what the families of operators share.
import type { Layer } from "../../../../graph/layer.ts";
import { sizeOf, type Shape } from "../../../../util/shape.ts";
import { type Constant, type WorkGraph, type WorkNode } from "../workGraph.ts";
import { axisSize, rowsAxis } from "./atoms.ts";
import { errorOfNode } from "../nodeErrors.ts";
import { hintOfNode, hintOfWeight, Names } from "./names.ts";
import { shapeOfUse } from "./steps.ts";
import type { Atom, Making, Ref, Step, Use, View } from "./types.ts";

/** What a new step is. */
export interface NewStep {
  readonly node: WorkNode;
  readonly uses: readonly Use[];
  readonly make: Step["make"];
  readonly kind?: string;
  readonly branches?: number;
  /** Shape of a row of the output, and of the outputs after it. Default: what the layers make of the first use. */
  readonly shape?: Shape;
  readonly others?: readonly Shape[];
  /** The name of a weight that its layer is called after; default: after the node. */
  readonly weight?: string | undefined;
  readonly frozen?: boolean;
}

/** Numbers of a row: more than memory holds. */
const MOST_NUMBERS = 2 ** 30;

/** The state of building. */
export class Builder {
  readonly graph: WorkGraph;
  /** Values that steps give, and the model's inputs. */
  readonly views = new Map<string, View>();
  readonly steps: Step[] = [];
  /** The number of rows that the file's sizes are for. */
  readonly fileRows: number;
  /** The rows of every value. */
  readonly rows: Atom;

  /** `fileRows`: how many rows the file's sizes are for; default as the graph says. */
  constructor(graph: WorkGraph, rows: number, fileRows = graph.rows) {
    this.graph = graph;
    this.fileRows = fileRows;
    this.rows = { size: rows, rows: true };
  }

  /** The error of a node. */
  error(node: WorkNode, reason: string, attribute?: string): Error {
    return this.graph.error(node, reason, attribute);
  }

  /** An input that depends on the model's; throws if it is a constant or left out. */
  input(node: WorkNode, at: number): View {
    const name = node.inputs[at] ?? "";
    const view = this.views.get(name);
    if (view) return view;
    if (name === "") throw this.error(node, `input ${at + 1} is left out, but it is needed`);
    throw this.error(node, `input ${at + 1}, "${name}", is a constant, but it must depend on the model's input`);
  }

  /** An input that is a constant; undefined: it isn't, or is left out. */
  constant(node: WorkNode, at: number): Constant | undefined {
    return this.graph.constants.get(node.inputs[at] ?? "");
  }

  /** The inputs that are constants. */
  constants(node: WorkNode): readonly (Constant | undefined)[] {
    return node.inputs.map((name) => this.graph.constants.get(name));
  }

  /** An input with weights: float numbers, finite, the same for all rows; undefined: it is left out. */
  weights(node: WorkNode, at: number, shape?: readonly number[]): Float32Array | undefined {
    const name = node.inputs[at] ?? "";
    if (name === "") return undefined;
    const constant = this.graph.constants.get(name);
    if (!constant) {
      throw this.error(node, `input ${at + 1}, "${name}", must be a constant: weights that are computed have no layer`);
    }
    if (shape && (shape.length !== constant.shape.length || shape.some((n, axis) => n !== constant.shape[axis]))) {
      throw this.error(
        node,
        `input ${at + 1}, "${name}", must have the shape [${shape.map((n) => this.#sizeText(n)).join(", ")}], got [${constant.shape.join(", ")}]${shape.some((n) => n >= this.rows.size) ? "; export the model with the rows as an axis of their own" : ""}`,
      );
    }
    return this.numbers(node, name);
  }

  /** The numbers of a constant, which must be finite and the same for any number of rows. */
  numbers(node: WorkNode, name: string): Float32Array {
    const { data } = this.graph.constants.get(name)!;
    if (this.graph.rowDependent.has(name)) {
      throw this.error(
        node,
        `"${name}" depends on the number of rows, which a model can't know; export the file for a fixed one`,
      );
    }
    const numbers = Float32Array.from(data);
    const bad = numbers.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0)
      throw this.error(node, `weights must be finite numbers, but number ${bad} of "${name}" is ${data[bad]}`);
    return numbers;
  }

  /** The rank that an input must have. */
  checkRank(node: WorkNode, view: View, ranks: readonly number[], what: string): void {
    if (ranks.includes(view.axes.length)) return;
    throw this.error(node, `${what}, so its input must have ${ranks.join(" or ")} axes, got [${this.shapeText(view)}]`);
  }

  /** The axis of the rows must be this one, by itself. */
  checkRows(node: WorkNode, view: View, axis = 0): void {
    const at = rowsAxis(view);
    if (at === axis) return;
    const where = at < 0 ? "they are joined with another axis" : `they are axis ${at}`;
    throw this.error(
      node,
      `axis ${axis} of its input [${this.shapeText(view)}] must be that of the rows, but ${where}; export the model with the rows first (batch_first=True)`,
    );
  }

  /** An axis from 0 that isn't that of the rows. */
  axis(node: WorkNode, view: View, axis: number, attribute = "axis"): number {
    const rank = view.axes.length;
    const at = axis < 0 ? axis + rank : axis;
    if (!(at >= 0 && at < rank)) {
      throw this.error(node, `it must be from ${-rank} to ${rank - 1}, got ${axis}`, attribute);
    }
    if (view.axes[at]!.some((atom) => atom.rows)) {
      throw this.error(
        node,
        `axis ${axis} is that of the rows, which a model treats one by one; take another axis`,
        attribute,
      );
    }
    return at;
  }

  /** `N, 3, 28, 28` */
  shapeText(view: View): string {
    return view.axes
      .map((axis) => {
        const size = axisSize(axis.filter((atom) => !atom.rows));
        return axis.some((atom) => atom.rows) ? (axis.length > 1 ? `${size} N` : "N") : String(size);
      })
      .join(", ");
  }

  /** A size, of which that of the rows may be a part. */
  #sizeText(size: number): string {
    const times = size / this.rows.size;
    return Number.isInteger(times) && times > 0 ? (times === 1 ? "N" : `${times} N`) : String(size);
  }

  /** What a layer is called after a weight of this name; empty if that says nothing. */
  hint(weight: string): string {
    return hintOfWeight(weight);
  }

  /** Adds a step, and gives its output. */
  add({
    node,
    uses,
    make,
    kind = node.operator,
    branches = 0,
    shape,
    others = [],
    weight,
    frozen = false,
  }: NewStep): Ref {
    const hint = (weight === undefined ? "" : hintOfWeight(weight)) || hintOfNode(node.name);
    const outputs: Ref[] = [];
    const step: Step = { kind, node, uses, branches, hint, frozen, outputs, make };
    const first = shape ?? this.#shapeOf(step);
    for (const each of [first, ...others]) {
      const size = sizeOf(each);
      if (!(size <= MOST_NUMBERS))
        throw this.error(node, `it gives ${size} numbers for each row, but at most ${MOST_NUMBERS} fit into memory`);
      outputs.push({ shape: each, step });
    }
    this.steps.push(step);
    return outputs[0]!;
  }

  /** What the layers make of the first use; their options are checked by that. */
  #shapeOf(step: Step): Shape {
    const trial: Making = {
      name: "trial",
      branch: () => [],
      nameOf: () => "value",
      outputName: () => "value",
      names: new Names(),
      trainable: true,
      take: () => undefined,
      set: () => undefined,
    };
    try {
      return step
        .make(trial)
        .reduce<Shape>((shape, layer) => layer.outputShape(shape, layer.type), shapeOfUse(step.uses[0]!));
    } catch (error) {
      throw errorOfNode(this.graph, step.node, error);
    }
  }

  /** Sets what a node gives. */
  set(node: WorkNode, view: View, output = 0): void {
    const name = node.outputs[output] ?? "";
    if (name !== "") this.views.set(name, view);
  }

  /** Refuses outputs of a node that are used and can't be given. */
  checkOutputs(node: WorkNode, given: number): void {
    node.outputs.forEach((name, i) => {
      if (i < given || name === "") return;
      if (!this.graph.isOutput(name) && this.graph.consumers(name).length === 0) return;
      throw this.error(node, `its output ${i + 1}, "${name}", has no layer`);
    });
  }
}

/** A new axis. */
export const atom = (size: number): Atom[] => (size === 1 ? [] : [{ size }]);

/** The layer of the registry with weights: a function that names it, and the parameters by their own names. */
export function layerOf(
  make: (name: string) => Layer,
  parameters: Readonly<Record<string, Float32Array | undefined>> = {},
): Step["make"] {
  return (making) => {
    for (const [name, values] of Object.entries(parameters)) if (values) making.set(`${making.name}.${name}`, values);
    return [make(making.name)];
  };
}

/** Numbers in the rows of a table in another order of its rows. */
export function rowsInOrder(data: Float32Array, columns: number, order: readonly number[]): Float32Array {
  const result = new Float32Array(data.length);
  order.forEach((row, i) => result.set(data.subarray(row * columns, (row + 1) * columns), i * columns));
  return result;
}

/** The places of an axis' numbers, in the order in which its atoms lie: of each that lies there, its number in the axis. */
export function placesOf(axis: readonly Atom[], lying: readonly Atom[]): number[] {
  let places = [0];
  for (const each of lying) {
    const step = sizeOf(axis.slice(axis.indexOf(each) + 1).map(({ size }) => size));
    places = places.flatMap((place) => Array.from({ length: each.size }, (_, i) => place + i * step));
  }
  return places;
}
