// Tells what became of a file's nodes and tensors.
import type { Layer } from "../../../graph/layer.ts";
import { type KnownTensor, type OnMapped, sumOf, TensorFinder } from "../../mapped.ts";
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
    const name = nameOf(layers, parameters);
    const type = layers.find((layer) => layer.name === name)?.type ?? layers.at(-1)?.type;
    if (type === undefined) continue;
    onMapped({ layer: name ?? node.name, type, nodes: [node.operator] });
    const likely = new Set(node.inputs);
    for (const parameter of parameters) {
      const numbers = weights.get(parameter)!;
      const found = finder.find(numbers, likely) ?? partOf(known, likely, numbers);
      onMapped({ ...(found ?? { tensor: "", shape: [], data: [] }), parameters: [parameter] });
    }
  }
  onMapped({ inputs: graph.inputs.map(({ name }) => name), outputs: graph.outputs.map(({ value }) => value.name) });
}

/** What the layers of a node are called: as one of them, or as its parameters begin. */
function nameOf(layers: readonly Layer[], parameters: readonly string[]): string | undefined {
  const own = layers.find(({ name }) => name !== undefined && parameters.some((each) => each.startsWith(`${name}.`)));
  if (own || parameters.length === 0) return (own ?? layers.at(-1))?.name;
  const parts = parameters.map((each) => each.split("."));
  const same = parts[0]!.findIndex((part, i) => parts.some((each) => each[i] !== part));
  return parts[0]!.slice(0, Math.max(1, same)).join(".");
}

/** The tensor of a node of which numbers are a part, or two parts that were added, such as biases; else the smallest that may be. */
function partOf(
  known: ReadonlyMap<string, KnownTensor>,
  likely: ReadonlySet<string>,
  numbers: Float32Array,
): KnownTensor | undefined {
  const size = numbers.length;
  const sum = sumOf(numbers);
  const fitting = [...likely]
    .flatMap((name) => known.get(name) ?? [])
    .filter(({ data }) => size > 0 && data.length > size && data.length % size === 0);
  const parts = ({ data }: KnownTensor): Float32Array[] =>
    Array.from({ length: data.length / size }, (_, i) =>
      Float32Array.from({ length: size }, (_unused, k) => data[i * size + k]!),
    );
  return (
    fitting.find((tensor) => parts(tensor).some((part) => sumOf(part) === sum)) ??
    fitting.find((tensor) => {
      const all = parts(tensor);
      return all.slice(1).some((part, i) => sumOf(part.map((value, k) => value + all[i]![k]!)) === sum);
    }) ??
    fitting.toSorted((a, b) => a.data.length - b.data.length)[0]
  );
}
