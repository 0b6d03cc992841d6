// Allocates a model's parameters in one contiguous block: trained ones first, then what layers keep as state, then frozen ones.
import type { ParameterRun, ParameterSpec, PlacedParameter } from "./parameter.ts";
import type { Workspace } from "../runtime/arena.ts";
import type { GraphNode, ModelNode } from "./layer.ts";
import { sizeOf } from "../util/shape.ts";

/** A parameter and the node that it belongs to. */
interface Owned {
  readonly node: GraphNode;
  readonly spec: ParameterSpec;
}

export interface Parameters {
  readonly nodes: readonly ModelNode[];
  /** In the order of the layers: the parameters, and the node and spec of each. */
  readonly placed: readonly PlacedParameter[];
  readonly specs: readonly Owned[];
  /** The block of the trained ones. */
  readonly run: ParameterRun;
}

const isTrained = ({ node, spec }: Owned): boolean => node.trainable && spec.trained !== false;
const isState = ({ spec }: Owned): boolean => spec.trained === false;
const bytesOf = ({ spec }: Owned): number => Math.ceil(sizeOf(spec.shape) / 4) * 16;
const total = (list: readonly Owned[]): number => list.reduce((sum, each) => sum + bytesOf(each), 0);

/** Allocates the parameters of a graph's nodes. A node whose parameter has an owner uses that one's. */
export function placeParameters(graph: readonly GraphNode[], workspace: Workspace): Parameters {
  const owned = graph.flatMap((node) => node.specs.filter((spec) => !spec.owner).map((spec) => ({ node, spec })));
  const trained = owned.filter(isTrained);
  const state = owned.filter(isState);
  const start = workspace.allocate(total(owned), "the model's parameters");
  let address = start;
  const placed = new Map<ParameterSpec, PlacedParameter>();
  for (const each of [...trained, ...state, ...owned.filter((one) => !isTrained(one) && !isState(one))]) {
    const { node, spec } = each;
    const { name: local, shape } = spec;
    const name = `${node.name}.${local}`;
    const constraint = spec.constraint && {
      kernel: `${spec.constraint.constraint}Constraint` as const,
      args: { p: address, ...spec.constraint.args(shape, name) },
    };
    placed.set(spec, { name, local, shape, size: sizeOf(shape), address, trained: isTrained(each), constraint });
    address += bytesOf(each);
  }
  const owners = graph.flatMap(({ specs }) => specs.flatMap(({ owner }) => owner?.node ?? []));
  const nodes = graph.map((node) => ({
    ...node,
    shares: owners.includes(node.index) || node.specs.some(({ owner }) => owner),
    parameters: node.specs.map((spec) => {
      let from = spec;
      while (from.owner) from = graph[from.owner.node]!.specs.find(({ name }) => name === from.owner!.local)!;
      const parameter = placed.get(from)!;
      return spec.owner ? { ...parameter, local: spec.name } : parameter;
    }),
  }));
  const all = owned.map(({ spec }) => placed.get(spec)!);
  const parameters = all.filter((parameter) => parameter.trained);
  return {
    nodes,
    placed: all,
    specs: owned,
    run: { address: start, bytes: total(trained), stateBytes: total(state), allBytes: total(owned), parameters },
  };
}
