// Two values that are computed with number by number, as broadcasting puts them.
import type { Layer } from "../../../../graph/layer.ts";
import { add } from "../../../../nn/composites/add.ts";
import { divide } from "../../../../nn/composites/divide.ts";
import { maximum } from "../../../../nn/composites/maximum.ts";
import { multiply } from "../../../../nn/composites/multiply.ts";
import { subtract } from "../../../../nn/composites/subtract.ts";
import { shapeText } from "../../../../util/shape.ts";
import type { WorkNode } from "../workGraph.ts";
import { axisSize, ownAtoms, refine, sameAtoms, sizesOf } from "./atoms.ts";
import type { Builder } from "./builder.ts";
import { scaled } from "./constants.ts";
import { asItLies, rowShape, use } from "./steps.ts";
import type { Atom, Step, Use, View } from "./types.ts";

const COMPOSITES = { add, divide, maximum, multiply, subtract };

/** Two values with the same number of axes, and atoms that correspond. */
interface Pair {
  readonly a: View;
  readonly b: View;
  /** The atom of the other value for one of the first. */
  readonly twins: ReadonlyMap<Atom, Atom>;
}

/** Splits the atoms of two axes of one size until they correspond; undefined if they can't. */
function splitAlike(a: readonly Atom[], b: readonly Atom[], parts: Map<Atom, Atom[]>): [Atom, Atom][] | undefined {
  const left = a.map((each) => ({ each, origin: each }));
  const right = b.map((each) => ({ each, origin: each }));
  const pairs: [Atom, Atom][] = [];
  while (left.length > 0 && right.length > 0) {
    const [x, y] = [left[0]!, right[0]!];
    if (x.each.rows !== y.each.rows) return undefined;
    const size = Math.min(x.each.size, y.each.size);
    if (x.each.size % size !== 0 || y.each.size % size !== 0) return undefined;
    const take = (from: typeof left): Atom => {
      const { each, origin } = from[0]!;
      const part = each.size === size ? each : { size };
      if (part !== origin) parts.set(origin, [...(parts.get(origin) ?? []), part]);
      if (part === each) from.shift();
      else from[0] = { each: { size: each.size / size }, origin };
      return part;
    };
    pairs.push([take(left), take(right)]);
  }
  return left.length === 0 && right.length === 0 ? pairs : undefined;
}

/** Lets the axes of two values correspond. Throws if they don't fit. */
export function align(builder: Builder, node: WorkNode, a: View, b: View): Pair {
  const rank = Math.max(a.axes.length, b.axes.length);
  const padded = ({ axes, ...rest }: View): View => ({
    ...rest,
    axes: [...Array.from({ length: rank - axes.length }, () => []), ...axes],
  });
  const [left, right] = [padded(a), padded(b)];
  const [partsA, partsB] = [new Map<Atom, Atom[]>(), new Map<Atom, Atom[]>()];
  const twins = new Map<Atom, Atom>();
  const refusal = (): Error =>
    builder.error(
      node,
      `its inputs' axes must fit each other, and both have the rows as the same one, got [${builder.shapeText(a)}] and [${builder.shapeText(b)}]`,
    );
  const [rowsA, rowsB] = [left, right].map(({ axes }) => axes.findIndex((axis) => axis.some((each) => each.rows)));
  if (rowsA! >= 0 && rowsB! >= 0 && rowsA !== rowsB) throw refusal();
  for (const [axis, atoms] of left.axes.entries()) {
    const others = right.axes[axis]!;
    if (atoms.length === 0 || others.length === 0) continue;
    const parts = new Map<Atom, Atom[]>();
    const pairs = splitAlike(atoms, others, parts);
    if (!pairs) throw refusal();
    for (const [x, y] of pairs) twins.set(x, y);
    for (const [origin, made] of parts) (atoms.includes(origin) ? partsA : partsB).set(origin, made);
    // the same atom on both sides has the same parts
    for (const [origin, made] of parts) if (atoms.includes(origin) && others.includes(origin)) partsB.set(origin, made);
  }
  return { a: refine(left, partsA), b: refine(right, partsB), twins };
}

/** Both values laid out for a composite, and what it gives. */
function besideEachOther(builder: Builder, node: WorkNode, x: View, z: View) {
  const { a, b, twins } = align(builder, node, x, ownAtoms(z));
  const back = new Map([...twins].map(([left, right]) => [right, left]));
  // each atom of the result: as the first value has it, or the second
  const axes = a.axes.map((atoms, axis) => (atoms.length > 0 ? atoms : b.axes[axis]!));
  const extras = b.stored.filter((each) => !back.has(each));
  const missing = a.stored.filter((each) => !twins.has(each));
  const flat = axes.flat().filter((each) => !each.rows);
  const order =
    extras.length === 0 ? a.stored : missing.length === 0 ? b.stored.map((each) => back.get(each) ?? each) : flat;
  const inA = (each: Atom): Atom[] => (extras.includes(each) ? [] : [each]);
  const inB = (each: Atom): Atom[] => (extras.includes(each) ? [each] : twins.has(each) ? [twins.get(each)!] : []);
  const same = extras.length === 0 && missing.length === 0;
  const alike =
    same &&
    sameAtoms(
      b.stored,
      order.map((each) => twins.get(each)!),
    ) &&
    shapeText(a.ref.shape) === shapeText(b.ref.shape);
  const uses: [Use, Use] = alike ? [asItLies(a), asItLies(b)] : [use(a, order.map(inA)), use(b, order.map(inB))];
  const shape = alike ? a.ref.shape : rowShape(sizesOf(order));
  return { uses, shape, same, axes, stored: order };
}

/** A composite's layers of two branches. */
const composed =
  (type: keyof typeof COMPOSITES): Step["make"] =>
  (making): readonly Layer[] => [COMPOSITES[type]([making.branch(0), making.branch(1)])];

/** A composite of two values. */
export function product(builder: Builder, node: WorkNode, type: keyof typeof COMPOSITES, x: View, z: View): View {
  const { uses, shape, same, axes, stored } = besideEachOther(builder, node, x, z);
  if (type === "add" && !same) {
    // sums are of values of one shape: differences broadcast
    const small = axisSize(x.stored) < axisSize(z.stored) ? [z, x] : [x, z];
    return product(builder, node, "subtract", small[0]!, scaled(builder, node, small[1]!, -1));
  }
  const ref = builder.add({ node, kind: type, uses, branches: 2, shape, make: composed(type) });
  return { ref, axes, stored };
}
