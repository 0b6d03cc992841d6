import { loadSequence } from "../../../build/binaries.js";
import { checkKeys, checkKind, valueText, withFirst } from "../../util/check.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { type Shape, shapeText, sizeOf } from "../../util/shape.ts";
import type { Named } from "../named.ts";

/**
 * Puts the axes of a row into another order: axis i of the output is axis order[i] of the input, counted from 0;
 * with [1, 0], [a, b] to [b, a].
 *
 * @param order each axis once, as many as the input has
 * @throws {TypeError | RangeError} if the order can't be used, or the input has another number of axes
 * @example sequential({ input: [5, 3] }, permute([1, 0]), dense(2)) // [3, 5] to [3, 2]
 */
export function permute(order: readonly number[] | ({ order: readonly number[] } & Named), options: Named = {}): Layer {
  const settings = withFirst<{ order: readonly number[] } & Named>("permute", "order", order, options);
  checkKeys("permute", settings, ["order", "name"], { axes: "order", dims: "order", perm: "order" });
  const { order: axes, name } = settings;
  checkKind(Array.isArray(axes), "permute", "order", "an array of axes", axes);
  const wanted = Array.from(axes, (_, i) => i); // holes, too
  if (axes.length === 0 || wanted.some((axis) => !axes.includes(axis))) {
    throw new RangeError(
      `permute: order must have each axis from 0 once, such as [1, 0], got [${Array.from(axes, valueText).join(", ")}]`,
    );
  }
  return Object.freeze<LibraryLayer>({
    type: "permute",
    name,
    options: { order: [...axes] },
    kernel: "permute",
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "neither",
    load: loadSequence,
    outputShape(input, where) {
      if (input.length === axes.length) return axes.map((axis) => input[axis]!);
      throw new RangeError(
        `${where}: the input must have ${axes.length} ${axes.length === 1 ? "axis" : "axes"}, got ${shapeText(input)}`,
      );
    },
    args(_context, input) {
      const together = joined(axes, input);
      return { axes: together.length, ...Object.fromEntries(together.flatMap(slotsOf)) };
    },
  });
}

interface Axis {
  readonly size: number;
  /** Bytes from one element to the next in the input. */
  readonly step: number;
}

/** The output's axes, those that stay together as one, and those of size 1 left out. */
function joined(axes: readonly number[], input: Shape): readonly Axis[] {
  const all: Axis[] = [];
  for (const axis of axes) {
    const [size, step] = [input[axis]!, 4 * sizeOf(input.slice(axis + 1))];
    const before = all.at(-1);
    if (before && before.step === size * step) all[all.length - 1] = { size: before.size * size, step };
    else if (size > 1) all.push({ size, step });
  }
  return all.length > 0 ? all : [{ size: 1, step: 4 }];
}

const slotsOf = ({ size, step }: Axis, i: number): [string, number][] => [
  [`size${i}`, size],
  [`step${i}`, step],
];
