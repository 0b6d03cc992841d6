import { loadSequence } from "../../../build/binaries.js";
import { checkKeys, checkKind } from "../../util/check.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { type Shape, shapeText, sizeOf } from "../../util/shape.ts";
import { branchesOf, composite } from "./composite.ts";

/** Options of `concat`. */
export interface ConcatOptions {
  /** Axis of a row along which the outputs are joined; negative ones count from the end; default -1, the last. */
  readonly axis?: number;
}

/**
 * Gives the same input to several branches, and joins their outputs along an axis. Shapes must agree on the other axes.
 *
 * @param branches two or more; a layer, or an array of consecutive layers; `[]` passes the input on
 * @throws {TypeError | RangeError} if an option can't be used
 * @throws {RangeError} when a model is made, if the shapes don't fit
 * @see Szegedy and others, "Going deeper with convolutions", 2015
 * @example sequential({ input: 8 }, concat([[dense(4), relu()], [dense(4), tanh()], []]), dense(1)) // 4 + 4 + 8 numbers
 */
export function concat(branches: readonly (Layer | readonly Layer[])[], options: ConcatOptions = {}): Layer {
  const inner = branchesOf("concat", branches);
  checkKeys("concat", options, ["axis"]);
  const { axis = -1 } = options;
  checkKind(Number.isInteger(axis), "concat", "axis", "a whole number", axis);
  return composite("concat", inner, { axis }, (graph, x, layers) => {
    const [first, ...others] = layers.map((layer) => graph.add(layer, x));
    return graph.add(join(axis), first!, Object.fromEntries(others.map((value, i) => [String(i + 2), value])));
  });
}

/** Concatenates its inputs along an axis. */
export function join(axis: number): Layer {
  const axisOf = (shape: Shape): number => (axis < 0 ? shape.length + axis : axis);
  const sizeFrom = (shape: Shape): number => sizeOf(shape.slice(axisOf(shape)));
  return Object.freeze<LibraryLayer>({
    type: "join",
    options: { axis },
    kernel: "concat",
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "neither",
    load: loadSequence,
    outputShape(input, where, others = {}) {
      const position = axisOf(input);
      const shapes = [input, ...Object.values(others)];
      if (position < 0 || position >= input.length) {
        throw new RangeError(
          `${where}: concat joins along axis ${axis}, but the first branch gives ${shapeText(input)}`,
        );
      }
      const odd = shapes.findIndex(
        (shape) => shape.length !== input.length || shape.some((n, a) => a !== position && n !== input[a]),
      );
      if (odd >= 0) {
        throw new RangeError(
          `${where}: concat joins along axis ${axis}, so its branches must agree on the other axes, ` +
            `but branch 1 gives ${shapeText(input)} and branch ${odd + 1} ${shapeText(shapes[odd]!)}`,
        );
      }
      return input.with(
        position,
        shapes.reduce((sum, shape) => sum + shape[position]!, 0),
      ) as Shape;
    },
    args(context, input, output) {
      const others = Object.entries(context.inputs).flatMap(([slot, shape]) => [
        [`input${slot}`, context.input(slot)] as const,
        [`gradient${slot}`, context.inputGradient(slot)] as const,
        [`bytes${slot}`, 4 * sizeFrom(shape)] as const,
      ]);
      return {
        blocks: sizeOf(input.slice(0, axisOf(input))),
        count: others.length / 3,
        bytes: 4 * sizeFrom(input),
        outBytes: 4 * sizeFrom(output),
        ...Object.fromEntries(others),
      };
    },
  });
}
