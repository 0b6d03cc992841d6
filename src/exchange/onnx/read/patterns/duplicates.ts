// Nodes that compute the same as others.
import type { WorkGraph, WorkNode } from "../workGraph.ts";
import { isOperator } from "./rewriting.ts";

/** What tutorials compute twice: neither layers nor random numbers. */
const PLAIN =
  "Add Sub Mul Div Neg Pow Sqrt Reciprocal Abs Exp Log Erf Sigmoid Tanh ReduceMean ReduceSum ReduceMax Transpose Reshape Squeeze Unsqueeze Shape Cast".split(
    " ",
  );

/** Takes the first of nodes that do the same with the same values. Trainable numbers aren't shared by it. */
export function duplicates(graph: WorkGraph): void {
  const first = new Map<string, WorkNode>();
  for (const node of graph.ordered()) {
    if (!isOperator(node, ...PLAIN) || node.outputs.length !== 1 || node.inputs.some((input) => isWeight(graph, input)))
      continue;
    const attributes = node.attributes.all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const key = JSON.stringify([node.operator, node.inputs.map((input) => keyOf(graph, input)), attributes]);
    const before = first.get(key);
    const [output] = node.outputs as readonly [string];
    if (!before) first.set(key, node);
    else if (!graph.isOutput(output)) {
      graph.replace(output, before.outputs[0]!);
      graph.removeNode(node);
    }
  }
}

/** Is it a constant that may be trained? */
function isWeight(graph: WorkGraph, value: string): boolean {
  const constant = graph.constants.get(value);
  return constant !== undefined && constant.data.length > 1 && constant.type.startsWith("float");
}

/** Constants are the same by what they say. */
function keyOf(graph: WorkGraph, value: string): unknown {
  const constant = graph.constants.get(value);
  if (!constant || constant.data.length > 64) return value;
  const rows = graph.rowDependent.has(value);
  return [constant.type, constant.shape, [...constant.data].map(String), rows ? value : ""];
}
