// How a value of an ONNX graph lies in memory. Its axes are made of atoms, and a row has the atoms in an order of its own: so changing
// the order of axes, and splitting and joining them, costs nothing until a layer needs another order.
import { sizeOf } from "../../../../util/shape.ts";
import type { Atom, View } from "./types.ts";

export const sizesOf = (atoms: readonly Atom[]): number[] => atoms.map(({ size }) => size);

/** The number of places of an axis. */
export const axisSize = (axis: readonly Atom[]): number => sizeOf(sizesOf(axis));

/** Are these the same atoms in the same order? */
export const sameAtoms = (a: readonly Atom[], b: readonly Atom[]): boolean =>
  a.length === b.length && a.every((atom, i) => atom === b[i]);

/** Which axis is that of the rows; -1: none is, or it is joined with others. */
export const rowsAxis = ({ axes }: View): number => axes.findIndex((axis) => axis.length === 1 && axis[0]!.rows);

/** Replaces atoms by others that make them up. */
export function refine(view: View, parts: ReadonlyMap<Atom, readonly Atom[]>): View {
  if (parts.size === 0) return view;
  const split = (atoms: readonly Atom[]): Atom[] => atoms.flatMap((atom) => parts.get(atom) ?? [atom]);
  return { ref: view.ref, stored: split(view.stored), axes: view.axes.map(split) };
}

/** Joins atoms that are neighbours in one axis and in the row. */
export function joinAtoms(view: View): View {
  const after = new Map(view.stored.map((atom, i) => [atom, view.stored[i + 1]]));
  // the first atom of a run, and what it becomes; the others are gone
  const joined = new Map<Atom, Atom | undefined>();
  const axes = view.axes.map((axis) => {
    const runs: Atom[][] = [];
    for (const atom of axis) {
      const run = runs.at(-1);
      if (run && !atom.rows && after.get(run.at(-1)!) === atom) run.push(atom);
      else runs.push([atom]);
    }
    return runs.map((run) => {
      if (run.length === 1) return run[0]!;
      const whole = { size: axisSize(run) };
      run.forEach((atom, i) => joined.set(atom, i === 0 ? whole : undefined));
      return whole;
    });
  });
  const stored = view.stored.flatMap((atom) => (joined.has(atom) ? (joined.get(atom) ?? []) : [atom]));
  return { ref: view.ref, stored, axes };
}

/** Axes in another order. */
export const transposeView = (view: View, order: readonly number[]): View => ({
  ...view,
  axes: order.map((axis) => view.axes[axis]!),
});

/**
 * The value with other axes; undefined if its atoms can't be divided so: it must be laid out anew then, or the rows would be torn apart.
 */
function reshapeView(given: View, shape: readonly number[]): View | undefined {
  const view = joinAtoms({ ...given, axes: [given.axes.flat()] });
  // what is left of the atoms, and what they were at first
  const open = view.axes[0]!.map((atom) => ({ atom, origin: atom }));
  const parts = new Map<Atom, Atom[]>();
  const axes: Atom[][] = [];
  let at = 0;
  for (const target of shape) {
    const axis: Atom[] = [];
    let left = target;
    while (left > 1) {
      const next = open[at];
      if (!next) return undefined;
      const { atom, origin } = next;
      const part = left % atom.size === 0 ? atom : atom.size % left === 0 && !atom.rows ? { size: left } : undefined;
      if (!part) return undefined;
      axis.push(part);
      if (part !== origin) parts.set(origin, [...(parts.get(origin) ?? []), part]);
      left /= part.size;
      if (part === atom) at++;
      else open[at] = { atom: { size: atom.size / part.size }, origin };
    }
    axes.push(axis);
  }
  if (at < open.length) return undefined;
  return { ref: given.ref, stored: view.stored.flatMap((atom) => parts.get(atom) ?? [atom]), axes };
}

/** The value with atoms of its own: another one may have the same, even as other axes, such as the steps of a sequence. */
export const ownAtoms = (view: View): View =>
  refine(view, new Map(view.stored.map((atom) => [atom, [{ size: atom.size }]])));

/** The axes that Reshape asks for: how many places, or -1, with the rows of the file where the model takes any. */
export interface Target {
  readonly shape: readonly number[];
  /** Rows that the file's sizes are for, and those of the atom. */
  readonly fileRows: number;
  readonly rows: number;
}

/**
 * The value with the axes that Reshape asks for. In a file for a fixed number of rows, the sizes have that number somewhere: it is where
 * the atoms fit, best as an axis of its own.
 */
export function reshapeTo(view: View, { shape, fileRows, rows }: Target): View | undefined {
  const total = axisSize(view.axes.flat());
  const isOpen = shape.includes(-1);
  const attempt = (sizes: readonly number[]): View | undefined => {
    const known = sizes.reduce((product, n) => (n === -1 ? product : product * n), 1);
    const whole = sizes.map((n) => (n === -1 ? total / known : n));
    return whole.every(Number.isInteger) && sizeOf(whole) === total ? reshapeView(view, whole) : undefined;
  };
  const plain = attempt(shape);
  if (fileRows === rows || (plain && fileRows > 1)) return plain;
  const others = shape.flatMap((n, axis) => {
    if (n < 1 || n % fileRows !== 0 || (fileRows === 1 && isOpen && n !== 1)) return [];
    const found = attempt(shape.with(axis, (n / fileRows) * rows));
    return found ? [found] : [];
  });
  const score = ({ axes }: View): number => {
    const at = axes.findIndex((atoms) => atoms.some((atom) => atom.rows));
    const axis = axes[at]!;
    if (axis.length === 1) return 3;
    // the last axis is that of the features, which rows aren't joined with
    return at === axes.length - 1 ? 0 : axis[0]!.rows ? 2 : 1;
  };
  const candidates = [...(plain ? [plain] : []), ...others];
  return candidates.toSorted((a, b) => score(b) - score(a))[0];
}
