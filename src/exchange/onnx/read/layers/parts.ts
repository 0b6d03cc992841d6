// Operators that take parts of values: Slice, Split, Gather.
import { dense } from "../../../../nn/layers/dense.ts";
import { embedding } from "../../../../nn/layers/embedding.ts";
import { maxPool2d } from "../../../../nn/layers/maxPool2d.ts";
import { pick as pickLayer } from "../../../../nn/layers/pick.ts";
import { slice as sliceLayer } from "../../../../nn/layers/slice.ts";
import { sizeOf } from "../../../../util/shape.ts";
import { sliceOf, splitSizes } from "../fold/parameters.ts";
import type { WorkNode } from "../workGraph.ts";
import { axisSize, sameAtoms, sizesOf } from "./atoms.ts";
import { atom, type Builder, layerOf } from "./builder.ts";
import type { Family } from "./family.ts";
import { asItLies, use } from "./steps.ts";
import type { Atom, Columns, View } from "./types.ts";

/** A row with one axis as a group: what is before it and behind it as it lies. */
export function layAxis({ stored, axes }: View, axis: number) {
  const flat = axes[axis]!;
  const first = stored.findIndex((each) => flat.includes(each));
  const at = first < 0 ? stored.length : first;
  const before = stored.slice(0, at);
  const behind = stored.slice(at).filter((each) => !flat.includes(each));
  return { before, flat, behind, groups: [...before.map((each) => [each]), flat, ...behind.map((each) => [each])] };
}

/** The columns of a dense layer that some places along an axis are. */
function columnsOf(
  { ref, stored }: View,
  { before, flat, behind }: ReturnType<typeof layAxis>,
  places: readonly number[],
): Columns | undefined {
  const { columns } = ref;
  if (!columns || !sameAtoms(stored, [...before, ...flat, ...behind])) return undefined;
  // axes before those of the columns
  let lead = 0;
  while (lead < stored.length && sizeOf(sizesOf(stored.slice(lead))) > columns.places.length) lead++;
  if (lead > before.length || sizeOf(sizesOf(stored.slice(lead))) !== columns.places.length) return undefined;
  const outer = sizeOf(sizesOf(before.slice(lead)));
  const [n, inner] = [axisSize(flat), sizeOf(sizesOf(behind))];
  const found: number[] = [];
  for (let i = 0; i < outer; i++) {
    for (const place of places)
      for (let j = 0; j < inner; j++) found.push(columns.places[(i * n + place) * inner + j]!);
  }
  return { step: columns.step, places: found };
}

/** Neighbouring places along an axis. */
export function sliced(builder: Builder, node: WorkNode, x: View, axis: number, from: number, count: number): View {
  const n = axisSize(x.axes[axis]!);
  if (from === 0 && count === n) return x;
  if (count < 1) throw builder.error(node, `nothing would be left of axis ${axis} of [${builder.shapeText(x)}]`);
  const layout = layAxis(x, axis);
  const made = builder.add({
    node,
    kind: "slice",
    uses: [use(x, layout.groups)],
    make: layerOf((name) => sliceLayer({ axis: layout.before.length, from, to: from + count, name })),
  });
  const columns = columnsOf(
    x,
    layout,
    Array.from({ length: count }, (_, i) => from + i),
  );
  return withPart(x, made, columns, axis, atom(count), layout);
}

function withPart(
  x: View,
  made: View["ref"],
  columns: Columns | undefined,
  axis: number,
  part: readonly Atom[],
  { before, behind }: ReturnType<typeof layAxis>,
): View {
  const ref = columns ? { ...made, columns } : made;
  made.step!.outputs[0] = ref;
  return { ref, axes: x.axes.with(axis, part), stored: [...before, ...part, ...behind] };
}

/** One place of an axis, which is left out. */
export function picked(builder: Builder, node: WorkNode, x: View, axis: number, index: number): View {
  const n = axisSize(x.axes[axis]!);
  const place = index < 0 ? index + n : index;
  if (!(place >= 0 && place < n)) throw builder.error(node, `it takes place ${index} of axis ${axis}, which has ${n}`);
  const without = x.axes.toSpliced(axis, 1);
  if (n === 1) return { ...x, axes: without };
  const layout = layAxis(x, axis);
  const made = builder.add({
    node,
    kind: "pick",
    uses: [use(x, layout.groups)],
    make: layerOf((name) => pickLayer({ axis: layout.before.length, index: place, name })),
  });
  const view = withPart(x, made, columnsOf(x, layout, [place]), axis, [], layout);
  return { ...view, axes: without };
}

/** Places along an axis in any order. */
function selected(builder: Builder, node: WorkNode, x: View, axis: number, places: readonly number[]): View {
  const from = places[0]!;
  const n = axisSize(x.axes[axis]!);
  if (places.length > 0 && places.every((place, i) => place === from + i)) {
    return sliced(builder, node, x, axis, from, places.length);
  }
  const step = places[1]! - from;
  const isStrided = step > 1 && places.every((place, i) => place === from + i * step);
  if (isStrided) {
    const part = sliced(builder, node, x, axis, from, places.at(-1)! - from + 1);
    const { before, flat, behind } = layAxis(part, axis);
    const ref = builder.add({
      node,
      kind: "stride",
      uses: [use(part, [before, flat, behind])],
      make: layerOf((name) => maxPool2d({ size: 1, strides: [1, step], name })),
    });
    const own = atom(places.length);
    return { ref, axes: part.axes.with(axis, own), stored: [...before, ...own, ...behind] };
  }
  // a product with ones in the right places
  builder.graph.spend(node, n * places.length);
  const weight = new Float32Array(n * places.length);
  places.forEach((place, i) => (weight[place * places.length + i] = 1));
  const { before, flat, behind } = layAxis(x, axis);
  const own = atom(places.length);
  const lead = [...before, ...behind];
  const ref = builder.add({
    node,
    kind: "Select",
    uses: [use(x, [...lead.map((each) => [each]), flat])],
    make: layerOf((name) => dense(places.length, { useBias: false, name }), { weight }),
    frozen: true,
  });
  return { ref, axes: x.axes.with(axis, own), stored: [...lead, ...own] };
}

/** The sizes of a value's axes, the rows as the file has them. */
const fileShape = (builder: Builder, x: View): number[] =>
  x.axes.map((axis) => sizeOf(axis.map((each) => (each.rows ? builder.fileRows : each.size))));

function slice(builder: Builder, node: WorkNode): void {
  let x = builder.input(node, 0);
  const shape = fileShape(builder, x);
  const parts = sliceOf(node, builder.constants(node), shape);
  if (!parts)
    throw builder.error(
      node,
      "its starts and ends must be constants, or follow from shapes, as many of one as of the other, and its steps not 0",
    );
  parts.forEach(({ start, step, count }, axis) => {
    if (start === 0 && step === 1 && count === shape[axis]) return;
    builder.axis(node, x, axis, "axes");
    if (count === 0) throw builder.error(node, `nothing would be left of axis ${axis} of [${builder.shapeText(x)}]`);
    x = selected(
      builder,
      node,
      x,
      axis,
      Array.from({ length: count }, (_, i) => start + i * step),
    );
  });
  builder.set(node, x);
}

function split(builder: Builder, node: WorkNode): void {
  const x = builder.input(node, 0);
  const axis = builder.axis(node, x, node.attributes.int("axis", 0));
  const n = axisSize(x.axes[axis]!);
  const given = builder.constant(node, 1);
  if (!given && (node.inputs[1] ?? "") !== "") throw builder.error(node, "its sizes must be a constant");
  const sizes = splitSizes(n, node, given && [...given.data]);
  if (!sizes) throw builder.error(node, `it must be its number of outputs, ${node.outputs.length}`, "num_outputs");
  if (sizes.reduce((sum, size) => sum + size, 0) !== n || sizes.length !== node.outputs.length) {
    throw builder.error(
      node,
      `its parts [${sizes.join(", ")}] must be ${node.outputs.length} and fill axis ${axis}, which has ${n}`,
    );
  }
  let from = 0;
  sizes.forEach((count, i) => {
    const name = node.outputs[i]!;
    const wanted = name !== "" && (builder.graph.isOutput(name) || builder.graph.consumers(name).length > 0);
    if (wanted) builder.set(node, sliced(builder, node, x, axis, from, count), i);
    from += count;
  });
}

function gather(builder: Builder, node: WorkNode): void {
  const table = builder.constant(node, 0);
  if (table) {
    lookUp(builder, node);
    return;
  }
  const x = builder.input(node, 0);
  const indices = builder.constant(node, 1);
  if (!indices)
    throw builder.error(
      node,
      "its indices must be a constant, or its table: which of a value's places are taken can't depend on the input",
    );
  const axis = builder.axis(node, x, node.attributes.int("axis", 0));
  const n = axisSize(x.axes[axis]!);
  const places = [...indices.data].map((i) => (i < 0 ? i + n : i));
  const odd = places.find((place) => !(place >= 0 && place < n));
  if (odd !== undefined) throw builder.error(node, `it takes place ${odd} of axis ${axis}, which has ${n}`);
  if (places.length === 1) {
    const one = picked(builder, node, x, axis, places[0]!);
    builder.set(node, { ...one, axes: one.axes.toSpliced(axis, 0, ...indices.shape.map(() => [])) });
    return;
  }
  const chosen = selected(builder, node, x, axis, places);
  if (indices.shape.length !== 1)
    throw builder.error(node, `its indices must have one axis, got [${indices.shape.join(", ")}]`);
  builder.set(node, chosen);
}

/** Vectors of a table, by numbers of the input. */
function lookUp(builder: Builder, node: WorkNode): void {
  const x = builder.input(node, 1);
  const name = node.inputs[0]!;
  const { shape } = builder.graph.constants.get(name)!;
  if (![0, -shape.length].includes(node.attributes.int("axis", 0)))
    throw builder.error(node, "of a table only axis 0 can be looked up", "axis");
  const weight = builder.numbers(node, name);
  const [vocabulary, ...vector] = shape as [number, ...number[]];
  const width = sizeOf(vector);
  const ref = builder.add({
    node,
    kind: "embedding",
    uses: [asItLies(x)],
    make: layerOf((called) => embedding(vocabulary, width, { name: called }), { weight }),
    weight: name,
  });
  const own = vector.map(atom);
  builder.set(node, { ref, axes: [...x.axes, ...own], stored: [...x.stored, ...own.flat()] });
}

/** By operator. */
export const PARTS: Family = { Slice: slice, Split: split, Gather: gather };
