import { loadValues } from "../../../build/binaries.js";
import { checkKeys } from "../../util/check.ts";
import { f32 } from "../../runtime/record.ts";
import type { Layer, LibraryLayer } from "../../graph/layer.ts";
import type { Named } from "../named.ts";
import { sizeOf } from "../../util/shape.ts";
import { sumOf } from "./add.ts";
import { broadcast } from "./broadcast.ts";
import { branchesOf, composite } from "./composite.ts";
import { type Branches, outputsOf } from "./operator.ts";

/**
 * Gives the same input to several branches, and takes the mean of their outputs, number by number: their sum, from the first to the
 * last, divided by how many there are.
 *
 * Shapes are the same, or differ as NumPy allows: axes are counted from the last, and where one has a single place, or none, its
 * numbers are repeated, so that [steps, 1] goes with [steps, features], and [features] with both.
 *
 * @param branches two or more; a layer, or an array of consecutive layers; `[]` passes the input on
 * @throws {TypeError} if one isn't a layer
 * @throws {RangeError} if there are fewer than two or, when a model is made, their shapes don't fit
 * @example sequential({ input: 8 }, average([dense(4), [dense(8), relu(), dense(4)]]), softmax()) // two networks as one
 */
export function average(branches: Branches, options: Named = {}): Layer {
  const all = branchesOf("average", branches);
  checkKeys("average", options, ["name"]);
  const { name } = options;
  return composite("average", all, { name }, (graph, x, inner) => {
    const [first, ...others] = broadcast(graph, "average", outputsOf(graph, x, inner));
    const total = others.reduce((sum, other) => graph.add(sumOf(SAME), sum, { other }), first!);
    return graph.add(share(inner.length, name), total);
  });
}

/** Shapes are the same here. */
const SAME = (): string => "internal: shapes differ";

/** y = x / count */
const share = (count: number, name: string | undefined): Layer =>
  Object.freeze<LibraryLayer>({
    type: "average",
    name,
    options: { count },
    kernel: "average",
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: "neither",
    inPlace: true,
    load: loadValues,
    outputShape: (input) => input,
    args: () => ({ count: f32(count) }),
    flops: sizeOf,
  });
