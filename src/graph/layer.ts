// The contract of a layer: a small frozen description of shapes, parameters and kernels. The planner alone knows memory. And of a
// node: a layer with its place in a graph.
import type { Core } from "../runtime/core.ts";
import type {
  Constraint,
  Initializer,
  ParameterRun,
  ParameterSpec,
  PlacedParameter,
  Regularizer,
} from "./parameter.ts";
import type { Arena, MemoryRange } from "../runtime/arena.ts";
import type { ParallelKind, KernelArgs } from "../runtime/record.ts";
import type { ProgramBuilder } from "../runtime/program.ts";
import { checkBoolean, checkKind, isObject } from "../util/check.ts";
import type { Rule } from "../data/samples.ts";
import type { KernelName, LayerStem, LoadedLayer } from "../runtime/kernels.ts";
import type { Shape } from "../util/shape.ts";

/** Values that survive JSON, and initializers and regularizers, which are written with their type and options. */
export type OptionValue =
  | number
  | string
  | boolean
  | null
  | undefined
  | readonly number[]
  | readonly string[]
  | Initializer
  | Regularizer
  | Constraint;
export type Options = Readonly<Record<string, OptionValue>>;

/** What a layer may ask of the planner while it makes a record's arguments. */
export interface KernelContext {
  /** The core that the kernels run in. */
  readonly core: Core;
  /** Capacity of the plan, in rows. */
  readonly capacity: number;
  /** Does the plan train? Then layers such as dropout are active, and there is a backward pass. */
  readonly training: boolean;
  /** Address of the program's control block. */
  readonly program: number;
  /** The layer's index in the model, from 0: the number of its random stream. */
  readonly index: number;
  /** Is a parameter of the layer trained? Their gradients may still not be requested. */
  readonly trained?: boolean;
  /** Address of a parameter, or 0 if the layer doesn't have it. */
  parameter(name: string): number;
  /** Address of a parameter's gradient, or 0 if it is not requested. */
  gradient(name: string): number;
  /** Address of the notes of the parameter's rows that have a gradient, or 0 if there are none. */
  touched?(name: string): number;
  /** Shapes of the other inputs, by slot. */
  readonly inputs: Readonly<Record<string, Shape>>;
  /** Address of another input, by its slot in `Layer.extras`; 0 if there is none. */
  input(slot: string): number;
  /** Address of the gradient of another input, or 0 if it is not requested. */
  inputGradient(slot: string): number;
  /** Memory kept from the forward pass to the backward pass. */
  saved(name: string, bytesPerRow: number): number;
  /** Memory that may be overwritten by any other record; each thread has its own. */
  scratch(bytes: number): number;
  /** The same, but shared by all threads. */
  common(bytes: number): number;
  /** `count` float32 zeros. */
  zeros(count: number): number;
  /** Address of the cell of what the layer keeps from batch to batch (abi.ts has its layout); 0 or undefined: it begins with zeros. */
  kept?(): number | undefined;
}

/** The rows of a `fit`. */
export interface FittedRows {
  readonly rows: number;
  readonly batchSize: number;
  readonly dropLast: boolean;
  readonly shuffle: boolean;
  readonly validation: { readonly rows: number } | undefined;
}

/** What the layers of a model keep from batch to batch: see nn/layers/kept.ts. */
export interface Kept {
  cell(mode: string | undefined, index: number): number;
  addReset(builder: ProgramBuilder, mode: string): void;
  addStart(builder: ProgramBuilder, mode: string | undefined): void;
  ready(where: string, rows: number): void;
  readyFit(plan: FittedRows): void;
  readyEvaluation(where: string, rows: number, batchSize: number): void;
  refuse(where: string): never;
  reset(set?: (name: string, address: number, values: Float32Array<ArrayBuffer>) => void): void;
  /** What a training goes on from, as bytes in its own memory, and whether bytes are such; `load` takes them back. */
  save(): readonly ArrayBufferView[];
  fits(bytes: Uint8Array): boolean;
  load(bytes: Uint8Array): void;
  readonly ranges: readonly MemoryRange[];
}

/** A value of the graph: the output of the node of this number, or INPUT. */
export type Value = number;

/** The model's input. */
export const INPUT: Value = -1;

/** A node of a model: one use of a layer, with its names, shapes and parameters. */
export interface ModelNode {
  readonly layer: Layer;
  readonly name: string;
  readonly index: number;
  /** The value that the layer works on. */
  readonly from: Value;
  /** Other values that it reads, by slot. */
  readonly others: Readonly<Record<string, Value>>;
  readonly input: Shape;
  readonly output: Shape;
  readonly specs: readonly GraphParameter[];
  /** Neither the layer nor a composite around it says `trainable: false`. */
  readonly trainable: boolean;
  readonly parameters: readonly PlacedParameter[];
  /** Another node has the same parameters. */
  readonly shares: boolean;
  /** Textbook names of the output and of the parameters: Z1, a1, w1, b1. */
  readonly outputName: string;
  readonly textbookNames: Readonly<Record<string, string>>;
}

/** The values that a node reads. */
export const valuesOf = (node: ModelNode): Value[] => [node.from, ...Object.values(node.others)];

/** Does an update change a parameter of the node? */
export const isTrained = (node: ModelNode): boolean => node.parameters.some((p) => p.trained);

/** A parameter of a node: its own, or that of a node before it. */
export interface GraphParameter extends ParameterSpec {
  readonly owner?: { readonly node: number; readonly local: string } | undefined;
}

/** A node before its parameters are allocated. */
export type GraphNode = Omit<ModelNode, "parameters" | "shares"> & {
  readonly weights: Weights | undefined;
};

/** A parameter and the node that it belongs to. */
export interface Owned {
  readonly node: GraphNode;
  readonly spec: ParameterSpec;
  /** Its place in the order of the layers. */
  readonly index: number;
}

export interface Parameters {
  readonly nodes: readonly ModelNode[];
  /** In the order of the layers. */
  readonly placed: readonly PlacedParameter[];
  /** What they are made from, in the order of their addresses. */
  readonly made: readonly Owned[];
  /** The block of the trained ones. */
  readonly run: ParameterRun;
}

/** Initial values by the parameters' full names, or another model's parameters themselves. */
export interface Weights extends ReadonlyMap<string, Float32Array> {
  /** Where the other model's parameters are. */
  readonly core?: Core;
  /** Puts other models' parameters in the place of a model's own. */
  share?(graph: readonly GraphNode[], own: Parameters, arena: Arena): Parameters;
}

/** What a composite may do to the graph that its layers become part of. */
export interface GraphBuilder {
  /** The nodes so far. */
  readonly nodes: readonly Pick<GraphNode, "layer" | "index" | "specs">[];
  /** Shape of a row of a value. */
  shape(value: Value): Shape;
  /** The output of the layer, or the input, of this name. Throws, naming `where`, if there is none. */
  find(name: string, where: string): Value;
  /** Gives a value a name, which another may have had. */
  call(name: string, value: Value): void;
  /** Adds a layer that works on a value, and maybe on others by slot. Gives its output. */
  add(layer: Layer, x: Value, slots?: Readonly<Record<string, Value>>): Value;
  /** Adds consecutive layers. Gives the output of the last one. */
  chain(layers: readonly Layer[], x: Value): Value;
}

/** A further node of what is used again has the parameters of the first one. */
export interface Sharing {
  /** The node that this one, which comes next, corresponds to in the first use; undefined in the first use itself. */
  next(index: number): number | undefined;
  /** Throws if a parameter isn't of the shape that it has where its layer was used first. */
  check(spec: ParameterSpec, first: Pick<GraphNode, "layer" | "index" | "specs">, where: string): void;
}

/** A layer or an activation. */
export interface Layer {
  /** The factory's name, written to files. */
  readonly type: string;
  /** The name that was given to it; undefined: its type and a number. */
  readonly name?: string | undefined;
  /** Its options as they are written to files, defaults included. */
  readonly options: Options;
  /** Stem of the kernels; none: the layer only gives its input another shape. */
  readonly kernel?: LayerStem;
  /** True for activations: in the glass box their output is called a, their input Z. */
  readonly activation?: boolean;
  /**
   * Other values that the layer reads, by slot: names of the model's inputs or of layers before this one. Such as
   * `{ lengths: "lengths" }`.
   */
  readonly extras?: Readonly<Record<string, string>>;
  /** Slots of `extras` that have no gradient, such as lengths. */
  readonly fixed?: readonly string[];
  /** For layers that slice their input: where in a row the slice begins. */
  readonly offset?: number;
  /** For layers that only leave numbers out: where in the input a place of the output is. */
  placeOf?(input: Shape): (place: number) => number;
  /** What the layer demands of the numbers in the model's input: see integerInputs.ts. */
  rules?(nodes: readonly GraphNode[], node: GraphNode): readonly Rule[];
  /** Throws, naming `where`, if the layer can't be trained on a batch of so many rows. */
  checkBatch?(rows: number, input: Shape, where: string): void;
  /** Shape of a row of the output; throws, naming `where`, if the input can't be used. */
  outputShape(input: Shape, where: string, extras?: Readonly<Record<string, Shape>>, graph?: GraphBuilder): Shape;
  /** The parameters for an input of this shape; default none. */
  parameters?(input: Shape, extras?: Readonly<Record<string, Shape>>, output?: Shape): readonly ParameterSpec[];
  /** The arguments after x, y, dx and dy. */
  args?(context: KernelContext, input: Shape, output: Shape): KernelArgs;
  /** What the backward kernel reads besides the output's gradient; default both. */
  readonly backwardReads?: "input" | "output" | "neither";
  /** The kernels may write y over x, and dx over dy. */
  readonly inPlace?: boolean;
  /** The gradient of every input is that of the output: there is nothing to run. */
  readonly passesGradient?: boolean;
  /** The backward kernel can write its parameter gradients instead of adding to them. */
  readonly overwrites?: boolean;
  /** Kernels that run before the forward one while training. */
  readonly prepare?: readonly KernelName[];
  /** False: the parameters stay as they are, and no gradients are computed for them. Default true. */
  readonly trainable?: boolean | undefined;
  /** Outside training the layer passes its input through. */
  readonly trainingOnly?: boolean;
  /** The layers inside a composite. */
  readonly inner?: readonly Layer[];
  /** A composite has no kernel: it adds other layers to the graph, and returns the output of the last one. */
  expand?(graph: GraphBuilder, x: Value): Value;
  /** The layer that a composite made this one of: the one that users and files know. */
  readonly original?: Layer;
  /** Another use of the same value has the same parameters: begins a use in a graph. */
  shared?(graph: GraphBuilder): Sharing;
  /** Initial values of parameters by their full names, instead of what the initializers give. */
  readonly weights?: Weights | undefined;
  /** Loads the binary that has the kernels, if the core's own doesn't have them. */
  load?(core: Core): Promise<void>;
  /** How threads share the forward and the backward kernel; a kernel that isn't named runs on one thread. */
  readonly parallel?: { readonly forward?: ParallelKind; readonly backward?: ParallelKind };
  /** Bytes of a row that the layer keeps for the next batch. */
  readonly keptBytes?: number;
  /** Makes what keeps them, for all layers of a model; a layer without keeps nothing. */
  keeps?(core: Core, nodes: readonly ModelNode[]): Kept;
  /** Floating-point operations of the forward pass, per row. */
  flops?(input: Shape, output: Shape): number;
}

/** The stem of a layer's kernels, and the loader of their binary: only kernels of the core can be named without. */
export type LayerKernels = LoadedLayer<(core: Core) => Promise<void>>;

/** A layer of the library: one that forgets its loader is a type error. */
export type LibraryLayer = Layer & LayerKernels;

/** `dense (layer 3, "head")`, for messages. */
export function whereText(layer: Layer, index: number): string {
  return `${layer.type} (layer ${index + 1}${layer.name === undefined ? "" : `, "${layer.name}"`})`;
}

/** What each must be, and a field that it can't do without. */
const PARTS: Readonly<Record<string, readonly [kind: string, field: string]>> = {
  initializer: ["an initializer such as heNormal()", "fill"],
  regularizer: ["a regularizer such as l2(0.01)", "options"],
  constraint: ["a constraint such as maxNorm()", "args"],
};

/** Validates the options whose names end in initializer, regularizer or constraint, and `trainable`. */
export function checkParameterOptions(where: string, options: object): void {
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (value === undefined) continue;
    const part = /(?:initial|regular)izer$|constraint$/i.exec(name)?.[0].toLowerCase();
    if (part) {
      const [kind, field] = PARTS[part]!;
      checkKind(isObject(value) && part in value && field in value, where, name, kind, value);
    }
    if (name === "trainable") checkBoolean(where, name, value);
  }
}
