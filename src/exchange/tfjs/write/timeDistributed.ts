// Layers on every step, as TensorFlow.js' TimeDistributed.
import type { ModelNode } from "../../../graph/layer.ts";
import type { Context } from "./context.ts";
import { type Ref, Writer } from "./writer.ts";

/** Is the node a layer on every step? */
export const isByStep = ({ layer }: ModelNode): boolean =>
  layer.original !== undefined && (layer.kernel === "timeDistributed" || layer.kernel === undefined);

/** Writes the layers that a step's is made of, and each on every step. */
export function writeByStep(c: Context, write: (node: ModelNode, writer: Writer, x: Ref) => Ref): Ref {
  const { node, writer } = c;
  const [steps] = node.input as [number];
  const { owner } = c;
  const inner = new Writer(writer.names, writer.others);
  const own: ModelNode = {
    ...node,
    layer: node.layer.original!,
    input: node.input.slice(1),
    output: node.output.slice(1),
    specs: node.specs.map(({ owner: _owner, ...spec }) => spec),
  };
  const start: Ref = { layer: "", node: 0, tensor: 0, shape: own.input };
  const end = write(own, inner, start);
  let before = "";
  const chain = inner.layers.every(({ nodes: [read, ...more], name }) => {
    const follows = more.length === 0 && read!.length === 1 && read![0]!.layer === before;
    before = name;
    return follows;
  });
  if (!chain || end.layer !== before || (owner !== undefined && inner.layers.length > 1)) {
    throw c.refuse("is several layers there, which can't be applied by step", "the layer behind a reshape would work");
  }
  let x = c.x;
  for (const { className, name, config, shape } of inner.layers) {
    const weights = inner.weights
      .filter((weight) => weight.name.startsWith(`${name}/`))
      .map((weight) => ({ ...weight, name: weight.name.slice(name.length + 1) }));
    const layer = { class_name: className, config: { ...config, name: `${name}_step` } };
    const output = [steps, ...shape];
    x =
      weights.length > 0
        ? c.main("TimeDistributed", { layer }, [x], output, weights, name)
        : writer.add("TimeDistributed", name, { layer }, [x], output);
  }
  return x;
}
