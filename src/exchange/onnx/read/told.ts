// Tells what became of a file's nodes and tensors.
import type { Layer } from "../../../graph/layer.ts";
import { type KnownTensor, type OnMapped, TensorFinder } from "../../mapped.ts";
import type { WorkGraph, WorkNode } from "./workGraph.ts";

/** The layers of a node, and the full names of their parameters. */
export interface MadeLayers {
  readonly node: WorkNode;
  readonly layers: readonly Layer[];
  readonly parameters: readonly string[];
}

/** Tells all of a file. `weights`: the values of the parameters. */
export function tell(
  onMapped: OnMapped,
  graph: WorkGraph,
  made: readonly MadeLayers[],
  weights: ReadonlyMap<string, Float32Array>,
): void {
  const known = new Map(
    Array.from(graph.constants, ([tensor, { shape, data }]): [string, KnownTensor] => [
      tensor,
      { tensor, shape, data },
    ]),
  );
  const finder = new TensorFinder(known.values());
  for (const { node, layers, parameters } of made) {
    const own = layers.find(({ name }) => parameters.some((each) => each.startsWith(`${name}.`))) ?? layers.at(-1);
    if (!own) continue;
    onMapped({ layer: own.name ?? node.name, type: own.type, nodes: [node.operator] });
    const likely = new Set(node.inputs);
    const found = parameters.map((name) => ({ name, tensor: finder.find(weights.get(name)!, likely) }));
    for (const { name, tensor } of found) {
      // what was computed is of the node's own tensors that are no other parameter
      const from = tensor ?? computedOf(known, likely, finder, weights.get(name)!.length);
      onMapped({ ...(from ?? { tensor: "", shape: [], data: [] }), parameters: [name] });
    }
  }
  onMapped({ inputs: graph.inputs.map(({ name }) => name), outputs: graph.outputs.map(({ value }) => value.name) });
}

/** A tensor from which so many numbers may have been computed. */
const computedOf = (
  known: ReadonlyMap<string, KnownTensor>,
  likely: ReadonlySet<string>,
  finder: TensorFinder,
  size: number,
): KnownTensor | undefined =>
  [...likely]
    .flatMap((name) => known.get(name) ?? [])
    .find(({ tensor, data }) => !finder.isTaken(tensor) && data.length >= size && data.length % size === 0);
