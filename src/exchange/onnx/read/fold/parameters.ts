// What operators take as attributes in early opsets and as inputs in later ones: axes, and the parts of Slice.
import type { Constant, WorkNode } from "../workGraph.ts";

/** A node's inputs as far as they are known. */
export type Known = readonly (Constant | undefined)[];

/** Is the input left out? */
const isLeftOut = ({ inputs }: WorkNode, at: number): boolean => (inputs[at] ?? "") === "";

/** A list of whole numbers from an attribute or an input; undefined: neither is there, or the input isn't known. */
export function intsOf(node: WorkNode, inputs: Known, at: number, attribute: string): readonly number[] | undefined {
  if (!isLeftOut(node, at)) return inputs[at] && [...inputs[at].data];
  return node.attributes.ints(attribute);
}

/** Axes from 0, of the attribute `axes` or an input; undefined: none are given. */
export function axesOf(node: WorkNode, inputs: Known, at: number, rank: number): readonly number[] | undefined {
  const axes = intsOf(node, inputs, at, "axes");
  return axes && axes.length > 0 ? axes.map((axis) => (axis < 0 ? axis + rank : axis)) : undefined;
}

/** What is kept of an axis. */
export interface Kept {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** What Slice keeps of each axis; undefined if that isn't known. */
export function sliceOf(node: WorkNode, inputs: Known, shape: readonly number[]): readonly Kept[] | undefined {
  const starts = intsOf(node, inputs, 1, "starts");
  const ends = intsOf(node, inputs, 2, "ends");
  if (!starts || !ends || starts.length !== ends.length) return undefined;
  const given = [3, 4].map((at) => intsOf(node, inputs, at, at === 3 ? "axes" : "steps"));
  if ([3, 4].some((at, i) => !isLeftOut(node, at) && !given[i])) return undefined;
  if (given[1]?.includes(0)) return undefined;
  const axes = (given[0] ?? starts.map((_, i) => i)).map((axis) => (axis < 0 ? axis + shape.length : axis));
  return shape.map((n, axis) => {
    const i = axes.indexOf(axis);
    if (i < 0) return { start: 0, step: 1, count: n };
    const step = given[1]?.[i] ?? 1;
    const place = (value: number): number => (value < 0 ? value + n : value);
    // going back, the end may be before the first place: -1
    const [low, high] = step > 0 ? [0, n] : [-1, n - 1];
    const start = Math.min(Math.max(place(starts[i]!), step > 0 ? 0 : 0), step > 0 ? n : n - 1);
    const end = Math.min(Math.max(place(ends[i]!), low), high);
    return { start, step, count: Math.max(Math.ceil((end - start) / step), 0) };
  });
}

/** What Unsqueeze makes of a shape; undefined if its axes aren't known. */
export function unsqueezed(shape: readonly number[], node: WorkNode, inputs: Known): readonly number[] | undefined {
  const count = inputs[1]?.data.length ?? node.attributes.ints("axes")?.length ?? 0;
  const axes = axesOf(node, inputs, 1, shape.length + count);
  if (!axes) return undefined;
  const left = [...shape];
  return Array.from({ length: shape.length + count }, (_, axis) => (axes.includes(axis) ? 1 : (left.shift() ?? 1)));
}

/** The sizes of what Split gives; undefined if they can't be told. */
export function splitSizes(
  n: number,
  { attributes, outputs }: WorkNode,
  given: readonly number[] | undefined,
): readonly number[] | undefined {
  const sizes = given ?? attributes.ints("split");
  if (sizes) return sizes;
  const parts = attributes.int("num_outputs", outputs.length);
  if (parts !== outputs.length) return undefined;
  const each = Math.ceil(n / parts);
  return Array.from({ length: parts }, (_, i) => (i < parts - 1 ? each : n - each * (parts - 1)));
}
