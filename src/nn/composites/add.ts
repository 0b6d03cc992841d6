import { loadSequence } from "../../../build/binaries.js";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import { type Shape, shapeText, sizeOf } from "../../util/shape.ts";
import { branchesOf, composite } from "./composite.ts";

/**
 * Gives the same input to several branches, and adds their outputs up, number by number, from the first to the last. Any shape,
 * but the same from each branch.
 *
 * @param branches two or more; a layer, or an array of consecutive layers; `[]` passes the input on
 * @throws {TypeError} if one isn't a layer
 * @throws {RangeError} if there are fewer than two or, when a model is made, their shapes differ
 * @example sequential({ input: 8 }, add([dense(4), [dense(4), tanh()]]), dense(1))
 */
export function add(branches: readonly (Layer | readonly Layer[])[]): Layer {
  return composite("add", branchesOf("add", branches), {}, (graph, x, inner) => {
    const [first, ...others] = inner.map((layer) => graph.add(layer, x));
    return others.reduce((sum, other, i) => graph.add(sumOf(branchText(i)), sum, { other }), first!);
  });
}

const branchText =
  (i: number) =>
  (sum: Shape, other: Shape): string =>
    `add: all branches must give the same shape, but branch 1 gives ${shapeText(sum)} and branch ${i + 2} ${shapeText(other)}`;

/**
 * y = x + other
 *
 * @param problem what is wrong if the two haven't the same shape
 */
export function sumOf(problem: (x: Shape, other: Shape) => string): Layer {
  return Object.freeze<LibraryLayer>({
    type: "add",
    options: {},
    kernel: "add",
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "neither",
    inPlace: true,
    passesGradient: true,
    load: loadSequence,
    outputShape(input, where, others) {
      const other = others!["other"]!;
      if (shapeText(other) !== shapeText(input)) throw new RangeError(`${where}: ${problem(input, other)}`);
      return input;
    },
    args: (context) => ({ other: context.input("other"), dOther: context.inputGradient("other") }),
    flops: sizeOf,
  });
}
