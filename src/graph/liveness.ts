// Liveness analysis: the buffer of each value of a graph, and from which step of a pass to which it is in use. Node i of n runs in
// step i, the loss in step n, node i's backward pass in step 2n - i.
import { type Shape, sizeOf } from "../util/shape.ts";
import { INPUT, type Layer, type ModelNode, type Value, valuesOf } from "./layer.ts";
import { Buffer } from "./memoryPlanner.ts";

/** What a plan is for, as far as it decides what is kept. */
export interface PlanOptions {
  readonly nodes: readonly ModelNode[];
  readonly inputShape: Shape;
  /** Rows of a batch, at most. */
  readonly capacity: number;
  /** Training runs layers such as dropout and keeps what the backward pass reads. */
  readonly training: boolean;
  /** Every tensor has a buffer of its own, for the glass box. */
  readonly separate?: boolean;
  /** The gradient of the model's input is computed. */
  readonly inputGradient?: boolean;
}

export class Liveness {
  /** The buffers that may share memory. */
  readonly buffers: Buffer[] = [];
  /** The model's input, which is there all the time. */
  readonly input: Buffer;
  readonly #options: PlanOptions;
  /** The node that wrote a node's output: layers that pass their input on have none of their own. */
  readonly #writers: Value[] = [];
  readonly #readers = new Map<Value, number>();
  readonly #outputs: (Buffer | undefined)[] = [];

  constructor(options: PlanOptions) {
    this.#options = options;
    const { nodes, inputShape, capacity } = options;
    this.input = new Buffer(capacity * sizeOf(inputShape), 0);
    for (const node of nodes) {
      const passesOn = this.passesOn(node);
      this.#writers.push(passesOn ? this.writerOf(node.from) : node.index);
      if (passesOn) continue;
      for (const value of valuesOf(node)) {
        const writer = this.writerOf(value);
        this.#readers.set(writer, (this.#readers.get(writer) ?? 0) + 1);
      }
    }
    for (const node of nodes) this.#outputs.push(this.#outputBuffer(node));
    this.bufferOf(nodes.length - 1).useUntil(2 * nodes.length + 1); // the model's output is read after the pass
  }

  /** Does this layer do nothing in this plan but pass its input on? */
  passesOn({ layer }: ModelNode): boolean {
    return layer.kernel === undefined || (!this.#options.training && !!layer.trainingOnly);
  }

  /** The node that computes a value, or INPUT. */
  writerOf(value: Value): Value {
    return this.#writers[value] ?? INPUT;
  }

  /** Where a value is stored. */
  bufferOf(value: Value): Buffer {
    return this.#outputs[this.writerOf(value)] ?? this.input;
  }

  /** Shape of a row of a value. */
  shapeOf(value: Value): Shape {
    return this.#options.nodes[value]?.output ?? this.#options.inputShape;
  }

  /** A value's textbook name. */
  nameOf(value: Value): string {
    return this.#options.nodes[this.writerOf(value)]?.outputName ?? "x";
  }

  /** A new buffer for rows of a shape, in use from a step on. */
  add(shape: Shape, from: number): Buffer {
    const buffer = new Buffer(this.#options.capacity * sizeOf(shape), from);
    this.buffers.push(buffer);
    return buffer;
  }

  /** The buffer of a node's output: its input's, if nothing else needs that any more. */
  #outputBuffer(node: ModelNode): Buffer | undefined {
    if (this.passesOn(node)) return undefined;
    const { nodes, training, separate, inputGradient } = this.#options;
    const { layer, index } = node;
    const from = this.writerOf(node.from);
    const writer = nodes[from];
    const kept = training && (backwardReads(layer, "input") || (writer && backwardReads(writer.layer, "output")));
    const alone = this.#readers.get(from) === 1 && from !== INPUT;
    const inPlace = layer.inPlace && alone && !kept && !separate;
    const buffer = inPlace ? this.bufferOf(from) : this.add(node.output, index);
    // a backward pass that is called by hand may be called again
    const backward = 2 * nodes.length + (inputGradient ? 1 : -index);
    const inputEnd = training && backwardReads(layer, "input") ? backward : index;
    for (const value of valuesOf(node)) this.bufferOf(value).useUntil(inputEnd);
    buffer.useUntil(training && backwardReads(layer, "output") ? backward : index);
    return buffer;
  }
}

const backwardReads = ({ backwardReads: reads }: Layer, what: "input" | "output"): boolean =>
  reads === undefined || reads === what;
