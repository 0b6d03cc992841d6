// Parameters: what layers ask for, what is in memory, and the contracts of initializers, regularizers and constraints.
import type { BinaryLoader } from "../runtime/binaries.ts";
import type { ConstraintStem, KernelName, PenaltyStem } from "../runtime/kernels.ts";
import type { Shape } from "../util/shape.ts";
import type { KernelArgs } from "../runtime/record.ts";
import type { Core } from "../runtime/core.ts";
import type { ProgramBuilder } from "../runtime/program.ts";
import type { MemoryRange, Workspace } from "../runtime/arena.ts";

/** How many numbers meet in one unit, which initializers make the variance of values from. */
export interface Fans {
  /** Inputs of one unit: the products with values of this parameter that are summed to one number of the output. */
  readonly fanIn: number;
  /** Outputs of one unit: the numbers of the output, or of the gates in a layer that has some, that one number of the input goes into. */
  readonly fanOut: number;
}

/** A parameter that a layer asks for. */
export interface ParameterSpec {
  /** Its name within the layer, such as `weight`. */
  readonly name: string;
  /** Sizes of its axes. */
  readonly shape: Shape;
  /** Its values before training. */
  readonly initializer: Initializer;
  /**
   * Inputs and outputs of one unit, where the shape doesn't tell them. Default: the last two axes, each times those before them,
   * as of a dense layer or of a convolution without groups and strides.
   */
  readonly fans?: Fans | undefined;
  /** A penalty on its values; default none. */
  readonly regularizer?: Regularizer | undefined;
  /** What its values are kept to after every update; default nothing. */
  readonly constraint?: Constraint | undefined;
  /** Another layer's parameter, which is used instead of one of its own: the layer's name and the parameter's. */
  readonly tied?: readonly [layer: string, parameter: string];
  /**
   * The layer's backward kernel notes the rows that it adds gradients to, so that updates may leave out the others: see
   * touchedRows.ts. It is left out where another layer has the same parameter.
   */
  readonly touched?: TouchedRows;
  /** False for state that is saved but not trained, such as running statistics: no gradient, no update. Default true. */
  readonly trained?: boolean;
  /**
   * Of state: the share by which a training pass moves it towards a value of its own, new = (1 - follows) old + follows
   * value; 0: it stays. Where ranks share the passes of an update, their states are put together by it.
   */
  readonly follows?: number | undefined;
}

/** How rows of a table that have a gradient are noted, and used. */
export interface TouchedRows {
  /** Bytes of the notes. */
  readonly bytes: number;
  /**
   * Adds a record that runs an element-wise kernel of an update on these rows alone.
   *
   * @param bytes of the table
   * @param notes their address
   * @param args the kernel's arguments for elements that begin so many bytes further on
   */
  add(
    builder: Pick<ProgramBuilder, "core" | "records">,
    kernel: KernelName,
    bytes: number,
    notes: number,
    args: (bytes: number) => KernelArgs,
  ): void;
}

/** A parameter in memory. */
export interface PlacedParameter {
  /** `dense1.weight` */
  readonly name: string;
  /** `weight` */
  readonly local: string;
  readonly shape: Shape;
  readonly size: number;
  readonly address: number;
  /** Its place in the run, by which its gradient and the optimizer's states are found: its address, but for another model's. */
  readonly slot: number;
  /** It has a gradient and is updated. */
  readonly trained: boolean;
  /** Where the rows are noted that have a gradient, if they are. */
  readonly touched?: (TouchedRows & { readonly address: number }) | undefined;
  /** What runs on it after every update. */
  readonly constraint?: { readonly kernel: KernelName; readonly args: KernelArgs } | undefined;
}

/** The trained parameters of a model: one contiguous block of memory. */
export interface ParameterRun {
  readonly address: number;
  readonly bytes: number;
  readonly parameters: readonly PlacedParameter[];
  /** What layers keep as state, such as running statistics, which follows. */
  readonly state: MemoryRange;
  /** All values: first the block, with the state and the frozen parameters, which come last; then what other models have. */
  readonly ranges: readonly MemoryRange[];
}

/** What a parameter's values must keep to: applied to them after every update. */
export interface Constraint {
  /** The factory's name, written to files, and the stem of its kernel. */
  readonly constraint: ConstraintStem;
  /** Its options as they are written to files. */
  readonly options: Readonly<Record<string, number | readonly number[]>>;
  /** Loads the binary that has the kernel. */
  load(loader: BinaryLoader): Promise<void>;
  /** The arguments after p, for a parameter of this shape; `where` names it in messages. */
  args(shape: Shape, where: string): KernelArgs;
}

/** A penalty on a parameter's values, added to the loss. */
export interface Regularizer {
  /** The factory's name, written to files, and the stem of its kernel. */
  readonly regularizer: PenaltyStem;
  /** Its options as they are written to files. */
  readonly options: { readonly lambda: number } & Readonly<Record<string, number | readonly number[]>>;
  /** Loads the binary that has the kernel, if the core's own doesn't have it. */
  load?(loader: BinaryLoader): void | Promise<void>;
  /** The arguments after p, g, program and lambda; it may allocate memory that is freed with the program. */
  args?(workspace: Workspace, parameter: { readonly name: string; readonly shape: Shape }): KernelArgs;
}

/** Where an initializer writes, and which random numbers it takes. */
export interface InitialTarget {
  readonly core: Core;
  readonly shape: Shape;
  /** What the layer says of it; default: what the shape tells. */
  readonly fans?: Fans | undefined;
  /** Where to write: numbers up to a multiple of 16. What is behind the parameter gets its values later. */
  readonly address: number;
  readonly seed: number;
  /** Index of the parameter in its model. */
  readonly index: number;
}

/** A rule for initial values. */
export interface Initializer {
  /** The factory's name, written to files. */
  readonly initializer: string;
  /** Its options as they are written to files. */
  readonly options: Readonly<Record<string, number>>;
  /** Writes the initial values. */
  fill(target: InitialTarget): void;
  /** Standard deviation of the values for a shape, where it depends on the shape; `fans` where the layer says them. */
  deviation?(shape: Shape, fans?: Fans): number;
}
