// Graphs within nodes: the branches of If, the bodies of Loop and Scan.
import type { OnnxAttribute, OnnxGraph } from "../../../formats/onnxTypes.ts";

/** The values of the graph around them that graphs of attributes take, each once. */
export function capturesOf(attributes: readonly OnnxAttribute[]): readonly string[] {
  const result = new Set<string>();
  for (const attribute of attributes) {
    const graphs = attribute.type === "graph" ? [attribute.value] : attribute.type === "graphs" ? attribute.value : [];
    for (const graph of graphs) for (const name of takenBy(graph)) result.add(name);
  }
  return [...result];
}

function takenBy({ nodes, inputs, initializers, outputs }: OnnxGraph): ReadonlySet<string> {
  const own = new Set([...inputs, ...initializers].map(({ name }) => name));
  for (const node of nodes) for (const output of node.outputs) own.add(output);
  const taken = new Set<string>();
  for (const node of nodes) for (const name of [...node.inputs, ...capturesOf(node.attributes)]) taken.add(name);
  for (const { name } of outputs) taken.add(name);
  for (const name of taken) if (name === "" || own.has(name)) taken.delete(name);
  return taken;
}
