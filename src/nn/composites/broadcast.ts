// Gives values one shape, as NumPy does: axes are counted from the last, and where one has a single place, or none, it is repeated.
import type { GraphBuilder, Value } from "../../graph/layer.ts";
import { expand } from "../layers/expand.ts";
import { reshape } from "../layers/reshape.ts";
import { type Shape, shapeText, sizeOf } from "../../util/shape.ts";

/**
 * The values with the same shape, or all but the last axes of it. Throws, naming the operator, if they don't fit.
 *
 * @param own how many of the last axes stay as they are
 */
export function broadcast(graph: GraphBuilder, type: string, values: readonly Value[], own = 0): Value[] {
  const shapes = values.map((value) => graph.shape(value));
  const leading = shapes.map((shape) => shape.slice(0, Math.max(shape.length - own, 0)));
  const rank = Math.max(...leading.map(({ length }) => length));
  const padded = leading.map((shape): Shape => [...Array<number>(rank - shape.length).fill(1), ...shape]);
  const common = padded[0]!.map((_, axis) => Math.max(...padded.map((shape) => shape[axis]!)));
  const odd = padded.findIndex((shape) => shape.some((n, axis) => n !== 1 && n !== common[axis]));
  if (odd >= 0) {
    const all = shapes.map((shape, i) => `${shapeText(shape)} of branch ${i + 1}`);
    const which = own === 0 ? "the axes" : own === 1 ? "the axes before the last" : `the axes before the last ${own}`;
    throw new RangeError(
      `${type}: ${which} must have the same sizes in each branch, counted from the last, or a single place, or be left out, got ` +
        all.join(", "),
    );
  }
  return values.map((value, i) => {
    const ends = shapes[i]!.slice(leading[i]!.length);
    return repeat(graph, value, [...padded[i]!, ...ends], [...common, ...ends]);
  });
}

/** Repeats a value along the axes that have one place and should have more: neighbours together, the last ones first. */
function repeat(graph: GraphBuilder, value: Value, from: Shape, to: Shape): Value {
  let shape = from;
  let end = value;
  if (graph.shape(value).length < from.length && sizeOf(from) === sizeOf(to)) return graph.add(reshape(to), value);
  for (let axis = to.length - 1; axis >= 0; axis--) {
    if (shape[axis] === to[axis]) continue;
    const last = axis;
    while (axis > 0 && shape[axis - 1] === 1) axis--;
    const inner = sizeOf(to.slice(last + 1));
    shape = [...shape.slice(0, axis), ...to.slice(axis)];
    end = graph.add(expand(shape, inner), end);
  }
  return end;
}
