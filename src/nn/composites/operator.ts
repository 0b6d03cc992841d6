// Describes what is computed of the numbers at the same place of several values.
import { loadSequence, loadValues } from "../../../build/binaries.js";
import { checkKeys } from "../../util/check.ts";
import type { GraphBuilder, Layer, LibraryLayer, Value } from "../../graph/layer.ts";
import type { Core } from "../../runtime/core.ts";
import type { Named } from "../named.ts";
import { sizeOf } from "../../util/shape.ts";
import { broadcast } from "./broadcast.ts";
import { branchesOf, composite } from "./composite.ts";

/** The branches of an operator: each a layer, or an array of consecutive layers. */
export type Branches = readonly (Layer | readonly Layer[])[];

/** Loads the kernels of operators, and that of `add`, which sums the gradients of a value that is read twice. */
export async function loadOperators(core: Core): Promise<void> {
  await loadSequence(core);
  await loadValues(core);
}

/** A layer and an option `name` for what it gives. */
export const named = (layer: Layer, name: string | undefined): Layer =>
  name === undefined ? layer : Object.freeze({ ...layer, name });

/** An operator on the numbers of its branches, from the first to the last. */
export function operator(
  type: "multiply" | "divide" | "subtract" | "maximum",
  branches: Branches,
  options: Named,
): Layer {
  const inner = branchesOf(type, branches); // first: of two layers the second would be taken for options
  checkKeys(type, options, ["name"]);
  const { name } = options;
  if (type === "divide" || type === "subtract") checkTwo(type, inner);
  const step = Object.freeze<LibraryLayer>({
    type,
    options: {},
    kernel: type,
    parallel: { forward: "rows", backward: "rows" },
    backwardReads: type === "subtract" ? "neither" : "input",
    inPlace: true,
    load: loadOperators,
    outputShape: (input) => input,
    args: (context) => ({ other: context.input("other"), dOther: context.inputGradient("other") }),
    flops: sizeOf,
  });
  return composite(type, inner, { name }, (graph, x, layers) => {
    const [first, ...others] = broadcast(graph, type, outputsOf(graph, x, layers));
    const last = others.length - 1;
    return others.reduce(
      (value, other, i) => graph.add(named(step, i === last ? name : undefined), value, { other }),
      first!,
    );
  });
}

/** What the branches give. */
export const outputsOf = (graph: GraphBuilder, x: Value, layers: readonly Layer[]): Value[] =>
  layers.map((layer) => graph.add(layer, x));

/** Refuses other than two branches. */
export function checkTwo(where: string, branches: readonly Layer[]): void {
  if (branches.length !== 2) throw new RangeError(`${where}: there must be two branches, got ${branches.length}`);
}
