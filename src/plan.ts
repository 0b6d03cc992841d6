// From a model to records: which buffers there are, and which kernel runs when.
import * as abi from "../build/abi.js";
import type { Workspace } from "./arena.ts";
import type { Layer, Tail, TailContext } from "./layer.ts";
import type { Core, KernelName } from "./module.ts";
import type { Program, RecordList, Written } from "./program.ts";
import { type Shape, sizeOf } from "./shape.ts";

/** A parameter in memory. */
export interface PlacedParameter {
  /** `dense1.weight` */
  readonly name: string;
  /** `weight` */
  readonly local: string;
  readonly shape: Shape;
  readonly size: number;
  readonly address: number;
}

/** All parameters of a model, as one run of memory. */
export interface ParameterRun {
  readonly address: number;
  readonly bytes: number;
  readonly parameters: readonly PlacedParameter[];
}

/** A layer in its place: names and shapes are settled. */
export interface Node {
  readonly layer: Layer;
  readonly name: string;
  readonly index: number;
  readonly input: Shape;
  readonly output: Shape;
  readonly parameters: readonly PlacedParameter[];
  /** The book's names of the output and of the parameters: Z1, a1, w1, b1. */
  readonly outputName: string;
  readonly bookNames: Readonly<Record<string, string>>;
}

/** A tensor of a plan: [rows, ...shape]. */
export interface Tensor {
  readonly name: string;
  readonly shape: Shape;
  readonly address: number;
}

export interface ChainOptions {
  readonly core: Core;
  readonly workspace: Workspace;
  readonly program: Program;
  readonly records: RecordList;
  readonly nodes: readonly Node[];
  readonly inputShape: Shape;
  readonly capacity: number;
  /** Training runs layers such as dropout and keeps what the backward pass needs. */
  readonly training: boolean;
  /** Every tensor in a buffer of its own, for the glass box. */
  readonly separate?: boolean;
  /** Where the gradients of the parameters are, as an offset from the parameter; 0: no backward pass. */
  readonly gradientOffset: number;
  /** The gradient of the model's input is wanted. */
  readonly inputGradient?: boolean;
  /** Parameter gradients are written where a kernel can do so; the others are zeroed first, by the caller. */
  readonly overwrite?: boolean;
}

const bytesOf = (elements: number): number => Math.ceil(elements / 4) * 16;

/** Two buffers in turn: what one step writes, the next reads. */
class PingPong {
  readonly #addresses: number[] = [];
  readonly #buffers: Workspace;
  readonly #bytes: number;
  #next = 0;

  constructor(buffers: Workspace, bytes: number) {
    this.#buffers = buffers;
    this.#bytes = bytes;
  }

  next(): number {
    const at = this.#next;
    this.#next = 1 - at;
    return (this.#addresses[at] ??= this.#buffers.allocate(this.#bytes, "the activations"));
  }
}

/** The forward and backward records of a chain of layers, and the buffers they work in. */
export class Chain {
  readonly input: Tensor;
  readonly output: Tensor;
  /** Where the gradient of the output is to be written before the backward pass; 0 without one. */
  readonly outputGradient: number;
  /** Gradient of the input, if it was asked for. */
  readonly inputGradient: number;
  readonly #options: ChainOptions;
  readonly #buffers: Workspace;
  readonly #outputs: number[] = [];
  readonly #tails: Tail[] = [];

  constructor(options: ChainOptions) {
    this.#options = options;
    const { nodes, inputShape, capacity, workspace } = options;
    this.#buffers = workspace;
    const widest = bytesOf(capacity * Math.max(sizeOf(inputShape), ...nodes.map((node) => sizeOf(node.output))));
    const x = workspace.allocate(bytesOf(capacity * sizeOf(inputShape)), "the batch");
    this.input = { name: "x", shape: inputShape, address: x };
    this.#placeOutputs(x, widest);
    const last = nodes.at(-1)!;
    this.output = { name: this.#producer(nodes.length - 1), shape: last.output, address: this.#outputs.at(-1)! };
    this.#makeTails();
    [this.outputGradient, this.inputGradient] = options.gradientOffset === 0 ? [0, 0] : this.#placeGradients(widest);
  }

  // Gradient buffers by node: [of its output, of its input].
  readonly #gradients: [number, number][] = [];

  /** Does this layer do nothing in this plan but pass its input on? */
  #passes(node: Node): boolean {
    return node.layer.kernel === undefined || (!this.#options.training && node.layer.trainingOnly === true);
  }

  /** Name of what lies in a layer's output: layers that pass their input on have none of their own. */
  #producer(i: number): string {
    const { nodes } = this.#options;
    return nodes.findLast((node, at) => at <= i && !this.#passes(node))?.outputName ?? "x";
  }

  #placeOutputs(x: number, widestBytes: number): void {
    const { nodes, training, separate, capacity } = this.#options;
    const inTurn = new PingPong(this.#buffers, widestBytes);
    let address = x;
    let producer: Node | undefined;
    for (const node of nodes) {
      const { layer } = node;
      if (!this.#passes(node)) {
        const kept = training && (layer.needs === "input" || producer?.layer.needs === "output");
        const mayOverwrite = layer.inPlace === true && address !== x && !kept && separate !== true;
        if (!mayOverwrite) {
          address =
            training || separate
              ? this.#buffers.allocate(bytesOf(capacity * sizeOf(node.output)), "the activations")
              : inTurn.next();
        }
        producer = node;
      }
      this.#outputs.push(address);
    }
  }

  #placeGradients(widestBytes: number): [number, number] {
    const { nodes, separate, inputGradient, capacity } = this.#options;
    const inTurn = new PingPong(this.#buffers, widestBytes);
    const fresh = (shape: Shape): number =>
      separate ? this.#buffers.allocate(bytesOf(capacity * sizeOf(shape)), "the gradients") : inTurn.next();
    const outputGradient = fresh(this.output.shape);
    // the first layer with something to learn is the last one to need a gradient
    const firstTrained = inputGradient ? 0 : nodes.findIndex((node) => node.parameters.length > 0);
    let dy = outputGradient;
    for (let i = nodes.length - 1; i >= 0; i--) {
      const node = nodes[i]!;
      let dx = dy;
      if (i < firstTrained || firstTrained < 0) dx = 0;
      else if (i === firstTrained && !inputGradient) dx = 0;
      else if (!this.#passes(node) && (node.layer.inPlace !== true || separate)) dx = fresh(node.input);
      this.#gradients[i] = [dy, dx];
      dy = dx;
    }
    return [outputGradient, dy];
  }

  // Scratch and zeros are shared by all records, so their sizes are found first and the tails are made afterwards.
  #makeTails(): void {
    const { core, nodes, program, capacity, gradientOffset, training } = this.#options;
    let scratchBytes = 0;
    let zeroCount = 0;
    const saved = new Map<string, number>();
    let scratch = 0;
    let zeros = 0;
    const context = (node: Node): TailContext => ({
      exports: core.exports,
      capacity,
      training,
      program: program.address,
      index: node.index,
      parameter: (name) => node.parameters.find((p) => p.local === name)?.address ?? 0,
      gradient: (name) => {
        const parameter = node.parameters.find((p) => p.local === name);
        return parameter && gradientOffset !== 0 ? parameter.address + gradientOffset : 0;
      },
      input: () => 0,
      inputGradient: () => 0,
      saved: (name, bytesPerRow) => {
        const key = `${node.index} ${name}`;
        let address = saved.get(key);
        // room for whole groups of sixteen, which is how masks are made
        if (address === undefined) {
          address = this.#buffers.allocate(capacity * bytesPerRow + 64, "the saved values");
          saved.set(key, address);
        }
        return address;
      },
      scratch: (bytes) => {
        scratchBytes = Math.max(scratchBytes, bytes);
        return scratch;
      },
      zeros: (count) => {
        zeroCount = Math.max(zeroCount, count);
        return zeros;
      },
    });
    const tails = (): Tail[] =>
      nodes.map((node) =>
        this.#passes(node) ? {} : (node.layer.tail?.(context(node), node.input, node.output) ?? {}),
      );
    tails();
    if (scratchBytes > 0) scratch = this.#buffers.allocate(scratchBytes, "the scratch memory");
    if (zeroCount > 0) zeros = this.#buffers.allocate(zeroCount * 4 + 32, "the scratch memory");
    this.#tails.push(...tails());
  }

  #inputOf(i: number): number {
    return i === 0 ? this.input.address : this.#outputs[i - 1]!;
  }

  /** Adds the forward records. */
  addForward(): void {
    const { nodes, records, training } = this.#options;
    nodes.forEach((node, i) => {
      if (this.#passes(node)) return;
      const y = this.#outputs[i]!;
      const perRow = sizeOf(node.output);
      const tail = { x: this.#inputOf(i), y, dx: 0, dy: 0, ...this.#tails[i] };
      const writes: Written[] = [{ name: node.outputName, address: y, elements: perRow, rows: true }];
      if (training) for (const kernel of node.layer.prepare ?? []) records.add(kernel, perRow, tail, { layer: i });
      records.add(`${node.layer.kernel!}Forward` as KernelName, perRow, tail, { writes, layer: i });
    });
  }

  /** Adds the backward records, last layer first. */
  addBackward(): void {
    const { nodes, records, overwrite, gradientOffset } = this.#options;
    for (let i = nodes.length - 1; i >= 0; i--) {
      const node = nodes[i]!;
      const [dy, dx] = this.#gradients[i]!;
      if (dy === 0 || this.#passes(node) || (dx === 0 && node.parameters.length === 0)) continue;
      const tail = { x: this.#inputOf(i), y: this.#outputs[i]!, dx, dy, ...this.#tails[i] };
      const writes: Written[] = node.parameters.map((p) => ({
        name: `d${node.bookNames[p.local]!}`,
        address: p.address + gradientOffset,
        elements: p.size,
        rows: false,
      }));
      if (dx !== 0) {
        writes.push({ name: `d${this.#producer(i - 1)}`, address: dx, elements: sizeOf(node.input), rows: true });
      }
      const flags = overwrite && node.layer.overwrites ? abi.FLAG_OVERWRITE : 0;
      records.add(`${node.layer.kernel!}Backward` as KernelName, sizeOf(node.output), tail, {
        flags,
        writes,
        layer: i,
      });
    }
  }
}
