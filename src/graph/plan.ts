// Turns a graph into records: which kernel runs when, on which memory.
import type { ProgramBuilder } from "../runtime/program.ts";
import * as abi from "../../build/abi.js";
import type { KernelName } from "../runtime/kernels.ts";
import type { KernelArgs, Sharing, Written } from "../runtime/record.ts";
import { type Shape, sizeOf } from "../util/shape.ts";
import { type GradientPlan, neededGradients, type NodeGradients, planGradients } from "./gradients.ts";
import { KernelMemory } from "./kernelMemory.ts";
import { isTrained, type KernelContext, type Kept, type ModelNode, type Value } from "./layer.ts";
import { Liveness, type PlanOptions } from "./liveness.ts";
import type { Buffer } from "./memoryPlanner.ts";
import { assignAddresses } from "./memoryPlanner.ts";
import type { PlacedParameter } from "./parameter.ts";

/** A tensor of a plan: [rows, ...shape]. */
export interface Tensor {
  readonly name: string;
  readonly shape: Shape;
  readonly address: number;
}

export interface GraphOptions extends PlanOptions {
  /** Bytes from a parameter to its gradient. Training calls it, once there is room for the rows. */
  gradientOffset(): number;
  /** Parameter gradients are written where a kernel can do so; the others are zeroed first, by the caller. */
  readonly overwrite?: boolean;
  /** What layers keep from batch to batch, and for which passes; without, all begin with zeros. */
  readonly kept?: Pick<Kept, "cell" | "addStart"> | undefined;
  readonly mode?: string;
}

/** The forward and backward records of a graph of layers, and the tensors they work on. */
export class GraphPlan {
  readonly input: Tensor;
  readonly output: Tensor;
  /** Address of the output's gradient, to be written before the backward pass; 0 without one. */
  readonly outputGradient: number;
  /** Address of the input's gradient, or 0 if it is not requested. */
  readonly inputGradient: number;
  /** Bytes from a parameter to its gradient; not 0, while sizes are collected; 0 where none are computed. */
  gradientOffset: number;
  /** Some parameter gradients are added to, and so must be zeroed before a pass. */
  readonly adds: boolean;
  readonly #options: GraphOptions;
  readonly #builder: ProgramBuilder;
  readonly #values: Liveness;
  readonly #gradients: GradientPlan | undefined;
  readonly #memory: KernelMemory;
  /** The values of whose gradients records are made. */
  #needed: ReadonlySet<Value> | undefined;

  constructor(builder: ProgramBuilder, options: GraphOptions) {
    this.#builder = builder;
    this.#options = options;
    const { nodes, inputShape, training, separate } = options;
    this.gradientOffset = Number(training);
    const values = (this.#values = new Liveness(options));
    const gradients = training ? planGradients(values, options) : undefined;
    this.#gradients = gradients;
    this.adds = nodes.some((node) => isTrained(node) && !(gradients?.nodes[node.index] && overwrites(node)));
    const memory = (this.#memory = new KernelMemory());
    for (const node of nodes) this.#ownArgs(node, 0, 0); // collects the sizes
    // all at once: what can't be had is refused as a whole, before any of it is taken
    const { input, buffers } = values;
    const bytes = assignAddresses(buffers, separate === true);
    // an input that nothing depends on has a gradient of zeros
    const zeros = gradients?.input && !gradients.input.dx ? input.bytes : 0;
    input.address = builder.workspace.allocate(input.bytes + memory.place(0) + bytes + zeros, "the activations");
    const start = memory.place(input.address + input.bytes);
    for (const buffer of buffers) buffer.address += start;
    if (training) this.gradientOffset = options.gradientOffset();
    const last = nodes.length - 1;
    this.input = { name: "x", shape: inputShape, address: input.address };
    this.output = { name: values.nameOf(last), shape: nodes[last]!.output, address: values.bufferOf(last).address };
    this.outputGradient = gradients?.output.address ?? 0;
    this.inputGradient = gradients?.input ? (gradients.input.dx?.address ?? start + bytes) : 0;
  }

  /** The arguments after x, y, dx and dy, for rows from `first` on and for a thread. */
  #ownArgs(node: ModelNode, first: number, thread: number): KernelArgs {
    const { core, program } = this.#builder;
    const { gradientOffset } = this;
    const { capacity, training } = this.#options;
    const [values, memory] = [this.#values, this.#memory];
    if (!node.layer.args || values.passesOn(node)) return {};
    const find = (name: string): PlacedParameter | undefined => node.parameters.find((p) => p.local === name);
    const shapes = Object.entries(node.others).map(([slot, value]) => [slot, values.shapeOf(value)] as const);
    const inputs = Object.fromEntries(shapes);
    const at = (slot: string, buffer: Buffer | undefined): number => rowOf(buffer, inputs[slot]!, first);
    const context: KernelContext = {
      core,
      capacity,
      training,
      program: program.address,
      index: node.index,
      trained: isTrained(node),
      inputs,
      parameter: (name) => find(name)?.address ?? 0,
      gradient: (name) => (find(name)?.trained && gradientOffset !== 0 ? find(name)!.slot + gradientOffset : 0),
      touched: (name) => find(name)?.touched?.address ?? 0,
      input: (slot) => at(slot, slot in node.others ? values.bufferOf(node.others[slot]!) : undefined),
      inputGradient: (slot) =>
        at(slot, this.#asked(node.others[slot]!, this.#gradients?.nodes[node.index]?.others[slot])),
      // capacity for whole groups of sixteen rows, which is how masks are made
      saved: (name, bytesPerRow) =>
        memory.part(`${node.index} ${name}`, capacity * bytesPerRow + 64) + first * bytesPerRow,
      scratch: (bytes) => memory.part("scratch", bytes, core.executor.threads, thread),
      common: (bytes) => memory.part("common", bytes),
      zeros: (count) => memory.part("zeros", count * 4 + 32),
      kept: () => this.#options.kept?.cell(this.#options.mode, node.index),
    };
    return node.layer.args(context, node.input, node.output);
  }

  /** The buffer of a value's gradient, if that is asked for. */
  #asked(value: Value, buffer: Buffer | undefined): Buffer | undefined {
    return this.#needed?.has(this.#values.writerOf(value)) ? buffer : undefined;
  }

  /** A record's arguments, as they are and as threads need them. `gradients`: it is the backward record. */
  #args(node: ModelNode, gradients?: NodeGradients): { args: KernelArgs; sharing: Sharing | undefined } {
    const { capacity } = this.#options;
    const [x, y] = [this.#values.bufferOf(node.from), this.#values.bufferOf(node.index)];
    const args = (first: number, thread: number): KernelArgs => ({
      x: rowOf(x, node.input, first),
      y: rowOf(y, node.output, first),
      dx: rowOf(this.#asked(node.from, gradients?.dx), node.input, first),
      dy: rowOf(gradients?.dy, node.output, first),
      ...this.#ownArgs(node, first, thread),
    });
    const kind = node.layer.parallel?.[gradients ? "backward" : "forward"];
    const work = capacity * workOf(node, gradients !== undefined);
    this.#builder.program.work += work;
    return { args: args(0, 0), sharing: kind && { kind, units: capacity, work, varies: true, args } };
  }

  /** Adds the forward records. */
  addForward(): void {
    const { nodes, training, kept, mode } = this.#options;
    const { records } = this.#builder;
    kept?.addStart(this.#builder, mode);
    for (const node of nodes) {
      if (this.#values.passesOn(node)) continue;
      const { layer, index, output } = node;
      const perRow = sizeOf(output);
      const { args, sharing } = this.#args(node);
      const { address } = this.#values.bufferOf(index);
      const writes: Written[] = [{ name: node.outputName, address, elements: perRow, rows: true }];
      if (training) for (const kernel of layer.prepare ?? []) records.add(kernel, perRow, args, { layer: index });
      records.add(`${layer.kernel!}Forward` as KernelName, perRow, args, { writes, layer: index, sharing });
    }
  }

  /** Adds the backward records, last layer first: those that the gradients of the input and of the parameters need. */
  addBackward(input = this.#options.inputGradient, parameters = true): void {
    const { nodes, overwrite, inputShape, separate } = this.#options;
    const needed = (this.#needed = neededGradients(this.#values, nodes, input, parameters));
    this.gradientOffset = parameters ? this.#options.gradientOffset() : 0;
    const { records } = this.#builder;
    for (const node of nodes.toReversed()) {
      const gradients = this.#gradients?.nodes[node.index];
      if (!gradients || !needed.has(node.index)) continue;
      const { layer, index, output } = node;
      this.#addSum(gradients.parts, gradients.dy.address, output, node.outputName, index);
      if (layer.passesGradient && separate !== true) continue;
      const { args, sharing } = this.#args(node, gradients);
      const flags = overwrite && overwrites(node) ? abi.FLAG_OVERWRITE : 0;
      const writes = this.#backwardWrites(node, gradients);
      records.add(`${layer.kernel!}Backward` as KernelName, sizeOf(output), args, {
        flags,
        writes,
        layer: index,
        sharing,
      });
    }
    this.#addSum((input && this.#gradients?.input?.parts) || [], this.inputGradient, inputShape, "x", -1);
  }

  /** What a node's backward record writes: gradients of its parameters and of what it reads. */
  #backwardWrites(node: ModelNode, { dx, others }: NodeGradients): Written[] {
    const { gradientOffset } = this;
    const parameters = node.parameters.filter(({ trained }) => trained);
    const ofValue = (value: Value, buffer: Buffer | undefined): Written[] => {
      if (!buffer) return [];
      const elements = sizeOf(this.#values.shapeOf(value));
      return [{ name: `d${this.#values.nameOf(value)}`, address: buffer.address, elements, rows: true }];
    };
    return [
      ...parameters.map(({ local, slot, size }) => ({
        name: `d${node.textbookNames[local]!}`,
        address: slot + gradientOffset,
        elements: size,
        rows: false,
      })),
      ...ofValue(node.from, dx),
      ...Object.entries(others).flatMap(([slot, buffer]) => ofValue(node.others[slot]!, buffer)),
    ];
  }

  /** Adds the records that sum the parts of a gradient. */
  #addSum(parts: readonly Buffer[], address: number, shape: Shape, name: string, layer: number): void {
    const elements = sizeOf(shape);
    parts.slice(1).forEach((part, i) => {
      const x = i === 0 ? parts[0]!.address : address;
      const writes = [{ name: `d${name}`, address, elements, rows: true }];
      const args = { x, y: address, dx: 0, dy: 0, other: part.address };
      this.#builder.records.add("addForward", elements, args, { writes, layer });
    });
  }
}

/** Address of a row; 0 without a buffer. */
const rowOf = (buffer: Buffer | undefined, shape: Shape, row: number): number =>
  buffer ? buffer.address + row * sizeOf(shape) * 4 : 0;

/** Work of a layer per row, in operations: its own, or 8 per number read or written if that is more. Backward passes count twice. */
function workOf({ layer, input, output }: ModelNode, backward: boolean): number {
  return (backward ? 2 : 1) * Math.max(layer.flops?.(input, output) ?? 0, 8 * (sizeOf(input) + sizeOf(output)));
}

/** Are the node's parameter gradients written instead of added to? */
const overwrites = ({ layer, shares }: ModelNode): boolean => layer.overwrites === true && !shares;
