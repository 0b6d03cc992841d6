// Parameters of a model that others have, too: in the memory of the one that they were made for.
import type { Arena } from "../runtime/arena.ts";
import type { GraphNode, Parameters, Weights } from "../graph/layer.ts";
import type { PlacedParameter } from "../graph/parameter.ts";
import type { Model } from "./model.ts";

/** The parameters of a model as those of another. */
interface SharedWeights extends Weights {
  readonly where: string;
  /** It has the memory. */
  readonly model: Model;
  readonly placed: ReadonlyMap<string, PlacedParameter>;
}

/**
 * Parameters of a model, for layers of another one.
 *
 * @param names those there, and those in the model
 */
export function sharedWeights(where: string, model: Model, names: ReadonlyMap<string, string>): Weights {
  const all = new Map(model.nodes.flatMap(({ parameters }) => parameters.map((p) => [p.name, p] as const)));
  const placed = new Map([...names].map(([name, there]) => [name, all.get(there)!] as const));
  return Object.assign(new Map<string, Float32Array>(), { where, model, placed, core: model.core, share });
}

/**
 * Puts other models' parameters in the place of a new model's own. The trained ones keep their place in the new model's run, where its
 * gradients and the states of its optimizers are by their slots.
 */
function share(graph: readonly GraphNode[], own: Parameters, arena: Arena): Parameters {
  const { nodes, made, run } = own;
  const sharedOf = ({ weights }: GraphNode): SharedWeights | undefined =>
    weights?.share === share ? (weights as SharedWeights) : undefined;
  const others = new Map<PlacedParameter, PlacedParameter>();
  for (const { node, spec } of made) {
    const shared = sharedOf(node);
    const name = `${node.name}.${spec.name}`;
    const other = shared?.placed.get(name);
    if (!shared || !other) continue;
    if (shared.core!.arena !== arena) {
      throw new RangeError(
        `${shared.where}: ${name} is shared, so the new model must be in the memory of the model that has it; give sequential no ` +
          "`threads`, and no other `core` than that model's; of two models that are shared, make the second with " +
          "sequential({ core: first.core, ... })",
      );
    }
    if ([...others.values()].includes(other)) {
      throw new RangeError(
        `${shared.where}: ${other.name} of one model would be in the new one twice; make one value, as const tower = modelLayer(model), and ` +
          "use it in both places",
      );
    }
    others.set(
      nodes[node.index]!.parameters.find(({ local }) => local === spec.name)!,
      other,
    );
  }
  const moved = (p: PlacedParameter): PlacedParameter => {
    const { address } = others.get(p) ?? p;
    return {
      ...p,
      address,
      constraint: p.constraint && { ...p.constraint, args: { ...p.constraint.args, p: address } },
    };
  };
  const byName = new Map(own.placed.map((p) => [p.name, moved(p)] as const));
  return {
    nodes: nodes.map((node) => ({
      ...node,
      parameters: node.parameters.map((p) => ({ ...byName.get(p.name)!, local: p.local })),
    })),
    placed: [...byName.values()],
    made: made.filter(({ node, spec }) => !sharedOf(node)?.placed.has(`${node.name}.${spec.name}`)),
    run: {
      ...run,
      state: stateOf(graph, sharedOf) ?? run.state,
      ranges: [...run.ranges, ...[...others.values()].map(({ address, size }) => ({ address, bytes: 4 * size }))],
      parameters: run.parameters.map(({ name }) => byName.get(name)!),
    },
  };
}

/** The other model's state that training changes, if there is some: an update that is refused puts it back. */
function stateOf(graph: readonly GraphNode[], sharedOf: (node: GraphNode) => SharedWeights | undefined) {
  const keeping = graph.filter((node) => node.trainable && node.specs.some((spec) => spec.trained === false));
  const shared = keeping.map(sharedOf).find((each) => each !== undefined);
  if (!shared) return undefined;
  const { where, model } = shared;
  const odd = keeping.find((node) => sharedOf(node)?.model !== model);
  if (!odd) return model.run.state;
  const call = where === "cut" ? '"name", { share: true, trainable: false }' : "{ trainable: false }";
  throw new RangeError(
    `${where}: ${odd.name} keeps statistics while it is trained, and so do layers of the shared model; let those of one model alone ` +
      `change, as by ${where}(model, ${call})`,
  );
}
