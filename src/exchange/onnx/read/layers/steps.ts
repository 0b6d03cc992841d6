// What a model is made of before its layers are: steps, each with the values that it takes, laid out as its layer needs them.
import type { Layer } from "../../../../graph/layer.ts";
import { permute } from "../../../../nn/layers/permute.ts";
import { reshape } from "../../../../nn/layers/reshape.ts";
import { type Shape, shapeText } from "../../../../util/shape.ts";
import type { WorkNode } from "../workGraph.ts";
import { type Atom, axisSize, type Ref, sameAtoms, sizesOf, type View } from "./atoms.ts";

/** A value, and how it must lie: the groups of atoms are the axes of a row. Without, as it lies. */
export interface Use {
  readonly ref: Ref;
  readonly stored: readonly Atom[];
  readonly wanted?: readonly (readonly Atom[])[];
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
  /** The values, if it is a product of matrices. */
  product?: { readonly a: View; readonly b: View };
  /** What it multiplies by, if that is all that it does. */
  factor?: number;
  /** It is an attention whose layer of outputs isn't known yet: how wide that must be. */
  open?: { readonly width: number };
  make(making: Making): readonly Layer[];
}

/** A row's shape: a single number has one axis. */
export const rowShape = (sizes: readonly number[]): Shape => (sizes.length === 0 ? [1] : sizes);

/** The shape in which a step gets a value. */
export const shapeOfUse = ({ ref, wanted }: Use): Shape => (wanted ? rowShape(wanted.map(axisSize)) : ref.shape);

/** A value laid out so. */
export const use = ({ ref, stored }: View, wanted: readonly (readonly Atom[])[]): Use => ({ ref, stored, wanted });

/** A value as it lies. */
export const asItLies = ({ ref, stored }: View): Use => ({ ref, stored });

/** The layers that lay a value out. */
export function layOut({ ref, stored, wanted }: Use): Layer[] {
  const layers: Layer[] = [];
  if (!wanted) return layers;
  let shape = ref.shape;
  const to = (next: Shape): void => {
    if (shapeText(next) !== shapeText(shape)) layers.push(reshape(next));
    shape = next;
  };
  const flat = wanted.flat();
  if (!sameAtoms(stored, flat)) {
    to(rowShape(sizesOf(stored)));
    const order = flat.map((atom) => stored.indexOf(atom));
    layers.push(permute(order));
    shape = order.map((axis) => shape[axis]!);
  }
  to(rowShape(wanted.map(axisSize)));
  return layers;
}
