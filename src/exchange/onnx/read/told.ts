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
    const found = parameters.map((parameter) => {
      const numbers = weights.get(parameter)!;
      return finder.find(parameter, numbers, likely) ?? partOf(known, likely, numbers);
    });
    parameters.forEach((parameter, i) => {
      const { length } = weights.get(parameter)!;
      const fits = ({ data }: KnownTensor): boolean => data.length > length && data.length % length === 0;
      // one of several parts that was scaled, besides
      const beside = found.find((tensor) => tensor && fits(tensor));
      const smallest = [...likely].flatMap((each) => known.get(each) ?? []).filter(fits).toSorted((x, y) => x.data.length - y.data.length)[0]; // prettier-ignore
      onMapped({ ...(found[i] ?? beside ?? smallest ?? NONE), parameters: [parameter] });
    });
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

/** Numbers that are no tensor's. */
const NONE: KnownTensor = { tensor: "", shape: [], data: [] };

/** The tensor of which numbers are a part, rows or columns; or two parts that were added, such as biases. Those of the node come first. */
function partOf(
  known: ReadonlyMap<string, KnownTensor>,
  likely: ReadonlySet<string>,
  numbers: Float32Array,
): KnownTensor | undefined {
  const size = numbers.length;
  const sum = sumOf(numbers);
  const first = [...likely].flatMap((name) => known.get(name) ?? []);
  const fitting = [...new Set([...first, ...known.values()])].filter(
    ({ data }) => size > 0 && data.length > size && data.length % size === 0 && data.length <= MOST_PARTS * size,
  );
  return (
    fitting.find((tensor) =>
      [...rowsOf(tensor, size), ...columnsOf(tensor, size)].some((part) => sumOf(part) === sum),
    ) ??
    fitting.find((tensor) => {
      const all = rowsOf(tensor, size);
      return all.slice(1).some((part, i) => sumOf(part.map((value, k) => value + all[i]![k]!)) === sum);
    })
  );
}

/** Tensors have no more parts that are parameters of their own. */
const MOST_PARTS = 64;

/** Consecutive parts of a tensor. */
const rowsOf = ({ data }: KnownTensor, size: number): Float32Array[] =>
  Array.from({ length: data.length / size }, (_, i) =>
    Float32Array.from({ length: size }, (_unused, k) => data[i * size + k]!),
  );

/** Parts of a tensor along its last axis. */
function columnsOf({ shape, data }: KnownTensor, size: number): Float32Array[] {
  const [parts, width] = [data.length / size, shape.at(-1) ?? 1];
  if (width % parts !== 0) return [];
  const own = width / parts;
  return Array.from({ length: parts }, (_, i) =>
    Float32Array.from({ length: size }, (_unused, k) => data[Math.floor(k / own) * width + i * own + (k % own)]!),
  );
}
