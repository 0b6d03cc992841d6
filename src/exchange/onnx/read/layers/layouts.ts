// Layouts that layers need: some axes last, in an order that costs nothing if there is one.
import type { Atom, View } from "./types.ts";

/** Some axes at the end of a row. */
export interface Trailing {
  /** The other atoms, in the order in which they lie. */
  readonly lead: readonly Atom[];
  /** The atoms of the axes, in the order in which they are to lie. */
  readonly lying: readonly Atom[];
  /** The atoms of the axes, in the order of the axes. */
  readonly flat: readonly Atom[];
}

/** Some axes last. If they are at the end of a row as it lies, they stay in the order in which they are, unless `inOrder` asks for theirs. */
export function layTrailing(view: View, axes: readonly number[], inOrder = false): Trailing {
  const flat = axes.flatMap((axis) => view.axes[axis]!);
  const own = new Set(flat);
  const lead = view.stored.filter((atom) => !own.has(atom));
  const end = view.stored.slice(view.stored.length - flat.length);
  const lying = !inOrder && end.every((atom) => own.has(atom)) ? end : flat;
  return { lead, lying, flat };
}
