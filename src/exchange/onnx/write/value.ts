// A value of a model in an ONNX graph: one tensor or several, which have the same numbers with their axes in different orders. Each is made
// when it is asked for, so that only those orders are there that a node reads.
import { int } from "./graphWriter.ts";
import type { GraphWriter } from "./graphWriter.ts";
import { type Shape, sizeOf } from "../../../util/shape.ts";

/**
 * In which order the axes of a tensor are: "last" as they are in a row, channels last, behind that of the batch; "first" with the last axis
 * behind that of the batch; "time" with the first axis in front of that of the batch.
 */
export type Form = "last" | "first" | "time";

/** The axes of a tensor: -1 for the batch, others as in a row. */
export function axesOf(form: Form, rank: number): readonly number[] {
  const all = Array.from({ length: rank }, (_, axis) => axis);
  if (form === "time") return [0, -1, ...all.slice(1)];
  return form === "first" ? [-1, rank - 1, ...all.slice(0, -1)] : [-1, ...all];
}

/** The axis of a tensor that an axis of a row is. */
export const axisIn = (form: Form, axis: number, rank: number): number => axesOf(form, rank).indexOf(axis);

/** A row's sizes in the order of a form, without the batch. */
export const sizesIn = (form: Form, shape: Shape): Shape =>
  axesOf(form, shape.length)
    .filter((axis) => axis >= 0)
    .map((axis) => shape[axis]!);

/** How a value comes to be. */
interface Made {
  /** The form that it is made in. */
  readonly natural: Form;
  /** Makes it in some forms; others come from these. */
  readonly ways: Readonly<Partial<Record<Form, () => string>>>;
  /** Of a value with one axis whose form can be "first": the shape that was flattened, which has its numbers in that order then. */
  readonly of?: Shape | undefined;
  /** Makes it as int64. */
  readonly whole?: (() => string) | undefined;
  /** It is this value, repeated along axes where that has one place. */
  readonly small?: Value | undefined;
}

export class Value {
  /** Of a row. */
  readonly shape: Shape;
  readonly #graph: GraphWriter;
  readonly #made: Made;
  readonly #tensors = new Map<Form, string>();
  #whole: string | undefined;
  #folded: Value | undefined;
  /** By their place in a row: what a recurrent layer puts out. */
  parts: ReadonlyMap<number, Value> | undefined;

  constructor(graph: GraphWriter, shape: Shape, made: Made) {
    this.#graph = graph;
    this.shape = shape;
    this.#made = made;
  }

  /** The form that costs nothing. */
  get natural(): Form {
    return this.#made.natural;
  }

  /** The shape that was flattened, if the numbers can be in the order of its form "first". */
  get of(): Shape | undefined {
    return this.#made.of;
  }

  /** What is to be broadcast, where an operator does so by itself. */
  get small(): Value {
    return this.#made.small ?? this;
  }

  get isWhole(): boolean {
    return this.#made.whole !== undefined;
  }

  /** The tensor of a form. */
  get(form: Form): string {
    const known = this.#tensors.get(form);
    if (known !== undefined) return known;
    const tensor = this.#made.ways[form]?.() ?? this.#turned(form);
    this.#tensors.set(form, tensor);
    return tensor;
  }

  #turned(form: Form): string {
    const from = this.#tensors.has("last") ? "last" : this.natural;
    const tensor = this.get(from);
    const rank = this.shape.length;
    if (rank === 1) {
      if (from === "last" || !this.of) return tensor;
      // back to what was flattened
      const image = new Value(this.#graph, this.of, {
        natural: "first",
        ways: { first: () => this.#graph.reshape(tensor, [-1, ...sizesIn("first", this.of!)]) },
      });
      return this.#graph.reshape(image.get("last"), [-1, ...this.shape]);
    }
    const given = axesOf(from, rank);
    return this.#graph.transpose(
      tensor,
      axesOf(form, rank).map((axis) => given.indexOf(axis)),
    );
  }

  /** The tensor with the channels last, as int64. */
  get whole(): string {
    this.#whole ??= this.#made.whole?.() ?? this.#graph.node("Cast", [this.get("last")], { to: int(INT64) });
    return this.#whole;
  }

  /** The same numbers with other axes. */
  reshaped(shape: Shape): Value {
    const last = (): string => this.#graph.reshape(this.get("last"), [-1, ...shape]);
    const whole = this.isWhole ? () => this.#graph.reshape(this.whole, [-1, ...shape]) : undefined;
    const first = (): string => this.#graph.reshape(this.get("first"), [-1, ...sizesIn("first", shape)]);
    const isFirst = this.natural === "first";
    const channels = this.shape.at(-1)!;
    if (isFirst && this.shape.length > 1 && shape.length === 1) {
      // where there is one channel, or one place, both orders are the same
      if (channels === 1 || channels === sizeOf(this.shape)) {
        return new Value(this.#graph, shape, { natural: "last", ways: { last: first } });
      }
      return new Value(this.#graph, shape, { natural: "first", ways: { last, first }, of: this.shape });
    }
    const unflattened = this.of?.join() === shape.join();
    const kept = this.shape.length > 1 && shape.length > 1 && channels === shape.at(-1);
    if (isFirst && (unflattened || kept)) {
      return new Value(this.#graph, shape, { natural: "first", ways: { last, first } });
    }
    return new Value(this.#graph, shape, { natural: "last", ways: { last }, whole });
  }

  /** Each place along the first axis as a row of the batch. */
  get folded(): Value {
    const shape = this.shape.slice(1);
    this.#folded ??= new Value(this.#graph, shape, {
      natural: "last",
      ways: { last: () => this.#graph.reshape(this.get("last"), [-1, ...shape]) },
      whole: this.isWhole ? () => this.#graph.reshape(this.whole, [-1, ...shape]) : undefined,
    });
    return this.#folded;
  }

  /** Rows of a batch as so many places along a first axis. */
  unfolded(steps: number): Value {
    const shape = [steps, ...this.shape];
    const value = new Value(this.#graph, shape, {
      natural: "last",
      ways: { last: () => this.#graph.reshape(this.get("last"), [-1, ...shape]) },
    });
    value.#folded = this;
    return value;
  }
}

/** ONNX's numbers of types of elements. */
export const FLOAT = 1;
export const INT32 = 6;
export const INT64 = 7;
export const BOOL = 9;
