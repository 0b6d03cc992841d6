// What composites share: they have no kernel, and put other layers into the graph.
import { checkKind } from "../check.ts";
import type { Graph } from "../draft.ts";
import type { Layer, Options } from "../layer.ts";
import type { Value } from "../plan.ts";

/** A composite. Its name is not that of a layer: values are named by the layers inside. */
export function composite(
  type: string,
  inner: readonly Layer[],
  options: Options,
  expand: (graph: Graph, x: Value) => Value,
): Layer {
  return Object.freeze<Layer>({ type, options, inner, expand, outputShape: (input) => input });
}

/** Layers where they are expected, one at least. */
export function checkLayers(where: string, name: string, layers: readonly Layer[], least = 1): void {
  const holds = Array.isArray(layers) && layers.every((layer) => typeof layer?.outputShape === "function");
  const odd: unknown = Array.isArray(layers)
    ? layers.find((layer) => typeof layer?.outputShape !== "function")
    : layers;
  checkKind(holds, where, name, "layers such as dense(10)", odd);
  if (layers.length < least) throw new RangeError(`${where}: ${name} must be at least ${least}, got ${layers.length}`);
}
