import { loadSequence } from "../../../build/binaries.js";
import { checkKeys, checkKind, valueText, withFirst } from "../../util/check.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { shapeText, sizeOf } from "../../util/shape.ts";
import type { Named } from "../named.ts";

/** Axes that the kernel knows. */
const MOST = 4;

/**
 * Puts the axes of a row into another order: axis i of the output is axis order[i] of the input, counted from 0;
 * with [1, 0], [a, b] to [b, a].
 *
 * @param order each axis once, at most 4
 * @throws {TypeError | RangeError} if the order can't be used, or the input has another number of axes
 * @example sequential({ input: [5, 3] }, permute([1, 0]), dense(2)) // [3, 5] to [3, 2]
 */
export function permute(order: readonly number[] | ({ order: readonly number[] } & Named), options: Named = {}): Layer {
  const settings = withFirst<{ order: readonly number[] } & Named>("permute", "order", order, options);
  checkKeys("permute", settings, ["order", "name"]);
  const { order: axes, name } = settings;
  checkKind(Array.isArray(axes), "permute", "order", "an array of axes", axes);
  const wanted = axes.map((_, i) => i);
  if (axes.length === 0 || axes.length > MOST || wanted.some((axis) => !axes.includes(axis))) {
    throw new RangeError(
      `permute: order must have each axis from 0 once, at most ${MOST} of them, got [${axes.map(valueText).join(", ")}]`,
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
      throw new RangeError(`${where}: the input must have ${axes.length} axes, got ${shapeText(input)}`);
    },
    args(_context, input, output) {
      const front = Array.from({ length: MOST - axes.length }, () => 1);
      const size = [...front, ...output];
      const step = [...front, ...axes.map((axis) => 4 * sizeOf(input.slice(axis + 1)))];
      return {
        size0: size[0]!,
        size1: size[1]!,
        size2: size[2]!,
        size3: size[3]!,
        step0: step[0]!,
        step1: step[1]!,
        step2: step[2]!,
        step3: step[3]!,
      };
    },
  });
}
