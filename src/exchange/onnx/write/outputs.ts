// What a model gives: one output, or those of `outputs` by their names.
import type { Layer, Value } from "../../../graph/layer.ts";
import type { Model } from "../../../model/model.ts";

/** An output of the graph. */
export interface End {
  readonly name: string;
  readonly value: Value;
  /** Nodes that join the outputs to one row, which a graph has no need of. */
  readonly leaves: ReadonlySet<Value>;
}

/** The composite that ends a model. */
function lastOf(layers: readonly Layer[]): Layer | undefined {
  const last = layers.at(-1);
  return last?.type === "chain" || last?.type === "cut" ? lastOf(last.inner!) : last;
}

export function outputsOf({ layers, nodes }: Model): readonly End[] {
  const last = nodes.at(-1)!;
  const composite = lastOf(layers);
  if (composite?.type !== "outputs") return [{ name: "output", value: last.index, leaves: new Set() }];
  // each is given one axis, and then they are joined
  const flat = [last.from, ...Object.values(last.others)];
  const leaves = new Set([last.index, ...flat]);
  const { names } = composite.options as { readonly names?: readonly string[] };
  return flat.map((value, i) => ({ name: names?.[i] ?? `output${i + 1}`, value: nodes[value]!.from, leaves }));
}
