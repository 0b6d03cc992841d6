// What is around images, where it is written as an operator of its own.
import type { OnnxAttribute } from "../../../../formats/onnxTypes.ts";
import type { WorkGraph, WorkNode } from "../workGraph.ts";
import { isOperator, makeBy, nodesOf, outputOf } from "./rewriting.ts";

/**
 * Pads of nothing vanish, and those of zeros in front of convolutions and average pools become theirs, and of -Infinity in
 * front of maximum pools.
 */
export function pads(graph: WorkGraph): void {
  for (const node of nodesOf(graph, "Pad")) {
    const given = padsOf(graph, node);
    if (!given) continue;
    const [x = ""] = node.inputs;
    const output = outputOf(node);
    if (given.every((n) => n === 0)) {
      graph.replace(output, x);
      continue;
    }
    const next = graph.onlyConsumer(output);
    const rank = given.length / 2;
    const outside = [0, 1, rank, rank + 1].some((at) => given[at] !== 0);
    if (!next || next.inputs[0] !== output || outside || given.some((n) => n < 0)) continue;
    // a window that hangs over the edge may begin in what Pad puts there, but not in the pool's own padding
    const least = borderOf(graph, node) === -Infinity && next.attributes.int("ceil_mode", 0) === 0;
    if (isOperator(next, "MaxPool") && least) join(graph, next, x, given, []);
    if (borderOf(graph, node) !== 0) continue;
    if (isOperator(next, "Conv")) join(graph, next, x, given, []);
    else if (isOperator(next, "AveragePool")) {
      const counted = next.attributes.int("count_include_pad", 0) === 1;
      const own = next.attributes.ints("pads")?.some((n) => n !== 0) ?? false;
      // zeros of Pad count, those of the pool may not; a window that hangs over the edge counts neither
      if ((own && !counted) || next.attributes.int("ceil_mode", 0) === 1) continue;
      join(graph, next, x, given, [{ name: "count_include_pad", type: "int", value: 1 }]);
    }
  }
  graph.removeUnused();
}

function join(
  graph: WorkGraph,
  node: WorkNode,
  x: string,
  given: readonly number[],
  more: readonly OnnxAttribute[],
): void {
  const { attributes, inputs } = node;
  if (attributes.string("auto_pad", "NOTSET") !== "NOTSET" && attributes.string("auto_pad") !== "VALID") return;
  const rank = given.length / 2;
  const added = [...given.slice(2, rank), ...given.slice(rank + 2)];
  const own = attributes.ints("pads") ?? added.map(() => 0);
  const value = added.map((n, at) => n + (own[at] ?? 0));
  const replaced = ["pads", "auto_pad", ...more.map(({ name }) => name)];
  makeBy(graph, outputOf(node), {
    operator: node.operator,
    inputs: [x, ...inputs.slice(1)],
    attributes: [
      ...attributes.all.filter(({ name }) => !replaced.includes(name)),
      { name: "pads", type: "ints", value },
      ...more,
    ],
  });
}

/** The pads of all axes, first those in front; undefined: they aren't known, or some axes are named. */
function padsOf(graph: WorkGraph, node: WorkNode): readonly number[] | undefined {
  if (node.inputs[3]) return undefined;
  const constant = graph.constants.get(node.inputs[1] ?? "");
  return constant ? [...constant.data] : (node.attributes.ints("pads") ?? node.attributes.ints("paddings"));
}

/** What is put there; undefined: it isn't one number. */
function borderOf(graph: WorkGraph, { inputs, attributes }: WorkNode): number | undefined {
  if (attributes.string("mode", "constant") !== "constant") return undefined;
  return inputs[2] ? graph.scalar(inputs[2]) : attributes.float("value", 0);
}
