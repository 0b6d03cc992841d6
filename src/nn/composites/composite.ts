// What composites share: they have no kernel of their own, but add other layers to the graph.
import type { GraphBuilder, Layer, Options, Value, LibraryLayer } from "../../graph/layer.ts";
import { checkKind } from "../../util/check.ts";

/** Composites within composites: each takes some calls of the engine's stack, which ends after some thousands. */
const DEEPEST = 500;

/** How many composites a graph is within while they add their layers. */
const depths = new WeakMap<GraphBuilder, number>();

/**
 * A composite. Its name is not that of a layer: values are named by the layers inside.
 *
 * @param expand puts the inner layers that it gets into the graph: each once, in their order
 */
export function composite(
  type: string,
  inner: readonly Layer[],
  options: Options,
  expand: (graph: GraphBuilder, x: Value, inner: readonly Layer[]) => Value,
): Layer {
  return Object.freeze<LibraryLayer>({
    type,
    options,
    inner,
    // a copy of the composite may have other layers inside
    expand(graph, x) {
      const depth = 1 + (depths.get(graph) ?? 0);
      if (depth > DEEPEST) {
        throw new RangeError(
          `${type}: layers may be within ${DEEPEST} others at most, such as chain and residual, but this one is within ` +
            `${DEEPEST} already; consecutive layers can be given as one list`,
        );
      }
      depths.set(graph, depth);
      const end = expand(graph, x, this.inner!);
      depths.set(graph, depth - 1);
      return end;
    },
    outputShape: (input) => input,
  });
}

/** Consecutive layers as one value. */
export const chainOf = (type: string, layers: readonly Layer[]): Layer =>
  composite(type, layers, {}, (graph, x, inner) => graph.chain(inner, x));

/** Branches of a composite: each a layer, or an array of consecutive layers. */
export function branchesOf(where: string, branches: readonly (Layer | readonly Layer[])[]): readonly Layer[] {
  checkKind(Array.isArray(branches), where, "the branches", "an array such as [[dense(4)], [dense(4)]]", branches);
  if (branches.length < 2) throw new RangeError(`${where}: two branches or more are needed, got ${branches.length}`);
  const all: Layer[] = [];
  // a loop stops at the first hole of an array; `map` would look through all of them
  for (const branch of branches) {
    const layers = (Array.isArray(branch) ? branch : [branch]) as readonly Layer[];
    checkLayers(where, `branch ${all.length + 1}`, layers, 0);
    all.push(layers.length === 1 ? layers[0]! : chainOf("chain", layers));
  }
  return all;
}

/** Layers where they are expected, one at least. */
export function checkLayers(where: string, name: string, layers: readonly Layer[], least = 1): void {
  checkKind(Array.isArray(layers), where, name, "layers such as dense(10)", layers);
  const odd = layers.findIndex((layer) => typeof layer?.outputShape !== "function");
  if (odd >= 0) checkKind(false, where, name, "layers such as dense(10)", layers[odd]);
  if (layers.length < least) throw new RangeError(`${where}: ${name} must be at least ${least}, got ${layers.length}`);
}
