// What a model is made of before its layers are: values, whose axes are made of atoms, and steps, each with the values that it takes.
import type { Layer } from "../../../../graph/layer.ts";
import type { Shape } from "../../../../util/shape.ts";
import type { WorkNode } from "../workGraph.ts";
import type { MadeLayers } from "../told.ts";
import type { Names } from "./names.ts";

/** A part of an axis. Those of one value differ by identity. */
export interface Atom {
  readonly size: number;
  /** The rows: never in the order of what is stored. */
  readonly rows?: true;
}

/** What a step gives: numbers of a row. */
export interface Ref {
  /** As the layer gives it. */
  readonly shape: Shape;
  /** undefined: an input of the model. */
  readonly step: Step | undefined;
  /** The name of an input. */
  readonly input?: string;
  /** If all of it are columns of a dense layer: which, in the order of the last axes. */
  readonly columns?: Columns;
}

/** Numbers of the output of a layer with one weight for each place of its last axis. */
export interface Columns {
  readonly step: Step;
  readonly places: readonly number[];
}

/** A value of the graph. */
export interface View {
  readonly ref: Ref;
  /** The atoms as they lie in a row, without the rows. */
  readonly stored: readonly Atom[];
  /** The axes, each of its atoms; one of size 1 has none. */
  readonly axes: readonly (readonly Atom[])[];
}

/** A value, and how it must lie: the groups of atoms are the axes of a row. Without, as it lies. */
export interface Use {
  readonly ref: Ref;
  readonly stored: readonly Atom[];
  readonly wanted?: readonly (readonly Atom[])[];
}

/** What has to hold, all of it: constants, and inputs that are 0 where they leave something out. */
export interface Conditions {
  readonly constants: readonly string[];
  readonly views: readonly View[];
}

/** The layers of a model, and the values of their parameters. */
export interface Emitted {
  readonly layers: readonly Layer[];
  /** The node of each of them; undefined: it is of the model's inputs. */
  readonly owners: readonly (WorkNode | undefined)[];
  readonly weights: Map<string, Float32Array>;
  /** The layers of each node. */
  readonly made: readonly MadeLayers[];
}

/** What a step's layers are made with. */
export interface Making {
  /** The name of the layer with the parameters. */
  readonly name: string;
  /** Goes on from a value: a branch of a composite. */
  branch(at: number): readonly Layer[];
  /** The name of a value. */
  nameOf(at: number): string;
  /** The name of an output but the first. */
  outputName(at: number): string;
  /** Gives names that no other layer of the model has. */
  readonly names: Names;
  /** Whether anything is trained. */
  readonly trainable: boolean;
  /** Takes what layers within were made with. */
  take(made: Emitted): void;
  /** Sets a parameter by its full name. */
  set(name: string, values: Float32Array): void;
}

/** The weights of a dense layer. A bias that is added behind it becomes its own. */
export interface Dense {
  readonly inputs: number;
  readonly outputs: number;
  /** [inputs, outputs], for inputs as they lie. */
  readonly weight: Float32Array;
  bias?: Float32Array;
}

/** A step of the model. */
export interface Step {
  /** What it is, for steps that are made one. */
  kind: string;
  readonly node: WorkNode;
  /** The first ones are branches of a composite; without such the first is what the layers work on. The others are read by name. */
  readonly uses: readonly Use[];
  readonly branches: number;
  /** What its layer is to be called. */
  hint: string;
  /** Nothing of it is trained. */
  frozen: boolean;
  readonly outputs: Ref[];
  /** The weights, if it is a dense layer. */
  dense?: Dense;
  /** What is masked, and the numbers that are added, if it masks. */
  mask?: { readonly view: View; readonly weight: Float32Array };
  /** What has to hold, if it is a choice that an attention may take away. */
  conditions?: Conditions;
  /** The values, if it is a sum of two. */
  added?: readonly [View, View];
  /** The values, if it is a product of matrices. */
  product?: { readonly a: View; readonly b: View };
  /** What it multiplies by, if that is all that it does. */
  factor?: number;
  /** It is an attention whose layer of outputs isn't known yet: how wide that must be. */
  open?: { readonly width: number };
  make(making: Making): readonly Layer[];
}
