// Operators that only move numbers, or change nothing: most cost nothing, as the values' axes are made of atoms.
import { clip } from "../../../../nn/activations/clip.ts";
import { dropout as dropoutLayer } from "../../../../nn/layers/dropout.ts";
import { identity } from "../../../../nn/layers/identity.ts";
import { intsOf } from "../fold/parameters.ts";
import { sizeOf } from "../../../../util/shape.ts";
import type { WorkNode } from "../workGraph.ts";
import { elementwise } from "./activations.ts";
import { axisSize, joinAtoms, reshapeTo, transposeView } from "./atoms.ts";
import { type Builder, layerOf } from "./builder.ts";
import { learnedNumbers } from "./constants.ts";
import type { Family } from "./family.ts";
import { product } from "./pairs.ts";
import { asItLies, use } from "./steps.ts";
import type { Atom, View } from "./types.ts";
import { isOnlyCounted, isOnlyMask } from "./wholes.ts";

/** The value in the order of its axes, so that it can be divided anew. */
function laidOut(builder: Builder, node: WorkNode, x: View): View {
  const flat = x.axes.flat();
  const at = flat.findIndex((each) => each.rows);
  const [before, after] = [flat.slice(0, at), flat.slice(at + 1)];
  const ref = builder.add({
    node,
    kind: "Layout",
    uses: [use(x, [before, after])],
    make: ({ name }) => [identity({ name })],
  });
  const parts = [before, after].map((atoms): Atom[] => (axisSize(atoms) === 1 ? [] : [{ size: axisSize(atoms) }]));
  return { ref, stored: parts.flat(), axes: [parts[0]!, [builder.rows], parts[1]!] };
}

/** A value with other axes; -1 is what is left. */
export function reshaped(
  builder: Builder,
  node: WorkNode,
  x: View,
  shape: readonly number[],
  fileRows = builder.fileRows,
): View {
  const target = { shape, fileRows, rows: builder.rows.size };
  const found = reshapeTo(x, target) ?? reshapeTo(laidOut(builder, node, x), target);
  if (found) return found;
  throw builder.error(
    node,
    `[${builder.shapeText(x)}] can't become [${shape.join(", ")}] without mixing rows; keep the rows as an axis of their own`,
  );
}

function reshape(builder: Builder, node: WorkNode): void {
  const x = builder.input(node, 0);
  const target = intsOf(node, builder.constants(node), 1, "shape");
  if (!target) throw builder.error(node, "its shape must be a constant, or follow from shapes");
  const keepsZero = node.attributes.int("allowzero", 0) === 1;
  // a size of the file's rows by 0 is that of the axis
  const shape = target.map((n, axis) => {
    if (n !== 0 || keepsZero) return n;
    const own = x.axes[axis] ?? [];
    return axisSize(own.map((each) => (each.rows ? { size: builder.fileRows } : each)));
  });
  builder.set(node, reshaped(builder, node, x, shape));
}

function flatten(builder: Builder, node: WorkNode): void {
  const x = builder.input(node, 0);
  const axis = node.attributes.int("axis", 1);
  const at = axis < 0 ? axis + x.axes.length : axis;
  builder.set(node, joinAtoms({ ...x, axes: [x.axes.slice(0, at).flat(), x.axes.slice(at).flat()] }));
}

/** Axes that are given as an attribute or an input, from 0. */
function axesGiven(builder: Builder, node: WorkNode, rank: number): readonly number[] | undefined {
  const given = intsOf(node, builder.constants(node), 1, "axes");
  if (!given && (node.inputs[1] ?? "") !== "") throw builder.error(node, "its axes must be a constant");
  return given?.map((axis) => {
    const at = axis < 0 ? axis + rank : axis;
    if (Number.isInteger(at) && at >= 0 && at < rank) return at;
    throw builder.error(node, `axes must be from ${-rank} to ${rank - 1}, got ${axis}`, "axes");
  });
}

function squeeze(builder: Builder, node: WorkNode): void {
  const x = builder.input(node, 0);
  const axes = axesGiven(builder, node, x.axes.length);
  // in a file for one row its axis is left out too: no axis is that of the rows then
  const fits = (axis: readonly Atom[]): boolean => axis.every((each) => each.rows === true && builder.graph.rows === 1);
  const odd = axes?.find((axis) => !fits(x.axes[axis]!));
  if (odd !== undefined)
    throw builder.error(node, `axis ${odd} of [${builder.shapeText(x)}] must have one place to be left out`);
  builder.set(node, { ...x, axes: x.axes.filter((each, axis) => (axes ? !axes.includes(axis) : !fits(each))) });
}

function unsqueeze(builder: Builder, node: WorkNode): void {
  const x = builder.input(node, 0);
  const count = builder.constant(node, 1)?.data.length ?? node.attributes.ints("axes")?.length ?? 0;
  const rank = x.axes.length + count;
  const axes = axesGiven(builder, node, rank) ?? [];
  if (new Set(axes).size !== axes.length)
    throw builder.error(node, `its axes must differ, got ${axes.join(", ")}`, "axes");
  const left = [...x.axes];
  builder.set(node, {
    ...x,
    axes: Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? [] : left.shift()!)),
  });
}

function transpose(builder: Builder, node: WorkNode): void {
  const x = builder.input(node, 0);
  const rank = x.axes.length;
  const order = node.attributes.ints("perm") ?? x.axes.map((_, axis) => rank - 1 - axis);
  if (order.length !== rank || new Set(order).size !== rank || order.some((axis) => !(axis >= 0 && axis < rank))) {
    throw builder.error(node, `it must have each axis from 0 to ${rank - 1} once, got [${order.join(", ")}]`, "perm");
  }
  builder.set(node, transposeView(x, order));
}

/** Repeats numbers along axes of one place. */
function expand(builder: Builder, node: WorkNode): void {
  const x = builder.input(node, 0);
  const target = builder.constant(node, 1);
  if (!target) throw builder.error(node, "its shape must be a constant, or follow from shapes");
  builder.set(node, repeated(builder, node, x, [...target.data]));
}

/** A value repeated along axes of one place, to a shape as broadcasting has it. */
export function repeated(builder: Builder, node: WorkNode, x: View, shape: readonly number[]): View {
  const rank = Math.max(shape.length, x.axes.length);
  const axes = [...Array.from({ length: rank - x.axes.length }, () => []), ...x.axes];
  const sizes = axes.map((own, axis) => {
    const wanted = shape[axis - (rank - shape.length)] ?? 1;
    const rows = own.some((each) => each.rows);
    const size = rows ? builder.fileRows * axisSize(own.filter((each) => !each.rows)) : axisSize(own);
    if (wanted === 1 || wanted === size) return 1;
    if (size === 1 && !rows) return wanted;
    throw builder.error(node, `[${builder.shapeText(x)}] can't be repeated to [${shape.join(", ")}]`);
  });
  const plain = { ...x, axes };
  if (sizes.every((n) => n === 1)) return plain;
  const count = sizeOf(sizes);
  builder.graph.spend(node, count);
  const zeros = new Float32Array(count);
  const atoms = sizes.map((n): Atom[] => (n === 1 ? [] : [{ size: n }]));
  return product(builder, node, "subtract", plain, learnedNumbers(builder, node, zeros, atoms, undefined, true));
}

/** Nothing but a name. */
function pass(builder: Builder, node: WorkNode): void {
  builder.set(node, builder.input(node, 0));
}

/** Nothing, if it was exported for inference: its rate is that of training otherwise. */
function dropout(builder: Builder, node: WorkNode): void {
  const { attributes } = node;
  attributes.int("seed");
  attributes.ints("consumed_inputs");
  const first = builder.graph.opset() < 7 && attributes.int("is_test", 0) === 0;
  const given = attributes.float("ratio", 0.5);
  const rate = builder.graph.opset() < 12 ? given : (builder.graph.scalar(node.inputs[1] ?? "") ?? given);
  const trains = first || builder.graph.scalar(node.inputs[2] ?? "") === 1;
  builder.checkOutputs(node, 1);
  const x = builder.input(node, 0);
  if (!trains || rate === 0) {
    builder.set(node, x);
    return;
  }
  const ref = builder.add({ node, uses: [asItLies(x)], make: layerOf((name) => dropoutLayer({ rate, name })) });
  builder.set(node, { ...x, ref });
}

/** Types of floats, by their numbers in a file. */
const FLOATS = [1, 10, 11, 16];
const BOOL = 9;

function cast(builder: Builder, node: WorkNode): void {
  const x = builder.input(node, 0);
  const to = node.attributes.int("to", 1);
  node.attributes.int("saturate");
  node.attributes.string("round_mode");
  const element = elementOf(builder, x) ?? "";
  const isOption = to === BOOL && isOnlyMask(builder, node, x);
  const fits = FLOATS.includes(to) || /int|bool/.test(element) || isOption || isOnlyCounted(builder, node, x);
  if (!fits) {
    throw builder.error(
      node,
      "a model's values are floats: a cast to whole numbers has no layer, but that of an input that has them, or whose numbers are looked up",
      "to",
    );
  }
  builder.set(node, to === BOOL && element !== "bool" && !isOption ? nonZero(builder, node, x) : x);
}

/** 1 for whole numbers but 0. */
function nonZero(builder: Builder, node: WorkNode, x: View): View {
  const squares = product(builder, node, "multiply", x, x);
  return elementwise(builder, node, squares, (name) => clip({ high: 1, name }));
}

/** The type of an input's numbers, or of those of a part of it; of what a cast made 0 or 1 of; undefined: it is computed. */
function elementOf(builder: Builder, { ref }: View): string | undefined {
  let at = ref;
  while (at.step && ["Layout", "slice", "pick"].includes(at.step.kind)) at = at.step.uses[0]!.ref;
  if (at.step) return at.step.kind === "Cast" ? "bool" : undefined;
  const type = builder.graph.inputs.find(({ name }) => name === at.input)?.type;
  return type?.kind === "tensor" ? type.element : undefined;
}

/** Blocks of channels become places of an image, or the other way round. */
function blocks(builder: Builder, node: WorkNode): void {
  const x = builder.input(node, 0);
  builder.checkRank(node, x, [4], "it works on images");
  builder.checkRows(node, x);
  const block = node.attributes.int("blocksize");
  if (block === undefined || block < 1) throw builder.error(node, "it must be 1 or more", "blocksize");
  const [channels, height, width] = x.axes.slice(1).map(axisSize) as [number, number, number];
  const { size: rows } = builder.rows;
  const to = (from: View, shape: readonly number[]): View => reshaped(builder, node, from, [rows, ...shape], rows);
  if (node.operator === "SpaceToDepth") {
    const split = to(x, [channels, height / block, block, width / block, block]);
    builder.set(
      node,
      to(transposeView(split, [0, 3, 5, 1, 2, 4]), [channels * block * block, height / block, width / block]),
    );
    return;
  }
  const mode = node.attributes.string("mode", "DCR");
  const deep = channels / (block * block);
  const split = to(x, mode === "DCR" ? [block, block, deep, height, width] : [deep, block, block, height, width]);
  const order = mode === "DCR" ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3];
  builder.set(node, to(transposeView(split, order), [deep, height * block, width * block]));
}

/** By operator. */
export const MOVEMENT: Family = {
  Identity: pass,
  Dropout: dropout,
  Cast: cast,
  CastLike: cast,
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Expand: expand,
  DepthToSpace: blocks,
  SpaceToDepth: blocks,
};
