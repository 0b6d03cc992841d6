// What a layer, an activation, a loss, a metric, an optimizer or a regularizer is: a small frozen description. The planner
// alone knows memory; a description only says what its kernels need.
import { checkKind, isObject } from "./check.ts";
import type { Rule } from "./data/samples.ts";
import type { Constraint } from "./constraints/constraint.ts";
import type { Draft, Graph } from "./draft.ts";
import type { Core, CoreExports, KernelName, LayerStem } from "./module.ts";
import type { Shape } from "./shape.ts";
import type { Initializer } from "./initializers.ts";
import type { Value } from "./plan.ts";
import type { Regularizer } from "./regularizers/penalty.ts";

/** Values that survive JSON, and initializers and regularizers, which are written with their type and options. */
export type OptionValue =
  number | string | boolean | null | undefined | readonly number[] | Initializer | Regularizer | Constraint;
export type Options = Readonly<Record<string, OptionValue>>;

/** A slot of a record's tail: one 32-bit word, or the two of a float64. */
export type Word = number | readonly [number, number];
/** A record's tail: the slots' names (as in the AssemblyScript file, in camel case) in their order, and their contents. */
export type Tail = Readonly<Record<string, Word>>;

const bits = new DataView(new ArrayBuffer(8));

/** The bits of a float32. */
export function f32(value: number): number {
  bits.setFloat32(0, value, true);
  return bits.getUint32(0, true);
}

/** The bits of a float64, lower half first. */
export function f64(value: number): readonly [number, number] {
  bits.setFloat64(0, value, true);
  return [bits.getUint32(0, true), bits.getUint32(4, true)];
}

/** A parameter that a layer asks for. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly initializer: Initializer;
  readonly regularizer?: Regularizer | undefined;
  readonly constraint?: Constraint | undefined;
  /** Another layer's parameter, which is used instead of one of its own: the layer's name and the parameter's. */
  readonly tied?: readonly [layer: string, parameter: string];
  /** False for state that is saved but not trained, such as running statistics: no gradient, no update. Default true. */
  readonly trained?: boolean;
}

/** What a description may ask of the planner while it fills in a record's tail. */
export interface TailContext {
  readonly exports: CoreExports;
  /** Rows that the plan has room for. */
  readonly capacity: number;
  /** Does the plan train? Then layers such as dropout are active, and there is a backward pass. */
  readonly training: boolean;
  /** Address of the program's control block. */
  readonly program: number;
  /** The layer's place in the model, from 0: the number of its random stream. */
  readonly index: number;
  /** Address of a parameter, or 0 if the layer hasn't got it. */
  parameter(name: string): number;
  /** Address of a parameter's gradient, or 0 if it isn't wanted. */
  gradient(name: string): number;
  /** Shapes of the other inputs, by slot. */
  readonly inputs: Readonly<Record<string, Shape>>;
  /** Address of another input, by its slot in `Layer.extras`; 0 if there is none. */
  input(slot: string): number;
  /** Where the gradient of another input is to be written; 0 if it isn't wanted. */
  inputGradient(slot: string): number;
  /** Memory kept from the forward pass to the backward one. */
  saved(name: string, bytesPerRow: number): number;
  /** Memory that may be overwritten by any other record; each thread has its own. */
  scratch(bytes: number): number;
  /** The same, but all threads have it together. */
  common(bytes: number): number;
  /** `count` float32 zeros. */
  zeros(count: number): number;
}

/**
 * How several threads share a record. "rows": each row's numbers depend on that row alone, so that each thread runs the kernel
 * on some of them. "elements": likewise. "kernel": the kernel asks assembly/share.ts for its part.
 */
export type SplitKind = "rows" | "elements" | "kernel";

/** Throws if a parameter isn't of the shape that it has where its layer was used first. */
export type SharedCheck = (spec: ParameterSpec, first: Pick<Draft, "layer" | "index" | "specs">, where: string) => void;

/** A layer or an activation. */
export interface Layer {
  /** The factory's name, written to files. */
  readonly type: string;
  readonly name?: string | undefined;
  readonly options: Options;
  /** Stem of the kernels; none: the layer only gives its input another shape. */
  readonly kernel?: LayerStem;
  /** An activation's output is called a in the glass box, its input Z. */
  readonly activation?: boolean;
  /**
   * Other values that the layer reads, by slot: names of the model's inputs or of layers before this one. Such as
   * `{ lengths: "lengths" }`.
   */
  readonly extras?: Readonly<Record<string, string>>;
  /** Slots of `extras` that have no gradient, such as lengths. */
  readonly fixed?: readonly string[];
  /** Where in a row of its input the part begins that the layer picks out. */
  readonly offset?: number;
  /** What the layer demands of the numbers in the model's input; made once the layer has its place: see wholes.ts. */
  rules?(nodes: readonly Draft[], node: Draft): readonly Rule[];
  /** Throws, naming `where`, if the layer can't be trained on a batch of so many rows. */
  checkBatch?(rows: number, input: Shape, where: string): void;
  /** Shape of a row of the output; throws, naming `where`, if the input can't be used. */
  outputShape(input: Shape, where: string, extras?: Readonly<Record<string, Shape>>, graph?: Graph): Shape;
  parameters?(input: Shape, extras?: Readonly<Record<string, Shape>>, output?: Shape): readonly ParameterSpec[];
  /** The tail's slots behind x, y, dx and dy. */
  tail?(context: TailContext, input: Shape, output: Shape): Tail;
  /** What the backward kernel reads besides the output's gradient. */
  readonly needs?: "input" | "output" | "neither";
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
  /** A composite has no kernel: it puts other layers into the graph, and gives the value that they end with. */
  expand?(graph: Graph, x: Value): Value;
  /** The layer that a composite made this one of: the one that users and files know. */
  readonly original?: Layer;
  /** Another use of the same value has the same parameters. */
  readonly shared?: SharedCheck;
  /** Initial values of parameters by their full names, instead of what the initializers give. */
  readonly weights?: ReadonlyMap<string, Float32Array>;
  /** Loads the binary that has the kernels, if the core's own hasn't. */
  load?(core: Core): Promise<void>;
  /** How threads share the forward and the backward kernel; default: one thread runs it. */
  readonly split?: readonly [forward: SplitKind | undefined, backward: SplitKind | undefined];
  /** Floating-point operations of the forward pass, a row. */
  flops?(input: Shape, output: Shape): number;
}

/** `dense (layer 3, "head")`, for messages. */
export function whereText(layer: Layer, index: number): string {
  return `${layer.type} (layer ${index + 1}${layer.name === undefined ? "" : `, "${layer.name}"`})`;
}

const EXAMPLES: Readonly<Record<string, string>> = {
  initializer: "an initializer such as heNormal()",
  regularizer: "a regularizer such as l2(0.01)",
  constraint: "a constraint such as maxNorm()",
};

/** Refuses, by the ends of their names, options that are no initializer, regularizer or constraint, and `trainable`. */
export function checkParameterOptions(where: string, options: object): void {
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (value === undefined) continue;
    const part = /(?:initial|regular)izer$|constraint$/i.exec(name)?.[0].toLowerCase();
    if (part) checkKind(isObject(value) && part in value, where, name, EXAMPLES[part]!, value);
    if (name === "trainable") checkKind(typeof value === "boolean", where, name, "true or false", value);
  }
}
