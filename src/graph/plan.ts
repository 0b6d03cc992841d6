// From a model to records: which buffers there are, and which kernel runs when.
import { INPUT, type Layer, type ModelNode, type KernelContext, type Value } from "./layer.ts";
import type { PlacedParameter } from "./parameter.ts";
import * as abi from "../../build/abi.js";
import type { Workspace } from "../runtime/arena.ts";
import { Buffer, placeBuffers } from "./memoryPlanner.ts";
import type { Sharing, ParallelKind, KernelArgs, Written } from "../runtime/record.ts";
import type { Core } from "../runtime/core.ts";
import type { KernelName } from "../runtime/kernels.ts";
import type { Program, RecordList } from "../runtime/program.ts";
import { type Shape, sizeOf } from "../util/shape.ts";

/** A tensor of a plan: [rows, ...shape]. */
export interface Tensor {
  readonly name: string;
  readonly shape: Shape;
  readonly address: number;
}

export interface GraphOptions {
  readonly core: Core;
  readonly workspace: Workspace;
  readonly program: Program;
  readonly records: RecordList;
  readonly nodes: readonly ModelNode[];
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

/** Gradients of a node: of its output, its input and its other inputs. */
interface Gradients {
  readonly dy: Buffer;
  readonly dx: Buffer | undefined;
  readonly others: Readonly<Record<string, Buffer | undefined>>;
  /** Parts of dy, which are summed into it first: of each reader of the output. */
  readonly parts: readonly Buffer[];
}

/**
 * The forward and backward records of a graph of layers, and the buffers they work in. Node i runs in step i of a pass, the loss
 * in step n, and its backward pass in step 2n - i.
 */
export class GraphPlan {
  readonly input: Tensor;
  readonly output: Tensor;
  /** Where the gradient of the output is to be written before the backward pass; 0 without one. */
  readonly outputGradient: number;
  /** Gradient of the input, if it was asked for. */
  readonly inputGradient: number;
  /** Some parameter gradients are added to, and so must be zeroed before a pass. */
  readonly adds: boolean;
  readonly #options: GraphOptions;
  /** The node that wrote a node's output: layers that pass their input on have none of their own. */
  readonly #writers: Value[] = [];
  readonly #readers = new Map<Value, number[]>();
  readonly #buffers: Buffer[] = [];
  readonly #outputs: (Buffer | undefined)[] = [];
  readonly #gradients: (Gradients | undefined)[] = [];
  readonly #x: Buffer;

  constructor(options: GraphOptions) {
    this.#options = options;
    const { core, nodes, inputShape, capacity, workspace, training } = options;
    const n = nodes.length;
    const end = 2 * n + 1;
    this.#x = new Buffer(capacity * sizeOf(inputShape), 0);
    this.#x.address = workspace.allocate(this.#x.bytes, "the batch");
    nodes.forEach((node, i) => {
      this.#writers.push(this.#passes(node) ? this.#writer(node.from) : i);
      if (this.#passes(node)) return;
      for (const value of valuesOf(node)) {
        const writer = this.#writer(value);
        this.#readers.set(writer, [...(this.#readers.get(writer) ?? []), i]);
      }
    });
    const last = this.#writer(n - 1);
    for (const node of nodes) this.#outputs.push(this.#placeOutput(node));
    this.#bufferOf(last).to = end;
    const made = training && options.gradientOffset !== 0 ? this.#planGradients(last, end) : undefined;
    this.adds = nodes.some((node) => isTrained(node) && !(this.#gradients[node.index] && overwrites(node)));
    for (const node of nodes) this.#ownArgs(node, 0, 0); // says how much scratch memory and saved values there are
    this.#scratch = this.#allocate(this.#scratchBytes * core.executor.threads);
    this.#common = this.#allocate(this.#commonBytes);
    this.#zeroed = this.#allocate(this.#zeroBytes);
    placeBuffers(this.#buffers, workspace, options.separate === true);
    this.input = { name: "x", shape: inputShape, address: this.#x.address };
    this.output = { name: this.#name(last), shape: nodes.at(-1)!.output, address: this.#bufferOf(last).address };
    this.outputGradient = made?.output.address ?? 0;
    this.inputGradient = made?.input?.address ?? 0;
  }

  /** Does this layer do nothing in this plan but pass its input on? */
  #passes({ layer }: ModelNode): boolean {
    return layer.kernel === undefined || (!this.#options.training && layer.trainingOnly === true);
  }

  #writer(value: Value): Value {
    return this.#writers[value] ?? INPUT;
  }

  #bufferOf(value: Value): Buffer {
    return this.#outputs[this.#writer(value)] ?? this.#x;
  }

  #name(value: Value): string {
    return this.#options.nodes[this.#writer(value)]?.outputName ?? "x";
  }

  #buffer(shape: Shape, from: number): Buffer {
    const buffer = new Buffer(this.#options.capacity * sizeOf(shape), from);
    this.#buffers.push(buffer);
    return buffer;
  }

  #placeOutput(node: ModelNode): Buffer | undefined {
    const { nodes, training, separate, inputGradient } = this.#options;
    const { layer, index } = node;
    if (this.#passes(node)) return undefined;
    const from = this.#writer(node.from);
    const writer = nodes[from];
    const kept = training && (readsBack(layer, "input") || (writer && readsBack(writer.layer, "output")));
    const alone = this.#readers.get(from)!.length === 1 && from !== INPUT;
    const inPlace = layer.inPlace === true && alone && !kept && separate !== true;
    const buffer = inPlace ? this.#bufferOf(from) : this.#buffer(node.output, index);
    // a backward pass that is called by hand may be called again
    const backward = 2 * nodes.length + (inputGradient ? 1 : -index);
    for (const value of valuesOf(node)) {
      const read = this.#bufferOf(value);
      read.to = Math.max(read.to, training && readsBack(layer, "input") ? backward : index);
    }
    buffer.to = Math.max(buffer.to, training && readsBack(layer, "output") ? backward : index);
    return buffer;
  }

  #planGradients(last: Value, end: number): { output: Buffer; input: Buffer | undefined } {
    const { nodes, separate, inputGradient, inputShape } = this.#options;
    const n = nodes.length;
    const wanted = new Map([[INPUT, inputGradient === true]]);
    const wants = (value: Value): boolean => wanted.get(this.#writer(value))!;
    for (const node of nodes) {
      if (!this.#passes(node)) wanted.set(node.index, isTrained(node) || valuesOf(node).some(wants));
    }
    const output = this.#buffer(nodes.at(-1)!.output, n);
    const parts = new Map<Value, Buffer[]>([[last, [output]]]);
    // the parts of a gradient, and the buffer for their sum
    const collect = (value: Value, shape: Shape, step: number): [Buffer[], Buffer | undefined] => {
      const found = parts.get(value) ?? [];
      for (const part of found) part.to = Math.max(part.to, step);
      if (found.length < 2) return [found, found[0]];
      const apart = separate === true || found[0]!.shared || found[0] === output;
      return [found, apart ? this.#buffer(shape, step) : found[0]];
    };
    for (let i = n - 1; i >= 0; i--) {
      const node = nodes[i]!;
      const { layer } = node;
      const step = 2 * n - i;
      const [found, dy] = collect(i, node.output, step);
      if (this.#passes(node) || !dy || !wanted.get(i)) continue;
      dy.to = Math.max(dy.to, step);
      const give = (value: Value, slot: string): Buffer | undefined => {
        if (!wants(value) || layer.fixed?.includes(slot)) return undefined;
        let buffer = dy;
        const passed = layer.passesGradient === true && separate !== true;
        if (passed) dy.shared = true;
        else if (layer.inPlace !== true || slot !== "" || separate || dy.shared) {
          buffer = this.#buffer(value < 0 ? inputShape : nodes[value]!.output, step);
        }
        const writer = this.#writer(value);
        parts.set(writer, [...(parts.get(writer) ?? []), buffer]);
        return buffer;
      };
      const others = Object.entries(node.others).map(([slot, value]) => [slot, give(value, slot)] as const);
      this.#gradients[i] = { dy, dx: give(node.from, ""), others: Object.fromEntries(others), parts: found };
    }
    if (!inputGradient) return { output, input: undefined };
    const [found, sum] = collect(INPUT, inputShape, end);
    // an input that nothing depends on has a gradient of zeros
    const input = sum ?? this.#zeros(inputShape);
    input.to = end;
    this.#inputParts = found;
    return { output, input };
  }

  #inputParts: readonly Buffer[] = [];

  #zeros(shape: Shape): Buffer {
    const { capacity, workspace } = this.#options;
    const buffer = new Buffer(capacity * sizeOf(shape), 0);
    buffer.address = workspace.allocate(buffer.bytes, "the gradients");
    return buffer;
  }

  readonly #saved = new Map<string, number>();
  #scratch = 0;
  #scratchBytes = 0;
  #common = 0;
  #commonBytes = 0;
  #zeroed = 0;
  #zeroBytes = 0;

  #allocate(bytes: number): number {
    return bytes && this.#options.workspace.allocate(bytes, "the scratch memory");
  }

  /** The slots behind x, y, dx and dy, for rows from a first one on and for a thread. Scratch memory is shared by all records. */
  #ownArgs(node: ModelNode, first: number, thread: number): KernelArgs {
    const { core, nodes, program, capacity, gradientOffset, training, workspace, inputShape } = this.#options;
    if (this.#passes(node)) return {};
    const find = (name: string): PlacedParameter | undefined => node.parameters.find((p) => p.local === name);
    const shapes = Object.entries(node.others).map(
      ([slot, value]) => [slot, nodes[value]?.output ?? inputShape] as const,
    );
    const inputs = Object.fromEntries(shapes);
    const at = (slot: string, buffer: Buffer | undefined): number => (buffer ? rowOf(buffer, inputs[slot]!, first) : 0);
    const context: KernelContext = {
      exports: core.exports,
      kernel: (name) => core.kernel(name),
      capacity,
      training,
      program: program.address,
      index: node.index,
      inputs,
      parameter: (name) => find(name)?.address ?? 0,
      gradient: (name) => (find(name)?.trained && gradientOffset !== 0 ? find(name)!.address + gradientOffset : 0),
      input: (slot) => at(slot, slot in node.others ? this.#bufferOf(node.others[slot]!) : undefined),
      inputGradient: (slot) => at(slot, this.#gradients[node.index]?.others[slot]),
      saved: (name, bytesPerRow) => {
        const key = `${node.index} ${name}`;
        let address = this.#saved.get(key);
        // room for whole groups of sixteen, which is how masks are made
        if (address === undefined) {
          address = workspace.allocate(capacity * bytesPerRow + 64, "the saved values");
          this.#saved.set(key, address);
        }
        return address + first * bytesPerRow;
      },
      scratch: (bytes) => {
        this.#scratchBytes = Math.max(this.#scratchBytes, Math.ceil(bytes / 64) * 64);
        return this.#scratch + thread * this.#scratchBytes;
      },
      common: (bytes) => {
        this.#commonBytes = Math.max(this.#commonBytes, bytes);
        return this.#common;
      },
      zeros: (count) => {
        this.#zeroBytes = Math.max(this.#zeroBytes, count * 4 + 32);
        return this.#zeroed;
      },
    };
    return node.layer.args?.(context, node.input, node.output) ?? {};
  }

  /** A record's arguments, as they are and as threads need it. */
  #args(node: ModelNode, backward: boolean): { args: KernelArgs; sharing: Sharing | undefined } {
    const { capacity } = this.#options;
    const gradients = this.#gradients[node.index];
    const args = (first: number, thread: number): KernelArgs => ({
      x: rowOf(this.#bufferOf(node.from), node.input, first),
      y: rowOf(this.#outputs[node.index]!, node.output, first),
      dx: backward && gradients?.dx ? rowOf(gradients.dx, node.input, first) : 0,
      dy: backward ? rowOf(gradients!.dy, node.output, first) : 0,
      ...this.#ownArgs(node, first, thread),
    });
    const kind: ParallelKind | undefined = node.layer.parallel?.[backward ? "backward" : "forward"];
    return {
      args: args(0, 0),
      sharing: kind && { kind, units: capacity, work: capacity * workOf(node, backward), varies: true, args },
    };
  }

  /** Adds the forward records. */
  addForward(): void {
    const { nodes, records, training } = this.#options;
    nodes.forEach((node, i) => {
      if (this.#passes(node)) return;
      const y = this.#outputs[i]!.address;
      const perRow = sizeOf(node.output);
      const { args, sharing } = this.#args(node, false);
      const writes: Written[] = [{ name: node.outputName, address: y, elements: perRow, rows: true }];
      if (training) for (const kernel of node.layer.prepare ?? []) records.add(kernel, perRow, args, { layer: i });
      records.add(`${node.layer.kernel!}Forward` as KernelName, perRow, args, { writes, layer: i, sharing });
    });
  }

  /** Adds the backward records, last layer first. */
  addBackward(): void {
    const { nodes, records, overwrite, gradientOffset, inputShape } = this.#options;
    for (let i = nodes.length - 1; i >= 0; i--) {
      const node = nodes[i]!;
      const gradients = this.#gradients[i];
      if (!gradients) continue;
      const { dy, dx, others, parts } = gradients;
      this.#addSum(parts, dy, node.output, node.outputName, i);
      if (node.layer.passesGradient && this.#options.separate !== true) continue;
      const { args, sharing } = this.#args(node, true);
      const writes: Written[] = [];
      for (const { trained, local, address, size } of node.parameters) {
        if (!trained) continue;
        writes.push({
          name: `d${node.textbookNames[local]!}`,
          address: address + gradientOffset,
          elements: size,
          rows: false,
        });
      }
      const wrote = (value: Value, buffer: Buffer | undefined): void => {
        if (!buffer) return;
        const name = `d${this.#name(value)}`;
        const elements = sizeOf(nodes[value]?.output ?? inputShape);
        writes.push({ name, address: buffer.address, elements, rows: true });
      };
      wrote(node.from, dx);
      for (const [slot, buffer] of Object.entries(others)) wrote(node.others[slot]!, buffer);
      const flags = overwrite && overwrites(node) ? abi.FLAG_OVERWRITE : 0;
      const kernel = `${node.layer.kernel!}Backward` as KernelName;
      records.add(kernel, sizeOf(node.output), args, { flags, writes, layer: i, sharing });
    }
    const sum = { address: this.inputGradient };
    this.#addSum(this.#inputParts, sum, inputShape, "x", -1);
  }

  #addSum(parts: readonly Buffer[], { address }: { address: number }, shape: Shape, name: string, layer: number): void {
    const { records } = this.#options;
    const elements = sizeOf(shape);
    parts.slice(1).forEach((part, i) => {
      const x = i === 0 ? parts[0]!.address : address;
      const writes = [{ name: `d${name}`, address, elements, rows: true }];
      records.add("addForward", elements, { x, y: address, dx: 0, dy: 0, other: part.address }, { writes, layer });
    });
  }
}

/** Where a row begins. */
const rowOf = (buffer: Buffer, shape: Shape, row: number): number => buffer.address + row * sizeOf(shape) * 4;

const valuesOf = (node: ModelNode): Value[] => [node.from, ...Object.values(node.others)];

const isTrained = (node: ModelNode): boolean => node.parameters.some((p) => p.trained);

/** Operations of a layer for a row: those of a product, or what it takes to read and write the numbers. Backward passes count twice. */
function workOf({ layer, input, output }: ModelNode, backward: boolean): number {
  return (backward ? 2 : 1) * Math.max(layer.flops?.(input, output) ?? 0, 8 * (sizeOf(input) + sizeOf(output)));
}

/** Does the backward kernel read this? */
const readsBack = ({ backwardReads }: Layer, what: "input" | "output"): boolean =>
  backwardReads === undefined || backwardReads === what;

/** Are the node's parameter gradients written instead of added to? */
const overwrites = ({ layer, shares }: ModelNode): boolean => layer.overwrites === true && !shares;
