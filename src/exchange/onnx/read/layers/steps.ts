// How the values that a step takes are laid out as its layer needs them.
import type { Layer } from "../../../../graph/layer.ts";
import { permute } from "../../../../nn/layers/permute.ts";
import { reshape } from "../../../../nn/layers/reshape.ts";
import { type Shape, shapeText } from "../../../../util/shape.ts";
import { axisSize, sameAtoms, sizesOf } from "./atoms.ts";
import type { Atom, Use, View } from "./types.ts";

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
