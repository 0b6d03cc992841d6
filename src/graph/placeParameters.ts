// Allocates a model's parameters in one contiguous block: trained ones first, then what layers keep as state, then frozen ones.
import type { ParameterSpec, PlacedParameter } from "./parameter.ts";
import type { Workspace } from "../runtime/arena.ts";
import type { GraphNode, ModelNode, Owned, Parameters } from "./layer.ts";
import { sizeOf } from "../util/shape.ts";

const isTrained = ({ node, spec }: Owned): boolean => node.trainable && spec.trained !== false;
const isState = ({ spec }: Owned): boolean => spec.trained === false;
const bytesOf = ({ spec }: Owned): number => Math.ceil(sizeOf(spec.shape) / 4) * 16;
const total = (list: readonly Owned[]): number => list.reduce((sum, each) => sum + bytesOf(each), 0);

/** Allocates the parameters of a graph's nodes. A node whose parameter has an owner uses that one's. */
export function placeParameters(graph: readonly GraphNode[], workspace: Workspace): Parameters {
  const owned = graph
    .flatMap((node) => node.specs.filter((spec) => !spec.owner).map((spec) => ({ node, spec })))
    .map((each, index) => ({ ...each, index }));
  const trained = owned.filter(isTrained);
  const state = owned.filter(isState);
  // initializers write up to 48 bytes more, in whole groups of sixteen numbers
  const start = workspace.allocate(total(owned) + 48, "the model's parameters");
  const shared = new Set(graph.flatMap(({ specs }) => specs.flatMap(({ owner }) => owner?.node ?? [])));
  let address = start;
  const placed = new Map<ParameterSpec, PlacedParameter>();
  const made = [...trained, ...state, ...owned.filter((each) => !isTrained(each) && !isState(each))];
  for (const each of made) {
    const { node, spec } = each;
    const { name: local, shape } = spec;
    const name = `${node.name}.${local}`;
    const constraint = spec.constraint && {
      kernel: `${spec.constraint.constraint}Constraint` as const,
      args: { p: address, ...spec.constraint.args(shape, name) },
    };
    // another layer's kernels note nothing
    const touched = isTrained(each) && !shared.has(node.index) ? spec.touched : undefined;
    placed.set(spec, {
      name,
      local,
      shape,
      size: sizeOf(shape),
      address,
      slot: address,
      trained: isTrained(each),
      constraint,
      touched: touched && { ...touched, address: workspace.allocate(touched.bytes, "the model's parameters") },
    });
    address += bytesOf(each);
  }
  const nodes: ModelNode[] = [];
  for (const node of graph) {
    const { specs, index } = node;
    nodes.push({
      ...node,
      shares: shared.has(index) || specs.some(({ owner }) => owner),
      parameters: specs.map((spec) => {
        const { owner } = spec;
        if (!owner) return placed.get(spec)!;
        // an owner comes before what shares its parameter
        return { ...nodes[owner.node]!.parameters.find(({ local }) => local === owner.local)!, local: spec.name };
      }),
    });
  }
  const all = owned.map(({ spec }) => placed.get(spec)!);
  const parameters = all.filter((parameter) => parameter.trained);
  const end = start + total(trained);
  return {
    nodes,
    placed: all,
    made,
    run: {
      address: start,
      bytes: end - start,
      state: { address: end, bytes: total(state) },
      ranges: [{ address: start, bytes: total(owned) }],
      parameters,
    },
  };
}
